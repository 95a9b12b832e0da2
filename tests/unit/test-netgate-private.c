/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mode private: sandboxes reach each other and nothing else, each in its own name only; the gate
 * sees to that at its guest, the switch between the gates at each port. */
#include "launcher/netgate/control.h"
#include "launcher/netgate/switch-loop.h"
#include "launcher/netgate/switch.h"
#include "tests/unit/netgate-kit.h"

#include "common/fd.h"

#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define OWN "198.18.0.5"
#define OTHER "198.18.0.9"
#define EVERYBODY "ff:ff:ff:ff:ff:ff"

static void
set_macs (KitFrame *frame, const char *from, const char *to)
{
  sg_mac_parse (to, frame->bytes);
  sg_mac_parse (from, frame->bytes + 6);
}

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

START_TEST (another_mode_ends_what_was_open)
{
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
  SgGateRules *rules = sg_gate_rules_new ();
  KitFrame frame;

  kit_tcp (&frame, KIT_OUT, SG_GATE_GUEST4, 9, "93.184.216.34", 80, SG_TCP_SYN, 1, 0, NULL, 0);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_NONE);
  rules->mode = SG_GATE_PRIVATE;
  rules->own = g_strdup (OWN);
  sg_gate_set_rules (kit->gate, rules);
  ck_assert_uint_eq (sg_gate_flow_count (kit->gate), 0);
  ck_assert_int_ne (kit_out (kit, &frame), SG_REASON_NONE);
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

/* --- the switch's judgement
 * ----------------------------------------------------------------------- */

typedef struct
{
  int port;
  guint16 number;
  char mac[18], address[20];
} Seat;

static Seat
join (SgSwitch *sw, guint i, guint16 wanted)
{
  SgSwitchRefusal refusal;
  guint8 mac[6];
  Seat seat;

  g_snprintf (seat.mac, sizeof seat.mac, "52:54:00:00:00:%02x", i);
  sg_mac_parse (seat.mac, mac);
  seat.port = sg_switch_join (sw, mac, wanted, &seat.number, &refusal);
  g_snprintf (seat.address, sizeof seat.address, "198.18.0.%u", seat.number);
  return seat;
}

static int
judge (SgSwitch *sw, const Seat *from, KitFrame *frame, const char *mac_from, const char *mac_to)
{
  set_macs (frame, mac_from, mac_to);
  return sg_switch_judge (sw, from->port, frame->bytes, frame->len);
}

START_TEST (the_switch_knows_who_is_who)
{
  g_autoptr (SgSwitch) sw = sg_switch_new ();
  Seat a = join (sw, 1, 0), b = join (sw, 2, 77), c = join (sw, 3, 77);
  KitFrame frame;

  ck_assert_uint_eq (b.number, 77);
  ck_assert_uint_ne (c.number, 77);
  ck_assert_uint_ne (a.number, c.number);
  kit_arp (&frame, KIT_OUT, 1, a.mac, a.address, b.address);
  ck_assert_int_eq (judge (sw, &a, &frame, a.mac, EVERYBODY), b.port);
  kit_udp (&frame, KIT_OUT, a.address, 1, b.address, 2, "x", 1);
  ck_assert_int_eq (judge (sw, &a, &frame, a.mac, b.mac), b.port);
  /* to another's MAC, to everybody, in another's name */
  ck_assert_int_eq (judge (sw, &a, &frame, a.mac, c.mac), -1);
  ck_assert_int_eq (judge (sw, &a, &frame, a.mac, EVERYBODY), -1);
  ck_assert_int_eq (judge (sw, &a, &frame, c.mac, b.mac), -1);
  kit_udp (&frame, KIT_OUT, c.address, 1, b.address, 2, "x", 1);
  ck_assert_int_eq (judge (sw, &a, &frame, a.mac, b.mac), -1);
  kit_arp (&frame, KIT_OUT, 2, c.mac, a.address, b.address);
  ck_assert_int_eq (judge (sw, &a, &frame, a.mac, b.mac), -1);
  kit_arp (&frame, KIT_OUT, 2, a.mac, c.address, b.address);
  ck_assert_int_eq (judge (sw, &a, &frame, a.mac, b.mac), -1);
  /* to nobody, to itself, out, IPv6 */
  kit_udp (&frame, KIT_OUT, a.address, 1, "198.18.0.250", 2, "x", 1);
  ck_assert_int_eq (judge (sw, &a, &frame, a.mac, b.mac), -1);
  kit_udp (&frame, KIT_OUT, a.address, 1, a.address, 2, "x", 1);
  ck_assert_int_eq (judge (sw, &a, &frame, a.mac, a.mac), -1);
  kit_udp (&frame, KIT_OUT, a.address, 1, "93.184.216.34", 2, "x", 1);
  ck_assert_int_eq (judge (sw, &a, &frame, a.mac, b.mac), -1);
  kit_udp (&frame, KIT_OUT, "fd00::1", 1, "fd00::2", 2, "x", 1);
  ck_assert_int_eq (judge (sw, &a, &frame, a.mac, b.mac), -1);
  /* who has left is nobody */
  sg_switch_leave (sw, b.port);
  kit_udp (&frame, KIT_OUT, a.address, 1, b.address, 2, "x", 1);
  ck_assert_int_eq (judge (sw, &a, &frame, a.mac, b.mac), -1);
}
END_TEST

