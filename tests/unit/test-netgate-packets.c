/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets as a table: what is built, in which mode, and what the gate says. */
#include "tests/unit/netgate-kit.h"

#include "launcher/netgate/table.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define NET4 "93.184.216.34"
#define NET6 "2606:2800:220:1::1"
#define G4 SG_GATE_GUEST4
#define G6 SG_GATE_GUEST6

static void
expect (SgReason got, SgReason wanted, const char *what)
{
  ck_assert_msg (got == wanted, "%s: %s, not %s", what, sg_reason_key (got),
                 sg_reason_key (wanted));
}

/* --- destinations
 * ---------------------------------------------------------------------------------- */

typedef struct
{
  const char *to;
  SgReason internet, lan;
} Destination;

/* clang-format off */
static const Destination destinations[] = {
  { NET4, SG_REASON_NONE, SG_REASON_NONE },
  { NET6, SG_REASON_NONE, SG_REASON_NONE },
  { "1.1.1.1", SG_REASON_NONE, SG_REASON_NONE },
  { "10.0.0.1", SG_REASON_PRIVATE, SG_REASON_NONE },
  { "10.255.255.255", SG_REASON_PRIVATE, SG_REASON_NONE },
  { "9.255.255.255", SG_REASON_NONE, SG_REASON_NONE },
  { "11.0.0.0", SG_REASON_NONE, SG_REASON_NONE },
  { "172.15.255.255", SG_REASON_NONE, SG_REASON_NONE },
  { "172.16.0.0", SG_REASON_PRIVATE, SG_REASON_NONE },
  { "172.31.255.255", SG_REASON_PRIVATE, SG_REASON_NONE },
  { "172.32.0.0", SG_REASON_NONE, SG_REASON_NONE },
  { "192.168.1.1", SG_REASON_PRIVATE, SG_REASON_NONE },
  { "100.64.0.1", SG_REASON_CARRIER, SG_REASON_NONE },
  { "100.100.100.200", SG_REASON_METADATA, SG_REASON_METADATA },
  { "169.254.169.254", SG_REASON_METADATA, SG_REASON_METADATA },
  { "169.254.1.1", SG_REASON_LINK_LOCAL, SG_REASON_LINK_LOCAL },
  { "168.63.129.16", SG_REASON_METADATA, SG_REASON_METADATA },
  { "127.0.0.1", SG_REASON_LOOPBACK, SG_REASON_LOOPBACK },
  { "0.0.0.0", SG_REASON_UNSPECIFIED, SG_REASON_UNSPECIFIED },
  { "224.0.0.251", SG_REASON_MULTICAST, SG_REASON_MULTICAST },
  { "255.255.255.255", SG_REASON_BROADCAST, SG_REASON_BROADCAST },
  { "240.0.0.1", SG_REASON_RESERVED, SG_REASON_RESERVED },
  { "192.0.2.1", SG_REASON_DOCUMENTATION, SG_REASON_DOCUMENTATION },
  { "192.0.0.9", SG_REASON_RESERVED, SG_REASON_RESERVED },
  { "192.88.99.1", SG_REASON_TUNNEL, SG_REASON_TUNNEL },
  { SG_GATE_GATEWAY4, SG_REASON_GATE_ADDRESS, SG_REASON_GATE_ADDRESS },
  { SG_GATE_DNS4, SG_REASON_GATE_ADDRESS, SG_REASON_GATE_ADDRESS },
  { "::1", SG_REASON_LOOPBACK, SG_REASON_LOOPBACK },
  { "fe80::2", SG_REASON_LINK_LOCAL, SG_REASON_LINK_LOCAL },
  { "fd00::1", SG_REASON_PRIVATE, SG_REASON_NONE },
  { "fc00::1", SG_REASON_PRIVATE, SG_REASON_NONE },
  { "fec0::1", SG_REASON_PRIVATE, SG_REASON_NONE },
  { "fd00:ec2::254", SG_REASON_METADATA, SG_REASON_METADATA },
  { "ff02::1", SG_REASON_MULTICAST, SG_REASON_MULTICAST },
  { "2001:db8::1", SG_REASON_DOCUMENTATION, SG_REASON_DOCUMENTATION },
  { "2001:0:4136:e378:8000:63bf:3fff:fdd2", SG_REASON_TUNNEL, SG_REASON_TUNNEL },
  { "4000::1", SG_REASON_RESERVED, SG_REASON_RESERVED },
  { "::5.6.7.8", SG_REASON_TUNNEL, SG_REASON_TUNNEL },
  /* an IPv4 address inside: it decides */
  { "2002:c0a8:101::1", SG_REASON_PRIVATE, SG_REASON_NONE },      /* 192.168.1.1 */
  { "2002:7f00:1::1", SG_REASON_LOOPBACK, SG_REASON_LOOPBACK },   /* 127.0.0.1 */
  { "2002:a9fe:a9fe::1", SG_REASON_METADATA, SG_REASON_METADATA },
  { "2002:5db8:d822::1", SG_REASON_NONE, SG_REASON_NONE },        /* 93.184.216.34 */
  { "64:ff9b::a00:1", SG_REASON_PRIVATE, SG_REASON_NONE },        /* 10.0.0.1 */
  { "64:ff9b::a9fe:a9fe", SG_REASON_METADATA, SG_REASON_METADATA },
  { "64:ff9b::5db8:d822", SG_REASON_NONE, SG_REASON_NONE },
  { "64:ff9b:1::a00:1", SG_REASON_TUNNEL, SG_REASON_TUNNEL },
  { "2606:4700::5efe:c0a8:101", SG_REASON_PRIVATE, SG_REASON_NONE }, /* ISATAP */
  { "2606:4700::200:5efe:c0a8:101", SG_REASON_PRIVATE, SG_REASON_NONE }, /* the same, "global" */
  { "2606:4700::5efe:a9fe:a9fe", SG_REASON_METADATA, SG_REASON_METADATA },
  { "2002:e000:fb::1", SG_REASON_MULTICAST, SG_REASON_MULTICAST },  /* 224.0.0.251 */
  { "64:ff9b::ffff:ffff", SG_REASON_BROADCAST, SG_REASON_BROADCAST },
  { "64:ff9b::c000:1", SG_REASON_RESERVED, SG_REASON_RESERVED },    /* the gate's own network */
  { "::ffff:0:c0a8:101", SG_REASON_TUNNEL, SG_REASON_TUNNEL },
  { "239.255.255.250", SG_REASON_MULTICAST, SG_REASON_MULTICAST },
  { "ff05::c", SG_REASON_MULTICAST, SG_REASON_MULTICAST },
  { "ff0e::1", SG_REASON_MULTICAST, SG_REASON_MULTICAST },
};
/* clang-format on */

