/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of sandboxes that run: whose directories are there.  The sandboxes are made up. */
#include "ui/running.h"

#include <check.h>
#include <glib/gstdio.h>
#include <stdlib.h>

#define KILLED 7 /* more than are joined in one look */

/* --- a sandbox: answers, unless it was killed --- */

struct _SgSandbox
{
  GObject parent;
  char *id;
};

G_DEFINE_TYPE (SgSandbox, sg_sandbox, G_TYPE_OBJECT)

static guint joined;

static void
sg_sandbox_finalize (GObject *object)
{
  g_free (SG_SANDBOX (object)->id);
  G_OBJECT_CLASS (sg_sandbox_parent_class)->finalize (object);
}

static void
sg_sandbox_class_init (SgSandboxClass *class)
{
  G_OBJECT_CLASS (class)->finalize = sg_sandbox_finalize;
  g_signal_new ("over", SG_TYPE_SANDBOX, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_signal_new ("problem", SG_TYPE_SANDBOX, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                G_TYPE_POINTER);
}

static void
sg_sandbox_init (SgSandbox *self)
{
}

static gboolean
does_not_answer (gpointer sandbox)
{
  g_signal_emit_by_name (sandbox, "over");
  return G_SOURCE_REMOVE;
}

SgSandbox *
sg_sandbox_join (SgPreferences *preferences, const char *id)
{
  SgSandbox *self = g_object_new (SG_TYPE_SANDBOX, NULL);

  joined++;
  self->id = g_strdup (id);
  if (*id == 'd') /* dead */
    g_idle_add_full (G_PRIORITY_DEFAULT, does_not_answer, g_object_ref (self), g_object_unref);
  return self;
}

gboolean
sg_sandbox_is_joined (SgSandbox *sandbox)
{
  return TRUE;
}

const char *
sg_sandbox_id (SgSandbox *sandbox)
{
  return sandbox->id;
}

/* --- its directory --- */

static char *home;

static void
setup (void)
{
  home = g_dir_make_tmp ("sandglass-test-XXXXXX", NULL);
  g_setenv ("XDG_RUNTIME_DIR", home, TRUE);
  joined = 0;
}

static void
remove_below (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *below = g_build_filename (path, name, NULL);
      remove_below (below);
    }
  g_remove (path);
}

static void
teardown (void)
{
  remove_below (home);
  g_free (home);
}

static void
leave (const char *id)
{
  g_autofree char *path = g_build_filename (home, "sandglass", id, NULL);
  g_autofree char *socket = g_build_filename (path, "control", NULL);

  ck_assert_int_eq (g_mkdir_with_parents (path, 0700), 0);
  ck_assert (g_file_set_contents (socket, "", 0, NULL));
}

static void
run (guint msec)
{
  gint64 end = g_get_monotonic_time () + (gint64)msec * 1000;

  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (5000);
}

static SgRunning *
running_with (guint killed, guint alive)
{
  g_autoptr (SgPreferences) preferences = sg_preferences_load ();
  SgRunning *running = sg_running_new (preferences);

  for (guint i = 0; i < killed + alive; i++)
    {
      g_autofree char *id = g_strdup_printf ("%c%07u", i < killed ? 'd' : 'a', i);
      leave (id);
    }
  sg_running_watch (running, TRUE);
  return running;
}

static guint
listed (SgRunning *running)
{
  return g_list_model_get_n_items (sg_running_list (running));
}

/* Each look that finds many looks again soon: it must come to its end. */
START_TEST (who_was_killed_is_not_asked_again_and_again)
{
  g_autoptr (SgRunning) running = running_with (KILLED, 5);

  for (int i = 0; i < 100 && (listed (running) != 5 || joined < KILLED + 5); i++)
    run (100);
  run (1000);
  ck_assert_uint_eq (listed (running), 5);
  ck_assert_uint_eq (joined, KILLED + 5);
  leave ("aaaaaaaa"); /* one more is no reason to ask them again */
  for (int i = 0; i < 100 && listed (running) != 6; i++)
    run (100);
  run (300);
  ck_assert_uint_eq (listed (running), 6);
  ck_assert_uint_eq (joined, KILLED + 6);
}
END_TEST

/* The same name with another socket is another session. */
START_TEST (another_of_that_name_is_asked)
{
  g_autoptr (SgRunning) running = running_with (1, 0);
  g_autofree char *kept = g_build_filename (home, "kept", NULL);
  g_autofree char *socket = g_build_filename (home, "sandglass", "d0000000", "control", NULL);

  for (int i = 0; i < 100 && joined < 1; i++)
    run (100);
  run (300);
  ck_assert_uint_eq (joined, 1);
  ck_assert_int_eq (g_rename (socket, kept), 0); /* its inode is not free */
  leave ("d0000000");
  leave ("aaaaaaaa");
  for (int i = 0; i < 100 && joined < 3; i++)
    run (100);
  ck_assert_uint_eq (joined, 3);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("ui-running");
  TCase *tests = tcase_create ("all");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_checked_fixture (tests, setup, teardown);
  tcase_add_test (tests, who_was_killed_is_not_asked_again_and_again);
  tcase_add_test (tests, another_of_that_name_is_asked);
  tcase_set_timeout (tests, 60);
  suite_add_tcase (suite, tests);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