START_TEST (ports_are_bounded_and_macs_distinct)
{
  g_autoptr (SgSwitch) sw = sg_switch_new ();
  guint8 used[256] = { 0 };
  SgSwitchRefusal refusal;
  guint16 number;
  guint8 mac[6];

  for (guint i = 0; i < SG_SWITCH_PORTS_MAX; i++)
    {
      Seat seat = join (sw, i, 0);

      ck_assert_int_ge (seat.port, 0);
      ck_assert_uint_eq (used[seat.number]++, 0);
    }
  sg_mac_parse ("52:54:00:00:01:00", mac);
  ck_assert_int_eq (sg_switch_join (sw, mac, 0, &number, &refusal), -1);
  ck_assert_int_eq (refusal, SG_SWITCH_FULL);
  sg_mac_parse ("52:54:00:00:00:07", mac);
  ck_assert_int_eq (sg_switch_join (sw, mac, 0, &number, &refusal), -1);
  ck_assert_int_eq (refusal, SG_SWITCH_TAKEN);
  sg_mac_parse (EVERYBODY, mac);
  ck_assert_int_eq (sg_switch_join (sw, mac, 0, &number, &refusal), -1);
}
END_TEST

/* --- the switch as a process
 * ---------------------------------------------------------------------- */

static struct
{
  pid_t child;
  int control;
} run;