static void
try_destination (const Destination *row, SgGateMode mode, SgReason wanted)
{
  const char *from = strchr (row->to, ':') != NULL ? G6 : G4;
  g_autofree char *what = g_strdup_printf ("%s, %s", row->to, sg_gate_mode_name (mode));
  g_autoptr (Kit) kit = kit_new (mode);
  KitFrame frame;

  kit_tcp (&frame, KIT_OUT, from, 1025, row->to, 443, SG_TCP_SYN, 7, 0, NULL, 0);
  expect (kit_out (kit, &frame), wanted, what);
  /* A refused connection is told at once, by a reset that fits. */
  ck_assert_uint_eq (kit->to_guest->len, wanted == SG_REASON_NONE ? 0 : 1);
  if (wanted != SG_REASON_NONE)
    {
      SgPacket reset = kit_emitted (kit->to_guest, 0);

      ck_assert_int_eq (reset.tcp_flags, SG_TCP_RST | SG_TCP_ACK);
      ck_assert_uint_eq (reset.tcp_ack, 8);
      ck_assert_uint_eq (reset.port_to, 1025);
      ck_assert_uint_eq (kit->blocked, 1);
    }
  kit_udp (&frame, KIT_OUT, from, 1026, row->to, 4433, "x", 1);
  expect (kit_out (kit, &frame), wanted, what);
  kit_ping (&frame, KIT_OUT, from, row->to, FALSE, 77);
  expect (kit_out (kit, &frame), wanted, what);
}

START_TEST (destinations_by_mode)
{
  for (gsize i = 0; i < G_N_ELEMENTS (destinations); i++)
    {
      try_destination (&destinations[i], SG_GATE_INTERNET, destinations[i].internet);
      try_destination (&destinations[i], SG_GATE_LAN, destinations[i].lan);
    }
}
END_TEST

START_TEST (off_lets_nothing_pass)
{
  for (gsize i = 0; i < G_N_ELEMENTS (destinations); i++)
    {
      const char *to = destinations[i].to, *from = strchr (to, ':') != NULL ? G6 : G4;
      g_autoptr (Kit) kit = kit_new (SG_GATE_OFF);
      KitFrame frame;

      kit_udp (&frame, KIT_OUT, from, 1026, to, 4433, "x", 1);
      expect (kit_out (kit, &frame), SG_REASON_OFF, to);
      kit_udp (&frame, KIT_IN, to, 4433, from, 1026, "x", 1);
      expect (kit_in (kit, &frame), SG_REASON_OFF, to);
      kit_arp (&frame, KIT_OUT, 1, KIT_GUEST_MAC, G4, SG_GATE_GATEWAY4);
      expect (kit_out (kit, &frame), SG_REASON_OFF, "ARP");
    }
}
END_TEST

static SgAddress
last_of (const SgPrefix *prefix)
{
  SgAddress last = prefix->address;

  for (guint bit = prefix->length; bit < 128; bit++)
    last.bytes[bit / 8] |= (guint8)(0x80 >> (bit % 8));
  return last;
}

static gboolean
held_by_a_row_above (const SgRange *rows, gsize index, const SgAddress *address)
{
  for (gsize i = 0; i < index; i++)
    {
      SgPrefix prefix;

      ck_assert (sg_prefix_parse (rows[i].prefix, &prefix));
      if (sg_prefix_contains (&prefix, address))
        return TRUE;
    }
  return FALSE;
}

/* Every row of the table, at both of its ends: closed in mode internet for its own reason, and with
 * its source; a "never" row in mode lan too. */
START_TEST (every_row_of_the_table_holds)
{
  gsize count;
  const SgRange *rows = sg_table_rows (&count);
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
  g_autoptr (Kit) lan = kit_new (SG_GATE_LAN);

  ck_assert_uint_gt (count, 30);
  for (gsize i = 0; i < count; i++)
    {
      SgPrefix prefix;
      SgAddress ends[2];

      ck_assert_msg (sg_prefix_parse (rows[i].prefix, &prefix), "%s", rows[i].prefix);
      ck_assert_msg (rows[i].source != NULL && *rows[i].source != '\0', "%s", rows[i].prefix);
      ends[0] = prefix.address;
      ends[1] = last_of (&prefix);
      for (int end = 0; end < 2; end++)
        {
          const char *source;

          if (rows[i].kind == SG_RANGE_EMBEDDED || held_by_a_row_above (rows, i, &ends[end]))
            continue;
          expect (sg_gate_judge (kit->gate, &ends[end], SG_PROTO_TCP, 443, &source), rows[i].reason,
                  rows[i].prefix);
          ck_assert_str_eq (source, rows[i].source);
          expect (sg_gate_judge (lan->gate, &ends[end], SG_PROTO_TCP, 443, &source),
                  rows[i].kind == SG_RANGE_LAN ? SG_REASON_NONE : rows[i].reason, rows[i].prefix);
        }
    }
}
END_TEST

/* --- the host
 * -------------------------------------------------------------------------------------- */

static void
add_route (SgRoutes *routes, const char *text, SgRouteKind kind)
{
  SgPrefix prefix;

  ck_assert (sg_prefix_parse (text, &prefix));
  sg_routes_add (routes, &prefix, kind);
}

START_TEST (the_hosts_own_addresses_and_routes)
{
  static const struct
  {
    const char *to;
    SgReason internet, lan;
  } rows[] = {
    { "198.96.1.7", SG_REASON_HOST, SG_REASON_HOST },
    { "198.96.1.255", SG_REASON_BROADCAST, SG_REASON_BROADCAST },
    { "198.96.1.8", SG_REASON_HOST_ROUTE, SG_REASON_NONE },
    { "198.96.2.8", SG_REASON_NONE, SG_REASON_NONE },
    { "131.107.3.4", SG_REASON_HOST_ROUTE, SG_REASON_NONE },
    { "2a00:1:2::7", SG_REASON_HOST, SG_REASON_HOST },
    { "2a00:1:2::8", SG_REASON_HOST_ROUTE, SG_REASON_NONE },
    { "2002:c660:107::1", SG_REASON_HOST, SG_REASON_HOST }, /* 6to4 of the host's own address */
    { "64:ff9b::c660:107", SG_REASON_HOST, SG_REASON_HOST },
    { "2606:4700::5efe:c660:107", SG_REASON_HOST, SG_REASON_HOST },
    { "64:ff9b::836b:304", SG_REASON_HOST_ROUTE, SG_REASON_NONE }, /* 131.107.3.4 */
    { "64:ff9b::c660:1ff", SG_REASON_HOST, SG_REASON_HOST },       /* the broadcast address */
    { "192.168.1.5", SG_REASON_PRIVATE, SG_REASON_HOST },
  };
  SgGateMode modes[] = { SG_GATE_INTERNET, SG_GATE_LAN };

  for (int m = 0; m < 2; m++)
    {
      g_autoptr (Kit) kit = kit_new (modes[m]);
      SgRoutes *routes = kit_routes ();

      add_route (routes, "198.96.1.0/24", SG_ROUTE_OWN);
      add_route (routes, "198.96.1.7/32", SG_ROUTE_LOCAL);
      add_route (routes, "198.96.1.255/32", SG_ROUTE_BROADCAST);
      add_route (routes, "131.107.0.0/16", SG_ROUTE_OWN);
      add_route (routes, "2a00:1:2::/64", SG_ROUTE_OWN);
      add_route (routes, "2a00:1:2::7/128", SG_ROUTE_LOCAL);
      add_route (routes, "192.168.1.5/32", SG_ROUTE_LOCAL);
      sg_gate_set_routes (kit->gate, routes);
      for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
        {
          SgAddress address;

          ck_assert (sg_address_parse (rows[i].to, &address));
          expect (sg_gate_judge (kit->gate, &address, SG_PROTO_TCP, 80, NULL),
                  m == 0 ? rows[i].internet : rows[i].lan, rows[i].to);
        }
    }
}
END_TEST

