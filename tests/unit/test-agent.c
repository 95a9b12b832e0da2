/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The supervisor's side of the agent: a real relay, and a fake guest that really runs commands. */
#include "common/fd.h"
#include "launcher/agent.h"
#include "tests/unit/fake-guest.h"
#include "tests/unit/loop-kit.h"
#include "tests/unit/relay-kit.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static RelayKit kit;
static SgAgent *agent;
static GPid fake;

static struct
{
  guint32 handle;
  gboolean signalled;
  int code;
  char *message;
  char *broken;
  char *notice;
  guint exits;
} seen;

static void
on_exited (SgAgent *source, guint handle, gboolean signalled, int code, const char *message,
           gpointer data)
{
  seen.handle = handle;
  seen.signalled = signalled;
  seen.code = code;
  g_free (seen.message);
  seen.message = g_strdup (message);
  seen.exits++;
}

static void
on_broken (SgAgent *source, const char *why, gpointer data)
{
  ck_assert_ptr_null (seen.broken);
  seen.broken = g_strdup (why);
}

static void
on_event (SgAgent *source, const char *name, GVariant *value, gpointer data)
{
  g_free (seen.notice);
  seen.notice = g_variant_is_of_type (value, G_VARIANT_TYPE_STRING)
                    ? g_variant_dup_string (value, NULL)
                    : NULL;
}

static void
greet (void)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  sg_agent_hello_async (agent, NULL, keep, &result);
  SPIN_UNTIL (result);
  ck_assert_msg (sg_agent_hello_finish (agent, result, &error), "%s", error ? error->message : "");
}

static void
set_up (void)
{
  memset (&seen, 0, sizeof seen);
  relay_kit_start (&kit);
  fake = fake_guest_start (kit.guest);
  sg_fd_clear (&kit.guest);
  agent = sg_agent_new (sg_fd_steal (&kit.supervisor));
  g_signal_connect (agent, "exited", G_CALLBACK (on_exited), NULL);
  g_signal_connect (agent, "broken", G_CALLBACK (on_broken), NULL);
  g_signal_connect (agent, "event", G_CALLBACK (on_event), NULL);
  greet ();
}

static void
tear_down (void)
{
  g_object_add_weak_pointer (G_OBJECT (agent), (gpointer *)&agent);
  g_object_unref (agent);
  ck_assert_ptr_null (agent); /* nothing pending holds it */
  relay_kit_stop (&kit);
  waitpid (fake, NULL, 0);
}

static guint32
start_command (const char *script, int in, int out, int err)
{
  const char *argv[] = { "sh", "-c", script, NULL };
  SgAgentCommand command = { .argv = argv };
  g_autoptr (GError) error = NULL;
  guint32 handle = sg_agent_exec (agent, &command, in, out, err, &error);

  ck_assert_msg (handle != 0, "%s", error != NULL ? error->message : "");
  return handle;
}

static int
null (void)
{
  static int fd = -1;

  if (fd < 0)
    fd = open ("/dev/null", O_RDWR | O_CLOEXEC);
  return fd;
}

/* Both ends of a pipe; the writing one is 1. */
static void
make_pipe (int ends[2])
{
  ck_assert_int_eq (pipe2 (ends, O_CLOEXEC), 0);
}

static void
expect_text (int fd, const char *text)
{
  char got[256] = "";
  gssize n = sg_read_all (fd, got, sizeof got - 1, NULL);

  ck_assert_int_eq (n, (gssize)strlen (text));
  ck_assert_str_eq (got, text);
}

START_TEST (both_streams_and_the_code_come_back)
{
  int out[2], err[2];
  guint32 handle;

  make_pipe (out);
  make_pipe (err);
  handle = start_command ("echo out; echo err >&2; exit 7", null (), out[1], err[1]);
  close (out[1]);
  close (err[1]);
  SPIN_UNTIL (seen.exits);
  ck_assert_uint_eq (seen.handle, handle);
  ck_assert_int_eq (seen.code, 7);
  ck_assert (!seen.signalled);
  expect_text (out[0], "out\n");
  expect_text (err[0], "err\n");
  close (out[0]);
  close (err[0]);
}
END_TEST

/* A hundred megabytes of bytes that differ everywhere. */
#define LARGE (100 * 1024 * 1024)

