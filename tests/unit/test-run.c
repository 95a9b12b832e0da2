/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sandglass run` as a process, with a session that has no machine: streams, codes, signals,
 * terminals, and what is said when something goes wrong. */
#include "common/fd.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static char *dir;
static const char *const programs[][2] = { { "tests/run-alone", "sandglass" },
                                           { "tests/fake-session", "sandglass-session" },
                                           { "sandglass-relay", "sandglass-relay" } };

static char *
in_dir (const char *name)
{
  return g_build_filename (dir, name, NULL);
}

/* The programs beside each other, as in an installation, and something by the names of the tools.
 */
static void
set_up (void)
{
  static const char *const tools[] = { "qemu-system-x86_64", "nbdkit", "bwrap" };
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *tests = g_path_get_dirname (self), *build = g_path_get_dirname (tests);
  g_autofree char *path = NULL;

  dir = g_dir_make_tmp ("sg-run-XXXXXX", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (programs); i++)
    {
      g_autofree char *from = g_build_filename (build, programs[i][0], NULL);
      g_autofree char *to = in_dir (programs[i][1]);
      g_autofree char *data = NULL;
      gsize len;

      ck_assert_msg (g_file_get_contents (from, &data, &len, NULL), "%s is missing", from);
      ck_assert (
          g_file_set_contents_full (to, data, (gssize)len, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
    }
  for (gsize i = 0; i < G_N_ELEMENTS (tools); i++)
    {
      g_autofree char *tool = in_dir (tools[i]);
      ck_assert (g_file_set_contents_full (tool, "#!/bin/sh\nexit 1\n", -1,
                                           G_FILE_SET_CONTENTS_NONE, 0755, NULL));
    }
  path = g_strdup_printf ("%s:%s", dir, g_getenv ("PATH"));
  g_setenv ("PATH", path, TRUE);
  g_unsetenv ("SG_FAKE");
}

static void
tear_down (void)
{
  g_autoptr (GDir) entries = g_dir_open (dir, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (entries)) != NULL)
    {
      g_autofree char *path = in_dir (name);
      g_unlink (path);
    }
  g_rmdir (dir);
  g_free (dir);
}

/* Runs SCRIPT with $S as the command line's start; returns its code, and what came out. */
static int
shell (const char *script, char **ret_out, char **ret_err)
{
  g_autofree char *program = in_dir ("sandglass");
  g_autofree char *full = g_strdup_printf ("S='%s run'\n%s", program, script);
  const char *argv[] = { "sh", "-c", full, NULL };
  g_autoptr (GError) error = NULL;
  int status;

  ck_assert_msg (g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, ret_out,
                               ret_err, &status, &error),
                 "%s", error != NULL ? error->message : "");
  ck_assert (WIFEXITED (status));
  return WEXITSTATUS (status);
}

static void
expect (const char *script, int code, const char *out, const char *err)
{
  g_autofree char *got_out = NULL, *got_err = NULL;
  int got = shell (script, &got_out, &got_err);

  ck_assert_msg (got == code, "%s: code %d, stderr: %s", script, got, got_err);
  if (out != NULL)
    ck_assert_str_eq (got_out, out);
  if (err != NULL)
    ck_assert_msg (strstr (got_err, err) != NULL, "stderr lacks '%s': %s", err, got_err);
}

START_TEST (streams_and_code_are_the_command_s)
{
  g_autofree char *out = NULL, *err = NULL;

  ck_assert_int_eq (shell ("$S -- sh -c 'echo out; echo err >&2; exit 7'", &out, &err), 7);
  ck_assert_str_eq (out, "out\n");
  ck_assert_str_eq (err, "err\n");
}
END_TEST

START_TEST (input_is_byte_exact)
{
  expect ("printf 'a\\0b' | $S -- od -An -c", 0, "   a  \\0   b\n", NULL);
  expect ("$S -- cat </dev/null", 0, "", NULL);
  expect ("head -c 30000000 /dev/zero | $S -- wc -c", 0, "30000000\n", NULL);
}
END_TEST

START_TEST (output_into_a_file_is_appended_where_the_shell_said)
{
  expect ("T=$(mktemp); echo first >$T; $S -- echo second >>$T; cat $T; rm $T", 0,
          "first\nsecond\n", NULL);
}
END_TEST

START_TEST (closed_standard_descriptors_do_no_harm)
{
  expect ("$S -- sh -c 'cat; exit 4' <&- >&- 2>&-", 4, "", NULL);
}
END_TEST

START_TEST (a_pipeline_s_end_is_passed_on)
{
  expect ("$S -- sh -c 'exec yes' | head -n 1", 0, "y\n", NULL);
  expect ("{ $S -- sh -c 'exec yes'; echo $? >&2; } | head -n 1", 0, "y\n", "141");
}
END_TEST

START_TEST (codes_of_signals_and_missing_commands)
{
  expect ("$S -- sh -c 'kill -KILL $$'", 137, "", NULL);
  expect ("$S -- /nonexistent/command", 127, "", NULL);
}
END_TEST

START_TEST (directory_and_environment_are_set)
{
  expect ("$S -d /usr -e A='x y' -- sh -c 'pwd; echo \"$A\"'", 0, "/usr\nx y\n", NULL);
  expect ("export GIVEN=outside; $S -e GIVEN -- sh -c 'echo $GIVEN'", 0, "outside\n", NULL);
}
END_TEST

START_TEST (without_dashes_options_after_the_command_are_the_command_s)
{
  expect ("$S echo -n -t --memory", 0, "-t --memory", NULL);
}
END_TEST

START_TEST (a_wrong_command_line_is_2_and_says_why)
{
  expect ("$S --memory=5 -- true", 2, "", "--memory");
  expect ("$S --cpus=-1 -- true", 2, "", "--cpus");
  expect ("$S --nonsense -- true", 2, "", "nonsense");
  expect ("$S -t -T -- true", 2, "", "contradict");
  expect ("$S -e =x -- true", 2, "", "-e");
}
END_TEST

START_TEST (the_plan_is_printed_and_nothing_started)
{
  expect ("$S --plan -- true", 0, "a made-up plan: no network\n", NULL);
}
END_TEST

START_TEST (a_signal_goes_to_the_command)
{
  /* A second more: its words can be there before the word that it was started. */
  expect ("o=$(mktemp); $S -- sh -c 'trap \"echo caught; exit 9\" TERM; echo up; while :; do sleep "
          "0.1; done' "
          ">\"$o\" & until grep -q up \"$o\"; do sleep 0.1; done; sleep 1; kill -TERM $!; wait $!; "
          "c=$?; cat \"$o\"; rm \"$o\"; exit $c",
          9, "up\ncaught\n", NULL);
  expect ("$S -- sleep 60 & sleep 1; kill -HUP $!; wait $!", 128 + SIGHUP, "", NULL);
}
END_TEST

START_TEST (giving_up_while_it_starts)
{
  g_setenv ("SG_FAKE", "slow", TRUE);
  /* In the background of a shell without job control SIGINT is ignored, so a trap-less starter is
   * needed. */
  expect ("$S -- true & sleep 0.5; kill -TERM $!; wait $!", 128 + SIGTERM, "", NULL);
}
END_TEST

START_TEST (a_session_that_cannot_start_is_125_in_words)
{
  g_setenv ("SG_FAKE", "fail", TRUE);
  expect ("$S -- true", 125, "", "The made-up machine could not start");
}
END_TEST

START_TEST (a_session_that_vanishes_is_125_in_words)
{
  g_setenv ("SG_FAKE", "vanish", TRUE);
  expect ("$S -- sleep 60", 125, "", "ended unexpectedly");
}
END_TEST

START_TEST (a_sandbox_that_may_not_be_gone_is_told)
{
  g_setenv ("SG_FAKE", "linger", TRUE);
  expect ("$S -- sh -c 'exit 3'", 3, "", "could not be removed");
}
END_TEST

START_TEST (missing_tools_are_named_with_the_command_that_mends)
{
  g_autofree char *nbdkit = in_dir ("nbdkit");

  g_unlink (nbdkit);
  expect ("PATH=${S%/*}; $S -- true", 125, "", "nbdkit 1.32 or newer: not installed");
}
END_TEST

START_TEST (an_old_qemu_is_named_when_the_start_fails)
{
  g_autofree char *qemu = in_dir ("qemu-system-x86_64");

  ck_assert (g_file_set_contents_full (qemu, "#!/bin/sh\necho 'QEMU emulator version 6.2.0'\n", -1,
                                       G_FILE_SET_CONTENTS_NONE, 0755, NULL));
  g_setenv ("SG_FAKE", "fail", TRUE);
  expect ("$S -- true", 125, "", "version 6.2 is too old; 7.2 or newer is needed");
}
END_TEST

START_TEST (output_lost_to_a_full_disk_is_no_success)
{
  expect ("$S -- echo x >/dev/full", 1, "", "No space left");
}
END_TEST

/* --- terminals
 * -------------------------------------------------------------------------------------- */

typedef struct
{
  pid_t pid;
  int master;
  GString *seen;
} Terminal;

static void
terminal_exec (Terminal *terminal, const char *program, const char *const *argv)
{
  struct winsize size = { .ws_row = 30, .ws_col = 100 };

  terminal->seen = g_string_new (NULL);
  terminal->pid = forkpty (&terminal->master, NULL, NULL, &size);
  ck_assert_int_ge (terminal->pid, 0);
  if (terminal->pid == 0)
    {
      execvp (program, (char **)argv);
      _exit (99);
    }
}

static void
terminal_start (Terminal *terminal, const char *const *arguments)
{
  g_autofree char *program = in_dir ("sandglass");
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();

  g_ptr_array_add (argv, program);
  g_ptr_array_add (argv, (char *)"run");
  for (int i = 0; arguments[i] != NULL; i++)
    g_ptr_array_add (argv, (char *)arguments[i]);
  g_ptr_array_add (argv, NULL);
  terminal_exec (terminal, program, (const char *const *)argv->pdata);
}

static void
terminal_expect (Terminal *terminal, const char *text)
{
  gint64 deadline = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  while (strstr (terminal->seen->str, text) == NULL)
    {
      struct pollfd p = { .fd = terminal->master, .events = POLLIN };
      char piece[1024];
      gssize n = 0;

      ck_assert_msg (g_get_monotonic_time () < deadline, "'%s' does not appear in '%s'", text,
                     terminal->seen->str);
      if (poll (&p, 1, 100) > 0)
        n = read (terminal->master, piece, sizeof piece);
      ck_assert_msg (n >= 0, "'%s' does not appear in '%s' before the end", text,
                     terminal->seen->str);
      g_string_append_len (terminal->seen, piece, n);
    }
}

static gboolean
terminal_is_raw (Terminal *terminal)
{
  struct termios state;

  ck_assert_int_eq (tcgetattr (terminal->master, &state), 0);
  return (state.c_lflag & (ICANON | ECHO)) == 0;
}

/* Waits until it is given back. */
static gboolean
terminal_is_back (Terminal *terminal)
{
  gint64 deadline = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  while (terminal_is_raw (terminal) && g_get_monotonic_time () < deadline)
    g_usleep (10000);
  return !terminal_is_raw (terminal);
}

static gboolean
terminal_ended (Terminal *terminal)
{
  siginfo_t info = { 0 };

  ck_assert_int_eq (waitid (P_PID, (id_t)terminal->pid, &info, WEXITED | WNOHANG | WNOWAIT), 0);
  return info.si_pid != 0;
}

static int
terminal_end (Terminal *terminal)
{
  int status;

  ck_assert_int_eq (waitpid (terminal->pid, &status, 0), terminal->pid);
  close (terminal->master);
  g_string_free (terminal->seen, TRUE);
  return WIFEXITED (status) ? WEXITSTATUS (status) : -WTERMSIG (status);
}

START_TEST (the_terminal_is_raw_while_the_command_has_it_and_given_back)
{
  static const char *const arguments[]
      = { "-q", "--", "sh", "-c", "echo ready; head -c 3; echo; echo done; exit 5", NULL };
  Terminal terminal;

  terminal_start (&terminal, arguments);
  terminal_expect (&terminal, "ready");
  ck_assert (terminal_is_raw (&terminal));
  ck_assert_int_eq (write (terminal.master, "a\003b", 3), 3); /* Ctrl+C is a key like any other */
  terminal_expect (&terminal, "a\003b");
  terminal_expect (&terminal, "done");
  ck_assert (terminal_is_back (&terminal));
  ck_assert_int_eq (terminal_end (&terminal), 5);
}
END_TEST

START_TEST (the_terminal_is_given_back_when_a_signal_ends_it)
{
  static const char *const arguments[] = { "-q", "--", "sh", "-c", "echo ready; sleep 60", NULL };
  Terminal terminal;

  terminal_start (&terminal, arguments);
  terminal_expect (&terminal, "ready");
  ck_assert (terminal_is_raw (&terminal));
  kill (terminal.pid, SIGTERM);
  ck_assert (terminal_is_back (&terminal));
  ck_assert_int_eq (terminal_end (&terminal), 128 + SIGTERM);
}
END_TEST

START_TEST (a_terminal_that_takes_no_output_can_be_left)
{
  static const char *const arguments[] = { "-q", "--", "sh", "-c", "exec yes", NULL };
  Terminal terminal;

  terminal_start (&terminal, arguments);
  g_usleep (1500000); /* nobody reads: everything up to the command is full */
  ck_assert (!terminal_ended (&terminal));
  for (int i = 0; i < 100 && !terminal_ended (&terminal); i++)
    {
      kill (terminal.pid, SIGTERM); /* the first ends the command; its output still waits */
      g_usleep (300000);
    }
  ck_assert_int_eq (terminal_end (&terminal), 128 + SIGTERM);
}
END_TEST

START_TEST (the_terminal_is_given_back_when_it_crashes)
{
  static const char *const arguments[] = { "-q", "--", "sh", "-c", "echo ready; sleep 60", NULL };
  Terminal terminal;

  terminal_start (&terminal, arguments);
  terminal_expect (&terminal, "ready");
  kill (terminal.pid, SIGSEGV);
  ck_assert (terminal_is_back (&terminal));
  ck_assert_int_eq (terminal_end (&terminal), -SIGSEGV);
}
END_TEST

START_TEST (progress_and_the_accelerator_are_told_and_the_line_is_erased)
{
  static const char *const arguments[] = { "--", "echo", "output", NULL };
  Terminal terminal;
  const char *erased, *stage;

  g_setenv ("SG_FAKE", "slow", TRUE);
  terminal_start (&terminal, arguments);
  terminal_expect (&terminal, "output");
  ck_assert_ptr_nonnull (strstr (terminal.seen->str, "It is slow and weak."));
  stage = strstr (terminal.seen->str, "Starting the made-up machine");
  ck_assert_ptr_nonnull (stage);
  erased = strstr (stage, "\r\033[K");
  ck_assert_ptr_nonnull (erased);
  ck_assert (erased < strstr (terminal.seen->str, "output"));
  ck_assert_int_eq (terminal_end (&terminal), 0);
}
END_TEST

START_TEST (quiet_is_quiet)
{
  static const char *const arguments[] = { "--quiet", "--", "echo", "output", NULL };
  Terminal terminal;

  g_setenv ("SG_FAKE", "slow", TRUE);
  terminal_start (&terminal, arguments);
  terminal_expect (&terminal, "output");
  ck_assert (g_str_has_prefix (terminal.seen->str, "output"));
  ck_assert_int_eq (terminal_end (&terminal), 0);
}
END_TEST

START_TEST (a_second_interrupt_while_starting_gives_up)
{
  static const char *const arguments[] = { "--", "echo", "output", NULL };
  Terminal terminal;

  g_setenv ("SG_FAKE", "slow", TRUE);
  terminal_start (&terminal, arguments);
  terminal_expect (&terminal, "Starting the made-up machine");
  ck_assert_int_eq (write (terminal.master, "\003", 1), 1);
  terminal_expect (&terminal, "again");
  ck_assert_int_eq (write (terminal.master, "\003", 1), 1);
  ck_assert_int_eq (terminal_end (&terminal), 128 + SIGINT);
}
END_TEST

START_TEST (an_interrupt_reaches_a_command_without_a_terminal)
{
  /* With a trap: without one, dash can take a SIGINT while it forks, and forget it. */
  static const char *const arguments[] = {
    "-T", "--", "sh", "-c", "trap 'exit 42' INT; echo ready; while :; do sleep 1; done", NULL
  };
  Terminal terminal;

  terminal_start (&terminal, arguments);
  terminal_expect (&terminal, "ready");
  ck_assert (!terminal_is_raw (&terminal));
  ck_assert_int_eq (write (terminal.master, "\003", 1), 1);
  ck_assert_int_eq (terminal_end (&terminal), 42);
}
END_TEST

START_TEST (keys_typed_after_the_end_are_left_for_the_shell)
{
  g_autofree char *program = in_dir ("sandglass");
  g_autofree char *script
      = g_strdup_printf ("%s run -q -- echo output; read line; echo \"got $line\"", program);
  const char *argv[] = { "sh", "-c", script, NULL };
  Terminal terminal;

  terminal_exec (&terminal, "sh", argv);
  terminal_expect (&terminal, "output");
  ck_assert (terminal_is_back (&terminal));
  ck_assert_int_eq (write (terminal.master, "typed\n", 6), 6);
  terminal_expect (&terminal, "got typed");
  ck_assert_int_eq (terminal_end (&terminal), 0);
}
END_TEST

START_TEST (a_background_job_leaves_the_terminal_alone)
{
  g_autofree char *program = in_dir ("sandglass");
  g_autofree char *script
      = g_strdup_printf ("set -m; %s run -q -- sleep 2 & read line; echo \"got $line\"; "
                         "wait $!; echo \"code $?\"",
                         program);
  const char *argv[] = { "sh", "-c", script, NULL };
  Terminal terminal;

  terminal_exec (&terminal, "sh", argv);
  g_usleep (1000000);
  ck_assert (!terminal_is_raw (&terminal));
  ck_assert_int_eq (write (terminal.master, "typed\n", 6), 6);
  terminal_expect (&terminal, "got typed");
  terminal_expect (&terminal, "code 0");
  ck_assert_int_eq (terminal_end (&terminal), 0);
}
END_TEST

/* SCRIPT is what the window does; the session says it when it is thrown away. */
static void
run_with_window (const char *script, int code, gboolean stays)
{
  g_autofree char *viewer = in_dir ("sandglass-viewer");
  g_autofree char *out = NULL, *err = NULL;

  ck_assert (g_file_set_contents_full (viewer, script, -1, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
  ck_assert_int_eq (shell ("SG_FAKE=linger $S --window", &out, &err), code);
  ck_assert_msg ((strstr (err, "could not be removed") == NULL) == stays, "%s: %s", script, err);
  ck_assert_msg ((strstr (err, "sandglass connect") != NULL) == stays, "%s: %s", script, err);
}

START_TEST (a_window_that_crashes_takes_no_work_along)
{
  run_with_window ("#!/bin/sh\nkill -SEGV $$\n", 1, TRUE);
  run_with_window ("#!/bin/sh\nexit 139\n", 1, TRUE); /* its keeper says so */
  run_with_window ("#!/bin/sh\nkill -TERM $$\n", 0, FALSE);
  run_with_window ("#!/bin/sh\nexit 0\n", 0, FALSE);
}
END_TEST

/* The program has the window; it goes on without one that crashed, and ends with one that was
 * closed. */
START_TEST (a_program_whose_window_is_gone)
{
  g_autofree char *viewer = in_dir ("sandglass-viewer");
  g_autofree char *out = NULL, *err = NULL, *closed = NULL;
  const char *crash = "#!/bin/sh\nkill -SEGV $$\n", *close = "#!/bin/sh\nexit 0\n";

  ck_assert (g_file_set_contents_full (viewer, crash, -1, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
  ck_assert_int_eq (shell ("$S --window -- sh -c 'sleep 1; echo done; exit 7'", &out, &err), 7);
  ck_assert_str_eq (out, "done\n");
  ck_assert_msg (strstr (err, "what runs in it goes on. To show it again: sandglass connect")
                     != NULL,
                 "%s", err);
  ck_assert (g_file_set_contents_full (viewer, close, -1, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
  g_clear_pointer (&out, g_free);
  ck_assert_int_eq (shell ("$S --window -- sleep 60", &out, &closed), 129);
  ck_assert_msg (strstr (closed, "goes on") == NULL, "%s", closed);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("run");
  TCase *tc = tcase_create ("run");
  SRunner *runner;
  int failed;

  tcase_set_timeout (tc, 60);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_test (tc, streams_and_code_are_the_command_s);
  tcase_add_test (tc, input_is_byte_exact);
  tcase_add_test (tc, output_into_a_file_is_appended_where_the_shell_said);
  tcase_add_test (tc, closed_standard_descriptors_do_no_harm);
  tcase_add_test (tc, a_pipeline_s_end_is_passed_on);
  tcase_add_test (tc, codes_of_signals_and_missing_commands);
  tcase_add_test (tc, directory_and_environment_are_set);
  tcase_add_test (tc, without_dashes_options_after_the_command_are_the_command_s);
  tcase_add_test (tc, a_wrong_command_line_is_2_and_says_why);
  tcase_add_test (tc, the_plan_is_printed_and_nothing_started);
  tcase_add_test (tc, a_signal_goes_to_the_command);
  tcase_add_test (tc, giving_up_while_it_starts);
  tcase_add_test (tc, a_session_that_cannot_start_is_125_in_words);
  tcase_add_test (tc, a_session_that_vanishes_is_125_in_words);
  tcase_add_test (tc, a_sandbox_that_may_not_be_gone_is_told);
  tcase_add_test (tc, missing_tools_are_named_with_the_command_that_mends);
  tcase_add_test (tc, an_old_qemu_is_named_when_the_start_fails);
  tcase_add_test (tc, output_lost_to_a_full_disk_is_no_success);
  tcase_add_test (tc, the_terminal_is_raw_while_the_command_has_it_and_given_back);
  tcase_add_test (tc, the_terminal_is_given_back_when_a_signal_ends_it);
  tcase_add_test (tc, a_terminal_that_takes_no_output_can_be_left);
  tcase_add_test (tc, the_terminal_is_given_back_when_it_crashes);
  tcase_add_test (tc, progress_and_the_accelerator_are_told_and_the_line_is_erased);
  tcase_add_test (tc, quiet_is_quiet);
  tcase_add_test (tc, a_second_interrupt_while_starting_gives_up);
  tcase_add_test (tc, an_interrupt_reaches_a_command_without_a_terminal);
  tcase_add_test (tc, keys_typed_after_the_end_are_left_for_the_shell);
  tcase_add_test (tc, a_background_job_leaves_the_terminal_alone);
  tcase_add_test (tc, a_window_that_crashes_takes_no_work_along);
  tcase_add_test (tc, a_program_whose_window_is_gone);
  suite_add_tcase (suite, tc);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
