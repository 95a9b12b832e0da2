/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The real agent (`sandglass-agent --fd`), a real relay, and the supervisor's side of both: what a
 * command inside looks like from outside.  The agent leaves the machine alone here. */
#include "common/fd.h"
#include "launcher/agent.h"
#include "tests/unit/loop-kit.h"
#include "tests/unit/relay-kit.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LARGE (100 * 1024 * 1024)

static RelayKit kit;
static SgAgent *agent;
static GPid inside;

static struct
{
  gboolean signalled;
  int code;
  char *message, *broken;
  guint exits;
} seen;

static void
on_exited (SgAgent *source, guint handle, gboolean signalled, int code, const char *message,
           gpointer data)
{
  seen.signalled = signalled;
  seen.code = code;
  g_free (seen.message);
  seen.message = g_strdup (message);
  seen.exits++;
}

static void
on_broken (SgAgent *source, const char *why, gpointer data)
{
  seen.broken = g_strdup (why);
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

/* Takes the descriptor. */
static GPid
start_agent (int fd)
{
  g_autofree char *program = relay_kit_program ("guest/sandglass-agent");
  char number[16];
  GPid pid = fork ();

  if (pid == 0)
    {
      g_snprintf (number, sizeof number, "%d", dup (fd));
      execl (program, program, "--fd", number, NULL);
      _exit (127);
    }
  close (fd);
  return pid;
}

static void
set_up (void)
{
  memset (&seen, 0, sizeof seen);
  relay_kit_start (&kit);
  fcntl (kit.guest, F_SETFD, FD_CLOEXEC);
  fcntl (kit.supervisor, F_SETFD, FD_CLOEXEC);
  inside = start_agent (sg_fd_steal (&kit.guest));
  agent = sg_agent_new (sg_fd_steal (&kit.supervisor));
  g_signal_connect (agent, "exited", G_CALLBACK (on_exited), NULL);
  g_signal_connect (agent, "broken", G_CALLBACK (on_broken), NULL);
  greet ();
}

static void
tear_down (void)
{
  g_clear_object (&agent);
  relay_kit_stop (&kit);
  waitpid (inside, NULL, 0); /* it ends with its connection */
}

static guint32
start_full (const SgAgentCommand *command, int in, int out, int err)
{
  g_autoptr (GError) error = NULL;
  guint32 handle = sg_agent_exec (agent, command, in, out, err, &error);

  ck_assert_msg (handle != 0, "%s", error != NULL ? error->message : "");
  return handle;
}

static guint32
start_command (const char *script, int in, int out, int err)
{
  const char *argv[] = { "sh", "-c", script, NULL };
  SgAgentCommand command = { .argv = argv };

  return start_full (&command, in, out, err);
}

static guint32
start_terminal (const char *script, int in, int out)
{
  const char *argv[] = { "sh", "-c", script, NULL };
  SgAgentCommand command = { .argv = argv, .tty = TRUE, .rows = 33, .columns = 91 };

  return start_full (&command, in, out, -1);
}

static int
null (void)
{
  static int fd = -1;

  if (fd < 0)
    fd = open ("/dev/null", O_RDWR | O_CLOEXEC);
  return fd;
}

static void
make_pipe (int ends[2])
{
  ck_assert_int_eq (pipe2 (ends, O_CLOEXEC), 0);
}

static void
expect_text (int fd, const char *text)
{
  char got[512] = "";
  gssize n = sg_read_all (fd, got, sizeof got - 1, NULL);

  ck_assert_str_eq (got, text);
  ck_assert_int_eq (n, (gssize)strlen (text));
}

/* Runs a script to its end and returns what it wrote to a file. */
static char *
output_of (const SgAgentCommand *command, int in)
{
  g_autofree char *path = g_strdup ("/tmp/sg-guest-agent-XXXXXX");
  int fd = g_mkstemp (path);
  char *text;

  seen.exits = 0;
  start_full (command, in, fd, command->tty ? -1 : null ());
  SPIN_UNTIL (seen.exits);
  ck_assert (g_file_get_contents (path, &text, NULL, NULL));
  unlink (path);
  close (fd);
  return text;
}

/* Waits until a pipe has brought TEXT. */
static void
wait_for_text (int fd, const char *text)
{
  g_autoptr (GString) got = g_string_new (NULL);
  gint64 deadline = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;
  struct pollfd p = { .fd = fd, .events = POLLIN };
  char piece[256];

  while (strstr (got->str, text) == NULL && g_get_monotonic_time () < deadline)
    {
      g_main_context_iteration (NULL, FALSE);
      if (poll (&p, 1, 20) == 1)
        {
          gssize n = read (fd, piece, sizeof piece);
          ck_assert_msg (n > 0, "it ended with: %s", got->str);
          g_string_append_len (got, piece, n);
        }
    }
  ck_assert_msg (strstr (got->str, text) != NULL, "no '%s' in: %s", text, got->str);
}

START_TEST (both_streams_and_the_code_come_back)
{
  int out[2], err[2];

  make_pipe (out);
  make_pipe (err);
  start_command ("echo out; echo err >&2; exit 7", null (), out[1], err[1]);
  close (out[1]);
  close (err[1]);
  SPIN_UNTIL (seen.exits);
  ck_assert_int_eq (seen.code, 7);
  ck_assert (!seen.signalled);
  expect_text (out[0], "out\n");
  expect_text (err[0], "err\n");
}
END_TEST

/* When all that came before has been written already, and nothing else happens. */
START_TEST (an_end_that_comes_alone_is_the_end)
{
  int in[2], out[2];

  make_pipe (in);
  make_pipe (out);
  start_command ("echo here; cat", in[0], out[1], null ());
  close (in[0]);
  close (out[1]);
  wait_for_text (out[0], "here\n");
  if (_i > 0)
    {
      ck_assert_int_eq (write (in[1], "said\n", 5), 5);
      wait_for_text (out[0], "said\n");
    }
  close (in[1]);
  SPIN_UNTIL (seen.exits);
  ck_assert_int_eq (seen.code, 0);
  expect_text (out[0], "");
}
END_TEST

START_TEST (arguments_environment_and_directory_are_exact_bytes)
{
  const char *argv[] = { "printf", "<%s>", "", "a b", "\xff\xfe", "*", NULL };
  const char *env[] = { "WORD=a=b c", "NOT SET", NULL };
  const char *show[] = { "sh", "-c", "pwd; echo \"$WORD|$HOME|$SECRET\"", NULL };
  SgAgentCommand words = { .argv = argv };
  SgAgentCommand place = { .argv = show, .env = env, .cwd = "/proc" };
  g_autofree char *one = output_of (&words, null ()), *two = NULL, *expected = NULL;

  ck_assert_str_eq (one, "<><a b><\xff\xfe><*>");
  two = output_of (&place, null ());
  expected = g_strdup_printf ("/proc\na=b c|%s|\n", g_get_home_dir ());
  /* HOME is the account's, whatever this process has; and nothing is inherited. */
  ck_assert (g_str_has_prefix (two, "/proc\na=b c|/"));
  ck_assert (g_str_has_suffix (two, "|\n"));
}
END_TEST

START_TEST (nothing_of_the_agent_is_inherited)
{
  const char *argv[]
      = { "sh", "-c", "ls /proc/self/fd | wc -l; ulimit -S -c; umask; env | grep -c SECRET", NULL };
  SgAgentCommand command = { .argv = argv };
  g_autofree char *text = output_of (&command, null ());

  ck_assert_msg (g_str_has_prefix (text, "4\n"), "%s", text); /* 0, 1, 2 and ls's own */
  ck_assert_msg (g_str_has_suffix (text, "0022\n0\n"), "%s", text);
}
END_TEST

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

static int
large_file (void)
{
  g_autofree char *path = g_strdup ("/tmp/sg-guest-agent-XXXXXX");
  int fd = g_mkstemp (path);
  g_autofree guint32 *piece = g_malloc (1024 * 1024);
  guint32 state = 12345;

  unlink (path);
  for (int mib = 0; mib < LARGE / (1024 * 1024); mib++)
    {
      for (gsize i = 0; i < 1024 * 1024 / sizeof *piece; i++)
        piece[i] = state = state * 1664525 + 1013904223;
      ck_assert (sg_write_all (fd, piece, 1024 * 1024, NULL));
    }
  lseek (fd, 0, SEEK_SET);
  return fd;
}

START_TEST (a_hundred_megabytes_go_in_and_come_back_the_same)
{
  g_autofree char *path = g_strdup ("/tmp/sg-guest-agent-XXXXXX");
  int in = large_file (), out = g_mkstemp (path);
  g_autofree char *before = digest (in), *after = NULL;
  gint64 begun = g_get_monotonic_time ();

  unlink (path);
  lseek (in, 0, SEEK_SET);
  start_command ("cat", in, out, null ());
  SPIN_UNTIL (seen.exits);
  g_printerr ("100 MB in and back: %.2f s\n", (double)(g_get_monotonic_time () - begun) / 1e6);
  after = digest (out);
  ck_assert_str_eq (before, after);
}
END_TEST

START_TEST (a_signal_ends_the_command)
{
  guint32 handle = start_command ("sleep 60; echo never", null (), null (), null ());

  sg_agent_signal (agent, handle, SIGINT);
  SPIN_UNTIL (seen.exits);
  ck_assert_msg (seen.signalled, "code %d %s", seen.code, seen.message);
  ck_assert_int_eq (seen.code, SIGINT);
}
END_TEST

START_TEST (a_trapped_signal_gives_the_command_s_own_code)
{
  int out[2];
  guint32 handle;

  make_pipe (out);
  handle = start_command ("trap 'exit 9' TERM; echo up; while :; do sleep 0.05; done", null (),
                          out[1], null ());
  wait_for_text (out[0], "up");
  sg_agent_signal (agent, handle, SIGTERM);
  SPIN_UNTIL (seen.exits);
  ck_assert_int_eq (seen.code, 9);
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

/* Nobody reads one command's output; another one runs all the same. */
START_TEST (a_stuck_reader_stops_its_own_command_only)
{
  const char *argv[] = { "echo", "fine", NULL };
  SgAgentCommand command = { .argv = argv };
  g_autofree char *text = NULL;
  int out[2];

  make_pipe (out);
  start_command ("exec yes", null (), out[1], null ());
  g_usleep (300000);
  text = output_of (&command, null ());
  ck_assert_str_eq (text, "fine\n");
  close (out[0]);
  close (out[1]);
}
END_TEST

START_TEST (what_a_child_writes_late_is_not_lost)
{
  const char *argv[] = { "sh", "-c", "(sleep 0.5; echo late) & echo first", NULL };
  SgAgentCommand command = { .argv = argv };
  g_autofree char *text = output_of (&command, null ());

  ck_assert_str_eq (text, "first\nlate\n");
}
END_TEST

START_TEST (what_cannot_be_run_says_why)
{
  static const struct
  {
    const char *program, *cwd, *user, *words;
    int code;
  } cases[] = {
    { "no-such-program", NULL, NULL, "no-such-program", 127 },
    { "/no/such/program", NULL, NULL, "/no/such/program", 127 },
    { "/etc/passwd", NULL, NULL, "Permission denied", 126 },
    { "/", NULL, NULL, "Permission denied", 126 },
    { "true", "/no/such/directory", NULL, "/no/such/directory", 126 },
    { "true", NULL, "no-such-user", "no-such-user", 126 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *argv[] = { cases[i].program, NULL };
      SgAgentCommand command = { .argv = argv, .cwd = cases[i].cwd, .user = cases[i].user };

      /* Without a name the user is `sandbox`, who is not here: the relay sends it as empty. */
      seen.exits = 0;
      start_full (&command, null (), null (), null ());
      SPIN_UNTIL (seen.exits);
      ck_assert_int_eq (seen.code, cases[i].code);
      ck_assert_msg (strstr (seen.message, cases[i].words) != NULL, "%s", seen.message);
    }
}
END_TEST

START_TEST (a_terminal_has_its_size_and_changes_it)
{
  int out[2];
  guint32 handle;

  make_pipe (out);
  handle = start_terminal (
      "trap 'stty size; exit 4' WINCH; "
      "test -t 0 && test -t 1 && test -t 2 && stty size; while :; do sleep 0.05; done",
      null (), out[1]);
  wait_for_text (out[0], "33 91");
  sg_agent_resize (agent, handle, 20, 70);
  wait_for_text (out[0], "20 70");
  SPIN_UNTIL (seen.exits);
  ck_assert_int_eq (seen.code, 4);
}
END_TEST

START_TEST (control_c_on_a_terminal_interrupts_the_foreground)
{
  int in[2], out[2];

  make_pipe (in);
  make_pipe (out);
  start_terminal ("exec cat", in[0], out[1]);
  close (in[0]);
  /* The terminal's echo, then cat's own: it is there.  (dash can take a SIGINT while it forks, and
   * forget it.) */
  ck_assert_int_eq (write (in[1], "up\n", 3), 3);
  wait_for_text (out[0], "up\r\nup");
  ck_assert_int_eq (write (in[1], "\003", 1), 1);
  SPIN_UNTIL (seen.exits);
  ck_assert_msg (seen.signalled, "code %d", seen.code);
  ck_assert_int_eq (seen.code, SIGINT);
  close (in[1]);
}
END_TEST

START_TEST (a_terminal_s_last_words_are_all_there)
{
  const char *argv[] = { "sh", "-c", "seq 20000", NULL };
  SgAgentCommand command = { .argv = argv, .tty = TRUE };

  for (int i = 0; i < 5; i++)
    {
      g_autofree char *text = output_of (&command, null ());
      ck_assert (g_str_has_suffix (text, "\r\n20000\r\n"));
    }
}
END_TEST

START_TEST (a_terminal_ends_with_its_command)
{
  gint64 begun = g_get_monotonic_time ();

  start_terminal ("trap '' HUP; sleep 20 & exit 3", null (), null ());
  SPIN_UNTIL (seen.exits);
  ck_assert_int_eq (seen.code, 3);
  ck_assert_int_lt (g_get_monotonic_time () - begun, 10 * G_USEC_PER_SEC);
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

START_TEST (many_commands_run_at_once)
{
  for (int i = 0; i < SG_MAX_CHANNELS; i++)
    start_command ("sleep 1; exit 3", null (), null (), null ());
  while (seen.exits < SG_MAX_CHANNELS)
    {
      seen.code = 0;
      SPIN_UNTIL (seen.code);
      ck_assert_int_eq (seen.code, 3);
    }
}
END_TEST

START_TEST (a_new_hello_ends_the_commands_before_it)
{
  g_autofree char *path = g_strdup ("/tmp/sg-guest-agent-XXXXXX");
  g_autofree char *script = NULL, *text = NULL;
  int out[2], fd = g_mkstemp (path);

  make_pipe (out);
  script = g_strdup_printf ("echo $$ >%s; echo up; exec yes", path);
  start_command (script, null (), out[1], null ());
  wait_for_text (out[0], "up");
  greet ();
  ck_assert (g_file_get_contents (path, &text, NULL, NULL));
  ck_assert_int_eq (kill (atoi (text), 0), -1); /* killed and reaped */
  unlink (path);
  close (fd);
  close (out[0]);
  close (out[1]);
  start_command ("exit 5", null (), null (), null ());
  SPIN_UNTIL (seen.exits);
  ck_assert_int_eq (seen.code, 5);
  ck_assert_ptr_null (seen.broken);
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

START_TEST (without_a_desktop_ready_says_so_at_once)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) ready = call ("ready", g_variant_new ("()"), &error);
  gboolean desktop = TRUE;

  ck_assert_ptr_nonnull (ready);
  g_variant_get (ready, "(b)", &desktop);
  ck_assert (!desktop);
}
END_TEST

START_TEST (it_tells_how_much_memory_is_left)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) memory = call ("memory", g_variant_new ("()"), &error);
  guint64 available = 0;
  guint32 pressure = G_MAXUINT32;

  ck_assert_ptr_nonnull (memory);
  g_variant_get (memory, "(tu)", &available, &pressure);
  ck_assert_uint_gt (available, 1024 * 1024);
  ck_assert_uint_le (pressure, 10000);
}
END_TEST

/* This machine's clock, name and power are not the agent's to change outside a sandbox. */
START_TEST (the_machine_is_left_alone_outside_a_sandbox)
{
  static const char *const methods[] = { "clock", "poweroff" };

  for (gsize i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) none = call (
          methods[i], i == 0 ? g_variant_new ("x", (gint64)1) : g_variant_new ("()"), &error);

      ck_assert_ptr_null (none);
      ck_assert_ptr_nonnull (strstr (error->message, "does not run in a sandbox"));
    }
}
END_TEST

