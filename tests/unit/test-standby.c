/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When no machine is kept waiting: made-up computers. */
#include "launcher/standby.h"

#include <check.h>
#include <glib/gstdio.h>

static char *root;

static void
put (const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (root, name, NULL);
  g_autofree char *dir = g_path_get_dirname (path);

  ck_assert_int_eq (g_mkdir_with_parents (dir, 0700), 0);
  ck_assert (g_file_set_contents (path, text, -1, NULL));
}

static void
battery (const char *name, const char *status, const char *scope)
{
  g_autofree char *at = g_strdup_printf ("sys/class/power_supply/%s", name);
  g_autofree char *type = g_build_filename (at, "type", NULL);
  g_autofree char *state = g_build_filename (at, "status", NULL);
  g_autofree char *where = g_build_filename (at, "scope", NULL);

  put (type, "Battery\n");
  put (state, status);
  if (scope != NULL)
    put (where, scope);
}

static void
memory (guint64 kib)
{
  g_autofree char *text = g_strdup_printf (
      "MemTotal:  9000000 kB\nMemFree:   100 kB\nMemAvailable: %" G_GUINT64_FORMAT " kB\n", kib);

  put ("proc/meminfo", text);
}

static void
set_up (void)
{
  root = g_dir_make_tmp ("sandglass-test-XXXXXX", NULL);
}

static void
tear_down (void)
{
  const char *argv[] = { "rm", "-rf", root, NULL };

  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
  g_clear_pointer (&root, g_free);
}

START_TEST (a_computer_that_tells_nothing_may)
{
  ck_assert_ptr_null (sg_standby_why_not_at (root));
}
END_TEST

START_TEST (not_on_battery)
{
  memory (8000000);
  battery ("BAT0", "Charging\n", NULL);
  ck_assert_ptr_null (sg_standby_why_not_at (root));
  battery ("BAT0", "Discharging\n", NULL);
  ck_assert_str_eq (sg_standby_why_not_at (root), "this computer runs on battery");
}
END_TEST

START_TEST (a_mouse_has_no_say)
{
  memory (8000000);
  battery ("hid-mouse", "Discharging\n", "Device\n");
  ck_assert_ptr_null (sg_standby_why_not_at (root));
}
END_TEST

START_TEST (not_with_little_memory)
{
  memory (2 * 1024 * 1024);
  ck_assert_ptr_null (sg_standby_why_not_at (root));
  memory (2 * 1024 * 1024 - 1);
  ck_assert_str_eq (sg_standby_why_not_at (root), "less than 2 GB of memory are free");
}
END_TEST

START_TEST (nobody_waits_where_there_is_no_runtime_directory)
{
  g_setenv ("XDG_RUNTIME_DIR", root, TRUE);
  ck_assert_uint_eq (sg_standby_count (), 0);
  ck_assert_uint_eq (sg_standby_stay (60), 0);
  ck_assert_uint_eq (sg_standby_memory (), 0);
  ck_assert_int_eq (sg_standby_take (0, 0, NULL, NULL), -1);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("standby");
  TCase *tcase = tcase_create ("standby");
  SRunner *runner;
  int failed;

  tcase_add_checked_fixture (tcase, set_up, tear_down);
  tcase_add_test (tcase, a_computer_that_tells_nothing_may);
  tcase_add_test (tcase, not_on_battery);
  tcase_add_test (tcase, a_mouse_has_no_say);
  tcase_add_test (tcase, not_with_little_memory);
  tcase_add_test (tcase, nobody_waits_where_there_is_no_runtime_directory);
  suite_add_tcase (suite, tcase);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
