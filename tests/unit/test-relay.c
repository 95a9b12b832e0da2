/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The relay, as a process, between a guest and a supervisor that the test plays: streams arrive
 * whole, and a hostile guest ends its own connection and nothing else. */
#include "common/fd.h"
#include "tests/unit/relay-kit.h"

#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static RelayKit kit;

static void
start (void)
{
  relay_kit_start (&kit);
  kit_greet (&kit);
}

static void
make_pipe (int ends[2])
{
  ck_assert_int_eq (pipe2 (ends, O_CLOEXEC), 0);
}

/* A command 1 whose three streams are /dev/null. */
static void
exec_null (void)
{
  int null = open ("/dev/null", O_RDWR | O_CLOEXEC);

  kit_exec (&kit, 1, null, null, null);
  close (null);
}

static void
send_exit (guint32 id, int code)
{
  guest_send_value (&kit, SG_FRAME_EXIT, id, g_variant_new ("(bis)", FALSE, code, ""));
}

/* The next message must be EXITED of ID; returns its code and message. */
static int
expect_exited (guint32 id, char **ret_message)
{
  g_autoptr (GVariant) body = NULL;
  SgRelayKind kind;
  guint32 handle;
  gint32 code;

  body = supervisor_receive (&kit, SG_RELAY_TYPE_EXITED, &kind);
  ck_assert_int_eq (kind, SG_RELAY_EXITED);
  g_variant_get (body, "(ubis)", &handle, NULL, &code, ret_message);
  ck_assert_uint_eq (handle, id);
  return code;
}

/* The relay ended by its own decision: told why, not killed by a signal. */
static void
expect_broken (const char *words)
{
  g_autofree char *why = kit_broken (&kit);
  int status;

  ck_assert_msg (strstr (why, words) != NULL, "'%s' does not say '%s'", why, words);
  status = relay_kit_stop (&kit);
  ck_assert (WIFEXITED (status));
}

static void
expect_clean_end (void)
{
  int status = relay_kit_stop (&kit);

  ck_assert_msg (WIFEXITED (status) && WEXITSTATUS (status) == 0, "status %x", status);
}

START_TEST (output_and_code_arrive_and_the_descriptors_close_first)
{
  int out[2];
  char got[8];
  g_autofree char *message = NULL;
  int null = open ("/dev/null", O_RDWR | O_CLOEXEC);

  start ();
  make_pipe (out);
  kit_exec (&kit, 1, null, out[1], null);
  close (out[1]);
  guest_send (&kit, SG_FRAME_STDOUT, 1, "a\0b", 3);
  send_exit (1, 7);
  ck_assert_int_eq (expect_exited (1, &message), 7);
  ck_assert_str_eq (message, "");
  ck_assert_int_eq (read (out[0], got, sizeof got), 3);
  ck_assert_int_eq (memcmp (got, "a\0b", 3), 0);
  ck_assert_int_eq (read (out[0], got, sizeof got), 0);
  close (out[0]);
  close (null);
  expect_clean_end ();
}
END_TEST

START_TEST (input_stops_at_the_window_until_credit_is_given)
{
  int in[2], null = open ("/dev/null", O_RDWR | O_CLOEXEC);
  g_autofree char *text = g_strnfill (4096, 'x');
  gsize got = 0;

  start ();
  make_pipe (in);
  kit_exec (&kit, 1, in[0], null, null);
  close (in[0]);
  fcntl (in[1], F_SETFL, O_NONBLOCK);
  for (int i = 0; i < 1000; i++)
    {
      struct pollfd p = { .fd = kit.guest, .events = POLLIN };

      while (write (in[1], text, 4096) > 0)
        ;
      if (poll (&p, 1, 100) == 0)
        break;
      g_autofree char *data = NULL;
      SgFrameHeader header;
      ck_assert (guest_receive (&kit, &header, &data));
      ck_assert_int_eq (header.type, SG_FRAME_STDIN);
      got += header.length;
    }
  ck_assert_uint_eq (got, SG_WINDOW);
  guest_send_value (&kit, SG_FRAME_CREDIT, 1, g_variant_new ("(yu)", 0, 1000));
  {
    g_autofree char *data = NULL;
    SgFrameHeader header;
    ck_assert (guest_receive (&kit, &header, &data));
    ck_assert_uint_eq (header.length, 1000);
  }
  close (in[1]);
  close (null);
  expect_clean_end ();
}
END_TEST