/* The name server's answer for "ipv4only.arpa", which has ADDRESS. */
static void
tell_translator (Kit *kit, const char *text)
{
  guint8 message[256];
  SgAddress address;
  gsize len = kit_dns (message, TRUE, "ipv4only.arpa", 28);

  ck_assert (sg_address_parse (text, &address));
  len = kit_dns_record (message, len, "ipv4only.arpa", 28, 60, address.bytes, 16);
  expect (kit_answer (kit, message, len), SG_REASON_NONE, "the answer");
}

/* Each length of RFC 6052, and what is behind the translator. */
START_TEST (translators_of_the_network_are_seen_through)
{
  static const struct
  {
    const char *told, *to;
    SgReason internet, lan;
  } rows[] = {
    { "2a00:64::c000:aa", "2a00:64::c0a8:101", SG_REASON_PRIVATE, SG_REASON_NONE },
    { "2a00:64::c000:ab", "2a00:64::a9fe:a9fe", SG_REASON_METADATA, SG_REASON_METADATA },
    { "2a00:64::c000:aa", "2a00:64::5db8:d822", SG_REASON_NONE, SG_REASON_NONE },
    { "2a00:64::c000:aa", "2a00:64::c660:107", SG_REASON_HOST, SG_REASON_HOST },
    { "2a00:64::c000:aa", "2a00:64::836b:304", SG_REASON_HOST_ROUTE, SG_REASON_NONE },
    { "2a00:64::c000:aa", "2a00:64:0:0:0:1:c0a8:101", SG_REASON_NONE, SG_REASON_NONE },
    { "2a00:64:1:2:c0:0:aa00:0", "2a00:64:1:2:c0:a801:100:0", SG_REASON_PRIVATE, SG_REASON_NONE },
    { "2a00:64:1:c0:0:aa::", "2a00:64:1:c0:a8:101::", SG_REASON_PRIVATE, SG_REASON_NONE },
    { "2a00:64:1:c000:0:aa00::", "2a00:64:1:a9fe:a9:fe00::", SG_REASON_METADATA,
      SG_REASON_METADATA },
    { "2a00:64:c0:0:aa::", "2a00:64:a:0:1::", SG_REASON_PRIVATE, SG_REASON_NONE },
    { "2a00:64:c000:aa::", "2a00:64:7f00:1::", SG_REASON_LOOPBACK, SG_REASON_LOOPBACK },
    { "fd64::c000:aa", "fd64::a9fe:a9fe", SG_REASON_METADATA, SG_REASON_METADATA },
    { "fd64::c000:aa", "fd64::5db8:d822", SG_REASON_PRIVATE, SG_REASON_NONE },
    { "2a00:64::c000:ac", "2a00:64::c0a8:101", SG_REASON_NONE, SG_REASON_NONE }, /* tells nothing */
  };
  SgGateMode modes[] = { SG_GATE_INTERNET, SG_GATE_LAN };

  for (int m = 0; m < 2; m++)
    for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
      {
        g_autoptr (Kit) kit = kit_new (modes[m]);
        SgRoutes *routes = kit_routes ();
        SgReason wanted = m == 0 ? rows[i].internet : rows[i].lan;
        KitFrame frame;

        add_route (routes, "198.96.1.7/32", SG_ROUTE_LOCAL);
        add_route (routes, "131.107.0.0/16", SG_ROUTE_OWN);
        sg_gate_set_routes (kit->gate, routes);
        kit_tcp (&frame, KIT_OUT, G6, 1, rows[i].to, 443, SG_TCP_SYN, 7, 0, NULL, 0);
        kit_out (kit, &frame);
        sg_gate_tick (kit->gate);
        tell_translator (kit, rows[i].told);
        /* what was open by then, and what comes */
        ck_assert_uint_eq (sg_gate_flow_count (kit->gate), wanted == SG_REASON_NONE);
        kit_tcp (&frame, KIT_OUT, G6, 2, rows[i].to, 443, SG_TCP_SYN, 7, 0, NULL, 0);
        expect (kit_out (kit, &frame), wanted, rows[i].to);
      }
}
END_TEST

START_TEST (translators_are_asked_for_a_few_times)
{
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
  guint asked = 0;

  for (int second = 0; second < 60; second++)
    {
      kit_advance (kit, 1);
      g_byte_array_set_size (kit->asked, 0);
      sg_gate_tick (kit->gate);
      asked += kit->asked->len > 0;
    }
  ck_assert_uint_eq (asked, 3);
  /* another network; its answer is enough */
  sg_gate_set_routes (kit->gate, kit_routes ());
  sg_gate_tick (kit->gate);
  ck_assert_uint_gt (kit->asked->len, 0);
  tell_translator (kit, "2a00:64::c000:aa");
  kit_advance (kit, 10);
  g_byte_array_set_size (kit->asked, 0);
  sg_gate_tick (kit->gate);
  ck_assert_uint_eq (kit->asked->len, 0);
  /* however many there are */
  for (int i = 0; i < 50; i++)
    {
      g_autofree char *text = g_strdup_printf ("2a00:%x::c000:aa", 100 + i);
      SgAddress inside;

      sg_gate_set_routes (kit->gate, kit_routes ());
      sg_gate_tick (kit->gate);
      tell_translator (kit, text);
      g_free (text);
      text = g_strdup_printf ("2a00:%x::c0a8:101", 100 + i);
      ck_assert (sg_address_parse (text, &inside));
      expect (sg_gate_judge (kit->gate, &inside, SG_PROTO_TCP, 80, NULL), SG_REASON_PRIVATE, text);
    }
}
END_TEST

