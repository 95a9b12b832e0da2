/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gate's loop between real sockets: whatever the other sides do, frames stay whole, nothing
 * passes that should not, and the loop neither hangs nor ends without need. */
#include "launcher/netgate/loop.h"
#include "tests/unit/netgate-kit.h"

#include "common/fd.h"

#include <check.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NET4 "93.184.216.34"
#define G4 SG_GATE_GUEST4

typedef struct
{
  pid_t child;
  int guest, passt, control;
} Run;

static Run run;

static void
pair (int type, int fds[2])
{
  ck_assert_int_eq (socketpair (AF_UNIX, type | SOCK_CLOEXEC, 0, fds), 0);
}

/* The loop in a process of its own, with the routes of the kit. */
static void
start (void)
{
  int guest[2], control[2];

  pair (SOCK_STREAM, guest);
  pair (SOCK_SEQPACKET, control);
  run.child = fork ();
  if (run.child == 0)
    {
      SgLoop loop;
      guint8 mac[6];
      gboolean ok;

      close (guest[0]);
      close (control[0]);
      sg_mac_parse (KIT_GUEST_MAC, mac);
      sg_loop_init (&loop, mac, guest[1], control[1], NULL, kit_routes ());
      ok = sg_loop_run (&loop, NULL);
      sg_loop_clear (&loop);
      _exit (ok ? 0 : 1);
    }
  close (guest[1]);
  close (control[1]);
  run.guest = guest[0];
  run.control = control[0];
  run.passt = -1;
}

/* How the loop ended. */
static int
ended (void)
{
  int status = -1;

  for (int i = 0; i < 500; i++)
    {
      if (waitpid (run.child, &status, WNOHANG) == run.child)
        {
          run.child = 0;
          return WIFEXITED (status) ? WEXITSTATUS (status) : 100 + WTERMSIG (status);
        }
      g_usleep (10000);
    }
  return -1;
}

static void
stop (void)
{
  sg_fd_clear (&run.guest);
  sg_fd_clear (&run.passt);
  sg_fd_clear (&run.control);
  if (run.child != 0)
    ck_assert_int_eq (ended (), 0);
}

static GVariant *
await (SgGateKind wanted)
{
  for (int i = 0; i < 500; i++)
    {
      struct pollfd fd = { .fd = run.control, .events = POLLIN };
      g_autoptr (GError) error = NULL;
      GVariant *body;
      SgGateKind kind;
      int passed;

      poll (&fd, 1, 10);
      if (!sg_gate_receive (run.control, &kind, &body, &passed, &error))
        ck_abort_msg ("%s", error->message);
      if (body != NULL && kind == wanted)
        return body;
      g_clear_pointer (&body, g_variant_unref);
    }
  ck_abort_msg ("no message %d", wanted);
}

static void
expect_message (SgGateKind wanted)
{
  g_variant_unref (await (wanted));
}

static void
set_mode (SgGateMode mode)
{
  g_autoptr (SgGateRules) rules = sg_gate_rules_new ();

  rules->mode = mode;
  rules->connections_per_second = 0;
  ck_assert (sg_gate_send (
      run.control, SG_GATE_RULES,
      g_variant_new ("(u@" SG_GATE_TYPE_RULES_BODY ")", 1, sg_gate_rules_to_variant (rules)), -1,
      NULL));
  expect_message (SG_GATE_APPLIED);
}

static void
give_passt (void)
{
  int fds[2];

  sg_fd_clear (&run.passt);
  pair (SOCK_STREAM, fds);
  ck_assert (sg_gate_send (run.control, SG_GATE_PASST, g_variant_new ("()"), fds[1], NULL));
  close (fds[1]);
  run.passt = fds[0];
}

static void
start_open (void)
{
  start ();
  give_passt ();
  set_mode (SG_GATE_INTERNET);
}

static void
put (int fd, const KitFrame *frame)
{
  g_autofree guint8 *message = g_malloc (4 + frame->len);

  sg_put32 (message, (guint32)frame->len);
  memcpy (message + 4, frame->bytes, frame->len);
  ck_assert (sg_write_all (fd, message, 4 + frame->len, NULL));
}