START_TEST (end_of_input_is_told_and_a_file_can_be_input)
{
  g_autofree char *data = NULL, *end = NULL;
  SgFrameHeader header;
  int null = open ("/dev/null", O_RDWR | O_CLOEXEC);
  g_autofree char *path = g_strdup ("/tmp/sg-relay-XXXXXX");
  int file = g_mkstemp (path);

  unlink (path);
  ck_assert_int_eq (write (file, "line\n", 5), 5);
  lseek (file, 0, SEEK_SET);
  start ();
  kit_exec (&kit, 1, file, null, null);
  ck_assert (guest_receive (&kit, &header, &data));
  ck_assert_int_eq (header.type, SG_FRAME_STDIN);
  ck_assert_str_eq (data, "line\n");
  ck_assert (guest_receive (&kit, &header, &end));
  ck_assert_int_eq (header.type, SG_FRAME_STDIN);
  ck_assert_uint_eq (header.length, 0);
  close (file);
  close (null);
  expect_clean_end ();
}
END_TEST

START_TEST (a_reader_that_left_is_told_to_the_guest)
{
  int out[2], null = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  g_autofree char *data = NULL, *end = NULL, *message = NULL;
  SgFrameHeader header;

  start ();
  make_pipe (out);
  kit_exec (&kit, 1, null, out[1], out[1]);
  close (out[1]);
  close (out[0]);
  ck_assert (guest_receive (&kit, &header, &end)); /* end of input */
  ck_assert_int_eq (header.type, SG_FRAME_STDIN);
  guest_send (&kit, SG_FRAME_STDOUT, 1, "x", 1);
  ck_assert (guest_receive (&kit, &header, &data));
  ck_assert_int_eq (header.type, SG_FRAME_STDOUT);
  ck_assert_uint_eq (header.length, 0);
  /* Bytes that were on their way are no breach. */
  guest_send (&kit, SG_FRAME_STDOUT, 1, "y", 1);
  guest_send_value (&kit, SG_FRAME_EXIT, 1, g_variant_new ("(bis)", TRUE, SIGPIPE, ""));
  ck_assert_int_eq (expect_exited (1, &message), SIGPIPE);
  ck_assert_str_eq (message, "");
  close (null);
  expect_clean_end ();
}
END_TEST

START_TEST (output_lost_to_a_full_disk_is_said)
{
  int full = open ("/dev/full", O_WRONLY | O_CLOEXEC);
  int null = open ("/dev/null", O_RDWR | O_CLOEXEC);
  g_autofree char *message = NULL;

  start ();
  kit_exec (&kit, 1, null, full, null);
  guest_send (&kit, SG_FRAME_STDOUT, 1, "x", 1);
  send_exit (1, 0);
  ck_assert_int_eq (expect_exited (1, &message), 0);
  ck_assert_msg (strstr (message, "No space left") != NULL, "%s", message);
  close (full);
  close (null);
  expect_clean_end ();
}
END_TEST