START_TEST (without_a_default_route_there_is_no_internet)
{
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
  SgRoutes *routes = sg_routes_new ();
  SgAddress v4, v6;

  sg_address_parse (NET4, &v4);
  sg_address_parse (NET6, &v6);
  add_route (routes, "0.0.0.0/0", SG_ROUTE_DEFAULT);
  sg_gate_set_routes (kit->gate, routes);
  expect (sg_gate_judge (kit->gate, &v4, SG_PROTO_TCP, 80, NULL), SG_REASON_NONE, "v4");
  expect (sg_gate_judge (kit->gate, &v6, SG_PROTO_TCP, 80, NULL), SG_REASON_NO_ROUTE, "v6");

  /* OpenVPN's halves are a default route. */
  routes = sg_routes_new ();
  add_route (routes, "0.0.0.0/1", SG_ROUTE_OWN);
  add_route (routes, "128.0.0.0/1", SG_ROUTE_OWN);
  add_route (routes, "2000::/3", SG_ROUTE_OWN);
  sg_gate_set_routes (kit->gate, routes);
  expect (sg_gate_judge (kit->gate, &v4, SG_PROTO_TCP, 80, NULL), SG_REASON_NONE, "halves");
  expect (sg_gate_judge (kit->gate, &v6, SG_PROTO_TCP, 80, NULL), SG_REASON_NONE, "2000::/3");

  /* More routes than the gate holds: closed, not open. */
  routes = kit_routes ();
  sg_routes_overflow (routes);
  sg_gate_set_routes (kit->gate, routes);
  expect (sg_gate_judge (kit->gate, &v4, SG_PROTO_TCP, 80, NULL), SG_REASON_HOST_ROUTE, "overflow");
}
END_TEST

/* A route that appears (a VPN comes up) ends what it makes a network of the host's own. */
START_TEST (a_new_route_ends_open_connections)
{
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
  SgRoutes *routes = kit_routes ();
  KitFrame frame;

  kit_tcp (&frame, KIT_OUT, G4, 1025, NET4, 443, SG_TCP_SYN, 7, 0, NULL, 0);
  expect (kit_out (kit, &frame), SG_REASON_NONE, "open");
  add_route (routes, "93.184.0.0/16", SG_ROUTE_OWN);
  sg_gate_set_routes (kit->gate, routes);
  ck_assert_uint_eq (sg_gate_flow_count (kit->gate), 0);
  ck_assert_uint_eq (kit->to_guest->len, 1);
  ck_assert_uint_eq (kit->to_net->len, 1);
  ck_assert_int_eq (kit->last_reason, SG_REASON_HOST_ROUTE);
}
END_TEST

/* --- what a guest may call itself
 * ------------------------------------------------------------------ */

START_TEST (nobody_elses_address)
{
  g_autoptr (Kit) kit = kit_new (SG_GATE_LAN);
  KitFrame frame;

  kit_udp (&frame, KIT_OUT, "192.0.0.4", 1, NET4, 80, "x", 1);
  expect (kit_out (kit, &frame), SG_REASON_SPOOFED, "another IPv4 address");
  kit_udp (&frame, KIT_OUT, "8.8.8.8", 1, NET4, 80, "x", 1);
  expect (kit_out (kit, &frame), SG_REASON_SPOOFED, "an internet address");
  kit_udp (&frame, KIT_OUT, "fd73:616e:6467:6c61::4", 1, NET6, 80, "x", 1);
  expect (kit_out (kit, &frame), SG_REASON_SPOOFED, "another IPv6 address");
  kit_udp (&frame, KIT_OUT, "fe80::5", 1, NET6, 80, "x", 1);
  expect (kit_out (kit, &frame), SG_REASON_SPOOFED, "a link-local address");
  kit_udp (&frame, KIT_OUT, G4, 1, NET4, 80, "x", 1);
  sg_mac_parse (KIT_OTHER_MAC, frame.bytes + 6);
  expect (kit_out (kit, &frame), SG_REASON_SPOOFED, "another MAC");
  kit_udp (&frame, KIT_OUT, G4, 1, NET4, 80, "x", 1);
  sg_mac_parse (KIT_OTHER_MAC, frame.bytes);
  expect (kit_out (kit, &frame), SG_REASON_LINK_PROTOCOL, "to another MAC");
  memset (frame.bytes, 0xff, 6);
  expect (kit_out (kit, &frame), SG_REASON_MULTICAST, "to every MAC");
}
END_TEST

START_TEST (arp_with_the_gate_only)
{
  static const struct
  {
    guint16 action;
    const char *mac, *from, *to;
    SgReason wanted;
  } rows[] = {
    { 1, KIT_GUEST_MAC, G4, SG_GATE_GATEWAY4, SG_REASON_NONE },
    { 1, KIT_GUEST_MAC, G4, SG_GATE_DNS4, SG_REASON_NONE },
    { 2, KIT_GUEST_MAC, G4, SG_GATE_GATEWAY4, SG_REASON_NONE },
    { 1, KIT_GUEST_MAC, "0.0.0.0", G4, SG_REASON_LINK_PROTOCOL },
    { 1, KIT_GUEST_MAC, G4, "192.168.1.1", SG_REASON_LINK_PROTOCOL },
    { 1, KIT_OTHER_MAC, G4, SG_GATE_GATEWAY4, SG_REASON_SPOOFED },
    { 2, KIT_GUEST_MAC, SG_GATE_GATEWAY4, SG_GATE_GATEWAY4, SG_REASON_SPOOFED },
    { 3, KIT_GUEST_MAC, G4, SG_GATE_GATEWAY4, SG_REASON_LINK_PROTOCOL },
  };
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
  KitFrame frame;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      kit_arp (&frame, KIT_OUT, rows[i].action, rows[i].mac, rows[i].from, rows[i].to);
      expect (kit_out (kit, &frame), rows[i].wanted, rows[i].to);
    }
  kit_arp (&frame, KIT_IN, 2, SG_GATE_MAC, SG_GATE_GATEWAY4, G4);
  expect (kit_in (kit, &frame), SG_REASON_NONE, "the gate's answer");
  kit_arp (&frame, KIT_IN, 2, SG_GATE_MAC, "192.168.1.1", G4);
  expect (kit_in (kit, &frame), SG_REASON_LINK_PROTOCOL, "a neighbour's answer");
}
END_TEST