static void
start (void)
{
  int fds[2];

  ck_assert_int_eq (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
  run.child = fork ();
  if (run.child == 0)
    {
      close (fds[0]);
      _exit (sg_switch_run (fds[1], NULL) ? 0 : 1);
    }
  close (fds[1]);
  run.control = fds[0];
}

static void
stop (void)
{
  int status = -1;

  sg_fd_clear (&run.control);
  if (run.child != 0)
    ck_assert_int_eq (waitpid (run.child, &status, 0), run.child);
  ck_assert_int_eq (status, 0);
}

/* A line to it, without a word said. */
static int
line (void)
{
  int fds[2];

  ck_assert_int_eq (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
  ck_assert (sg_gate_send (run.control, SG_GATE_PORT, g_variant_new ("()"), fds[1], NULL));
  close (fds[1]);
  return fds[0];
}

static guint16
hello (int fd, guint8 last)
{
  guint8 hello[SG_SWITCH_HELLO_LEN] = SG_SWITCH_HELLO, answer[SG_SWITCH_ANSWER_LEN];

  sg_mac_parse ("52:54:00:00:00:00", hello + 8);
  hello[13] = last;
  ck_assert (sg_write_all (fd, hello, sizeof hello, NULL));
  ck_assert_int_eq (sg_read_all (fd, answer, sizeof answer, NULL), sizeof answer);
  return sg_get16 (answer);
}

static void
udp_between (KitFrame *frame, guint from, guint16 from_number, guint to, guint16 to_number)
{
  g_autofree char *a = g_strdup_printf ("198.18.0.%u", from_number);
  g_autofree char *b = g_strdup_printf ("198.18.0.%u", to_number);
  g_autofree char *mac_a = g_strdup_printf ("52:54:00:00:00:%02x", from);
  g_autofree char *mac_b = g_strdup_printf ("52:54:00:00:00:%02x", to);
  static const guint8 data[1000];

  kit_udp (frame, KIT_OUT, a, 1, b, 2, data, sizeof data);
  set_macs (frame, mac_a, mac_b);
}

static gboolean
put (int fd, const KitFrame *frame)
{
  g_autofree guint8 *message = g_malloc (4 + frame->len);

  sg_put32 (message, (guint32)frame->len);
  memcpy (message + 4, frame->bytes, frame->len);
  return sg_write_all (fd, message, 4 + frame->len, NULL);
}

static gboolean
is_silent (int fd)
{
  return poll (&(struct pollfd){ fd, POLLIN, 0 }, 1, 150) == 0;
}

static void
expect (int fd, const KitFrame *frame)
{
  g_autofree guint8 *got = g_malloc (frame->len);
  guint8 prefix[4];

  ck_assert_int_eq (poll (&(struct pollfd){ fd, POLLIN, 0 }, 1, 2000), 1);
  ck_assert_int_eq (sg_read_all (fd, prefix, 4, NULL), 4);
  ck_assert_uint_eq (sg_get32 (prefix), frame->len);
  ck_assert_int_eq (sg_read_all (fd, got, frame->len, NULL), (gssize)frame->len);
  ck_assert_int_eq (memcmp (got, frame->bytes, frame->len), 0);
}

START_TEST (frames_reach_their_port_and_no_other)
{
  int a, b, c;
  guint16 an, bn, cn;
  KitFrame frame;

  start ();
  a = line (), b = line (), c = line ();
  an = hello (a, 1), bn = hello (b, 2), cn = hello (c, 3);
  ck_assert (an != 0 && bn != 0 && cn != 0 && an != bn && bn != cn);
  udp_between (&frame, 1, an, 2, bn);
  ck_assert (put (a, &frame));
  expect (b, &frame);
  ck_assert (put (c, &frame)); /* in a's name */
  udp_between (&frame, 3, an, 2, bn);
  ck_assert (put (c, &frame)); /* with a's address */
  ck_assert (is_silent (b));
  ck_assert (is_silent (a) && is_silent (c));
  close (a), close (b), close (c);
}
END_TEST

START_TEST (who_breaks_the_framing_is_closed_alone)
{
  int a, b, c;
  guint16 an, bn;
  KitFrame frame;
  char byte;

  start ();
  a = line (), b = line (), c = line ();
  an = hello (a, 1), bn = hello (b, 2);
  ck_assert (sg_write_all (c, "not a hello at all", 18, NULL));
  ck_assert_int_le (read (c, &byte, 1), 0);
  close (c);
  c = line ();
  hello (c, 3);
  ck_assert (sg_write_all (c, "\xff\xff\xff\xff", 4, NULL));
  ck_assert_int_le (read (c, &byte, 1), 0);
  udp_between (&frame, 1, an, 2, bn);
  ck_assert (put (a, &frame));
  expect (b, &frame);
  close (a), close (b), close (c);
}
END_TEST

START_TEST (who_does_not_read_stops_nobody)
{
  int a, b, c;
  guint16 an, bn, cn;
  KitFrame frame;

  start ();
  a = line (), b = line (), c = line ();
  an = hello (a, 1), bn = hello (b, 2), cn = hello (c, 3);
  udp_between (&frame, 1, an, 3, cn);
  for (int i = 0; i < 10000; i++) /* some 10 MB that c does not take */
    ck_assert (put (a, &frame));
  udp_between (&frame, 1, an, 2, bn);
  ck_assert (put (a, &frame));
  expect (b, &frame);
  udp_between (&frame, 1, an, 3, cn);
  expect (c, &frame); /* and what c gets is whole */
  close (a), close (b), close (c);
}
END_TEST

static Suite *
suite (void)
{
  Suite *suite = suite_create ("netgate-private");
  TCase *judgement = tcase_create ("judgement"), *process = tcase_create ("process");

  tcase_add_test (judgement, neighbours_talk_both_ways);
  tcase_add_test (judgement, nothing_else_is_reached);
  tcase_add_test (judgement, in_ones_own_name_only);
  tcase_add_test (judgement, fragments_go_out_as_one);
  tcase_add_test (judgement, another_mode_ends_what_was_open);
  tcase_add_test (judgement, the_address_must_be_one_of_them);
  tcase_add_test (judgement, the_switch_knows_who_is_who);
  tcase_add_test (judgement, ports_are_bounded_and_macs_distinct);
  suite_add_tcase (suite, judgement);
  tcase_add_checked_fixture (process, NULL, stop);
  tcase_add_test (process, frames_reach_their_port_and_no_other);
  tcase_add_test (process, who_breaks_the_framing_is_closed_alone);
  tcase_add_test (process, who_does_not_read_stops_nobody);
  suite_add_tcase (suite, process);
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