static int
large_file (void)
{
  g_autofree char *path = g_strdup ("/tmp/sg-agent-XXXXXX");
  int fd = g_mkstemp (path);
  g_autofree guint32 *piece = g_malloc (1024 * 1024);
  guint32 state = 12345;

  unlink (path);
  for (int mib = 0; mib < LARGE / (1024 * 1024); mib++)
    {
      for (gsize i = 0; i < 1024 * 1024 / sizeof *piece; i++)
        {
          state = state * 1664525 + 1013904223;
          piece[i] = state;
        }
      ck_assert (sg_write_all (fd, piece, 1024 * 1024, NULL));
    }
  lseek (fd, 0, SEEK_SET);
  return fd;
}

static char *
digest (int fd)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree guint8 *piece = g_malloc (1024 * 1024);
  gssize n;

  lseek (fd, 0, SEEK_SET);
  while ((n = read (fd, piece, 1024 * 1024)) > 0)
    g_checksum_update (sum, piece, n);
  return g_strdup (g_checksum_get_string (sum));
}

START_TEST (a_hundred_megabytes_go_in_and_come_back_the_same)
{
  g_autofree char *path = g_strdup ("/tmp/sg-agent-XXXXXX");
  int in = large_file (), out = g_mkstemp (path);
  g_autofree char *before = digest (in), *after = NULL;
  gint64 begun = g_get_monotonic_time ();
  double seconds;

  unlink (path);
  lseek (in, 0, SEEK_SET);
  start_command ("cat", in, out, null ());
  SPIN_UNTIL (seen.exits);
  seconds = (double)(g_get_monotonic_time () - begun) / G_USEC_PER_SEC;
  after = digest (out);
  ck_assert_str_eq (before, after);
  g_printerr ("100 MB in and back: %.2f s, %.0f MB/s each way\n", seconds, LARGE / 1e6 / seconds);
  close (in);
  close (out);
}
END_TEST

START_TEST (a_signal_ends_the_command)
{
  /* Not through a shell: dash can take a SIGINT while it forks, and forget it. */
  const char *argv[] = { "sleep", "60", NULL };
  SgAgentCommand command = { .argv = argv };
  guint32 handle = sg_agent_exec (agent, &command, null (), null (), null (), NULL);

  sg_agent_signal (agent, handle, SIGINT);
  SPIN_UNTIL (seen.exits);
  ck_assert_msg (seen.signalled, "code %d %s", seen.code, seen.message);
  ck_assert_int_eq (seen.code, SIGINT);
  sg_agent_signal (agent, handle, SIGINT); /* too late is fine */
}
END_TEST

START_TEST (a_reader_that_leaves_ends_the_writer)
{
  int out[2];
  char one;

  make_pipe (out);
  start_command ("exec yes", null (), out[1], null ());
  close (out[1]);
  ck_assert_int_eq (read (out[0], &one, 1), 1);
  close (out[0]);
  SPIN_UNTIL (seen.exits);
  ck_assert_msg (seen.signalled, "code %d %s", seen.code, seen.message);
  ck_assert_int_eq (seen.code, SIGPIPE);
}
END_TEST

START_TEST (a_command_that_reads_no_more_ends_its_writer)
{
  int in[2];
  g_autofree char *text = g_malloc0 (65536);

  signal (SIGPIPE, SIG_IGN);
  make_pipe (in);
  start_command ("exec <&-; sleep 60", in[0], null (), null ());
  close (in[0]);
  while (write (in[1], text, 65536) > 0)
    g_main_context_iteration (NULL, FALSE);
  ck_assert_int_eq (errno, EPIPE);
  close (in[1]);
}
END_TEST

START_TEST (a_dropped_client_hangs_up_the_command)
{
  guint32 handle = start_command ("sleep 60", null (), null (), null ());

  sg_agent_drop (agent, handle);
  SPIN_UNTIL (seen.exits);
  ck_assert_msg (seen.signalled, "code %d %s", seen.code, seen.message);
  ck_assert_int_eq (seen.code, SIGHUP);
}
END_TEST