START_TEST (ndp_and_dhcp_with_the_gate_only)
{
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
  KitFrame frame;

  kit_ndp (&frame, KIT_OUT, 135, G6, "ff02::1:ff00:1", SG_GATE_GATEWAY6);
  expect (kit_out (kit, &frame), SG_REASON_NONE, "NS for the gateway");
  kit_ndp (&frame, KIT_OUT, 135, "fe80::5", "ff02::1:ff00:3", SG_GATE_DNS6);
  expect (kit_out (kit, &frame), SG_REASON_NONE, "NS for the name server");
  kit_ndp (&frame, KIT_OUT, 135, G6, "ff02::1:ff00:9", "fe80::9");
  expect (kit_out (kit, &frame), SG_REASON_LINK_PROTOCOL, "NS for a neighbour");
  kit_ndp (&frame, KIT_OUT, 135, "2001:db8::9", "ff02::1:ff00:1", SG_GATE_GATEWAY6);
  expect (kit_out (kit, &frame), SG_REASON_SPOOFED, "NS from a stranger");
  kit_ndp (&frame, KIT_OUT, 135, G6, "ff02::1:ff00:1", SG_GATE_GATEWAY6);
  sg_mac_parse (KIT_OTHER_MAC, frame.bytes + SG_ETH_LEN + 40 + 26);
  expect (kit_out (kit, &frame), SG_REASON_SPOOFED, "NS with another MAC inside");
  kit_ndp (&frame, KIT_OUT, 135, G6, "ff02::1:ff00:1", SG_GATE_GATEWAY6);
  frame.bytes[SG_ETH_LEN + 7] = 64;
  expect (kit_out (kit, &frame), SG_REASON_LINK_PROTOCOL, "NS from afar");
  kit_ndp (&frame, KIT_OUT, 134, "fe80::5", "ff02::1", "fe80::5");
  expect (kit_out (kit, &frame), SG_REASON_LINK_PROTOCOL, "a guest is no router");
  kit_ndp (&frame, KIT_OUT, 136, "fe80::5", "ff02::1", "fe80::5");
  expect (kit_out (kit, &frame), SG_REASON_LINK_PROTOCOL, "NA to all");
  kit_ndp (&frame, KIT_IN, 136, SG_GATE_GATEWAY6, G6, SG_GATE_GATEWAY6);
  frame.bytes[SG_ETH_LEN + 7] = 255;
  expect (kit_in (kit, &frame), SG_REASON_NONE, "the gate's NA");

  kit_udp (&frame, KIT_OUT, "0.0.0.0", 68, "255.255.255.255", 67, "x", 1);
  expect (kit_out (kit, &frame), SG_REASON_NONE, "DHCP");
  kit_udp (&frame, KIT_OUT, "0.0.0.0", 68, "192.168.1.1", 67, "x", 1);
  expect (kit_out (kit, &frame), SG_REASON_SPOOFED, "DHCP to the router");
  kit_udp (&frame, KIT_OUT, G4, 68, "192.168.1.1", 67, "x", 1);
  expect (kit_out (kit, &frame), SG_REASON_PRIVATE, "DHCP to the router");
  kit_udp (&frame, KIT_OUT, "fe80::5", 546, "ff02::1:2", 547, "x", 1);
  expect (kit_out (kit, &frame), SG_REASON_NONE, "DHCPv6");
  kit_udp (&frame, KIT_OUT, "fe80::5", 5353, "ff02::fb", 5353, "x", 1);
  expect (kit_out (kit, &frame), SG_REASON_SPOOFED, "mDNS");
}
END_TEST

/* --- bad frames
 * ------------------------------------------------------------------------------------ */

START_TEST (every_truncation_is_refused)
{
  const char *const ends[][2] = { { G4, NET4 }, { G6, NET6 } };
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
  KitFrame frame;

  for (int family = 0; family < 2; family++)
    for (int kind = 0; kind < 3; kind++)
      {
        gsize whole;

        if (kind == 0)
          kit_tcp (&frame, KIT_OUT, ends[family][0], 9, ends[family][1], 80, SG_TCP_SYN, 1, 0, "x",
                   1);
        else if (kind == 1)
          kit_udp (&frame, KIT_OUT, ends[family][0], 9, ends[family][1], 80, "x", 1);
        else
          kit_ping (&frame, KIT_OUT, ends[family][0], ends[family][1], FALSE, 9);
        whole = frame.len;
        for (frame.len = 0; frame.len < whole; frame.len++)
          ck_assert_msg (kit_out (kit, &frame) != SG_REASON_NONE, "%zu bytes passed", frame.len);
        ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_NONE);
      }
}
END_TEST

START_TEST (lying_lengths_are_refused)
{
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
  guint8 *ip, *l4;
  KitFrame frame;

  ip = frame.bytes + SG_ETH_LEN;
  l4 = ip + 20;
  kit_udp (&frame, KIT_OUT, G4, 9, NET4, 80, "0123456789", 10);
  sg_put16 (l4 + 4, 8);
  expect (kit_out (kit, &frame), SG_REASON_LENGTH, "UDP shorter than IP");
  sg_put16 (l4 + 4, 0);
  expect (kit_out (kit, &frame), SG_REASON_LENGTH, "UDP of no length");
  sg_put16 (l4 + 4, 60000);
  expect (kit_out (kit, &frame), SG_REASON_LENGTH, "UDP longer than IP");
  kit_udp (&frame, KIT_OUT, G4, 9, NET4, 80, "x", 1);
  sg_put16 (ip + 2, 10);
  expect (kit_out (kit, &frame), SG_REASON_LENGTH, "IP shorter than its header");
  sg_put16 (ip + 2, 60000);
  expect (kit_out (kit, &frame), SG_REASON_TRUNCATED, "IP longer than the frame");
  kit_udp (&frame, KIT_OUT, G4, 9, NET4, 80, "x", 1);
  ip[0] = 0x44;
  expect (kit_out (kit, &frame), SG_REASON_LENGTH, "IP header of 16 bytes");
  ip[0] = 0x65;
  expect (kit_out (kit, &frame), SG_REASON_LENGTH, "version 6 as version 4");
  kit_tcp (&frame, KIT_OUT, G4, 9, NET4, 80, SG_TCP_SYN, 1, 0, NULL, 0);
  l4[12] = 4 << 4;
  expect (kit_out (kit, &frame), SG_REASON_LENGTH, "TCP header of 16 bytes");
  l4[12] = 15 << 4;
  expect (kit_out (kit, &frame), SG_REASON_LENGTH, "TCP header longer than the packet");
  /* Ethernet's padding is no part of the packet. */
  kit_udp (&frame, KIT_OUT, G4, 9, NET4, 80, "x", 1);
  frame.len = 60;
  expect (kit_out (kit, &frame), SG_REASON_NONE, "padding");
}
END_TEST

START_TEST (other_protocols_are_refused)
{
  static const guint8 protocols[] = { 0, 2, 4, 41, 47, 50, 51, 89, 94, 103, 115, 132, 136, 255 };
  static const guint16 types[] = { 0x8864, 0x8847, 0x88cc, 0x0842, 0x8137, 0x0000, 0x05dc, 0xffff };
  g_autoptr (Kit) kit = kit_new (SG_GATE_LAN);
  guint8 data[64] = { 0x60 };
  KitFrame frame;

  for (gsize i = 0; i < G_N_ELEMENTS (protocols); i++)
    {
      kit_ip (&frame, KIT_OUT, G4, NET4, protocols[i], data, sizeof data);
      expect (kit_out (kit, &frame), SG_REASON_PROTOCOL, "IPv4");
      kit_ip (&frame, KIT_OUT, G6, NET6, protocols[i], data, sizeof data);
      ck_assert_int_ne (kit_out (kit, &frame), SG_REASON_NONE);
    }
  kit_ip (&frame, KIT_OUT, G4, NET4, SG_PROTO_ICMP6, data, sizeof data);
  expect (kit_out (kit, &frame), SG_REASON_PROTOCOL, "ICMPv6 in IPv4");
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      sg_put16 (frame.bytes + 12, types[i]);
      expect (kit_out (kit, &frame), SG_REASON_ETHERTYPE, "ethertype");
    }
  /* ICMP that is no ping: redirects, time stamps, errors a guest makes up */
  for (guint type = 0; type < 256; type++)
    if (type != 8)
      {
        guint8 icmp[16] = { (guint8)type };

        kit_ip (&frame, KIT_OUT, G4, NET4, SG_PROTO_ICMP, icmp, sizeof icmp);
        expect (kit_out (kit, &frame), SG_REASON_PROTOCOL, "ICMP");
      }
}
END_TEST