/* The next frame; 0: none in that time, -1: the end. */
static gssize
get_within (int fd, KitFrame *frame, int msec)
{
  struct pollfd wait = { .fd = fd, .events = POLLIN };
  guint8 prefix[4];

  if (poll (&wait, 1, msec) == 0)
    return 0;
  if (sg_read_all (fd, prefix, 4, NULL) != 4)
    return -1;
  frame->len = sg_get32 (prefix);
  ck_assert_uint_le (frame->len, sizeof frame->bytes);
  ck_assert_int_eq (sg_read_all (fd, frame->bytes, frame->len, NULL), (gssize)frame->len);
  return (gssize)frame->len;
}

static gssize
get (int fd, KitFrame *frame)
{
  return get_within (fd, frame, 5000);
}

static gboolean
is_silent (int fd)
{
  struct pollfd wait = { .fd = fd, .events = POLLIN };

  return poll (&wait, 1, 150) == 0;
}

static void
udp (KitFrame *frame, guint32 number, gsize len)
{
  g_autofree guint8 *data = g_malloc0 (MAX (len, 4));

  sg_put32 (data, number);
  for (gsize i = 4; i < len; i++)
    data[i] = (guint8)(number + i);
  kit_udp (frame, KIT_OUT, G4, 9, NET4, 80, data, MAX (len, 4));
}

START_TEST (frames_arrive_whole_whatever_the_pieces)
{
  g_autoptr (GByteArray) stream = g_byte_array_new ();
  KitFrame frame, got;
  guint8 prefix[4];

  start_open ();
  for (guint32 i = 0; i < 50; i++)
    {
      udp (&frame, i, i * i * 25);
      sg_put32 (prefix, (guint32)frame.len);
      g_byte_array_append (stream, prefix, 4);
      g_byte_array_append (stream, frame.bytes, (guint)frame.len);
      if (i % 3 == 0)
        {
          /* one that does not pass, between them */
          kit_udp (&frame, KIT_OUT, G4, 9, "10.0.0.1", 80, "x", 1);
          sg_put32 (prefix, (guint32)frame.len);
          g_byte_array_append (stream, prefix, 4);
          g_byte_array_append (stream, frame.bytes, (guint)frame.len);
        }
    }
  if (fork () == 0)
    {
      for (gsize at = 0, piece = 1; at < stream->len; at += piece, piece = piece % 997 + 13)
        sg_write_all (run.guest, stream->data + at, MIN (piece, stream->len - at), NULL);
      _exit (0);
    }
  for (guint32 i = 0; i < 50; i++)
    {
      udp (&frame, i, i * i * 25);
      ck_assert_int_eq (get (run.passt, &got), (gssize)frame.len);
      ck_assert_int_eq (memcmp (got.bytes, frame.bytes, frame.len), 0);
    }
  ck_assert (is_silent (run.passt));
}
END_TEST

START_TEST (it_starts_closed)
{
  KitFrame frame;

  start ();
  give_passt ();
  udp (&frame, 1, 100);
  put (run.guest, &frame);
  ck_assert (is_silent (run.passt));
  set_mode (SG_GATE_INTERNET);
  put (run.guest, &frame);
  ck_assert_int_gt (get (run.passt, &frame), 0);
}
END_TEST

/* passt does not read: the stream stops, is taken back by "off", and no half frame is left over. */
START_TEST (off_takes_back_what_waits)
{
  KitFrame frame, got;
  guint32 sent = 0, received = 0;
  int queued = 0;

  start_open ();
  udp (&frame, 0, 30000);
  for (;;)
    {
      struct pollfd out = { .fd = run.guest, .events = POLLOUT };

      if (poll (&out, 1, 300) == 0)
        break;
      ck_assert_uint_lt (sent, 10000);
      /* Held up, so that it reads several frames at once and has some left to send. */
      kill (run.child, SIGSTOP);
      for (int i = 0; i < 5; i++, sent++)
        put (run.guest, &frame);
      kill (run.child, SIGCONT);
    }
  ck_assert_uint_gt (sent, 5);
  ck_assert_int_eq (ioctl (run.passt, FIONREAD, &queued), 0);
  set_mode (SG_GATE_OFF);
  while (get_within (run.passt, &got, 1000) > 0)
    {
      ck_assert_uint_eq (got.len, frame.len);
      received++;
    }
  /* What passt had in its socket, and the rest of the frame that was begun; nothing else. */
  ck_assert_uint_le (received * (4 + frame.len), (guint32)queued + 4 + frame.len);
  /* What the guest had sent was judged as "off"; the way is free again. */
  set_mode (SG_GATE_INTERNET);
  udp (&frame, 7, 100);
  put (run.guest, &frame);
  do
    ck_assert_int_gt (get (run.passt, &got), 0);
  while (got.len != frame.len);
  ck_assert_int_eq (memcmp (got.bytes, frame.bytes, frame.len), 0);
}
END_TEST