START_TEST (many_commands_run_at_once_up_to_the_limit)
{
  const char *argv[] = { "true", NULL };
  SgAgentCommand command = { .argv = argv };
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < SG_MAX_CHANNELS; i++)
    start_command ("sleep 1; exit 3", null (), null (), null ());
  ck_assert_uint_eq (sg_agent_exec (agent, &command, null (), null (), null (), &error), 0);
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BUSY));
  while (seen.exits < SG_MAX_CHANNELS)
    {
      seen.code = 0;
      SPIN_UNTIL (seen.code);
      ck_assert_int_eq (seen.code, 3);
    }
}
END_TEST

START_TEST (arguments_that_are_too_long_are_refused_in_words)
{
  g_autofree char *text = g_strnfill (70000, 'x');
  const char *argv[] = { "echo", text, NULL };
  SgAgentCommand command = { .argv = argv };
  g_autoptr (GError) error = NULL;

  ck_assert_uint_eq (sg_agent_exec (agent, &command, null (), null (), null (), &error), 0);
  ck_assert_ptr_nonnull (strstr (error->message, "KiB"));
}
END_TEST

START_TEST (a_bad_descriptor_is_refused)
{
  const char *argv[] = { "true", NULL };
  SgAgentCommand command = { .argv = argv };
  g_autoptr (GError) error = NULL;

  ck_assert_uint_eq (sg_agent_exec (agent, &command, null (), 9999, null (), &error), 0);
  ck_assert_ptr_nonnull (error);
}
END_TEST

static GVariant *
call (const char *method, GVariant *argument, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  sg_agent_call_async (agent, method, argument, NULL, keep, &result);
  SPIN_UNTIL (result);
  return sg_agent_call_finish (agent, result, error);
}

START_TEST (calls_bring_results_errors_and_events)
{
  g_autoptr (GVariant) ready = NULL, none = NULL;
  g_autoptr (GError) error = NULL;
  gboolean desktop = FALSE;

  ready = call ("ready", g_variant_new ("()"), &error);
  ck_assert_ptr_nonnull (ready);
  g_variant_get (ready, "(b)", &desktop);
  ck_assert (desktop);
  SPIN_UNTIL (seen.notice);
  ck_assert_str_eq (seen.notice, "ready");
  none = call ("clock", g_variant_new ("x", G_GINT64_CONSTANT (1)), &error);
  ck_assert_ptr_null (none);
  ck_assert_str_eq (error->message, "the clock is stuck");
}
END_TEST

START_TEST (a_cancelled_call_returns_at_once_and_its_answer_does_no_harm)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) value = NULL, ready = NULL;
  g_autoptr (GError) error = NULL, none = NULL;

  sg_agent_call_async (agent, "ready", g_variant_new ("()"), cancellable, keep, &result);
  g_cancellable_cancel (cancellable);
  SPIN_UNTIL (result);
  value = sg_agent_call_finish (agent, result, &error);
  ck_assert_ptr_null (value);
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  ready = call ("ready", g_variant_new ("()"), &none);
  ck_assert_ptr_nonnull (ready);
  ck_assert_ptr_null (seen.broken);
}
END_TEST

START_TEST (a_new_hello_forgets_the_commands_before_it)
{
  guint32 old = start_command ("sleep 60", null (), null (), null ());

  greet ();
  sg_agent_signal (agent, old, SIGKILL); /* nobody's now */
  start_command ("exit 5", null (), null (), null ());
  SPIN_UNTIL (seen.exits);
  ck_assert_int_eq (seen.code, 5);
  ck_assert_ptr_null (seen.broken);
}
END_TEST

START_TEST (the_guest_s_death_fails_what_is_pending_and_is_told_once)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) error = NULL;
  const char *argv[] = { "true", NULL };
  SgAgentCommand command = { .argv = argv };

  start_command ("sleep 60", null (), null (), null ());
  sg_agent_call_async (agent, "poweroff", g_variant_new ("()"), NULL, keep, &result);
  SPIN_UNTIL (result);
  value = sg_agent_call_finish (agent, result, &error);
  ck_assert_ptr_null (value);
  ck_assert_ptr_nonnull (error);
  SPIN_UNTIL (seen.broken);
  ck_assert_ptr_nonnull (strstr (seen.broken, "stopped"));
  g_clear_error (&error);
  ck_assert_uint_eq (sg_agent_exec (agent, &command, null (), null (), null (), &error), 0);
  ck_assert_ptr_nonnull (error);
}
END_TEST

/* The machine has booted again, and another relay is there: nothing of before counts, and a handle
 * of before is nobody's. */
