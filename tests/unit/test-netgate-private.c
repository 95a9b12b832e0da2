/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mode private: sandboxes reach each other and nothing else, each in its own name only; the gate
 * sees to that at its guest. */
#include "launcher/netgate/control.h"
#include "launcher/netgate/dns.h"
#include "launcher/netgate/neighbours.h"
#include "tests/unit/netgate-private.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static Kit *
kit_private (void)
{
  Kit *kit = kit_new (SG_GATE_INTERNET);
  SgGateRules *rules = sg_gate_rules_new ();

  rules->mode = SG_GATE_PRIVATE;
  rules->own = g_strdup (OWN);
  sg_gate_set_rules (kit->gate, rules);
  return kit;
}

/* --- the gate's judgement
 * ------------------------------------------------------------------------- */

START_TEST (neighbours_talk_both_ways)
{
  g_autoptr (Kit) kit = kit_private ();
  KitFrame frame;

  kit_arp (&frame, KIT_OUT, 1, KIT_GUEST_MAC, OWN, OTHER);
  set_macs (&frame, KIT_GUEST_MAC, EVERYBODY);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_NONE);
  kit_arp (&frame, KIT_IN, 2, KIT_OTHER_MAC, OTHER, OWN);
  set_macs (&frame, KIT_OTHER_MAC, KIT_GUEST_MAC);
  ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_NONE);
  kit_tcp (&frame, KIT_OUT, OWN, 9, OTHER, 80, SG_TCP_SYN, 1, 0, NULL, 0);
  set_macs (&frame, KIT_GUEST_MAC, KIT_OTHER_MAC);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_NONE);
  /* nobody has to have asked for it */
  kit_udp (&frame, KIT_IN, OTHER, 7, OWN, 5353, "x", 1);
  set_macs (&frame, KIT_OTHER_MAC, KIT_GUEST_MAC);
  ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_NONE);
  kit_ping (&frame, KIT_IN, OTHER, OWN, FALSE, 3);
  set_macs (&frame, KIT_OTHER_MAC, KIT_GUEST_MAC);
  ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_NONE);
  ck_assert_uint_eq (sg_records_count (sg_gate_records (kit->gate)), 2); /* "others", and OTHER */
}
END_TEST

START_TEST (nothing_else_is_reached)
{
  static const char *const places[]
      = { "93.184.216.34", "192.168.77.9", "192.0.0.1",  "192.0.0.3",    "169.254.169.254",
          "127.0.0.1",     "198.18.1.9",   "198.18.0.0", "198.18.0.255", OWN };
  g_autoptr (Kit) kit = kit_private ();
  KitFrame frame;

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      kit_forget (kit);
      kit_tcp (&frame, KIT_OUT, OWN, 9, places[i], 80, SG_TCP_SYN, 1, 0, NULL, 0);
      set_macs (&frame, KIT_GUEST_MAC, KIT_OTHER_MAC);
      ck_assert_msg (kit_out (kit, &frame) == SG_REASON_NO_SANDBOX, "%s", places[i]);
      ck_assert_uint_eq (kit->to_guest->len, 1); /* refused at once */
      ck_assert_uint_eq (kit->to_net->len, 0);
    }
  kit_udp (&frame, KIT_OUT, SG_GATE_GUEST6, 9, "fd77::9", 80, "x", 1);
  ck_assert_int_ne (kit_out (kit, &frame), SG_REASON_NONE);
  kit_udp (&frame, KIT_OUT, OWN, 9, "224.0.0.251", 5353, "x", 1);
  set_macs (&frame, KIT_GUEST_MAC, "01:00:5e:00:00:fb");
  ck_assert_int_ne (kit_out (kit, &frame), SG_REASON_NONE);
  /* a lookup, or DHCP, has nobody to answer it */
  kit_udp (&frame, KIT_OUT, "0.0.0.0", 68, "255.255.255.255", 67, "x", 1);
  ck_assert_int_ne (kit_out (kit, &frame), SG_REASON_NONE);
}
END_TEST

