/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a guest may call itself, and frames that are refused as they are. */
#include "tests/unit/netgate-expect.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define NET4 "93.184.216.34"
#define NET6 "2606:2800:220:1::1"
#define G4 SG_GATE_GUEST4
#define G6 SG_GATE_GUEST6

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

int
main (void)
{
  Suite *suite = suite_create ("netgate-frames");
  TCase *tc = tcase_create ("frames");
  SRunner *runner;
  int failed;

  tcase_set_timeout (tc, 60);
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
  suite_add_tcase (suite, tc);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
