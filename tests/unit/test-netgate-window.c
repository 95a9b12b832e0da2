/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The window that a guest offers: narrowed to what fits in between, and nothing else of a frame. */
#include "tests/unit/netgate-expect.h"

#include "launcher/netgate/compose.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define NET4 "93.184.216.34"
#define NET6 "2606:2800:220:1::1"
#define MOST (400 * 1024)
#define WINDOW 14 /* in a TCP header */

static gsize
tcp_at (const KitFrame *frame)
{
  return SG_ETH_LEN + (sg_get16 (frame->bytes + 12) == 0x0800 ? 20 : 40);
}

/* A segment between the guest and TO with this window, and with OPTIONS (4 bytes) where it has. */
static void
segment (KitFrame *frame, KitWay way, const char *to, guint8 flags, guint16 window,
         const guint8 *options)
{
  const char *guest = strchr (to, ':') == NULL ? SG_GATE_GUEST4 : SG_GATE_GUEST6;
  gsize at;

  if (way == KIT_OUT)
    kit_tcp (frame, way, guest, 9, to, 80, flags, 1000, 0, options, options != NULL ? 4 : 0);
  else
    kit_tcp (frame, way, to, 80, guest, 9, flags, 5000, 1001, options, options != NULL ? 4 : 0);
  at = tcp_at (frame);
  if (options != NULL)
    frame->bytes[at + 12] = 6 << 4;
  sg_put16 (frame->bytes + at + WINDOW, window);
  kit_checksum (frame);
}

static void
open_scaled (Kit *kit, const char *to, const guint8 *guest, const guint8 *net)
{
  KitFrame frame;

  segment (&frame, KIT_OUT, to, SG_TCP_SYN, 65535, guest);
  expect (sg_gate_from_guest (kit->gate, frame.bytes, frame.len), SG_REASON_NONE, "SYN");
  ck_assert_uint_eq (sg_get16 (frame.bytes + tcp_at (&frame) + WINDOW), 65535);
  segment (&frame, KIT_IN, to, SG_TCP_SYN | SG_TCP_ACK, 65535, net);
  expect (sg_gate_from_net (kit->gate, frame.bytes, frame.len), SG_REASON_NONE, "SYN ACK");
}

/* What becomes of WINDOW; all else of the frame is what it was, and its checksum is right. */
static guint16
becomes (Kit *kit, const char *to, guint16 window)
{
  KitFrame frame, after;
  gsize at;

  segment (&frame, KIT_OUT, to, SG_TCP_ACK, window, NULL);
  after = frame;
  at = tcp_at (&frame);
  expect (sg_gate_from_guest (kit->gate, after.bytes, after.len), SG_REASON_NONE, "ACK");
  window = sg_get16 (after.bytes + at + WINDOW);
  sg_put16 (frame.bytes + at + WINDOW, window);
  kit_checksum (&frame);
  ck_assert_mem_eq (after.bytes, frame.bytes, frame.len);
  return window;
}

static const guint8 scale_7[] = { 1, 3, 3, 7 }, scale_14[] = { 3, 3, 14, 0 },
                    scale_200[] = { 3, 3, 200, 0 }, none[] = { 1, 1, 1, 0 };

START_TEST (too_large_a_window_is_narrowed)
{
  static const char *const to[] = { NET4, NET6 };

  for (gsize i = 0; i < G_N_ELEMENTS (to); i++)
    {
      g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);

      sg_gate_set_window (kit->gate, MOST);
      open_scaled (kit, to[i], scale_7, scale_14);
      ck_assert_uint_eq (becomes (kit, to[i], 24576), MOST >> 7); /* 3 MB */
      ck_assert_uint_eq (becomes (kit, to[i], (MOST >> 7) + 1), MOST >> 7);
      ck_assert_uint_eq (becomes (kit, to[i], MOST >> 7), MOST >> 7);
      ck_assert_uint_eq (becomes (kit, to[i], 512), 512);
      ck_assert_uint_eq (becomes (kit, to[i], 0), 0);
      sg_gate_set_window (kit->gate, 0);
      ck_assert_uint_eq (becomes (kit, to[i], 24576), 24576);
    }
}
END_TEST

/* Only where both have said that they scale is a window more than its 16 bits. */
START_TEST (it_is_understood_as_both_ends_do)
{
  static const struct
  {
    const guint8 *guest, *net;
    guint16 offered, becomes;
  } cases[] = {
    { scale_7, none, 65535, 65535 },
    { none, scale_7, 65535, 65535 },
    { none, none, 65535, 65535 },
    { NULL, NULL, 65535, 65535 },
    { scale_14, scale_7, 65535, MOST >> 14 },
    { scale_200, scale_7, 65535, MOST >> 14 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);

      sg_gate_set_window (kit->gate, MOST);
      open_scaled (kit, NET4, cases[i].guest, cases[i].net);
      ck_assert_msg (becomes (kit, NET4, cases[i].offered) == cases[i].becomes, "case %zu", i);
    }
}
END_TEST

/* Options that lie about their length are none. */
START_TEST (broken_options_say_nothing)
{
  static const guint8 broken[][4] = {
    { 3, 4, 7, 0 }, { 3, 0, 7, 0 }, { 3, 1, 7, 0 }, { 2, 9, 3, 3 },
    { 1, 1, 1, 3 }, { 0, 3, 3, 7 }, { 1, 1, 3, 3 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);

      sg_gate_set_window (kit->gate, MOST);
      open_scaled (kit, NET4, broken[i], scale_7);
      ck_assert_msg (becomes (kit, NET4, 65535) == 65535, "case %zu", i);
    }
}
END_TEST

/* A wrong checksum is not made right: passt drops such a frame, and goes on doing so. */
START_TEST (a_wrong_checksum_stays_wrong)
{
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
  KitFrame frame, right;
  gsize at;

  sg_gate_set_window (kit->gate, MOST);
  open_scaled (kit, NET4, scale_7, scale_7);
  segment (&frame, KIT_OUT, NET4, SG_TCP_ACK, 24576, NULL);
  at = tcp_at (&frame);
  frame.bytes[at + 17] ^= 0x40;
  expect (sg_gate_from_guest (kit->gate, frame.bytes, frame.len), SG_REASON_NONE, "ACK");
  ck_assert_uint_eq (sg_get16 (frame.bytes + at + WINDOW), MOST >> 7);
  right = frame;
  kit_checksum (&right);
  ck_assert_mem_ne (right.bytes + at + 16, frame.bytes + at + 16, 2);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("netgate-window");
  TCase *tcase = tcase_create ("all");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_test (tcase, too_large_a_window_is_narrowed);
  tcase_add_test (tcase, it_is_understood_as_both_ends_do);
  tcase_add_test (tcase, broken_options_say_nothing);
  tcase_add_test (tcase, a_wrong_checksum_stays_wrong);
  suite_add_tcase (suite, tcase);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
