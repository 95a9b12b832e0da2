/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The user interface's end of a session, against tests/ui/ui-session.c. */
#include "common/fd.h"
#include "common/paths.h"
#include "ui/link.h"

#include <check.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t session;
static SgLink *link_;
static int n_gone;

static void
on_gone (SgLink *link, gpointer data)
{
  n_gone++;
}

static char *runtime;

static void
make_runtime (void)
{
  runtime = g_dir_make_tmp ("sandglass-test-XXXXXX", NULL);
  g_setenv ("XDG_RUNTIME_DIR", runtime, TRUE);
}

static void
remove_below (const char *name)
{
  g_autofree char *path = g_build_filename (runtime, name, NULL);

  g_remove (path);
}

static void
remove_runtime (void)
{
  remove_below ("ui-session");
  remove_below ("ui-session.log");
  remove_below ("sandglass");
  ck_assert_msg (g_rmdir (runtime) == 0, "something is left in %s", runtime);
  g_free (runtime);
}

static void
start (const char *behaviour)
{
  g_autofree char *file = g_build_filename (runtime, "ui-session", NULL);
  g_autofree char *program = sg_paths_program ("ui-session", NULL);
  int ours, theirs;

  ck_assert_msg (program != NULL, "ui-session is not beside this test");
  ck_assert (g_file_set_contents (file, behaviour, -1, NULL));
  ck_assert (sg_socketpair (&ours, &theirs, NULL));
  session = fork ();
  if (session == 0)
    {
      char argument[32];

      fcntl (theirs, F_SETFD, 0);
      g_snprintf (argument, sizeof argument, "--owner-fd=%d", theirs);
      execl (program, program, argument, NULL);
      _exit (127);
    }
  close (theirs);
  link_ = sg_link_new (ours);
  g_signal_connect (link_, "gone", G_CALLBACK (on_gone), NULL);
}

static gboolean
too_long (gpointer data)
{
  *(gboolean *)data = TRUE;
  return G_SOURCE_CONTINUE;
}

