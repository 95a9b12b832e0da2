/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Children: what they have open, how they end, and that none is left. */
#include "launcher/console.h"
#include "launcher/spawn.h"

#include "common/fd.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  gboolean ended;
  int status;
} End;

static void
ended (SgChild *child, int status, gpointer data)
{
  ck_assert_int_eq (sg_child_pid (child), 0);
  *(End *)data = (End){ TRUE, status };
}

static void
wait_for (const End *end)
{
  while (!end->ended)
    g_main_context_iteration (NULL, TRUE);
}

/* Runs a shell script with SETTINGS and returns what it wrote. */
static char *
run (const char *script, SgSpawn settings, End *end)
{
  const char *argv[] = { "/bin/sh", "-c", script, NULL };
  int out[2];
  char text[4096];
  gssize n;
  g_autoptr (SgChild) child = NULL;
  g_autoptr (GError) error = NULL;

  ck_assert_int_eq (pipe2 (out, O_CLOEXEC), 0);
  settings.name = "The shell";
  settings.argv = argv;
  settings.in = settings.err = -1;
  settings.out = out[1];
  child = sg_spawn (&settings, ended, end, &error);
  ck_assert_msg (child != NULL, "%s", error != NULL ? error->message : "");
  close (out[1]);
  n = sg_read_all (out[0], text, sizeof text - 1, NULL);
  close (out[0]);
  wait_for (end);
  text[MAX (n, 0)] = '\0';
  return g_strdup (text);
}

START_TEST (has_its_descriptors_and_no_other)
{
  /* Sources that sit where targets go, in the wrong order; and one that it must not get. */
  sg_fd int a = open ("/dev/zero", O_RDONLY), b = open ("/dev/full", O_RDONLY);
  int at_four = fcntl (a, F_DUPFD, 20), at_three = fcntl (b, F_DUPFD, 21);
  sg_fd int stray = fcntl (a, F_DUPFD, 30);
  End end = { 0 };
  int fds[] = { at_three, at_four };
  g_autofree char *said
      = run ("ls /proc/self/fd | tr '\\n' ' '; readlink /proc/$$/fd/3 /proc/$$/fd/4",
             (SgSpawn){ .fds = fds, .n_fds = 2 }, &end);

  (void)stray;
  /* ls has one more, for the directory. */
  ck_assert_str_eq (said, "0 1 2 3 4 5 /dev/full\n/dev/zero\n");
  close (at_three);
  close (at_four);
}
END_TEST

START_TEST (targets_may_be_sources_of_others)
{
  int fds[] = { 4, 3 };
  End end = { 0 };

  /* Whatever the test has as 3 and 4 comes back afterwards. */
  int old3 = fcntl (3, F_DUPFD_CLOEXEC, 40), old4 = fcntl (4, F_DUPFD_CLOEXEC, 41);
  int z = open ("/dev/zero", O_RDONLY), f = open ("/dev/full", O_RDONLY);
  dup2 (z, 3);
  if (f != 4)
    dup2 (f, 4);
  g_autofree char *said
      = run ("readlink /proc/$$/fd/3 /proc/$$/fd/4", (SgSpawn){ .fds = fds, .n_fds = 2 }, &end);
  ck_assert_str_eq (said, "/dev/full\n/dev/zero\n");
  if (old3 >= 0)
    dup2 (old3, 3);
  if (old4 >= 0)
    dup2 (old4, 4);
}
END_TEST

START_TEST (limits_environment_and_session_are_its_own)
{
  End end = { 0 };

  g_setenv ("SECRET", "x", TRUE);
  g_autofree char *said
      = run ("awk '/core file/ { print $5, $6 }' /proc/self/limits; ulimit -Hn; "
             "echo \"<$SECRET$HOME>\"; [ $$ = $(ps -o sid= -p $$) ] && echo session",
             (SgSpawn){ .files = 100 }, &end);
  ck_assert_str_eq (said, "1 1\n100\n<>\nsession\n");
}
END_TEST