START_TEST (a_full_guest_does_not_stop_the_gate)
{
  KitFrame out, in, got;
  guint64 sent = 0;

  start_open ();
  udp (&out, 1, 100);
  put (run.guest, &out);
  ck_assert_int_gt (get (run.passt, &got), 0);
  kit_udp (&in, KIT_IN, NET4, 80, G4, 9, out.bytes, 60);
  for (struct pollfd room = { .fd = run.passt, .events = POLLOUT }; poll (&room, 1, 200) > 0;
       sent++)
    put (run.passt, &in);
  ck_assert_uint_gt (sent, 100);
  /* The other direction, and the supervisor, are served all the same. */
  put (run.guest, &out);
  ck_assert_int_gt (get (run.passt, &got), 0);
  set_mode (SG_GATE_LAN);
  /* And once the guest reads, every frame is whole. */
  while (get_within (run.guest, &got, 1000) > 0)
    {
      ck_assert_uint_eq (got.len, in.len);
      ck_assert_int_eq (memcmp (got.bytes, in.bytes, in.len), 0);
    }
}
END_TEST

START_TEST (passt_dies_and_another_takes_over)
{
  KitFrame frame, got;
  SgPacket packet;

  start_open ();
  kit_tcp (&frame, KIT_OUT, G4, 9, NET4, 80, SG_TCP_SYN, 1, 0, NULL, 0);
  put (run.guest, &frame);
  ck_assert_int_gt (get (run.passt, &got), 0);
  /* half a frame, and gone */
  ck_assert (sg_write_all (run.passt, "\0\0\1\0half", 8, NULL));
  sg_fd_clear (&run.passt);
  expect_message (SG_GATE_LOST);
  /* the guest hears of it */
  ck_assert_int_gt (get (run.guest, &got), 0);
  ck_assert_int_eq (sg_packet_parse (&packet, got.bytes, got.len), SG_REASON_NONE);
  ck_assert (packet.tcp_flags & SG_TCP_RST);
  /* nobody there: frames are dropped, the guest is not stopped */
  for (int i = 0; i < 2000; i++)
    {
      udp (&frame, 1, 1000);
      put (run.guest, &frame);
    }
  give_passt ();
  kit_tcp (&frame, KIT_OUT, G4, 10, NET4, 80, SG_TCP_SYN, 1, 0, NULL, 0);
  /* The gate may look at the guest's frames first: as a guest does, it is sent again. */
  got.len = 0;
  for (int tries = 0; tries < 30 && got.len != frame.len; tries++)
    {
      put (run.guest, &frame);
      while (get_within (run.passt, &got, 1000) > 0 && got.len != frame.len)
        continue;
    }
  ck_assert_uint_eq (got.len, frame.len);
  ck_assert_int_eq (memcmp (got.bytes, frame.bytes, frame.len), 0);
}
END_TEST

START_TEST (nonsense_of_passt_is_its_end_only)
{
  start_open ();
  ck_assert (sg_write_all (run.passt, "\xff\xff\xff\xff", 4, NULL));
  expect_message (SG_GATE_LOST);
  give_passt ();
  ck_assert (sg_write_all (run.passt, "\0\0\0\1x", 5, NULL));
  expect_message (SG_GATE_LOST);
  set_mode (SG_GATE_LAN);
}
END_TEST

