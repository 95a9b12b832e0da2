/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mode private: the switch between the gates, which holds each to its own name at each port, and as
 * a process. */
#include "launcher/netgate/control.h"
#include "launcher/netgate/dns.h"
#include "launcher/netgate/switch-loop.h"
#include "launcher/netgate/switch.h"
#include "tests/unit/netgate-private.h"

#include "common/fd.h"

#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- the switch's judgement
 * ----------------------------------------------------------------------- */

typedef struct
{
  int port;
  guint16 number;
  char mac[18], address[20], address6[40], link[40];
} Seat;

static Seat
join (SgSwitch *sw, guint i, guint16 wanted)
{
  SgSwitchRefusal refusal;
  char id[SG_SWITCH_ID_LEN + 1];
  guint8 mac[6];
  Seat seat;

  g_snprintf (id, sizeof id, "%08x", i);
  g_snprintf (seat.mac, sizeof seat.mac, "52:54:00:00:00:%02x", i);
  sg_mac_parse (seat.mac, mac);
  seat.port = sg_switch_join (sw, mac, wanted, (const guint8 *)id, &seat.number, &refusal);
  g_snprintf (seat.address, sizeof seat.address, "198.18.0.%u", seat.number);
  g_snprintf (seat.address6, sizeof seat.address6, SG_PRIVATE_ADDRESS6, seat.number);
  g_snprintf (seat.link, sizeof seat.link, "fe80::5054:ff:fe00:%x", i);
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

START_TEST (the_switch_knows_ipv6_addresses)
{
  g_autoptr (SgSwitch) sw = sg_switch_new ();
  Seat a = join (sw, 1, 0), b = join (sw, 2, 0x77), c = join (sw, 3, 0);
  const char *of_a[] = { a.address6, a.link }, *of_b[] = { b.address6, b.link };
  KitFrame frame;

  for (guint i = 0; i < 4; i++)
    {
      const char *from = of_a[i % 2], *to = of_b[i / 2];

      search (&frame, a.mac, from, to);
      ck_assert_int_eq (sg_switch_judge (sw, a.port, frame.bytes, frame.len), b.port);
      found (&frame, b.mac, to, to, from, a.mac);
      ck_assert_int_eq (sg_switch_judge (sw, b.port, frame.bytes, frame.len), a.port);
      kit_udp (&frame, KIT_OUT, from, 1, to, 2, "x", 1);
      ck_assert_int_eq (judge (sw, &a, &frame, a.mac, b.mac), b.port);
      /* to another's card; in another's name, from another's card */
      ck_assert_int_eq (judge (sw, &a, &frame, a.mac, c.mac), -1);
      ck_assert_int_eq (judge (sw, &c, &frame, c.mac, b.mac), -1);
      ck_assert_int_eq (judge (sw, &c, &frame, a.mac, b.mac), -1);
      search (&frame, c.mac, from, to);
      ck_assert_int_eq (sg_switch_judge (sw, c.port, frame.bytes, frame.len), -1);
      /* "b is here" */
      found (&frame, c.mac, c.address6, to, from, a.mac);
      ck_assert_int_eq (sg_switch_judge (sw, c.port, frame.bytes, frame.len), -1);
      found (&frame, c.mac, c.address6, c.address6, from, a.mac);
      sg_mac_parse (b.mac, frame.bytes + SG_ETH_LEN + 40 + 26);
      ck_assert_int_eq (sg_switch_judge (sw, c.port, frame.bytes, frame.len), -1);
    }
  found (&frame, a.mac, a.address6, a.address6, "ff02::1", "33:33:00:00:00:01");
  ck_assert_int_eq (sg_switch_judge (sw, a.port, frame.bytes, frame.len), -1);
  kit_ndp (&frame, KIT_OUT, SG_NDP_ROUTER_ADVERTISEMENT, a.link, b.link, a.link);
  ck_assert_int_eq (judge (sw, &a, &frame, a.mac, b.mac), -1);
  search (&frame, a.mac, "::", b.address6);
  ck_assert_int_eq (sg_switch_judge (sw, a.port, frame.bytes, frame.len), -1);
  kit_udp (&frame, KIT_OUT, a.address6, 1, "2606:2800:220:1::1", 2, "x", 1);
  ck_assert_int_eq (judge (sw, &a, &frame, a.mac, b.mac), -1);
  kit_udp (&frame, KIT_OUT, a.address6, 1, "ff02::fb", 5353, "x", 1);
  ck_assert_int_eq (judge (sw, &a, &frame, a.mac, "33:33:00:00:00:fb"), -1);
}
END_TEST

/* Asks the switch as A does; the answer's code, -1: it says nothing.  *RET: the address. */
static int
look_up (SgSwitch *sw, const Seat *a, const char *name, guint16 type, char ret[SG_ADDRESS_TEXT])
{
  guint8 message[512], reply[SG_SWITCH_REPLY_MAX];
  SgDnsMessage dns;
  KitFrame frame;
  SgPacket packet;
  gsize len = kit_dns (message, FALSE, name, type);

  kit_udp (&frame, KIT_OUT, a->address, 4000, SG_PRIVATE_NAMES, 53, message, len);
  set_macs (&frame, a->mac, SG_PRIVATE_NAMES_MAC);
  ck_assert_int_eq (sg_switch_judge (sw, a->port, frame.bytes, frame.len), -1);
  len = sg_switch_reply (sw, a->port, frame.bytes, frame.len, reply);
  *ret = '\0';
  if (len == 0)
    return -1;
  ck_assert_int_eq (sg_packet_parse (&packet, reply, len), SG_REASON_NONE);
  ck_assert_uint_eq (packet.port_to, 4000);
  ck_assert (sg_dns_parse (&dns, reply + packet.payload, packet.payload_len) && dns.answer);
  ck_assert_str_eq (dns.name, name);
  ck_assert_uint_le (dns.n_addresses, 1);
  if (dns.n_addresses == 1)
    sg_address_format (&dns.addresses[0].address, ret);
  return dns.rcode;
}

START_TEST (the_switch_knows_names)
{
  g_autoptr (SgSwitch) sw = sg_switch_new ();
  Seat a = join (sw, 1, 0), b = join (sw, 0x2f, 0x77);
  char got[SG_ADDRESS_TEXT];
  guint8 reply[SG_SWITCH_REPLY_MAX];
  KitFrame frame;
  SgPacket packet;
  gsize len;

  kit_arp (&frame, KIT_OUT, 1, a.mac, a.address, SG_PRIVATE_NAMES);
  set_macs (&frame, a.mac, EVERYBODY);
  len = sg_switch_reply (sw, a.port, frame.bytes, frame.len, reply);
  ck_assert_int_eq (sg_packet_parse (&packet, reply, len), SG_REASON_NONE);
  ck_assert (packet.kind == SG_PACKET_ARP && packet.arp_action == 2);
  sg_address_format (&packet.from, got);
  ck_assert_str_eq (got, SG_PRIVATE_NAMES);
  sg_address_format (&packet.to, got);
  ck_assert_str_eq (got, a.address);

  ck_assert_int_eq (look_up (sw, &a, "sandbox-0000002f", SG_DNS_A, got), 0);
  ck_assert_str_eq (got, b.address);
  ck_assert_int_eq (look_up (sw, &a, "sandbox-0000002f", SG_DNS_AAAA, got), 0);
  ck_assert_str_eq (got, b.address6);
  ck_assert_int_eq (look_up (sw, &b, "sandbox-00000001", SG_DNS_A, got), 0);
  ck_assert_str_eq (got, a.address);
  ck_assert_int_eq (look_up (sw, &a, "sandbox-0000002f", SG_DNS_HTTPS, got), 0);
  ck_assert_str_eq (got, "");
  ck_assert_int_eq (look_up (sw, &a, "sandbox-00000030", SG_DNS_A, got), SG_DNS_NXDOMAIN);
  ck_assert_int_eq (look_up (sw, &a, "sandbox-", SG_DNS_A, got), SG_DNS_NXDOMAIN);
  ck_assert_int_eq (look_up (sw, &a, "www.example.com", SG_DNS_A, got), SG_DNS_NXDOMAIN);
  /* in another's name */
  kit_arp (&frame, KIT_OUT, 1, a.mac, b.address, SG_PRIVATE_NAMES);
  set_macs (&frame, a.mac, EVERYBODY);
  ck_assert_uint_eq (sg_switch_reply (sw, a.port, frame.bytes, frame.len, reply), 0);
  /* who has left has no name */
  sg_switch_leave (sw, b.port);
  ck_assert_int_eq (look_up (sw, &a, "sandbox-0000002f", SG_DNS_A, got), SG_DNS_NXDOMAIN);
}
END_TEST

/* Every cut, and every byte as another, of a question: an answer that is one, or none. */
START_TEST (odd_questions_are_no_harm)
{
  g_autoptr (SgSwitch) sw = sg_switch_new ();
  Seat a = join (sw, 1, 0);
  guint8 message[512], reply[SG_SWITCH_REPLY_MAX];
  KitFrame frame;
  SgPacket packet;
  gsize len = kit_dns (message, FALSE, "sandbox-00000001", SG_DNS_A), got;

  for (gsize cut = 0; cut <= len; cut++)
    for (guint byte = 0; byte < 256; byte++)
      {
        guint8 changed = message[MIN (cut, len - 1)];

        message[MIN (cut, len - 1)] = (guint8)byte;
        kit_udp (&frame, KIT_OUT, a.address, 4000, SG_PRIVATE_NAMES, 53, message,
                 byte == 0 ? cut : len);
        set_macs (&frame, a.mac, SG_PRIVATE_NAMES_MAC);
        got = sg_switch_reply (sw, a.port, frame.bytes, frame.len, reply);
        message[MIN (cut, len - 1)] = changed;
        ck_assert_uint_le (got, sizeof reply);
        if (got > 0)
          ck_assert_int_eq (sg_packet_parse (&packet, reply, got), SG_REASON_NONE);
      }
}
END_TEST

START_TEST (ports_are_bounded_and_macs_distinct)
{
  g_autoptr (SgSwitch) sw = sg_switch_new ();
  guint8 used[256] = { 0 };
  static const guint8 nobody[SG_SWITCH_ID_LEN];
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
  ck_assert_int_eq (sg_switch_join (sw, mac, 0, nobody, &number, &refusal), -1);
  ck_assert_int_eq (refusal, SG_SWITCH_FULL);
  sg_mac_parse ("52:54:00:00:00:07", mac);
  ck_assert_int_eq (sg_switch_join (sw, mac, 0, nobody, &number, &refusal), -1);
  ck_assert_int_eq (refusal, SG_SWITCH_TAKEN);
  sg_switch_leave (sw, 3);
  sg_mac_parse (SG_PRIVATE_NAMES_MAC, mac);
  ck_assert_int_eq (sg_switch_join (sw, mac, 0, nobody, &number, &refusal), -1);
  sg_mac_parse (EVERYBODY, mac);
  ck_assert_int_eq (sg_switch_join (sw, mac, 0, nobody, &number, &refusal), -1);
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
  guint8 hello[SG_SWITCH_HELLO_LEN + 1] = SG_SWITCH_HELLO, answer[SG_SWITCH_ANSWER_LEN];

  sg_mac_parse ("52:54:00:00:00:00", hello + 8);
  hello[13] = last;
  g_snprintf ((char *)hello + 16, SG_SWITCH_ID_LEN + 1, "%08x", last);
  ck_assert (sg_write_all (fd, hello, SG_SWITCH_HELLO_LEN, NULL));
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

START_TEST (names_are_answered)
{
  guint8 message[512], got[SG_SWITCH_REPLY_MAX], prefix[4];
  gsize len = kit_dns (message, FALSE, "sandbox-00000002", SG_DNS_A);
  int a, b;
  guint16 an;
  KitFrame frame;
  g_autofree char *own = NULL;

  start ();
  a = line (), b = line ();
  an = hello (a, 1);
  hello (b, 2);
  own = g_strdup_printf ("198.18.0.%u", an);
  kit_udp (&frame, KIT_OUT, own, 4000, SG_PRIVATE_NAMES, 53, message, len);
  set_macs (&frame, "52:54:00:00:00:01", SG_PRIVATE_NAMES_MAC);
  ck_assert (put (a, &frame));
  ck_assert_int_eq (sg_read_all (a, prefix, 4, NULL), 4);
  ck_assert_uint_le (sg_get32 (prefix), sizeof got);
  ck_assert_int_eq (sg_read_all (a, got, sg_get32 (prefix), NULL), sg_get32 (prefix));
  ck_assert (is_silent (b));
  close (a), close (b);
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
  ck_assert (sg_write_all (c, "not a hello at all, only as long", 32, NULL));
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

/* More questions than answers fit, and then nobody reads them. */
START_TEST (who_asks_and_is_gone_ends_alone)
{
  int a, b, c;
  guint16 an, bn, cn;
  KitFrame frame;
  g_autofree char *own = NULL;

  start ();
  a = line (), b = line (), c = line ();
  an = hello (a, 1), bn = hello (b, 2), cn = hello (c, 3);
  own = g_strdup_printf ("198.18.0.%u", an);
  kit_arp (&frame, KIT_OUT, 1, "52:54:00:00:00:01", own, SG_PRIVATE_NAMES);
  set_macs (&frame, "52:54:00:00:00:01", EVERYBODY);
  for (int i = 0; i < 60000 && put (a, &frame); i++)
    ;
  close (a);
  udp_between (&frame, 2, bn, 3, cn);
  ck_assert (put (b, &frame));
  expect (c, &frame);
  close (b), close (c);
}
END_TEST

static Suite *
suite (void)
{
  Suite *suite = suite_create ("netgate-switch");
  TCase *judgement = tcase_create ("judgement"), *process = tcase_create ("process");

  tcase_add_test (judgement, the_switch_knows_who_is_who);
  tcase_add_test (judgement, the_switch_knows_ipv6_addresses);
  tcase_add_test (judgement, the_switch_knows_names);
  tcase_add_test (judgement, odd_questions_are_no_harm);
  tcase_add_test (judgement, ports_are_bounded_and_macs_distinct);
  suite_add_tcase (suite, judgement);
  tcase_add_checked_fixture (process, NULL, stop);
  tcase_add_test (process, frames_reach_their_port_and_no_other);
  tcase_add_test (process, names_are_answered);
  tcase_add_test (process, who_breaks_the_framing_is_closed_alone);
  tcase_add_test (process, who_does_not_read_stops_nobody);
  tcase_add_test (process, who_asks_and_is_gone_ends_alone);
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