START_TEST (a_stuck_client_holds_up_nobody_else)
{
  int stuck[2], null = open ("/dev/null", O_RDWR | O_CLOEXEC);
  g_autofree char *text = g_malloc0 (SG_FRAME_MAX), *message = NULL;

  start ();
  make_pipe (stuck);
  kit_exec (&kit, 1, null, stuck[1], null);
  for (int i = 0; i < SG_WINDOW / SG_FRAME_MAX; i++)
    guest_send (&kit, SG_FRAME_STDOUT, 1, text, SG_FRAME_MAX);
  {
    g_autofree char *end = NULL;
    SgFrameHeader header;
    ck_assert (guest_receive (&kit, &header, &end)); /* end of input of 1 */
  }
  /* 64 KiB went into the pipe, and its credit may have come back: skip it. */
  supervisor_send (&kit, SG_RELAY_SIGNAL, g_variant_new ("(ui)", 1, 10), NULL, 0);
  for (;;)
    {
      g_autofree char *data = NULL;
      SgFrameHeader header;
      ck_assert (guest_receive (&kit, &header, &data));
      if (header.type == SG_FRAME_SIGNAL)
        break;
      ck_assert_int_eq (header.type, SG_FRAME_CREDIT);
    }
  kit_exec (&kit, 2, null, null, null);
  send_exit (2, 3);
  ck_assert_int_eq (expect_exited (2, &message), 3);
  ck_assert_int_eq (fcntl (stuck[1], F_GETFL) & O_NONBLOCK, 0);

  /* And giving up on it works although a thread blocks in write(). */
  send_exit (1, 0);
  supervisor_send (&kit, SG_RELAY_DROP, g_variant_new ("(u)", 1), NULL, 0);
  g_clear_pointer (&message, g_free);
  ck_assert_int_eq (expect_exited (1, &message), 0);
  close (stuck[0]);
  close (stuck[1]);
  close (null);
  expect_clean_end ();
}
END_TEST

START_TEST (input_is_left_alone_once_the_command_has_ended)
{
  int in[2], null = open ("/dev/null", O_RDWR | O_CLOEXEC);
  g_autofree char *message = NULL;
  char got[4];

  start ();
  make_pipe (in);
  kit_exec (&kit, 1, in[0], null, null);
  send_exit (1, 0);
  expect_exited (1, &message);
  ck_assert_int_eq (write (in[1], "abc", 3), 3);
  ck_assert_int_eq (read (in[0], got, sizeof got), 3);
  close (in[0]);
  close (in[1]);
  close (null);
  expect_clean_end ();
}
END_TEST

START_TEST (what_arrived_before_the_sandbox_died_is_delivered)
{
  int out[2], null = open ("/dev/null", O_RDWR | O_CLOEXEC);
  char got[8];

  start ();
  make_pipe (out);
  kit_exec (&kit, 1, null, out[1], null);
  close (out[1]);
  close (null);
  guest_send (&kit, SG_FRAME_STDOUT, 1, "last", 4);
  shutdown (kit.guest, SHUT_WR);
  expect_broken ("stopped");
  ck_assert_int_eq (read (out[0], got, sizeof got), 4);
  close (out[0]);
}
END_TEST

START_TEST (bytes_from_before_the_greeting_are_dropped)
{
  static const guint8 nonce[16] = "0123456789abcdef", other[16] = "another";
  g_autoptr (GVariant) greeted = NULL;
  SgRelayKind kind;

  relay_kit_start (&kit);
  guest_send (&kit, SG_FRAME_STDOUT, 9, "old", 3);
  supervisor_send (
      &kit, SG_RELAY_HELLO,
      g_variant_new ("(@ay)", g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, nonce, 16, 1)), NULL,
      0);
  guest_send_value (
      &kit, SG_FRAME_HELLO_OK, 0,
      g_variant_new ("(u@ay)", 1, g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, other, 16, 1)));
  send_exit (9, 1);
  guest_send_value (
      &kit, SG_FRAME_HELLO_OK, 0,
      g_variant_new ("(u@ay)", 1, g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, nonce, 16, 1)));
  greeted = supervisor_receive (&kit, SG_RELAY_TYPE_GREETED, &kind);
  ck_assert_int_eq (kind, SG_RELAY_GREETED);
  expect_clean_end ();
}
END_TEST

START_TEST (garbage_ends_the_connection)
{
  g_autofree guint8 *garbage = g_malloc (100000);

  for (int i = 0; i < 100000; i++)
    garbage[i] = (guint8)(rand () >> 4);
  start ();
  ck_assert_int_gt (send (kit.guest, garbage, 100000, MSG_NOSIGNAL), 0);
  expect_broken ("The sandbox sent");
}
END_TEST

