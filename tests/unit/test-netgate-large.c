/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Large frames that pass unread: they stay whole and in order, what was judged is what is sent, and
 * whatever happens half-way the streams stay in step. */
#include "launcher/netgate/packet.h"
#include "launcher/netgate/pipe.h"
#include "tests/unit/netgate-kit.h"

#include "common/fd.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define NET4 "93.184.216.34"
#define NET6 "2606:2800:220:1::1"
#define G4 SG_GATE_GUEST4
#define G6 SG_GATE_GUEST6
#define LARGE 60000
/* As many as fit in what an ordinary user may have of a socket's buffer (net.core.wmem_max was 208
 * KiB until Linux 6.17), and more than the receiver takes. */
#define FILLING 5
#define ROOM (4 * 1024 * 1024)

static struct
{
  SgPipe *pipe;
  int sender, from, to, receiver;
  guint8 *got;
  gsize n_got;
  gboolean enough, passes;
  guint judged, unread;       /* frames; those of which only the head was there */
  void (*when_judged) (void); /* what happens meanwhile */
  guint8 *pages;              /* the sender's own, which it may change */
} run;

/* The frame's number is in its first bytes, its body is made from it. */
static guint8
body_byte (guint number, gsize at)
{
  return (guint8)(number * 7 + at * 13 + (at >> 8));
}

static void
make_frame (guint8 *into, guint number, gsize len)
{
  sg_put32 (into, (guint32)len);
  for (gsize i = 0; i < len; i++)
    into[4 + i] = body_byte (number, i);
  sg_put32 (into + 4, number);
}

static gboolean
judge (gpointer data, guint8 *frame, gsize len)
{
  run.judged++;
  if (run.when_judged != NULL)
    run.when_judged ();
  return run.passes;
}

static gboolean
enough (gpointer data, const guint8 *head, gsize have, gsize len)
{
  ck_assert_uint_le (have, len);
  if (run.enough)
    run.unread++;
  return run.enough;
}