/* Frames that break the rules end the agent; it does nothing of what they ask. */
START_TEST (a_broken_stream_ends_the_agent)
{
  static const struct
  {
    guint32 length;
    guint16 type, zero;
    guint32 channel;
  } broken[] = {
    { SG_FRAME_MAX + 1, SG_FRAME_CALL, 0, 0 }, /* too long */
    { 0, SG_FRAME_HELLO, 1, 0 },               /* a reserved field */
    { 0, SG_FRAME_HELLO, 0, 0 },               /* no body */
    { 0, SG_FRAME_EXEC, 0, 1 },                /* before HELLO */
    { 0, SG_FRAME_CALL, 0, 0 },                /* before HELLO */
    { 0, 77, 0, 0 },                           /* no such type */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      int pair[2], status;
      GPid pid;
      guint8 packed[SG_FRAME_HEADER];

      ck_assert_int_eq (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
      pid = start_agent (pair[1]);
      memcpy (packed, &broken[i].length, 4);
      memcpy (packed + 4, &broken[i].type, 2);
      memcpy (packed + 6, &broken[i].zero, 2);
      memcpy (packed + 8, &broken[i].channel, 4);
      ck_assert_int_eq (write (pair[0], packed, sizeof packed), sizeof packed);
      ck_assert_int_eq (waitpid (pid, &status, 0), pid);
      ck_assert_int_eq (WEXITSTATUS (status), 1);
      close (pair[0]);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("guest-agent");
  TCase *tc = tcase_create ("guest-agent");
  SRunner *runner;
  int failed;

  setenv ("SECRET", "of the agent", 1);
  tcase_set_timeout (tc, 120);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_test (tc, both_streams_and_the_code_come_back);
  tcase_add_loop_test (tc, an_end_that_comes_alone_is_the_end, 0, 2);
  tcase_add_test (tc, arguments_environment_and_directory_are_exact_bytes);
  tcase_add_test (tc, nothing_of_the_agent_is_inherited);
  tcase_add_test (tc, a_hundred_megabytes_go_in_and_come_back_the_same);
  tcase_add_test (tc, a_signal_ends_the_command);
  tcase_add_test (tc, a_trapped_signal_gives_the_command_s_own_code);
  tcase_add_test (tc, a_reader_that_leaves_ends_the_writer);
  tcase_add_test (tc, a_command_that_reads_no_more_ends_its_writer);
  tcase_add_test (tc, a_stuck_reader_stops_its_own_command_only);
  tcase_add_test (tc, what_a_child_writes_late_is_not_lost);
  tcase_add_test (tc, what_cannot_be_run_says_why);
  tcase_add_test (tc, a_terminal_has_its_size_and_changes_it);
  tcase_add_test (tc, control_c_on_a_terminal_interrupts_the_foreground);
  tcase_add_test (tc, a_terminal_s_last_words_are_all_there);
  tcase_add_test (tc, a_terminal_ends_with_its_command);
  tcase_add_test (tc, a_dropped_client_hangs_up_the_command);
  tcase_add_test (tc, many_commands_run_at_once);
  tcase_add_test (tc, a_new_hello_ends_the_commands_before_it);
  tcase_add_test (tc, without_a_desktop_ready_says_so_at_once);
  tcase_add_test (tc, it_tells_how_much_memory_is_left);
  tcase_add_test (tc, the_machine_is_left_alone_outside_a_sandbox);
  tcase_add_test (tc, a_broken_stream_ends_the_agent);
  suite_add_tcase (suite, tc);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