START_TEST (its_end_is_told_with_the_status)
{
  End code = { 0 }, killed = { 0 };
  g_autofree char *a = run ("exit 7", (SgSpawn){ 0 }, &code);
  g_autofree char *b = run ("kill -9 $$", (SgSpawn){ 0 }, &killed);
  g_autofree char *words = sg_status_words (code.status),
                  *signal_words = sg_status_words (killed.status);

  ck_assert_int_eq (WEXITSTATUS (code.status), 7);
  ck_assert_int_eq (WTERMSIG (killed.status), SIGKILL);
  ck_assert_str_eq (words, "ended with status 7");
  ck_assert_str_eq (signal_words, "was ended by signal 9 (Killed)");
}
END_TEST

START_TEST (a_program_that_is_not_there_is_an_error)
{
  const char *argv[] = { "/nonexistent/program", NULL };
  SgSpawn spawn = { .name = "The program", .argv = argv, .in = -1, .out = -1, .err = -1 };
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (sg_spawn (&spawn, ended, NULL, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND));
  ck_assert_ptr_nonnull (strstr (error->message, "/nonexistent/program"));
  ck_assert_int_eq (waitpid (-1, NULL, WNOHANG), -1);
  ck_assert_int_eq (errno, ECHILD);
}
END_TEST

/* A child that starts another and dies: its orphan is ours to bury, and it holds up the verdict. */
START_TEST (orphans_are_waited_for)
{
  const char *argv[] = { "/bin/sh", "-c", "sleep 0.3 & exit 0", NULL };
  SgSpawn spawn = { .name = "The shell", .argv = argv, .in = -1, .out = -1, .err = -1 };
  gint64 start = g_get_monotonic_time ();

  ck_assert (sg_reap_prepare (NULL));
  sg_child_free (sg_spawn (&spawn, NULL, NULL, NULL));
  ck_assert (!sg_reap_all (50));
  ck_assert (sg_reap_all (5000));
  ck_assert_int_gt (g_get_monotonic_time () - start, 250000);
}
END_TEST

/* How many children we have, also dead ones. */
static guint
children (void)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/task/%d/children", (int)getpid ());
  g_autofree char *text = NULL;
  g_auto (GStrv) pids = NULL;
  guint n = 0;

  ck_assert (g_file_get_contents (path, &text, NULL, NULL));
  pids = g_strsplit (g_strstrip (text), " ", -1);
  for (char **pid = pids; *pid != NULL; pid++)
    n += **pid != '\0';
  return n;
}

/* Also while the session goes on: what bubblewrap leaves, and a child that was forgotten.  One that
 * somebody else waits for is left to who does.  _i: 0 it ends, 1 it is killed, 2 it is forgotten.
 */
START_TEST (the_dead_are_buried)
{
  const char *argv[] = { "/usr/bin/bwrap",
                         "--unshare-user",
                         "--unshare-pid",
                         "--die-with-parent",
                         "--ro-bind",
                         "/",
                         "/",
                         "--proc",
                         "/proc",
                         "--",
                         "/bin/sh",
                         "-c",
                         "echo up; sleep \"$0\"",
                         _i == 0 ? "0.2" : "600",
                         NULL };
  gint64 until = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  g_autoptr (GError) error = NULL;
  siginfo_t about = { 0 };
  End end = { 0 };
  SgChild *child;
  pid_t ours;
  int out[2];
  char c;

  ck_assert (sg_reap_prepare (NULL));
  ck_assert_int_eq (pipe2 (out, O_CLOEXEC), 0);
  ours = fork ();
  if (ours == 0)
    _exit (3);
  child = sg_spawn (
      &(SgSpawn){ .name = "bubblewrap", .argv = argv, .in = -1, .out = out[1], .err = -1 }, ended,
      &end, &error);
  ck_assert_msg (child != NULL, "%s", error != NULL ? error->message : "");
  close (out[1]);
  ck_assert_msg (read (out[0], &c, 1) == 1, "bubblewrap does not work here");
  close (out[0]);
  if (_i > 0)
    sg_child_kill (child);
  if (_i == 2)
    g_clear_pointer (&child, sg_child_free);
  else
    wait_for (&end);
  while (children () > 1 && g_get_monotonic_time () < until)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (10000);
  ck_assert_uint_eq (children (), 1);
  ck_assert_int_eq (waitid (P_PID, (id_t)ours, &about, WEXITED | WNOHANG), 0);
  ck_assert_int_eq (about.si_status, 3);
  g_clear_pointer (&child, sg_child_free);
  ck_assert (sg_reap_all (5000));
}
END_TEST