START_TEST (only_pings_of_icmp6)
{
  g_autoptr (Kit) kit = kit_new (SG_GATE_LAN);
  KitFrame frame;

  /* errors, groups, redirects, node information, certificates, what is not yet known */
  for (guint type = 0; type < 256; type++)
    for (guint hops = 64; hops < 256; hops += 191)
      {
        guint8 icmp[48] = { (guint8)type };

        kit_ip (&frame, KIT_OUT, G6, NET6, SG_PROTO_ICMP6, icmp, sizeof icmp);
        frame.bytes[SG_ETH_LEN + 7] = (guint8)hops;
        if (type == 128)
          expect (kit_out (kit, &frame), SG_REASON_NONE, "a ping");
        else if (type != 133) /* a search for a router, which is the gate */
          ck_assert_msg (kit_out (kit, &frame) != SG_REASON_NONE, "type %u", type);
      }
  ck_assert_uint_eq (sg_gate_flow_count (kit->gate), 1);
}
END_TEST

/* To everybody, by whatever MAC. */
START_TEST (nothing_goes_to_many)
{
  static const struct
  {
    const char *to, *mac;
    guint16 port;
  } rows[] = {
    { "224.0.0.251", "01:00:5e:00:00:fb", 5353 },
    { "ff02::fb", "33:33:00:00:00:fb", 5353 },
    { "239.255.255.250", "01:00:5e:7f:ff:fa", 1900 },
    { "ff02::c", "33:33:00:00:00:0c", 1900 },
    { "224.0.0.252", "01:00:5e:00:00:fc", 5355 },
    { "ff02::1:3", "33:33:00:00:00:01", 5355 },
    { "255.255.255.255", "ff:ff:ff:ff:ff:ff", 137 },
    { "192.0.0.7", "ff:ff:ff:ff:ff:ff", 138 },
    { "ff02::1", "33:33:00:00:00:01", 9 },
    { NET4, "01:00:5e:00:00:fb", 80 },
    { NET4, "ff:ff:ff:ff:ff:ff", 80 },
    { NET6, "33:33:00:00:00:01", 80 },
  };
  SgGateMode modes[] = { SG_GATE_INTERNET, SG_GATE_LAN };

  for (int m = 0; m < 2; m++)
    for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
      for (int mac = 0; mac < 2; mac++)
        {
          g_autoptr (Kit) kit = kit_new (modes[m]);
          KitFrame frame;

          kit_udp (&frame, KIT_OUT, strchr (rows[i].to, ':') ? G6 : G4, rows[i].port, rows[i].to,
                   rows[i].port, "x", 1);
          if (mac == 0)
            sg_mac_parse (rows[i].mac, frame.bytes);
          else if (strcmp (rows[i].to, NET4) == 0 || strcmp (rows[i].to, NET6) == 0)
            continue; /* to the gate's MAC that is the internet */
          ck_assert_msg (kit_out (kit, &frame) != SG_REASON_NONE, "%s", rows[i].to);
          ck_assert_uint_eq (kit->to_net->len, 0);
        }
}
END_TEST

START_TEST (vlan_tags_are_refused)
{
  static const guint16 tags[] = { 0x8100, 0x88a8, 0x9100 };
  g_autoptr (Kit) kit = kit_new (SG_GATE_LAN);
  KitFrame frame;

  for (gsize i = 0; i < G_N_ELEMENTS (tags); i++)
    {
      kit_udp (&frame, KIT_OUT, G4, 9, NET4, 80, "x", 1);
      memmove (frame.bytes + 16, frame.bytes + 12, frame.len - 12);
      sg_put16 (frame.bytes + 12, tags[i]);
      sg_put16 (frame.bytes + 14, 5);
      frame.len += 4;
      expect (kit_out (kit, &frame), SG_REASON_VLAN, "a tag");
    }
}
END_TEST

START_TEST (ip_options)
{
  static const struct
  {
    guint8 bytes[8];
    SgReason wanted;
  } rows[] = {
    { { 1, 1, 1, 1, 0, 0, 0, 0 }, SG_REASON_NONE },
    { { 148, 4, 0, 0, 0, 0, 0, 0 }, SG_REASON_NONE },
    { { 131, 7, 4, 10, 0, 0, 1, 0 }, SG_REASON_IP_OPTION }, /* loose source route */
    { { 137, 7, 4, 10, 0, 0, 1, 0 }, SG_REASON_IP_OPTION }, /* strict */
    { { 7, 7, 4, 0, 0, 0, 0, 0 }, SG_REASON_IP_OPTION },    /* record route */
    { { 148, 0, 0, 0, 0, 0, 0, 0 }, SG_REASON_LENGTH },
    { { 148, 1, 0, 0, 0, 0, 0, 0 }, SG_REASON_LENGTH },
    { { 1, 1, 1, 1, 1, 1, 148, 9 }, SG_REASON_LENGTH },
    { { 1, 1, 1, 1, 1, 1, 1, 148 }, SG_REASON_LENGTH },
  };
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      KitFrame frame;
      guint8 *ip = frame.bytes + SG_ETH_LEN;

      kit_udp (&frame, KIT_OUT, G4, 9, NET4, 80, "x", 1);
      memmove (ip + 28, ip + 20, 9);
      memcpy (ip + 20, rows[i].bytes, 8);
      ip[0] = 0x47;
      sg_put16 (ip + 2, 28 + 9);
      frame.len += 8;
      expect (kit_out (kit, &frame), rows[i].wanted, "an option");
    }
}
END_TEST

