/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The session's one named thing: made for us alone, gone at the end, cleared after the dead, never
 * taken from the living. */
#include "launcher/session-guardian.h"
#include "launcher/session-home.h"
#include "launcher/session-leftovers.h"

#include "common/fd.h"
#include "tests/unit/relay-kit.h"

#include <check.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *dir, *sessions;

static void
setup (void)
{
  dir = g_dir_make_tmp ("sg-test-XXXXXX", NULL);
  sessions = g_build_filename (dir, "sandglass", NULL);
  g_setenv ("XDG_RUNTIME_DIR", dir, TRUE);
}

static void
teardown (void)
{
  ck_assert_int_eq (g_rmdir (dir), 0); /* whatever was made is gone, the parent too */
  g_free (dir);
  g_free (sessions);
}

static SgHome *
make (void)
{
  g_autoptr (GError) error = NULL;
  SgHome *home = sg_home_new (&error);

  ck_assert_msg (home != NULL, "%s", error != NULL ? error->message : "");
  return home;
}

static gboolean
exists (const char *path)
{
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* A directory whose supervisor is dead, with something in it. */
static char *
make_dead (const char *id)
{
  char *path = g_build_filename (sessions, id, NULL);
  g_autofree char *inside = g_build_filename (path, "control", NULL);

  ck_assert_int_eq (g_mkdir_with_parents (path, 0700), 0);
  ck_assert (g_file_set_contents (inside, "x", 1, NULL));
  return path;
}

START_TEST (is_private_and_gone_at_the_end)
{
  g_autoptr (SgHome) home = make ();
  struct stat st;

  ck_assert (sg_leftovers_is_id (sg_home_id (home)));
  ck_assert_int_eq (stat (sg_home_path (home), &st), 0);
  ck_assert_uint_eq (st.st_mode & 07777, 0700);
  ck_assert (sg_home_remove (home, NULL));
  ck_assert (!exists (sg_home_path (home)));
  ck_assert (!exists (sessions));
  ck_assert (sg_home_remove (home, NULL)); /* again is harmless */
}
END_TEST

START_TEST (the_dead_are_cleared_and_the_living_kept)
{
  g_autofree char *dead = make_dead ("0123abcd"), *other = make_dead ("not-an-id");
  g_autoptr (SgHome) first = make ();
  g_autoptr (SgHome) second = NULL;
  g_autofree char *inside = g_build_filename (other, "control", NULL);

  ck_assert (!exists (dead));
  ck_assert (exists (other));
  second = make ();
  ck_assert (exists (sg_home_path (first)));
  ck_assert_str_ne (sg_home_id (first), sg_home_id (second));
  ck_assert (sg_home_remove (first, NULL));
  ck_assert (exists (sg_home_path (second)));
  g_unlink (inside);
  g_rmdir (other);
  ck_assert (sg_home_remove (second, NULL));
}
END_TEST

START_TEST (a_link_is_not_followed)
{
  g_autofree char *target = g_build_filename (dir, "precious", NULL);
  g_autofree char *file = g_build_filename (target, "file", NULL);
  g_autofree char *link = g_build_filename (sessions, "0123abcd", NULL);
  g_autoptr (SgHome) home = make ();

  g_mkdir (target, 0700);
  g_file_set_contents (file, "x", 1, NULL);
  ck_assert_int_eq (symlink (target, link), 0);
  sg_leftovers_clear (sg_home_parent_fd (home));
  sg_leftovers_remove (sg_home_parent_fd (home), "0123abcd");
  ck_assert (exists (file));
  g_unlink (link);
  g_unlink (file);
  g_rmdir (target);
  ck_assert (sg_home_remove (home, NULL));
}
END_TEST

/* What cannot be removed is said. */
START_TEST (what_stays_is_told)
{
  g_autoptr (SgHome) home = make ();
  g_autoptr (GError) error = NULL;
  g_autofree char *inner = g_build_filename (sg_home_path (home), "folder", NULL);
  g_autofree char *deep = g_build_filename (inner, "full", NULL);

  g_mkdir_with_parents (deep, 0700);
  ck_assert (!sg_home_remove (home, &error));
  ck_assert_ptr_nonnull (error);
  g_rmdir (deep);
  ck_assert (sg_home_remove (home, NULL)); /* an empty one goes with it */
}
END_TEST

START_TEST (many_start_and_end_at_once)
{
  pid_t pids[24];

  for (gsize i = 0; i < G_N_ELEMENTS (pids); i++)
    if ((pids[i] = fork ()) == 0)
      {
        for (int k = 0; k < 20; k++)
          {
            g_autoptr (GError) error = NULL;
            SgHome *home = sg_home_new (&error);
            if (home == NULL || !exists (sg_home_path (home)))
              {
                g_printerr ("no directory: %s\n", error != NULL ? error->message : "removed");
                _exit (1);
              }
            g_usleep ((gulong)g_random_int_range (0, 2000));
            if (!exists (sg_home_path (home)) || !sg_home_remove (home, NULL))
              _exit (2);
            sg_home_free (home);
          }
        _exit (0);
      }
  for (gsize i = 0; i < G_N_ELEMENTS (pids); i++)
    {
      int status;
      ck_assert_int_eq (waitpid (pids[i], &status, 0), pids[i]);
      ck_assert_int_eq (status, 0);
    }
  ck_assert (!exists (sessions));
}
END_TEST

/* A supervisor that is killed with a socket in its directory; TWICE: its guardian was killed
 * before.
 */
static void
be_supervisor (int ready, gboolean twice)
{
  SgHome *home = sg_home_new (NULL);
  g_autofree char *program = relay_kit_program ("sandglass-guardian");
  SgGuardian *guardian = home != NULL ? sg_guardian_new (home, program, NULL) : NULL;
  g_autofree char *control
      = home != NULL ? g_build_filename (sg_home_path (home), "control", NULL) : NULL;

  if (guardian == NULL || !g_file_set_contents (control, "", 0, NULL))
    _exit (1);
  if (twice)
    {
      g_autofree char *command = g_strdup_printf ("pkill -9 -P %d", getpid ());
      if (system (command) < 0)
        _exit (1);
      for (int i = 0; i < 100; i++)
        {
          g_main_context_iteration (NULL, FALSE);
          g_usleep (2000);
        }
    }
  if (write (ready, "x", 1) != 1)
    _exit (1);
  pause ();
}

static void
check_guardian (gboolean twice)
{
  int ready[2];
  char byte;
  pid_t pid;

  ck_assert_int_eq (pipe2 (ready, O_CLOEXEC), 0);
  pid = fork ();
  if (pid == 0)
    be_supervisor (ready[1], twice);
  close (ready[1]);
  ck_assert_int_eq (read (ready[0], &byte, 1), 1);
  close (ready[0]);
  ck_assert (exists (sessions));
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
  for (int i = 0; i < 400 && exists (sessions); i++)
    g_usleep (5000);
  ck_assert (!exists (sessions));
}

START_TEST (the_guardian_removes_it_after_a_kill) { check_guardian (FALSE); }
END_TEST

START_TEST (a_dead_guardian_is_replaced) { check_guardian (TRUE); }
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("session-home");
  TCase *tc = tcase_create ("home");
  SRunner *runner = srunner_create (suite);

  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_set_timeout (tc, 60);
  tcase_add_test (tc, is_private_and_gone_at_the_end);
  tcase_add_test (tc, the_dead_are_cleared_and_the_living_kept);
  tcase_add_test (tc, a_link_is_not_followed);
  tcase_add_test (tc, what_stays_is_told);
  tcase_add_test (tc, many_start_and_end_at_once);
  tcase_add_test (tc, the_guardian_removes_it_after_a_kill);
  tcase_add_test (tc, a_dead_guardian_is_replaced);
  suite_add_tcase (suite, tc);
  srunner_run_all (runner, CK_ENV);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