START_TEST (nonsense_of_the_machine_is_the_end)
{
  static const char *const lengths[]
      = { "\xff\xff\xff\xff", "\0\0\0\0", "\0\0\0\x0d", "\0\1\0\x0f" };

  for (gsize i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      start_open ();
      ck_assert (sg_write_all (run.guest, lengths[i], 4, NULL));
      ck_assert_int_eq (ended (), 1);
      sg_fd_clear (&run.guest);
      sg_fd_clear (&run.passt);
      sg_fd_clear (&run.control);
    }
}
END_TEST

START_TEST (half_a_frame_and_the_end)
{
  start_open ();
  ck_assert (sg_write_all (run.guest, "\0\0\1\0half", 8, NULL));
  shutdown (run.guest, SHUT_WR);
  ck_assert_int_eq (ended (), 0);
}
END_TEST

START_TEST (it_ends_with_its_supervisor)
{
  start_open ();
  sg_fd_clear (&run.control);
  ck_assert_int_eq (ended (), 0);
}
END_TEST

START_TEST (a_capture_has_what_the_guest_sent_and_got)
{
  struct
  {
    guint32 magic;
    guint16 major, minor;
    guint32 zone, accuracy, longest, link_type;
  } header;
  guint32 record[4];
  KitFrame frame, got;
  int file = memfd_create ("capture", MFD_CLOEXEC), frames = 0;

  start_open ();
  ck_assert (
      sg_gate_send (run.control, SG_GATE_PCAP, g_variant_new ("(t)", (guint64)0), file, NULL));
  set_mode (SG_GATE_INTERNET);
  kit_tcp (&frame, KIT_OUT, G4, 9, "10.0.0.1", 80, SG_TCP_SYN, 1, 0, NULL, 0);
  put (run.guest, &frame); /* blocked, and the reset: two frames */
  ck_assert_int_gt (get (run.guest, &got), 0);
  udp (&frame, 1, 100);
  put (run.guest, &frame);
  ck_assert_int_gt (get (run.passt, &got), 0);
  ck_assert (sg_gate_send (run.control, SG_GATE_PCAP, g_variant_new ("(t)", (guint64)0), -1, NULL));
  set_mode (SG_GATE_INTERNET);

  lseek (file, 0, SEEK_SET);
  ck_assert_int_eq (sg_read_all (file, &header, sizeof header, NULL), sizeof header);
  ck_assert_uint_eq (header.magic, 0xa1b2c3d4);
  ck_assert_uint_eq (header.link_type, 1);
  while (sg_read_all (file, record, sizeof record, NULL) == sizeof record)
    {
      ck_assert_uint_eq (record[2], record[3]);
      ck_assert_int_eq (sg_read_all (file, got.bytes, record[2], NULL), record[2]);
      frames++;
    }
  ck_assert_int_eq (frames, 3);
  ck_assert_uint_eq (record[2], frame.len);
  close (file);
}
END_TEST

/* A session may end at any moment, and its gate with it. */
START_TEST (a_capture_is_in_the_file_before_the_gate_sleeps)
{
  int file = memfd_create ("capture", MFD_CLOEXEC);
  struct stat st = { 0 };
  KitFrame frame, got;
  gint64 sent;

  start_open ();
  ck_assert (
      sg_gate_send (run.control, SG_GATE_PCAP, g_variant_new ("(t)", (guint64)0), file, NULL));
  set_mode (SG_GATE_INTERNET);
  /* Just after a tick of the gate's, which flushes, too. */
  g_usleep (100000);
  udp (&frame, 1, 100);
  put (run.guest, &frame);
  sent = g_get_monotonic_time ();
  ck_assert_int_gt (get (run.passt, &got), 0);
  while (st.st_size < (off_t)(24 + 16 + frame.len)
         && g_get_monotonic_time () < sent + G_USEC_PER_SEC / 2)
    ck_assert_int_eq (fstat (file, &st), 0);
  kill (run.child, SIGKILL);
  ck_assert_int_eq (ended (), 100 + SIGKILL);
  ck_assert_int_eq (fstat (file, &st), 0);
  ck_assert_int_ge (st.st_size, (off_t)(24 + 16 + frame.len));
  close (file);
}
END_TEST