START_TEST (in_ones_own_name_only)
{
  g_autoptr (Kit) kit = kit_private ();
  KitFrame frame;

  kit_udp (&frame, KIT_OUT, "198.18.0.7", 9, OTHER, 80, "x", 1);
  set_macs (&frame, KIT_GUEST_MAC, KIT_OTHER_MAC);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_SPOOFED);
  kit_udp (&frame, KIT_OUT, SG_GATE_GUEST4, 9, OTHER, 80, "x", 1);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_SPOOFED);
  kit_udp (&frame, KIT_OUT, OWN, 9, OTHER, 80, "x", 1);
  set_macs (&frame, KIT_OTHER_MAC, KIT_OTHER_MAC);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_SPOOFED);
  kit_arp (&frame, KIT_OUT, 2, KIT_OTHER_MAC, OWN, OTHER);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_SPOOFED);
  kit_arp (&frame, KIT_OUT, 2, KIT_GUEST_MAC, "198.18.0.7", OTHER);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_SPOOFED);
  /* nor does anybody come in the guest's, or the gate's */
  kit_udp (&frame, KIT_IN, OWN, 9, OWN, 80, "x", 1);
  set_macs (&frame, KIT_OTHER_MAC, KIT_GUEST_MAC);
  ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_SPOOFED);
  kit_udp (&frame, KIT_IN, OTHER, 9, OWN, 80, "x", 1);
  ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_SPOOFED); /* from the gate's MAC */
  kit_udp (&frame, KIT_IN, "93.184.216.34", 9, OWN, 80, "x", 1);
  set_macs (&frame, KIT_OTHER_MAC, KIT_GUEST_MAC);
  ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_SPOOFED);
}
END_TEST

START_TEST (fragments_go_out_as_one)
{
  g_autoptr (Kit) kit = kit_private ();
  g_autofree guint8 *data = g_malloc0 (3000);
  KitFrame frame, piece;

  kit_udp (&frame, KIT_OUT, OWN, 9, OTHER, 80, data, 3000);
  set_macs (&frame, KIT_GUEST_MAC, KIT_OTHER_MAC);
  kit_fragment (&piece, &frame, 0, 1600, TRUE, 7);
  ck_assert_int_eq (kit_out (kit, &piece), SG_REASON_KEPT);
  kit_fragment (&piece, &frame, 1600, 3008 - 1600, FALSE, 7);
  ck_assert_int_eq (kit_out (kit, &piece), SG_REASON_KEPT);
  ck_assert_uint_eq (kit->to_net->len, 1);
}
END_TEST

START_TEST (neighbours_talk_by_ipv6)
{
  static const char *const pairs[][2]
      = { { OWN6, OTHER6 }, { OWN_LINK, OTHER_LINK }, { OWN6, OTHER_LINK }, { OWN_LINK, OTHER6 } };
  g_autoptr (Kit) kit = kit_private ();
  KitFrame frame;

  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      const char *own = pairs[i][0], *other = pairs[i][1];

      search (&frame, KIT_GUEST_MAC, own, other);
      ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_NONE);
      found (&frame, KIT_OTHER_MAC, other, other, own, KIT_GUEST_MAC);
      ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_NONE);
      search (&frame, KIT_OTHER_MAC, other, own);
      ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_NONE);
      found (&frame, KIT_GUEST_MAC, own, own, other, KIT_OTHER_MAC);
      ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_NONE);
      /* is it still there? */
      kit_ndp (&frame, KIT_OUT, SG_NDP_SOLICITATION, own, other, other);
      set_macs (&frame, KIT_GUEST_MAC, KIT_OTHER_MAC);
      ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_NONE);
      kit_tcp (&frame, KIT_OUT, own, 9, other, 80, SG_TCP_SYN, 1, 0, NULL, 0);
      set_macs (&frame, KIT_GUEST_MAC, KIT_OTHER_MAC);
      ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_NONE);
      kit_udp (&frame, KIT_IN, other, 7, own, 5353, "x", 1);
      set_macs (&frame, KIT_OTHER_MAC, KIT_GUEST_MAC);
      ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_NONE);
      kit_ping (&frame, KIT_IN, other, own, FALSE, 3);
      set_macs (&frame, KIT_OTHER_MAC, KIT_GUEST_MAC);
      ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_NONE);
    }
  ck_assert_uint_eq (kit->to_guest->len, 0);
}
END_TEST

