/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets as a table: what is built, in which mode, and what the gate says. */
#include "tests/unit/netgate-expect.h"

#include "launcher/netgate/table.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define NET4 "93.184.216.34"
#define NET6 "2606:2800:220:1::1"
#define G4 SG_GATE_GUEST4
#define G6 SG_GATE_GUEST6

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
  suite_add_tcase (suite, tc);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
