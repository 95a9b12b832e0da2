/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The desktop's look for the viewer on Wayland: what another process has read is what GSettings says here,
 * without a store that is written to.  In a process of its own each: the store is chosen once. */
#include "ui/desktop-look.h"

#include <check.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define INTERFACE "org.gnome.desktop.interface"

static char *home;

static void
make_home (void)
{
  g_autofree char *folder = NULL, *file = NULL;

  home = g_dir_make_tmp ("sandglass-test-XXXXXX", NULL);
  folder = g_build_filename (home, "glib-2.0", "settings", NULL);
  file = g_build_filename (folder, "keyfile", NULL);
  ck_assert_int_eq (g_mkdir_with_parents (folder, 0700), 0);
  ck_assert (g_file_set_contents (file,
                                  "[org/gnome/desktop/interface]\ntext-scaling-factor=1.75\ngtk-theme='Made Up'\n"
                                  "cursor-size=-7\nclock-format='12h'\n",
                                  -1, NULL));
  g_setenv ("XDG_CONFIG_HOME", home, TRUE);
  g_setenv ("GSETTINGS_BACKEND", "keyfile", TRUE);
}

static void
remove_home (void)
{
  const char *const below[] = { "glib-2.0/settings/keyfile", "glib-2.0/settings", "glib-2.0", "" };

  for (gsize i = 0; i < G_N_ELEMENTS (below); i++)
    {
      g_autofree char *path = g_build_filename (home, below[i], NULL);
      g_remove (path);
    }
  g_free (home);
}

static gboolean
has_schema (void)
{
  g_autoptr (GSettingsSchema) schema = NULL;
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();

  if (source != NULL)
    schema = g_settings_schema_source_lookup (source, INTERFACE, TRUE);
  if (schema == NULL)
    puts ("skipped: this computer has no schema of a desktop's look");
  return schema != NULL;
}

START_TEST (test_wayland)
{
  g_autoptr (GSettings) settings = NULL;
  g_autofree char *theme = NULL, *clock = NULL;
  int fd;

  g_setenv ("WAYLAND_DISPLAY", "wayland-7", TRUE);
  g_unsetenv ("GDK_BACKEND");
  if (!has_schema ())
    return;
  fd = sg_desktop_look_ask ();
  ck_assert_int_ge (fd, 0);
  sg_desktop_look_take (fd);
  ck_assert_str_eq (g_getenv ("GSETTINGS_BACKEND"), "memory");
  settings = g_settings_new (INTERFACE);
  theme = g_settings_get_string (settings, "gtk-theme");
  ck_assert_str_eq (theme, "Made Up");
  ck_assert (g_settings_get_double (settings, "text-scaling-factor") == 1.75);
  /* Not what nobody needs here. */
  clock = g_settings_get_string (settings, "clock-format");
  ck_assert_str_ne (clock, "12h");
}
END_TEST

START_TEST (test_x11)
{
  g_setenv ("WAYLAND_DISPLAY", "wayland-7", TRUE);
  g_setenv ("GDK_BACKEND", "x11", TRUE);
  ck_assert_int_eq (sg_desktop_look_ask (), -1);
  g_unsetenv ("GDK_BACKEND");
  g_unsetenv ("WAYLAND_DISPLAY");
  ck_assert_int_eq (sg_desktop_look_ask (), -1);
  sg_desktop_look_take (-1);
  ck_assert_str_eq (g_getenv ("GSETTINGS_BACKEND"), "keyfile");
}
END_TEST

/* Nobody answers: the window is not kept waiting. */
START_TEST (test_silence)
{
  gint64 before = g_get_monotonic_time ();
  int ends[2];

  ck_assert_int_eq (pipe (ends), 0);
  sg_desktop_look_take (ends[0]);
  ck_assert_int_lt (g_get_monotonic_time () - before, 5 * G_USEC_PER_SEC);
  ck_assert_str_eq (g_getenv ("GSETTINGS_BACKEND"), "memory");
  close (ends[1]);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("desktop-look");
  TCase *tests = tcase_create ("all");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_checked_fixture (tests, make_home, remove_home);
  tcase_add_test (tests, test_wayland);
  tcase_add_test (tests, test_x11);
  tcase_add_test (tests, test_silence);
  suite_add_tcase (suite, tests);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