START_TEST (a_capture_keeps_to_its_limit)
{
  KitFrame frame, got;
  int file = memfd_create ("capture", MFD_CLOEXEC);

  start_open ();
  ck_assert (
      sg_gate_send (run.control, SG_GATE_PCAP, g_variant_new ("(t)", (guint64)5000), file, NULL));
  set_mode (SG_GATE_INTERNET);
  for (guint32 i = 0; i < 100; i++)
    {
      udp (&frame, i, 1000);
      put (run.guest, &frame);
      ck_assert_int_gt (get (run.passt, &got), 0);
    }
  expect_message (SG_GATE_LOST);
  ck_assert_int_le (lseek (file, 0, SEEK_END), 5000);
  ck_assert_int_gt (lseek (file, 0, SEEK_END), 4000);
  close (file);
}
END_TEST

START_TEST (all_records_are_told_in_several_messages)
{
  gboolean more = TRUE;
  gsize told = 0;
  KitFrame frame;
  guint32 serial;

  start_open ();
  for (guint i = 0; i < 500; i++)
    {
      g_autofree char *to = g_strdup_printf ("5.6.%u.%u", i / 200, i % 200 + 1);

      kit_udp (&frame, KIT_OUT, G4, 9, to, 80, "x", 1);
      put (run.guest, &frame);
      ck_assert_int_gt (get (run.passt, &frame), 0);
    }
  ck_assert (sg_gate_send (run.control, SG_GATE_LIST, g_variant_new ("(u)", 77), -1, NULL));
  while (more)
    {
      g_autoptr (GVariant) body = await (SG_GATE_RECORDS);
      g_autoptr (GVariant) records = NULL;

      g_variant_get (body, "(ub@a" SG_GATE_TYPE_RECORD ")", &serial, &more, &records);
      ck_assert_uint_eq (serial, 77);
      told += g_variant_n_children (records);
    }
  ck_assert_uint_eq (told, 500);
}
END_TEST

START_TEST (wrong_rules_leave_the_old_ones)
{
  g_autoptr (SgGateRules) rules = sg_gate_rules_new ();
  g_autoptr (GVariant) applied = NULL;
  const char *problem;
  KitFrame frame;

  start_open ();
  rules->mode = SG_GATE_LAN;
  rules->networks = g_strsplit ("10.0.0.0/99", " ", -1);
  ck_assert (sg_gate_send (
      run.control, SG_GATE_RULES,
      g_variant_new ("(u@" SG_GATE_TYPE_RULES_BODY ")", 5, sg_gate_rules_to_variant (rules)), -1,
      NULL));
  applied = await (SG_GATE_APPLIED);
  g_variant_get (applied, "(u&s)", NULL, &problem);
  ck_assert (strstr (problem, "10.0.0.0/99") != NULL);
  kit_udp (&frame, KIT_OUT, G4, 9, "192.168.1.1", 80, "x", 1);
  put (run.guest, &frame);
  ck_assert (is_silent (run.passt));
}
END_TEST

START_TEST (a_message_that_is_none_ends_the_gate)
{
  start_open ();
  ck_assert_int_eq (send (run.control, "\1\0\0\0nonsense", 12, 0), 12);
  ck_assert_int_eq (ended (), 1);
}
END_TEST

/* Blocked contacts are told once each, and a flood of them is not. */
START_TEST (news_are_bounded)
{
  guint told = 0;
  KitFrame frame;

  start_open ();
  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *to = g_strdup_printf ("10.6.%u.%u", i / 200, i % 200 + 1);

      kit_udp (&frame, KIT_OUT, G4, 9, to, 80, "x", 1);
      put (run.guest, &frame);
      put (run.guest, &frame);
    }
  udp (&frame, 1, 10);
  put (run.guest, &frame);
  ck_assert_int_gt (get (run.passt, &frame), 0);
  for (;;)
    {
      struct pollfd fd = { .fd = run.control, .events = POLLIN };
      g_autoptr (GVariant) body = NULL;
      SgGateKind kind;
      int passed;

      if (poll (&fd, 1, 100) == 0)
        break;
      ck_assert (sg_gate_receive (run.control, &kind, &body, &passed, NULL));
      told += body != NULL && kind == SG_GATE_BLOCKED;
    }
  ck_assert_uint_ge (told, 20);
  ck_assert_uint_le (told, 200);
}
END_TEST