/* Where a sandbox in this mode would go by IPv6 if it could. */
START_TEST (nothing_else_is_reached_by_ipv6)
{
  static const char *const places[]
      = { "2606:2800:220:1::1",
          "fd77::9",
          "fe80::1",
          "fd73:616e:6467:6c61::3",
          "fd73:616e:6467:6c61::2",
          "fd00:ec2::254",
          "::1",
          "64:ff9b::c0a8:4d09",
          "2002:c0a8:4d09::1",
          "fd73:616e:6467:6c62::",
          "fd73:616e:6467:6c62::fe",
          "fd73:616e:6467:6c62::1:9",
          "fd73:616e:6467:6c62:1::9",
          OWN6,
          OWN_LINK,
          "fe80::5054:ff:fedd:eefe", /* not of the card it is sent to */
          "fec0::5054:ff:fedd:eeff",
          "fe80:1::5054:ff:fedd:eeff" };
  g_autoptr (Kit) kit = kit_private ();
  KitFrame frame;

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      kit_forget (kit);
      kit_tcp (&frame, KIT_OUT, OWN6, 9, places[i], 80, SG_TCP_SYN, 1, 0, NULL, 0);
      set_macs (&frame, KIT_GUEST_MAC, KIT_OTHER_MAC);
      ck_assert_msg (kit_out (kit, &frame) == SG_REASON_NO_SANDBOX, "%s", places[i]);
      ck_assert_uint_eq (kit->to_guest->len, 1); /* refused at once */
      ck_assert_uint_eq (kit->to_net->len, 0);
      kit_tcp (&frame, KIT_IN, places[i], 80, OWN6, 9, SG_TCP_SYN, 1, 0, NULL, 0);
      set_macs (&frame, KIT_OTHER_MAC, KIT_GUEST_MAC);
      ck_assert_msg (kit_in (kit, &frame) == SG_REASON_SPOOFED, "%s", places[i]);
    }
}
END_TEST

START_TEST (no_routers_no_groups_no_lies)
{
  static const guint8 routers[]
      = { SG_NDP_ROUTER_SOLICITATION, SG_NDP_ROUTER_ADVERTISEMENT, SG_NDP_REDIRECT };
  g_autoptr (Kit) kit = kit_private ();
  KitFrame frame;

  for (gsize i = 0; i < G_N_ELEMENTS (routers); i++)
    {
      kit_ndp (&frame, KIT_OUT, routers[i], OWN_LINK, OTHER_LINK, OTHER_LINK);
      set_macs (&frame, KIT_GUEST_MAC, KIT_OTHER_MAC);
      ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_LINK_PROTOCOL);
      kit_ndp (&frame, KIT_OUT, routers[i], OTHER_LINK, OWN_LINK, OTHER_LINK);
      set_macs (&frame, KIT_OTHER_MAC, KIT_GUEST_MAC);
      ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_LINK_PROTOCOL);
    }
  /* to all nodes */
  found (&frame, KIT_GUEST_MAC, OWN6, OWN6, "ff02::1", "33:33:00:00:00:01");
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_LINK_PROTOCOL);
  found (&frame, KIT_GUEST_MAC, OWN6, OWN6, "ff02::1", KIT_OTHER_MAC);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_LINK_PROTOCOL);
  found (&frame, KIT_OTHER_MAC, OTHER6, OTHER6, "ff02::1", "33:33:00:00:00:01");
  ck_assert_int_ne (kit_in (kit, &frame), SG_REASON_NONE);
  /* about an address that is not the sender's, of a card that is not */
  found (&frame, KIT_GUEST_MAC, OWN6, OTHER6, OTHER6, KIT_OTHER_MAC);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_LINK_PROTOCOL);
  found (&frame, KIT_GUEST_MAC, OTHER6, OWN6, OTHER6, KIT_OTHER_MAC);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_SPOOFED);
  found (&frame, KIT_GUEST_MAC, OWN6, OWN6, OTHER6, KIT_OTHER_MAC);
  sg_mac_parse (KIT_OTHER_MAC, frame.bytes + SG_ETH_LEN + 40 + 26);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_SPOOFED);
  found (&frame, KIT_OTHER_MAC, OTHER6, OWN6, OWN6, KIT_GUEST_MAC);
  ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_LINK_PROTOCOL);
  found (&frame, KIT_OTHER_MAC, OTHER6, "fe80::1", OWN6, KIT_GUEST_MAC);
  ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_LINK_PROTOCOL);
  /* from farther away than a neighbour; for who is no sandbox */
  search (&frame, KIT_GUEST_MAC, OWN6, OTHER6);
  frame.bytes[SG_ETH_LEN + 7] = 64;
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_LINK_PROTOCOL);
  search (&frame, KIT_GUEST_MAC, OWN6, "fe80::1");
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_LINK_PROTOCOL);
  search (&frame, KIT_GUEST_MAC, OWN6, OTHER6);
  set_macs (&frame, KIT_GUEST_MAC, "33:33:00:00:00:01");
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_LINK_PROTOCOL);
  /* with something before it */
  search (&frame, KIT_GUEST_MAC, OWN6, OTHER6);
  for (gsize cut = SG_ETH_LEN; cut < frame.len; cut++)
    {
      KitFrame piece = frame;

      piece.len = cut;
      ck_assert_int_ne (kit_out (kit, &piece), SG_REASON_NONE);
    }
}
END_TEST