START_TEST (another_relay_makes_it_new)
{
  int pipes[2];
  guint32 before, after;

  ck_assert_int_eq (pipe2 (pipes, O_CLOEXEC), 0);
  before = start_command ("sleep 1000", pipes[0], pipes[1], pipes[1]);
  ck_assert (!sg_agent_is_broken (agent));
  kill (fake, SIGKILL);
  waitpid (fake, NULL, 0);
  SPIN_UNTIL (seen.broken);
  ck_assert (sg_agent_is_broken (agent));
  g_clear_pointer (&seen.broken, g_free);
  relay_kit_stop (&kit);

  relay_kit_start (&kit);
  fake = fake_guest_start (kit.guest);
  sg_fd_clear (&kit.guest);
  sg_agent_reconnect (agent, sg_fd_steal (&kit.supervisor));
  ck_assert (!sg_agent_is_broken (agent));
  greet ();
  ck_assert_uint_eq (seen.exits, 0);
  after = start_command ("exit 7", pipes[0], pipes[1], pipes[1]);
  ck_assert_uint_ne (before, after);
  sg_agent_signal (agent, before, SIGKILL); /* reaches nobody */
  SPIN_UNTIL (seen.exits);
  ck_assert_uint_eq (seen.handle, after);
  ck_assert_int_eq (seen.code, 7);
  close (pipes[0]);
  close (pipes[1]);
}
END_TEST

START_TEST (a_relay_that_dies_is_told)
{
  kill (kit.pid, SIGKILL);
  SPIN_UNTIL (seen.broken);
}
END_TEST

/* A relay that was taken over: whatever it sends, the supervisor drops it and lives. */
START_TEST (a_lying_relay_is_dropped)
{
  static const struct
  {
    guint32 kind;
    const char *text;
  } lies[] = {
    { SG_RELAY_EXITED, "(uint32 77, false, 0, '')" },
    { SG_RELAY_REPLY, "(uint32 77, true, '', <()>)" },
    { SG_RELAY_EVENT, "('notice', <''>)" },
    { SG_RELAY_EXEC, "()" },
    { SG_RELAY_GREETED, "(@ay [],)" },
    { 0, "()" },
    { SG_RELAY_BROKEN, "(uint32 5,)" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_autoptr (GVariant) body = g_variant_ref_sink (g_variant_new_parsed (lies[i].text));
      g_autoptr (SgAgent) lied = NULL;
      RelayKit played = { .pid = 0, .guest = -1 };
      int pair[2];

      ck_assert_int_eq (socketpair (AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
      g_clear_pointer (&seen.broken, g_free);
      lied = sg_agent_new (pair[0]);
      g_signal_connect (lied, "broken", G_CALLBACK (on_broken), NULL);
      played.supervisor = pair[1];
      supervisor_send (&played, lies[i].kind, body, NULL, 0);
      SPIN_UNTIL (seen.broken);
      close (pair[1]);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("agent");
  TCase *tc = tcase_create ("agent");
  SRunner *runner;
  int failed;

  tcase_set_timeout (tc, 90);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_test (tc, both_streams_and_the_code_come_back);
  tcase_add_test (tc, a_hundred_megabytes_go_in_and_come_back_the_same);
  tcase_add_test (tc, a_signal_ends_the_command);
  tcase_add_test (tc, a_reader_that_leaves_ends_the_writer);
  tcase_add_test (tc, a_command_that_reads_no_more_ends_its_writer);
  tcase_add_test (tc, a_dropped_client_hangs_up_the_command);
  tcase_add_test (tc, many_commands_run_at_once_up_to_the_limit);
  tcase_add_test (tc, arguments_that_are_too_long_are_refused_in_words);
  tcase_add_test (tc, a_bad_descriptor_is_refused);
  tcase_add_test (tc, calls_bring_results_errors_and_events);
  tcase_add_test (tc, a_cancelled_call_returns_at_once_and_its_answer_does_no_harm);
  tcase_add_test (tc, a_new_hello_forgets_the_commands_before_it);
  tcase_add_test (tc, the_guest_s_death_fails_what_is_pending_and_is_told_once);
  tcase_add_test (tc, a_relay_that_dies_is_told);
  tcase_add_test (tc, a_lying_relay_is_dropped);
  tcase_add_test (tc, another_relay_makes_it_new);
  suite_add_tcase (suite, tc);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