START_TEST (more_output_than_credit_ends_the_connection)
{
  int stuck[2], null = open ("/dev/null", O_RDWR | O_CLOEXEC);
  g_autofree char *text = g_malloc0 (SG_FRAME_MAX);

  start ();
  make_pipe (stuck);
  kit_exec (&kit, 1, null, stuck[1], null);
  for (int i = 0; i < 8; i++)
    guest_send (&kit, SG_FRAME_STDOUT, 1, text, SG_FRAME_MAX);
  expect_broken ("more output"); /* after the patience for a client that does not read */
  close (stuck[0]);
  close (stuck[1]);
  close (null);
}
END_TEST

START_TEST (credit_for_input_never_sent_ends_the_connection)
{
  start ();
  exec_null ();
  guest_send_value (&kit, SG_FRAME_CREDIT, 1, g_variant_new ("(yu)", 0, 1));
  expect_broken ("credit");
}
END_TEST

START_TEST (data_after_the_exit_ends_the_connection)
{
  start ();
  exec_null ();
  guest_send (&kit, SG_FRAME_STDOUT, 1, "a", 1);
  send_exit (1, 0);
  guest_send (&kit, SG_FRAME_STDOUT, 1, "a", 1);
  {
    /* EXITED may or may not be first. */
    g_autoptr (GVariant) first = NULL;
    SgRelayKind kind;
    first = supervisor_receive (&kit, SG_RELAY_TYPE_EXITED, &kind);
    ck_assert_int_eq (kind, SG_RELAY_EXITED);
  }
  expect_broken ("does not run");
}
END_TEST

START_TEST (output_after_its_own_end_ends_the_connection)
{
  start ();
  exec_null ();
  guest_send (&kit, SG_FRAME_STDOUT, 1, "", 0);
  guest_send (&kit, SG_FRAME_STDOUT, 1, "a", 1);
  expect_broken ("after its end");
}
END_TEST

START_TEST (a_command_nobody_started_ends_the_connection)
{
  start ();
  guest_send (&kit, SG_FRAME_STDOUT, 77, "a", 1);
  expect_broken ("does not run");
}
END_TEST

START_TEST (an_answer_nobody_asked_for_ends_the_connection)
{
  start ();
  guest_send_value (&kit, SG_FRAME_REPLY, 0,
                    g_variant_new ("(ubsv)", 1, TRUE, "", g_variant_new ("()")));
  expect_broken ("nobody waits");
}
END_TEST

START_TEST (an_answer_of_the_wrong_type_ends_the_connection)
{
  g_autofree char *data = NULL;
  SgFrameHeader header;

  start ();
  supervisor_send (&kit, SG_RELAY_CALL, g_variant_new ("(usv)", 5, "ready", g_variant_new ("()")),
                   NULL, 0);
  ck_assert (guest_receive (&kit, &header, &data));
  ck_assert_int_eq (header.type, SG_FRAME_CALL);
  guest_send_value (&kit, SG_FRAME_REPLY, 0,
                    g_variant_new ("(ubsv)", 5, TRUE, "", g_variant_new ("s", "x")));
  expect_broken ("wrong kind");
}
END_TEST

START_TEST (a_flood_of_events_ends_the_connection)
{
  start ();
  for (int i = 0; i < 200; i++)
    guest_send_value (&kit, SG_FRAME_EVENT, 0,
                      g_variant_new ("(sv)", "notice", g_variant_new ("s", "hello")));
  for (;;)
    {
      SgRelayKind kind;
      g_autoptr (GVariant) body = supervisor_receive (&kit, "(sv)", &kind);
      ck_assert_ptr_nonnull (body);
      if (kind == SG_RELAY_BROKEN)
        break;
    }
  ck_assert (WIFEXITED (relay_kit_stop (&kit)));
}
END_TEST