START_TEST (lookups_go_to_who_knows_and_nothing_else_does)
{
  g_autoptr (Kit) kit = kit_private ();
  guint8 message[512];
  KitFrame frame;
  gsize len = kit_dns (message, FALSE, "sandbox-00000001", SG_DNS_A);

  kit_arp (&frame, KIT_OUT, 1, KIT_GUEST_MAC, OWN, SG_PRIVATE_NAMES);
  set_macs (&frame, KIT_GUEST_MAC, EVERYBODY);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_NONE);
  kit_arp (&frame, KIT_IN, 2, SG_PRIVATE_NAMES_MAC, SG_PRIVATE_NAMES, OWN);
  set_macs (&frame, SG_PRIVATE_NAMES_MAC, KIT_GUEST_MAC);
  ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_NONE);
  kit_udp (&frame, KIT_OUT, OWN, 4000, SG_PRIVATE_NAMES, 53, message, len);
  set_macs (&frame, KIT_GUEST_MAC, SG_PRIVATE_NAMES_MAC);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_NONE);
  kit_udp (&frame, KIT_IN, SG_PRIVATE_NAMES, 53, OWN, 4000, message, len);
  set_macs (&frame, SG_PRIVATE_NAMES_MAC, KIT_GUEST_MAC);
  ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_NONE);
  /* another sandbox in its name, at its card or not; it as another sandbox */
  kit_arp (&frame, KIT_IN, 2, KIT_OTHER_MAC, SG_PRIVATE_NAMES, OWN);
  set_macs (&frame, KIT_OTHER_MAC, KIT_GUEST_MAC);
  ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_LINK_PROTOCOL);
  kit_udp (&frame, KIT_IN, SG_PRIVATE_NAMES, 53, OWN, 4000, message, len);
  set_macs (&frame, KIT_OTHER_MAC, KIT_GUEST_MAC);
  ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_SPOOFED);
  kit_arp (&frame, KIT_IN, 2, SG_PRIVATE_NAMES_MAC, OTHER, OWN);
  set_macs (&frame, SG_PRIVATE_NAMES_MAC, KIT_GUEST_MAC);
  ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_LINK_PROTOCOL);
  /* nothing but lookups */
  kit_tcp (&frame, KIT_OUT, OWN, 9, SG_PRIVATE_NAMES, 53, SG_TCP_SYN, 1, 0, NULL, 0);
  set_macs (&frame, KIT_GUEST_MAC, SG_PRIVATE_NAMES_MAC);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_GATE_ADDRESS);
  ck_assert_uint_eq (kit->to_guest->len, 1);
  kit_udp (&frame, KIT_OUT, OWN, 9, SG_PRIVATE_NAMES, 54, "x", 1);
  set_macs (&frame, KIT_GUEST_MAC, SG_PRIVATE_NAMES_MAC);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_GATE_ADDRESS);
  kit_tcp (&frame, KIT_IN, SG_PRIVATE_NAMES, 53, OWN, 9, SG_TCP_SYN, 1, 0, NULL, 0);
  set_macs (&frame, SG_PRIVATE_NAMES_MAC, KIT_GUEST_MAC);
  ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_PROTOCOL);
  /* a flood of them */
  for (guint i = 0; i < 1000; i++)
    {
      kit_udp (&frame, KIT_OUT, OWN, 4000, SG_PRIVATE_NAMES, 53, message, len);
      set_macs (&frame, KIT_GUEST_MAC, SG_PRIVATE_NAMES_MAC);
      kit_out (kit, &frame);
    }
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_CONNECTION_RATE);
}
END_TEST