static void
give_resolver (guint32 rank, int *ret_server)
{
  int fds[2];

  pair (SOCK_DGRAM, fds);
  ck_assert (
      sg_gate_send (run.control, SG_GATE_RESOLVER, g_variant_new ("(u)", rank), fds[1], NULL));
  close (fds[1]);
  *ret_server = fds[0];
}

static void
ask_name (guint16 port)
{
  guint8 message[256];
  KitFrame frame;

  kit_udp (&frame, KIT_OUT, G4, port, SG_GATE_DNS4, 53, message,
           kit_dns (message, FALSE, "www.example.com", 1));
  put (run.guest, &frame);
}

/* The next of the guest's; the gate asks one of its own. */
static gssize
next_question (int server, guint8 *question, gsize size)
{
  gssize len;

  do
    len = is_silent (server) ? 0 : recv (server, question, size, 0);
  while (len > 22 && memcmp (question + 13, "ipv4only", 8) == 0);
  return len;
}

START_TEST (a_silent_name_server_gives_way)
{
  guint8 question[512], answer[512];
  KitFrame got;
  SgPacket packet;
  gsize len;
  int first, second;

  start_open ();
  /* none: said at once */
  ask_name (1000);
  ck_assert_int_gt (get (run.guest, &got), 0);
  ck_assert_int_eq (sg_packet_parse (&packet, got.bytes, got.len), SG_REASON_NONE);
  ck_assert_int_eq (got.bytes[packet.payload + 3] & 0xf, 2);

  give_resolver (0, &first);
  give_resolver (1, &second);
  set_mode (SG_GATE_INTERNET);
  ask_name (1001);
  ck_assert_int_gt (next_question (first, question, sizeof question), 12);
  ck_assert (is_silent (second));
  g_usleep (3200000);
  ask_name (1002);
  ck_assert_int_gt (next_question (second, question, sizeof question), 12);
  len = kit_dns (answer, TRUE, "www.example.com", 1);
  memcpy (answer, question, 2);
  ck_assert_int_eq (send (second, answer, len, 0), (gssize)len);
  ck_assert_int_gt (get (run.guest, &got), 0);
  ck_assert_int_eq (sg_packet_parse (&packet, got.bytes, got.len), SG_REASON_NONE);
  ck_assert_uint_eq (packet.port_to, 1002);
  /* it answers: it is asked from now on */
  ck_assert_int_eq (next_question (first, question, sizeof question), 0);
  ask_name (1003);
  ck_assert_int_gt (next_question (second, question, sizeof question), 12);
  ck_assert_int_eq (next_question (first, question, sizeof question), 0);
  close (first);
  close (second);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("netgate-loop");
  TCase *tc = tcase_create ("loop");
  SRunner *runner;
  int failed;

  signal (SIGPIPE, SIG_IGN);
  tcase_set_timeout (tc, 60);
  tcase_add_checked_fixture (tc, NULL, stop);
  tcase_add_test (tc, frames_arrive_whole_whatever_the_pieces);
  tcase_add_test (tc, it_starts_closed);
  tcase_add_test (tc, off_takes_back_what_waits);
  tcase_add_test (tc, a_full_guest_does_not_stop_the_gate);
  tcase_add_test (tc, passt_dies_and_another_takes_over);
  tcase_add_test (tc, nonsense_of_passt_is_its_end_only);
  tcase_add_test (tc, nonsense_of_the_machine_is_the_end);
  tcase_add_test (tc, half_a_frame_and_the_end);
  tcase_add_test (tc, it_ends_with_its_supervisor);
  tcase_add_test (tc, a_capture_has_what_the_guest_sent_and_got);
  tcase_add_test (tc, a_capture_is_in_the_file_before_the_gate_sleeps);
  tcase_add_test (tc, a_capture_keeps_to_its_limit);
  tcase_add_test (tc, all_records_are_told_in_several_messages);
  tcase_add_test (tc, wrong_rules_leave_the_old_ones);
  tcase_add_test (tc, a_message_that_is_none_ends_the_gate);
  tcase_add_test (tc, news_are_bounded);
  tcase_add_test (tc, a_silent_name_server_gives_way);
  suite_add_tcase (suite, tc);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