START_TEST (extension_headers_are_bounded)
{
  static const guint8 empty[8] = { 0, 0, 1, 4, 0, 0, 0, 0 };
  static const guint8 routing[24] = { 0, 2, 0, 1 };
  guint8 wide[264] = { 0, 32, 1, 4 };
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
  KitFrame frame;

#define UDP6() kit_udp (&frame, KIT_OUT, G6, 9, NET6, 80, "x", 1)
  UDP6 ();
  kit_extension (&frame, 60, empty, 8);
  kit_extension (&frame, 0, empty, 8);
  expect (kit_out (kit, &frame), SG_REASON_NONE, "hop-by-hop, destination");
  UDP6 ();
  kit_extension (&frame, 0, empty, 8);
  kit_extension (&frame, 60, empty, 8);
  expect (kit_out (kit, &frame), SG_REASON_HEADER_CHAIN, "hop-by-hop not first");
  UDP6 ();
  kit_extension (&frame, 60, empty, 8);
  kit_extension (&frame, 60, empty, 8);
  expect (kit_out (kit, &frame), SG_REASON_HEADER_CHAIN, "twice");
  UDP6 ();
  kit_extension (&frame, 43, routing, 24);
  expect (kit_out (kit, &frame), SG_REASON_PROTOCOL, "routing header");
  UDP6 ();
  kit_extension (&frame, 51, empty, 8);
  expect (kit_out (kit, &frame), SG_REASON_PROTOCOL, "authentication header");
  UDP6 ();
  kit_extension (&frame, 135, empty, 8);
  expect (kit_out (kit, &frame), SG_REASON_PROTOCOL, "mobility header");
  UDP6 ();
  for (int i = 0; i < 100; i++)
    kit_extension (&frame, 60, empty, 8);
  expect (kit_out (kit, &frame), SG_REASON_HEADER_CHAIN, "a chain of 100");
  UDP6 ();
  kit_extension (&frame, 60, wide, sizeof wide);
  kit_extension (&frame, 0, wide, sizeof wide);
  expect (kit_out (kit, &frame), SG_REASON_HEADER_CHAIN, "wide headers");
  UDP6 ();
  kit_extension (&frame, 60, empty, 8);
  frame.bytes[SG_ETH_LEN + 41] = 200;
  expect (kit_out (kit, &frame), SG_REASON_TRUNCATED, "a header longer than the packet");
  UDP6 ();
  frame.bytes[SG_ETH_LEN + 6] = 59;
  expect (kit_out (kit, &frame), SG_REASON_PROTOCOL, "no next header");
  kit_udp (&frame, KIT_OUT, G6, 9, "::ffff:10.0.0.1", 80, "x", 1);
  expect (kit_out (kit, &frame), SG_REASON_MAPPED, "a mapped address");
  kit_udp (&frame, KIT_OUT, "::ffff:192.0.0.2", 9, NET6, 80, "x", 1);
  expect (kit_out (kit, &frame), SG_REASON_MAPPED, "from a mapped address");
}
END_TEST

/* --- fragments
 * ------------------------------------------------------------------------------------- */

static void
send_pieces (Kit *kit, const KitFrame *whole, const gsize (*pieces)[2], gsize count, guint32 id,
             SgReason last, const char *what)
{
  gsize head = SG_ETH_LEN + (sg_get16 (whole->bytes + 12) == 0x0800 ? 20 : 40);
  gsize total = whole->len - head;

  for (gsize i = 0; i < count; i++)
    {
      KitFrame piece;

      kit_fragment (&piece, whole, pieces[i][0], pieces[i][1], pieces[i][0] + pieces[i][1] < total,
                    id);
      expect (kit_out (kit, &piece), i + 1 < count ? SG_REASON_KEPT : last, what);
    }
}

START_TEST (fragments_are_put_together_in_any_order)
{
  static const gsize forward[][2] = { { 0, 1000 }, { 1000, 1000 }, { 2000, 508 } };
  static const gsize backward[][2] = { { 2000, 508 }, { 1000, 1000 }, { 0, 1000 } };
  const char *const ends[][2] = { { G4, NET4 }, { G6, NET6 } };
  g_autofree guint8 *data = g_malloc (2500);

  for (gsize i = 0; i < 2500; i++)
    data[i] = (guint8)(i * 7);
  for (int way = 0; way < 2; way++)
    for (int family = 0; family < 2; family++)
      {
        g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
        KitFrame whole;
        SgPacket packet;

        kit_udp (&whole, KIT_OUT, ends[family][0], 9, ends[family][1], 80, data, 2500);
        send_pieces (kit, &whole, way == 0 ? forward : backward, 3, 77, SG_REASON_KEPT, "pieces");
        ck_assert_uint_eq (kit->to_net->len, 1);
        packet = kit_emitted (kit->to_net, 0);
        ck_assert (!packet.fragment);
        ck_assert_uint_eq (packet.payload_len, 2500);
        ck_assert_int_eq (memcmp (packet.frame + packet.payload, data, 2500), 0);
      }
}
END_TEST

START_TEST (fragments_are_judged_as_a_whole)
{
  static const gsize halves[][2] = { { 0, 1000 }, { 1000, 1008 } };
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
  g_autofree guint8 *data = g_malloc0 (2000);
  KitFrame whole;

  kit_udp (&whole, KIT_OUT, G4, 9, "192.168.1.1", 80, data, 2000);
  send_pieces (kit, &whole, halves, 2, 1, SG_REASON_PRIVATE, "to the router");
  kit_udp (&whole, KIT_OUT, G4, 9, "8.8.8.8", 53, data, 2000);
  send_pieces (kit, &whole, halves, 2, 2, SG_REASON_DNS_ELSEWHERE, "to another name server");
  kit_udp (&whole, KIT_OUT, "192.0.0.9", 9, NET4, 80, data, 2000);
  {
    KitFrame piece;

    kit_fragment (&piece, &whole, 0, 1000, TRUE, 3);
    expect (kit_out (kit, &piece), SG_REASON_SPOOFED, "from a stranger");
  }
  ck_assert_uint_eq (kit->to_net->len, 0);
}
END_TEST