START_TEST (another_mode_ends_what_was_open)
{
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
  SgGateRules *rules = sg_gate_rules_new ();
  guint8 message[512];
  gsize len = kit_dns (message, FALSE, "www.example.com", SG_DNS_A);
  KitFrame frame;

  kit_udp (&frame, KIT_OUT, SG_GATE_GUEST4, 4000, SG_GATE_DNS4, 53, message, len);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_KEPT);
  message[2] |= 0x80;
  kit_tcp (&frame, KIT_OUT, SG_GATE_GUEST4, 9, "93.184.216.34", 80, SG_TCP_SYN, 1, 0, NULL, 0);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_NONE);
  rules->mode = SG_GATE_PRIVATE;
  rules->own = g_strdup (OWN);
  sg_gate_set_rules (kit->gate, rules);
  ck_assert_uint_eq (sg_gate_flow_count (kit->gate), 0);
  ck_assert_int_ne (kit_out (kit, &frame), SG_REASON_NONE);
  /* what was asked before is not answered any more, and nothing is asked */
  kit_forget (kit);
  ck_assert_int_eq (kit_answer (kit, message, len), SG_REASON_OFF);
  ck_assert_uint_eq (kit->to_guest->len, 0);
  g_byte_array_set_size (kit->asked, 0);
  sg_gate_tick (kit->gate);
  ck_assert_uint_eq (kit->asked->len, 0);
}
END_TEST

START_TEST (the_address_must_be_one_of_them)
{
  static const char *const wrong[] = { "", "10.0.0.1", "198.18.1.1", "x", "fd00::1" };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (SgGateRules) rules = sg_gate_rules_new ();
      g_autoptr (GVariant) body = NULL;
      g_autoptr (GError) error = NULL;

      rules->mode = SG_GATE_PRIVATE;
      rules->own = g_strdup (wrong[i]);
      body = g_variant_ref_sink (sg_gate_rules_to_variant (rules));
      ck_assert_ptr_null (sg_gate_rules_from_variant (body, &error));
      ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT));
    }
}
END_TEST

static Suite *
suite (void)
{
  Suite *suite = suite_create ("netgate-private");
  TCase *judgement = tcase_create ("judgement");

  tcase_add_test (judgement, neighbours_talk_both_ways);
  tcase_add_test (judgement, nothing_else_is_reached);
  tcase_add_test (judgement, in_ones_own_name_only);
  tcase_add_test (judgement, fragments_go_out_as_one);
  tcase_add_test (judgement, neighbours_talk_by_ipv6);
  tcase_add_test (judgement, nothing_else_is_reached_by_ipv6);
  tcase_add_test (judgement, no_routers_no_groups_no_lies);
  tcase_add_test (judgement, lookups_go_to_who_knows_and_nothing_else_does);
  tcase_add_test (judgement, another_mode_ends_what_was_open);
  tcase_add_test (judgement, the_address_must_be_one_of_them);
  suite_add_tcase (suite, judgement);
  return suite;
}

int
main (void)
{
  SRunner *runner = srunner_create (suite ());
  int failed;

  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