/* What would never go by itself, and is no child of ours: gone too. */
START_TEST (strays_are_ended)
{
  const char *argv[] = { "/bin/sh", "-c", "setsid sleep 600 & exit 0", NULL };
  SgSpawn spawn = { .name = "The shell", .argv = argv, .in = -1, .out = -1, .err = -1 };

  ck_assert (sg_reap_prepare (NULL));
  sg_child_free (sg_spawn (&spawn, NULL, NULL, NULL));
  ck_assert (sg_reap_all (20000));
}
END_TEST

/* The supervisor's end is the children's, also when it is killed. */
START_TEST (children_die_with_their_parent)
{
  int alive[2];
  char byte;
  pid_t parent;

  ck_assert_int_eq (pipe (alive), 0);
  parent = fork ();
  if (parent == 0)
    {
      const char *argv[] = { "/bin/sleep", "600", NULL };
      SgSpawn spawn = { .name = "sleep", .argv = argv, .in = -1, .out = alive[1], .err = -1 };

      if (sg_spawn (&spawn, NULL, NULL, NULL) == NULL)
        _exit (1);
      close (alive[1]);
      pause ();
      _exit (0);
    }
  close (alive[1]);
  g_usleep (200000);
  kill (parent, SIGKILL);
  ck_assert_int_eq (waitpid (parent, NULL, 0), parent);
  /* The end of the pipe is the end of the last process that had it. */
  ck_assert_int_eq (read (alive[0], &byte, 1), 0);
}
END_TEST

/* --- last words ---------------------------------------------------------------------------------
 */

static char *
words_of (const char *text, gsize len, guint lines)
{
  int pair[2];

  ck_assert_int_eq (pipe2 (pair, O_CLOEXEC | O_NONBLOCK), 0);
  g_autoptr (SgConsole) console = sg_console_new (pair[0]);
  for (gsize at = 0; at < len;)
    {
      ssize_t n = write (pair[1], text + at, MIN (len - at, 4096));
      ck_assert_int_gt (n, 0);
      at += (gsize)n;
      sg_console_drain (console);
    }
  close (pair[1]);
  sg_console_drain (console);
  return sg_console_words (console, lines);
}

START_TEST (last_words_are_the_last_lines_made_printable)
{
  static const char text[] = "one\n\ntwo\r\n\033[31mred\033[0m \007bell\n   \n";
  static const char odd[] = "a\0b\377\n";
  g_autofree char *two = words_of (text, sizeof text - 1, 2), *none = words_of ("\n \n", 3, 3);
  g_autofree char *bytes = words_of (odd, sizeof odd - 1, 1);

  ck_assert_str_eq (two, "two\nred ?bell");
  ck_assert_ptr_null (none);
  ck_assert (g_utf8_validate (bytes, -1, NULL));
}
END_TEST

START_TEST (a_flood_keeps_its_end_and_no_more)
{
  g_autofree char *flood = g_strnfill (1000000, 'x');
  g_autofree char *text = g_strconcat (flood, "\nthe end\n", NULL);
  g_autofree char *words = words_of (text, strlen (text), 3);

  ck_assert (g_str_has_suffix (words, "\nthe end"));
  ck_assert_uint_lt (strlen (words), 1000);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("session-spawn");
  TCase *tc = tcase_create ("spawn");
  SRunner *runner = srunner_create (suite);

  tcase_add_test (tc, has_its_descriptors_and_no_other);
  tcase_add_test (tc, targets_may_be_sources_of_others);
  tcase_add_test (tc, limits_environment_and_session_are_its_own);
  tcase_add_test (tc, its_end_is_told_with_the_status);
  tcase_add_test (tc, a_program_that_is_not_there_is_an_error);
  tcase_add_test (tc, orphans_are_waited_for);
  tcase_add_loop_test (tc, the_dead_are_buried, 0, 3);
  tcase_add_test (tc, strays_are_ended);
  tcase_add_test (tc, children_die_with_their_parent);
  tcase_add_test (tc, last_words_are_the_last_lines_made_printable);
  tcase_add_test (tc, a_flood_keeps_its_end_and_no_more);
  suite_add_tcase (suite, tc);
  srunner_run_all (runner, CK_ENV);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