static void
start (void)
{
  int a[2], b[2], size = 1024 * 1024;

  ck_assert_int_eq (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, a), 0);
  ck_assert_int_eq (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, b), 0);
  setsockopt (a[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  memset (&run, 0, sizeof run);
  run.sender = a[0];
  run.from = a[1];
  run.to = b[0];
  run.receiver = b[1];
  run.got = g_malloc (ROOM);
  run.enough = run.passes = TRUE;
  run.pipe = sg_pipe_new (judge, NULL);
  sg_pipe_set_enough (run.pipe, enough);
  sg_pipe_set_from (run.pipe, run.from);
  sg_pipe_set_to (run.pipe, run.to);
}

static void
stop (void)
{
  sg_pipe_free (run.pipe);
  sg_fd_clear (&run.sender);
  sg_fd_clear (&run.from);
  sg_fd_clear (&run.to);
  sg_fd_clear (&run.receiver);
  g_free (run.got);
}

static void
give (const guint8 *bytes, gsize len)
{
  ck_assert_int_eq (send (run.sender, bytes, len, MSG_DONTWAIT), (gssize)len);
}

static void
pump (void)
{
  gboolean broken = FALSE;

  ck_assert_int_eq (sg_pipe_pump (run.pipe, &broken), SG_PIPE_FINE);
  ck_assert (!broken);
}

static void
receive (void)
{
  gssize n;

  while ((n = recv (run.receiver, run.got + run.n_got, ROOM - run.n_got, MSG_DONTWAIT)) > 0)
    run.n_got += (gsize)n;
}

/* All that is on its way arrives. */
static void
settle (void)
{
  for (gsize before = G_MAXSIZE; before != run.n_got;)
    {
      before = run.n_got;
      pump ();
      receive ();
    }
}

/* What arrived at AT is frame NUMBER of LEN bytes; returns where the next one is. */
static gsize
expect_frame (gsize at, guint number, gsize len)
{
  ck_assert_uint_ge (run.n_got, at + 4 + len);
  ck_assert_uint_eq (sg_get32 (run.got + at), len);
  ck_assert_uint_eq (sg_get32 (run.got + at + 4), number);
  for (gsize i = 4; i < len; i++)
    ck_assert_msg (run.got[at + 4 + i] == body_byte (number, i), "frame %u, byte %zu", number, i);
  return at + 4 + len;
}

START_TEST (they_arrive_whole_whatever_the_pieces)
{
  static const gsize sizes[] = { LARGE, 60, 65549, 64, 64, 17000, 20000, LARGE, 1500, 65549, 14 };
  static const gsize pieces[] = { G_MAXSIZE, 30000, 4096, 1000, 331 };
  g_autofree guint8 *stream = g_malloc (1024 * 1024);

  for (gsize i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      gsize len = 0, at = 0;

      start ();
      for (guint n = 0; n < G_N_ELEMENTS (sizes); n++)
        {
          make_frame (stream + len, n, sizes[n]);
          len += 4 + sizes[n];
        }
      for (gsize done = 0, piece; done < len; done += piece)
        {
          piece = MIN (pieces[i], len - done);
          give (stream + done, piece);
          pump ();
          /* Now and then the receiver is slow. */
          if (done % 3 == 0 || piece == len)
            settle ();
        }
      settle ();
      for (guint n = 0; n < G_N_ELEMENTS (sizes); n++)
        at = expect_frame (at, n, sizes[n]);
      ck_assert_uint_eq (at, run.n_got);
      ck_assert_uint_eq (run.judged, G_N_ELEMENTS (sizes));
      stop ();
    }
}
END_TEST

static void
send_frames (guint first, guint count, gsize len)
{
  g_autofree guint8 *frame = g_malloc (4 + len);

  for (guint i = 0; i < count; i++)
    {
      make_frame (frame, first + i, len);
      give (frame, 4 + len);
    }
}

START_TEST (they_do_pass_unread)
{
  start ();
  send_frames (1, 6, LARGE);
  settle ();
  ck_assert_uint_eq (run.judged, 6);
  ck_assert_uint_ge (run.unread, 2 * 2); /* each is asked about twice */
  stop ();
}
END_TEST

/* The sender changes the pages that it has sent while the gate judges them. */
static void
scribble (void)
{
  memset (run.pages, 0xee, LARGE + 4);
}

START_TEST (what_was_judged_is_what_is_sent)
{
  int ends[2];
  struct iovec part;

  start ();
  run.pages = mmap (NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ck_assert_int_eq (pipe2 (ends, O_NONBLOCK), 0);
  fcntl (ends[1], F_SETPIPE_SZ, 1024 * 1024);
  send_frames (0, 1, LARGE); /* large ones are expected from now on */
  settle ();
  run.n_got = run.unread = 0;
  run.when_judged = scribble;
  make_frame (run.pages, 5, LARGE);
  part = (struct iovec){ run.pages, LARGE + 4 };
  ck_assert_int_eq (vmsplice (ends[1], &part, 1, 0), LARGE + 4);
  ck_assert_int_eq (splice (ends[0], NULL, run.sender, NULL, LARGE + 4, 0), LARGE + 4);
  settle ();
  ck_assert_uint_ge (run.unread, 1);
  ck_assert_uint_eq (run.n_got, LARGE + 4);
  ck_assert_uint_eq (sg_get32 (run.got), LARGE);
  ck_assert_uint_eq (sg_get32 (run.got + 4), 5);
  for (gsize i = 4; i < SG_PACKET_HEAD; i++)
    ck_assert_uint_eq (run.got[4 + i], body_byte (5, i));
  munmap (run.pages, 65536);
  close (ends[0]);
  close (ends[1]);
  stop ();
}
END_TEST

START_TEST (what_does_not_pass_leaves_no_trace)
{
  start ();
  run.passes = FALSE;
  for (guint n = 1; n <= 8; n++)
    {
      send_frames (n, 1, LARGE);
      settle ();
    }
  ck_assert_uint_eq (run.n_got, 0);
  run.passes = TRUE;
  send_frames (9, 1, LARGE);
  settle ();
  ck_assert_uint_eq (expect_frame (0, 9, LARGE), run.n_got);
  stop ();
}
END_TEST

/* Frames wait for a receiver that is full.  Returns how many are judged. */
static guint
fill_up (void)
{
  int size = 1;

  setsockopt (run.to, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  send_frames (0, FILLING, LARGE);
  for (int i = 0; i < 20; i++)
    pump ();
  ck_assert (sg_pipe_wants_out (run.pipe));
  ck_assert (!sg_pipe_wants_in (run.pipe));
  return run.judged;
}

START_TEST (a_begun_frame_is_finished_and_no_other)
{
  gsize at = 0, len;

  start ();
  fill_up ();
  run.passes = FALSE;
  sg_pipe_revoke (run.pipe);
  settle ();
  ck_assert_uint_gt (run.n_got, 0);
  for (guint n = 0; at < run.n_got; n++)
    at = expect_frame (at, n, LARGE);
  ck_assert_uint_eq (at, run.n_got);
  ck_assert_uint_lt (run.n_got, FILLING * (LARGE + 4));
  /* Then all goes on. */
  run.passes = TRUE;
  len = run.n_got;
  send_frames (50, 2, LARGE);
  settle ();
  ck_assert_uint_eq (expect_frame (expect_frame (len, 50, LARGE), 51, LARGE), run.n_got);
  stop ();
}
END_TEST

START_TEST (frames_of_our_own_go_between)
{
  guint8 own[60];
  guint seen = 0;

  start ();
  fill_up ();
  memset (own, 0xaa, sizeof own);
  sg_pipe_insert (run.pipe, own, sizeof own);
  settle ();
  for (gsize at = 0, n = 0; at < run.n_got;)
    if (sg_get32 (run.got + at) == sizeof own)
      {
        ck_assert (memcmp (run.got + at + 4, own, sizeof own) == 0);
        at += 4 + sizeof own;
        seen++;
      }
    else
      at = expect_frame (at, (guint)n++, LARGE);
  ck_assert_uint_eq (seen, 1);
  ck_assert_uint_eq (run.n_got, FILLING * (LARGE + 4) + 4 + sizeof own);
  stop ();
}
END_TEST

START_TEST (another_sender_in_the_middle)
{
  g_autofree guint8 *frame = g_malloc (4 + LARGE);
  int fds[2];

  start ();
  make_frame (frame, 3, LARGE);
  for (int i = 0; i < 3; i++)
    {
      send_frames (1, 1, LARGE);
      settle ();
      run.n_got = 0;
      give (frame, 30000); /* half of it, and never the rest */
      settle ();
      ck_assert_uint_eq (run.n_got, 0);
      ck_assert_int_eq (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
      sg_pipe_set_from (run.pipe, fds[1]);
      close (run.sender);
      close (run.from);
      run.sender = fds[0];
      run.from = fds[1];
      send_frames (7, 1, LARGE);
      settle ();
      ck_assert_uint_eq (expect_frame (0, 7, LARGE), run.n_got);
    }
  stop ();
}
END_TEST

START_TEST (another_receiver_in_the_middle)
{
  int fds[2];

  start ();
  fill_up ();
  ck_assert_int_eq (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
  sg_pipe_set_to (run.pipe, fds[0]);
  close (run.to);
  close (run.receiver);
  run.to = fds[0];
  run.receiver = fds[1];
  settle ();
  /* It begins with a whole frame; which one does not matter. */
  ck_assert_uint_gt (run.n_got, 0);
  for (gsize at = 0; at < run.n_got;)
    at = expect_frame (at, sg_get32 (run.got + at + 4), LARGE);
  stop ();
}
END_TEST

START_TEST (crumbs_pass_too)
{
  g_autofree guint8 *frame = g_malloc (4 + LARGE);
  int size = 4 * 1024 * 1024;

  start ();
  setsockopt (run.sender, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  send_frames (1, 1, LARGE);
  settle ();
  run.n_got = 0;
  make_frame (frame, 2, LARGE);
  /* Many more pieces than a pipe has places for. */
  for (gsize at = 0; at < LARGE + 4; at += 13)
    {
      give (frame + at, MIN (13, LARGE + 4 - at));
      if (at % 1300 == 0)
        pump ();
    }
  settle ();
  ck_assert_uint_eq (expect_frame (0, 2, LARGE), run.n_got);
  stop ();
}
END_TEST

START_TEST (what_must_be_read_after_all_is_read)
{
  g_autofree guint8 *frame = g_malloc (4 + LARGE);

  start ();
  send_frames (1, 1, LARGE);
  settle ();
  run.n_got = run.unread = 0;
  make_frame (frame, 2, LARGE);
  give (frame, 40000);
  pump ();
  ck_assert_uint_eq (run.unread, 1);
  run.enough = FALSE; /* other rules, meanwhile */
  give (frame + 40000, LARGE + 4 - 40000);
  settle ();
  ck_assert_uint_eq (expect_frame (0, 2, LARGE), run.n_got);
  stop ();
}
END_TEST

START_TEST (a_receiver_that_is_gone_is_told)
{
  gboolean broken = FALSE;

  start ();
  send_frames (1, 1, LARGE);
  settle ();
  close (run.receiver);
  run.receiver = -1;
  send_frames (2, 2, LARGE);
  ck_assert_int_eq (sg_pipe_pump (run.pipe, &broken), SG_PIPE_TO_GONE);
  stop ();
}
END_TEST

START_TEST (a_sender_that_ends_half_way_is_told)
{
  g_autofree guint8 *frame = g_malloc (4 + LARGE);
  gboolean broken = FALSE;

  start ();
  send_frames (1, 1, LARGE);
  settle ();
  run.n_got = 0;
  make_frame (frame, 2, LARGE);
  give (frame, 40000);
  pump ();
  close (run.sender);
  run.sender = -1;
  ck_assert_int_eq (sg_pipe_pump (run.pipe, &broken), SG_PIPE_FROM_GONE);
  ck_assert (!broken);
  receive ();
  ck_assert_uint_eq (run.n_got, 0);
  stop ();
}
END_TEST

/* --- which frames may
 * -------------------------------------------------------------------------------- */

/* Asks about the first HAVE bytes alone, in memory of that size (a sanitizer sees who reads on); a
 * frame whose head decides gets the verdict that the whole has. */
static gboolean
decides (Kit *kit, const KitFrame *frame, gsize have, gboolean out)
{
  g_autofree guint8 *head = g_memdup2 (frame->bytes, have);
  SgReason alone;

  if (!sg_gate_head_decides (kit->gate, head, have, frame->len, out))
    return FALSE;
  alone = out ? sg_gate_from_guest (kit->gate, head, frame->len)
              : sg_gate_from_net (kit->gate, head, frame->len);
  ck_assert_int_eq (alone, out ? kit_out (kit, frame) : kit_in (kit, frame));
  return TRUE;
}

static void
try_connection (const char *guest, const char *net)
{
  static const guint8 data[30000], nothing[8];
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
  g_autofree KitFrame *frame = g_new0 (KitFrame, 1);
  g_autofree KitFrame *piece = g_new0 (KitFrame, 1);
  gsize all = SG_PACKET_HEAD;

  kit_tcp (frame, KIT_OUT, guest, 9, net, 80, SG_TCP_ACK, 2, 6, data, sizeof data);
  ck_assert (!decides (kit, frame, all, TRUE)); /* no such connection */
  kit_tcp (frame, KIT_OUT, guest, 9, net, 80, SG_TCP_SYN, 1, 0, NULL, 0);
  ck_assert_int_eq (kit_out (kit, frame), SG_REASON_NONE);
  kit_tcp (frame, KIT_OUT, guest, 9, net, 80, SG_TCP_ACK, 2, 6, data, sizeof data);
  ck_assert (!decides (kit, frame, all, TRUE)); /* its first bytes are looked at */
  kit_tcp (frame, KIT_IN, net, 80, guest, 9, SG_TCP_SYN | SG_TCP_ACK, 5, 2, NULL, 0);
  ck_assert_int_eq (kit_in (kit, frame), SG_REASON_NONE);
  kit_tcp (frame, KIT_IN, net, 80, guest, 9, SG_TCP_ACK, 6, 2, data, sizeof data);
  ck_assert (decides (kit, frame, all, FALSE));
  kit_tcp (frame, KIT_OUT, guest, 9, net, 80, SG_TCP_ACK, 2, 6, data, sizeof data);
  ck_assert (!decides (kit, frame, all, TRUE));
  ck_assert_int_eq (kit_out (kit, frame), SG_REASON_NONE);
  kit_tcp (frame, KIT_OUT, guest, 9, net, 80, SG_TCP_ACK, 2 + sizeof data, 6, data, sizeof data);
  ck_assert (decides (kit, frame, all, TRUE));
  ck_assert (decides (kit, frame, all + 1000, TRUE));
  ck_assert (!decides (kit, frame, all - 1, TRUE)); /* the headers could be longer */
  ck_assert (!decides (kit, frame, 0, TRUE));
  /* A piece, an extension header, a spoofed address, another connection, another protocol. */
  kit_fragment (piece, frame, 0, 16000, TRUE, 7);
  ck_assert (!decides (kit, piece, all, TRUE));
  if (strchr (guest, ':') != NULL)
    {
      *piece = *frame;
      kit_extension (piece, 60, nothing, 8);
      ck_assert (!decides (kit, piece, all, TRUE));
    }
  kit_tcp (frame, KIT_OUT, guest, 9, net, 81, SG_TCP_ACK, 2, 6, data, sizeof data);
  ck_assert (!decides (kit, frame, all, TRUE));
  kit_udp (frame, KIT_OUT, guest, 9, net, 80, data, sizeof data);
  ck_assert (!decides (kit, frame, all, TRUE));
  kit_tcp (frame, KIT_OUT, guest, 9, net, 80, SG_TCP_ACK, 2 + sizeof data, 6, data, sizeof data);
  frame->bytes[6] ^= 2; /* who sent it is judged as ever */
  ck_assert (decides (kit, frame, all, TRUE));
  ck_assert_int_eq (kit_out (kit, frame), SG_REASON_SPOOFED);
  frame->bytes[6] ^= 2;
  kit_mode (kit, SG_GATE_OFF); /* which ends it */
  ck_assert (!decides (kit, frame, all, TRUE));
}

START_TEST (only_the_middle_of_a_connection_is_not_read)
{
  try_connection (G4, NET4);
  try_connection (G6, NET6);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("netgate-large");
  TCase *all = tcase_create ("all");
  SRunner *runner;
  int failed;

  signal (SIGPIPE, SIG_IGN);
  tcase_add_test (all, they_arrive_whole_whatever_the_pieces);
  tcase_add_test (all, they_do_pass_unread);
  tcase_add_test (all, what_was_judged_is_what_is_sent);
  tcase_add_test (all, what_does_not_pass_leaves_no_trace);
  tcase_add_test (all, a_begun_frame_is_finished_and_no_other);
  tcase_add_test (all, frames_of_our_own_go_between);
  tcase_add_test (all, another_sender_in_the_middle);
  tcase_add_test (all, another_receiver_in_the_middle);
  tcase_add_test (all, crumbs_pass_too);
  tcase_add_test (all, what_must_be_read_after_all_is_read);
  tcase_add_test (all, a_receiver_that_is_gone_is_told);
  tcase_add_test (all, a_sender_that_ends_half_way_is_told);
  tcase_add_test (all, only_the_middle_of_a_connection_is_not_read);
  tcase_set_timeout (all, 60);
  suite_add_tcase (suite, all);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