#define WAIT_FOR(condition)                                                                        \
  do                                                                                               \
    {                                                                                              \
      gboolean over = FALSE;                                                                       \
      guint source = g_timeout_add_seconds (15, too_long, &over);                                  \
      while (!(condition) && !over)                                                                \
        g_main_context_iteration (NULL, TRUE);                                                     \
      g_source_remove (source);                                                                    \
      ck_assert_msg (!over, "not within 15 s: %s", #condition);                                    \
    }                                                                                              \
  while (0)

static void
stop (void)
{
  g_clear_object (&link_);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  if (session > 0)
    waitpid (session, NULL, 0); /* it ends with its owner's connection */
}

static void
discarded (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  gboolean gone = sg_link_discard_finish (SG_LINK (source), result, &error);

  *(int *)data = gone ? 1 : -1;
  ck_assert (gone == (error == NULL));
}

START_TEST (test_tells)
{
  start ("");
  ck_assert_str_eq (sg_link_id (link_), "");
  WAIT_FOR (g_str_equal (sg_link_state (link_), "running"));
  ck_assert_int_eq (strlen (sg_link_id (link_)), 8);
  ck_assert_str_eq (sg_link_title (link_), "Desktop");
  ck_assert_str_eq (sg_link_accelerator (link_), "tcg");
  ck_assert_int_gt (sg_link_started_at (link_), 0);
  ck_assert (!sg_link_is_over (link_));
  ck_assert_ptr_null (sg_link_failure (link_));
}
END_TEST

START_TEST (test_discard)
{
  int outcome = 0;

  start ("");
  sg_link_discard_async (link_, discarded, &outcome); /* before it answers */
  WAIT_FOR (outcome != 0);
  ck_assert_int_eq (outcome, 1);
  WAIT_FOR (n_gone == 1);
  ck_assert_ptr_null (sg_link_failure (link_)); /* that is how it should end */
}
END_TEST

START_TEST (test_discard_fails)
{
  int outcome = 0;

  start ("linger");
  sg_link_discard_async (link_, discarded, &outcome);
  WAIT_FOR (outcome != 0);
  ck_assert_int_eq (outcome, -1);
  ck_assert_int_eq (n_gone, 0);
}
END_TEST

START_TEST (test_failure)
{
  g_autofree char *details = NULL;

  start ("fail");
  WAIT_FOR (n_gone == 1);
  ck_assert_str_eq (sg_link_failure (link_),
                    "This user may not use virtualization (/dev/kvm). Nothing was changed.");
  details = sg_link_details (link_);
  ck_assert_ptr_nonnull (
      strstr (details, "This user may not use virtualization (/dev/kvm). Nothing was changed."));
}
END_TEST

START_TEST (test_killed)
{
  start ("vanish unseen");
  WAIT_FOR (g_str_equal (sg_link_state (link_), "running"));
  WAIT_FOR (n_gone == 1); /* 2.5 s after its start it kills itself */
  ck_assert_ptr_nonnull (sg_link_failure (link_));
  ck_assert (sg_link_is_over (link_));
}
END_TEST

/* A program that ends at once, and one that talks something else. */
START_TEST (test_no_session)
{
  int ours, theirs, outcome = 0;

  ck_assert (sg_socketpair (&ours, &theirs, NULL));
  if (_i == 1)
    ck_assert_int_eq (write (theirs, "HTTP/1.1 200 OK\r\n\r\n", 19), 19);
  link_ = sg_link_new (ours);
  g_signal_connect (link_, "gone", G_CALLBACK (on_gone), NULL);
  sg_link_discard_async (link_, discarded, &outcome);
  close (theirs);
  WAIT_FOR (n_gone == 1 && outcome != 0);
  ck_assert_ptr_nonnull (link_);
  ck_assert_str_eq (sg_link_id (link_), "");
}
END_TEST

/* Freed while it still connects: nothing is called afterwards. */
START_TEST (test_freed_early)
{
  start ("slow");
  g_clear_object (&link_);
  for (int i = 0; i < 20; i++)
    {
      g_usleep (10000);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
  ck_assert_int_eq (n_gone, 0);
}
END_TEST

static void
asked_window (GObject *source, GAsyncResult *result, gpointer data)
{
  *(int *)data = sg_link_ask_window_finish (SG_LINK (source), result, NULL) ? 1 : -1;
}

static void
on_asked (SgLink *link, const char *what, gpointer data)
{
  g_strlcpy (data, what, 16);
}

/* What is asked of a window reaches it, and tells whether there is one. */
START_TEST (test_ask_window)
{
  g_autoptr (SgLink) window = NULL;
  char what[16] = "", not_mine[16] = "";
  int outcome = 0, fd;

  start ("");
  WAIT_FOR (g_str_equal (sg_link_state (link_), "running"));
  ck_assert_uint_eq (sg_link_windows (link_), 0);
  sg_link_ask_window_async (link_, "close", asked_window, &outcome);
  WAIT_FOR (outcome != 0);
  ck_assert_int_eq (outcome, -1);

  fd = sg_link_reach (sg_link_id (link_), NULL);
  ck_assert_int_ge (fd, 0);
  window = sg_link_new (fd);
  g_signal_connect (window, "asked", G_CALLBACK (on_asked), what);
  g_signal_connect (link_, "asked", G_CALLBACK (on_asked), not_mine);
  sg_link_become_window_async (window, NULL, NULL);
  WAIT_FOR (sg_link_windows (link_) == 1);
  outcome = 0;
  sg_link_ask_window_async (link_, "close", asked_window, &outcome);
  WAIT_FOR (outcome != 0 && *what != '\0');
  ck_assert_int_eq (outcome, 1);
  ck_assert_str_eq (what, "close");
  ck_assert_str_eq (not_mine, "");
  g_clear_object (&window);
  WAIT_FOR (sg_link_windows (link_) == 0);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("ui-link");
  TCase *all = tcase_create ("link");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_set_timeout (all, 30);
  tcase_add_unchecked_fixture (all, make_runtime, remove_runtime);
  tcase_add_checked_fixture (all, NULL, stop);
  tcase_add_test (all, test_tells);
  tcase_add_test (all, test_discard);
  tcase_add_test (all, test_discard_fails);
  tcase_add_test (all, test_failure);
  tcase_add_test (all, test_killed);
  tcase_add_loop_test (all, test_no_session, 0, 2);
  tcase_add_test (all, test_freed_early);
  tcase_add_test (all, test_ask_window);
  suite_add_tcase (suite, all);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