START_TEST (a_supervisor_that_does_not_listen_costs_no_memory)
{
  struct pollfd p = { .fd = -1, .events = POLLOUT };
  g_autoptr (GByteArray) exits = g_byte_array_new ();
  int null = open ("/dev/null", O_RDWR | O_CLOEXEC);

  /* Replies nobody reads fill the relay's queue; it then stops reading the guest. */
  start ();
  for (guint32 i = 1; i <= 50; i++)
    {
      supervisor_send (&kit, SG_RELAY_CALL,
                       g_variant_new ("(usv)", i, "ready", g_variant_new ("()")), NULL, 0);
      g_autofree char *data = NULL;
      SgFrameHeader header;
      ck_assert (guest_receive (&kit, &header, &data));
    }
  for (guint32 i = 1; i <= 50; i++)
    guest_send_value (&kit, SG_FRAME_REPLY, 0,
                      g_variant_new ("(ubsv)", i, TRUE, "", g_variant_new ("(b)", TRUE)));
  p.fd = kit.guest;
  ck_assert_int_eq (poll (&p, 1, 1000), 1);
  for (guint32 i = 1; i <= 50; i++)
    {
      SgRelayKind kind;
      g_autoptr (GVariant) body = supervisor_receive (&kit, SG_RELAY_TYPE_REPLY, &kind);
      ck_assert_int_eq (kind, SG_RELAY_REPLY);
    }
  close (null);
  expect_clean_end ();
}
END_TEST

START_TEST (the_relay_is_locked_in_before_it_reads_a_byte)
{
#ifndef __SANITIZE_ADDRESS__
  g_autofree char *path = NULL, *status = NULL;

  start ();
  path = g_strdup_printf ("/proc/%d/status", kit.pid);
  ck_assert (g_file_get_contents (path, &status, NULL, NULL));
  ck_assert_ptr_nonnull (strstr (status, "Seccomp:\t2\n"));
  ck_assert_ptr_nonnull (strstr (status, "NoNewPrivs:\t1\n"));
  expect_clean_end ();
#endif
}
END_TEST

START_TEST (the_relay_goes_with_its_supervisor)
{
  start ();
  exec_null ();
  sg_fd_clear (&kit.supervisor);
  expect_clean_end ();
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("relay");
  TCase *tc = tcase_create ("relay");
  SRunner *runner;
  int failed;

  tcase_set_timeout (tc, 30);
  tcase_add_test (tc, output_and_code_arrive_and_the_descriptors_close_first);
  tcase_add_test (tc, input_stops_at_the_window_until_credit_is_given);
  tcase_add_test (tc, end_of_input_is_told_and_a_file_can_be_input);
  tcase_add_test (tc, a_reader_that_left_is_told_to_the_guest);
  tcase_add_test (tc, output_lost_to_a_full_disk_is_said);
  tcase_add_test (tc, a_stuck_client_holds_up_nobody_else);
  tcase_add_test (tc, input_is_left_alone_once_the_command_has_ended);
  tcase_add_test (tc, what_arrived_before_the_sandbox_died_is_delivered);
  tcase_add_test (tc, bytes_from_before_the_greeting_are_dropped);
  tcase_add_test (tc, garbage_ends_the_connection);
  tcase_add_test (tc, more_output_than_credit_ends_the_connection);
  tcase_add_test (tc, credit_for_input_never_sent_ends_the_connection);
  tcase_add_test (tc, data_after_the_exit_ends_the_connection);
  tcase_add_test (tc, output_after_its_own_end_ends_the_connection);
  tcase_add_test (tc, a_command_nobody_started_ends_the_connection);
  tcase_add_test (tc, an_answer_nobody_asked_for_ends_the_connection);
  tcase_add_test (tc, an_answer_of_the_wrong_type_ends_the_connection);
  tcase_add_test (tc, a_flood_of_events_ends_the_connection);
  tcase_add_test (tc, a_supervisor_that_does_not_listen_costs_no_memory);
  tcase_add_test (tc, the_relay_is_locked_in_before_it_reads_a_byte);
  tcase_add_test (tc, the_relay_goes_with_its_supervisor);
  suite_add_tcase (suite, tc);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
