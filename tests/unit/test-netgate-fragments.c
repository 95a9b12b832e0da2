/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fragments: put together in any order, and judged as a whole. */
#include "tests/unit/netgate-expect.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define NET4 "93.184.216.34"
#define NET6 "2606:2800:220:1::1"
#define G4 SG_GATE_GUEST4
#define G6 SG_GATE_GUEST6

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
  Suite *suite = suite_create ("netgate-fragments");
  TCase *tc = tcase_create ("fragments");
  SRunner *runner;
  int failed;

  tcase_set_timeout (tc, 60);
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