/* Headers before, in and behind the fragment header: what is judged is what goes out. */
START_TEST (fragments_hide_no_headers)
{
  static const gsize halves[][2] = { { 0, 1000 }, { 1000, 1016 } };
  static const guint8 empty[8] = { 0, 0, 1, 4, 0, 0, 0, 0 };
  static const char *const inside[]
      = { "fd00::1", "fe80::2", "64:ff9b::a00:1", "2002:c0a8:101::1", "ff02::1", "fd00:ec2::254" };
  g_autofree guint8 *data = g_malloc0 (2000);
  KitFrame whole, piece;

  for (gsize i = 0; i < G_N_ELEMENTS (inside); i++)
    {
      g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);

      kit_udp (&whole, KIT_OUT, G6, 9, inside[i], 80, data, 2000);
      kit_fragment (&piece, &whole, 0, 1000, TRUE, 1);
      kit_out (kit, &piece);
      kit_fragment (&piece, &whole, 1000, 1008, FALSE, 1);
      ck_assert_int_ne (kit_out (kit, &piece), SG_REASON_KEPT);
      ck_assert_uint_eq (kit->to_net->len, 0);
    }
  {
    /* an option behind the fragment header is one of the whole, and counted there */
    g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
    SgPacket packet;

    kit_udp (&whole, KIT_OUT, G6, 9, NET6, 80, data, 2000);
    kit_extension (&whole, 60, empty, 8);
    send_pieces (kit, &whole, halves, 2, 1, SG_REASON_KEPT, "an option in the whole");
    ck_assert_uint_eq (kit->to_net->len, 1);
    packet = kit_emitted (kit->to_net, 0);
    ck_assert (packet.protocol == SG_PROTO_UDP && packet.payload_len == 2000);
  }
  {
    /* a routing header, a fragment in a fragment, a second option */
    static const guint8 headers[] = { 43, 44, 51, 60 };

    for (gsize i = 0; i < G_N_ELEMENTS (headers); i++)
      {
        g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);

        kit_udp (&whole, KIT_OUT, G6, 9, NET6, 80, data, 2000);
        if (headers[i] == 60)
          kit_extension (&whole, 60, empty, 8);
        kit_extension (&whole, headers[i], empty, 8);
        kit_fragment (&piece, &whole, 0, 1000, TRUE, 1);
        expect (kit_out (kit, &piece), SG_REASON_KEPT, "the first");
        kit_fragment (&piece, &whole, 1000, whole.len - SG_ETH_LEN - 40 - 1000, FALSE, 1);
        ck_assert_int_ne (kit_out (kit, &piece), SG_REASON_KEPT);
        ck_assert_uint_eq (kit->to_net->len, 0);
      }
  }
  {
    /* the second piece says that it is of something else: the first one's word counts */
    g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);

    kit_udp (&whole, KIT_OUT, G6, 9, "2606:4700:4700::1111", 53, data, 2000);
    kit_fragment (&piece, &whole, 0, 1000, TRUE, 1);
    expect (kit_out (kit, &piece), SG_REASON_KEPT, "the first");
    kit_fragment (&piece, &whole, 1000, 1008, FALSE, 1);
    piece.bytes[SG_ETH_LEN + 40] = SG_PROTO_ICMP6;
    ck_assert_int_ne (kit_out (kit, &piece), SG_REASON_KEPT);
    ck_assert_uint_eq (kit->to_net->len, 0);
  }
}
END_TEST

START_TEST (bad_fragments_are_thrown_away)
{
  static const gsize overlap[][2] = { { 0, 1000 }, { 992, 1016 } };
  static const gsize same[][2] = { { 0, 1000 }, { 0, 1000 } };
  static const gsize inside[][2] = { { 0, 1000 }, { 496, 104 } };
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
  g_autofree guint8 *data = g_malloc0 (2000);
  KitFrame whole, piece;

  for (int family = 0; family < 2; family++)
    {
      kit_udp (&whole, KIT_OUT, family ? G6 : G4, 9, family ? NET6 : NET4, 80, data, 2000);
      send_pieces (kit, &whole, overlap, 2, 1, SG_REASON_FRAGMENT_OVERLAP, "overlap");
      send_pieces (kit, &whole, same, 2, 2, SG_REASON_FRAGMENT_OVERLAP, "twice");
      send_pieces (kit, &whole, inside, 2, 3, SG_REASON_FRAGMENT_OVERLAP, "inside");
      kit_fragment (&piece, &whole, 0, 8, TRUE, 4);
      expect (kit_out (kit, &piece), SG_REASON_FRAGMENT, "a tiny first one");
      kit_fragment (&piece, &whole, 0, 1001, TRUE, 5);
      expect (kit_out (kit, &piece), SG_REASON_FRAGMENT, "no multiple of eight");
      kit_fragment (&piece, &whole, 1000, 1008, FALSE, 6);
      if (family == 0)
        sg_put16 (piece.bytes + SG_ETH_LEN + 6, 0x1fff);
      else
        sg_put16 (piece.bytes + SG_ETH_LEN + 42, 0xfff8);
      expect (kit_out (kit, &piece), SG_REASON_FRAGMENT, "behind the largest packet");
      kit_fragment (&piece, &whole, 1000, 1008, FALSE, 7);
      expect (kit_out (kit, &piece), SG_REASON_KEPT, "a last one");
      kit_fragment (&piece, &whole, 0, 1008, TRUE, 7);
      expect (kit_out (kit, &piece), SG_REASON_FRAGMENT_OVERLAP, "a first one into it");
    }
  ck_assert_uint_eq (kit->to_net->len, 0);
  /* A flood of beginnings: memory stays bounded, later datagrams still work. */
  for (guint32 id = 100; id < 5100; id++)
    {
      kit_fragment (&piece, &whole, 0, 1000, TRUE, id);
      expect (kit_out (kit, &piece), SG_REASON_KEPT, "flood");
    }
  kit_fragment (&piece, &whole, 1000, 1008, FALSE, 5099);
  expect (kit_out (kit, &piece), SG_REASON_KEPT, "the end of the last");
  ck_assert_uint_eq (kit->to_net->len, 1);
  /* Too late. */
  kit_fragment (&piece, &whole, 0, 1000, TRUE, 9000);
  kit_out (kit, &piece);
  kit_advance (kit, 60);
  kit_fragment (&piece, &whole, 1000, 1008, FALSE, 9000);
  expect (kit_out (kit, &piece), SG_REASON_KEPT, "late");
  ck_assert_uint_eq (kit->to_net->len, 1);
  /* None from outside. */
  kit_udp (&whole, KIT_IN, NET6, 80, G6, 9, data, 2000);
  kit_fragment (&piece, &whole, 0, 1000, TRUE, 1);
  expect (kit_in (kit, &piece), SG_REASON_FRAGMENT, "from outside");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("netgate-packets");
  TCase *tc = tcase_create ("packets");
  SRunner *runner;
  int failed;

  tcase_set_timeout (tc, 60);
  tcase_add_test (tc, destinations_by_mode);
  tcase_add_test (tc, off_lets_nothing_pass);
  tcase_add_test (tc, every_row_of_the_table_holds);
  tcase_add_test (tc, the_hosts_own_addresses_and_routes);
  tcase_add_test (tc, translators_of_the_network_are_seen_through);
  tcase_add_test (tc, translators_are_asked_for_a_few_times);
  tcase_add_test (tc, without_a_default_route_there_is_no_internet);
  tcase_add_test (tc, a_new_route_ends_open_connections);
  tcase_add_test (tc, nobody_elses_address);
  tcase_add_test (tc, arp_with_the_gate_only);
  tcase_add_test (tc, ndp_and_dhcp_with_the_gate_only);
  tcase_add_test (tc, every_truncation_is_refused);
  tcase_add_test (tc, lying_lengths_are_refused);
  tcase_add_test (tc, other_protocols_are_refused);
  tcase_add_test (tc, only_pings_of_icmp6);
  tcase_add_test (tc, nothing_goes_to_many);
  tcase_add_test (tc, vlan_tags_are_refused);
  tcase_add_test (tc, ip_options);
  tcase_add_test (tc, extension_headers_are_bounded);
  tcase_add_test (tc, fragments_are_put_together_in_any_order);
  tcase_add_test (tc, fragments_are_judged_as_a_whole);
  tcase_add_test (tc, fragments_hide_no_headers);
  tcase_add_test (tc, bad_fragments_are_thrown_away);
  suite_add_tcase (suite, tc);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
