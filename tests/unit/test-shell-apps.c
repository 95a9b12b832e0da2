/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The menu's model, over made-up folders of .desktop files. */
#include "baseimage/guest/shell/apps.h"
#include "baseimage/guest/shell/clock.h"
#include "baseimage/guest/shell/xsettings.h"

#include <check.h>
#include <glib/gstdio.h>
#include <locale.h>
#include <stdlib.h>
#include <time.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *top; /* holds "one" and "two" */

static void
setup (void)
{
  top = g_dir_make_tmp ("shell-apps-XXXXXX", NULL);
  ck_assert_ptr_nonnull (top);
}

static void
remove_all (const char *path)
{
  GDir *dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
        remove_all (child);
      else
        g_unlink (child);
    }
  if (dir)
    g_dir_close (dir);
  g_rmdir (path);
}

static void
teardown (void)
{
  remove_all (top);
  g_clear_pointer (&top, g_free);
}

/* PATH is below the temporary folder. */
static void
put (const char *path, const char *text)
{
  g_autofree char *full = g_build_filename (top, path, NULL);
  g_autofree char *dir = g_path_get_dirname (full);

  g_mkdir_with_parents (dir, 0755);
  ck_assert (g_file_set_contents (full, text, -1, NULL));
}

static void
put_app (const char *path, const char *name, const char *more)
{
  g_autofree char *text = g_strdup_printf (
      "[Desktop Entry]\nType=Application\nName=%s\nExec=true %%F\n%s", name, more);

  put (path, text);
}

static SgApps *
load (void)
{
  g_autofree char *one = g_build_filename (top, "one", NULL);
  g_autofree char *two = g_build_filename (top, "two", NULL);
  const char *dirs[] = { one, two, NULL };

  return sg_apps_load (dirs);
}

/* The names found, as "A,B". */
static char *
names (const SgApps *apps, SgCategory category, const char *search)
{
  g_autoptr (GPtrArray) found = sg_apps_list (apps, category, search);
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < found->len; i++)
    g_string_append_printf (out, "%s%s", i ? "," : "", ((SgApp *)found->pdata[i])->name);
  return g_string_free (out, FALSE);
}

#define ASSERT_NAMES(apps, category, search, expected)                                             \
  do                                                                                               \
    {                                                                                              \
      g_autofree char *have = names (apps, category, search);                                      \
      ck_assert_str_eq (have, expected);                                                           \
    }                                                                                              \
  while (0)

START_TEST (nothing_there)
{
  g_autoptr (SgApps) apps = load ();

  ASSERT_NAMES (apps, SG_CATEGORY_ALL, NULL, "");
  ck_assert (!sg_apps_has (apps, SG_CATEGORY_ALL));
  ck_assert (!sg_apps_stale (apps));
}
END_TEST

START_TEST (sorted_into_categories)
{
  put_app ("one/applications/b.desktop", "Browser", "Categories=GNOME;GTK;Network;WebBrowser;\n");
  put_app ("one/applications/t.desktop", "Terminal",
           "Categories=System;TerminalEmulator;Utility;\n");
  put_app ("one/applications/g.desktop", "Chess", "Categories=Game;Education;\n");
  put_app ("one/applications/x.desktop", "Thing", "");
  g_autoptr (SgApps) apps = load ();

  ASSERT_NAMES (apps, SG_CATEGORY_ALL, "", "Browser,Chess,Terminal,Thing");
  ASSERT_NAMES (apps, SG_CATEGORY_INTERNET, NULL, "Browser");
  ASSERT_NAMES (apps, SG_CATEGORY_SYSTEM, NULL, "Terminal");
  ASSERT_NAMES (apps, SG_CATEGORY_GAMES, NULL, "Chess");
  ASSERT_NAMES (apps, SG_CATEGORY_OTHER, NULL, "Thing");
  ck_assert (!sg_apps_has (apps, SG_CATEGORY_OFFICE));
  for (int i = 0; i < SG_CATEGORY_MAX; i++)
    ck_assert_int_gt (strlen (sg_category_name ((SgCategory)i)), 0);
}
END_TEST

START_TEST (what_is_not_shown)
{
  put_app ("one/applications/hidden.desktop", "Hidden", "Hidden=true\n");
  put_app ("one/applications/nodisplay.desktop", "NoDisplay", "NoDisplay=true\n");
  put_app ("one/applications/gnome.desktop", "OnlyGnome", "OnlyShowIn=GNOME;\n");
  put_app ("one/applications/ours.desktop", "OnlyHere", "OnlyShowIn=GNOME;Sandglass;\n");
  put_app ("one/applications/nothere.desktop", "NotHere", "NotShowIn=Sandglass;\n");
  put_app ("one/applications/notkde.desktop", "NotKde", "NotShowIn=KDE;\n");
  put_app ("one/applications/try.desktop", "TryExec", "TryExec=/nonexistent/program\n");
  put ("one/applications/link.desktop",
       "[Desktop Entry]\nType=Link\nName=Link\nURL=http://localhost/\n");
  put ("one/applications/none.desktop",
       "[Desktop Entry]\nType=Application\nName=NoProgram\nExec=/nonexistent/program\n");
  g_autoptr (SgApps) apps = load ();

  ASSERT_NAMES (apps, SG_CATEGORY_ALL, NULL, "NotKde,OnlyHere");
}
END_TEST

START_TEST (first_folder_wins)
{
  put_app ("one/applications/a.desktop", "Mine", "");
  put_app ("two/applications/a.desktop", "Theirs", "");
  put_app ("one/applications/b.desktop", "TakenOut", "Hidden=true\n");
  put_app ("two/applications/b.desktop", "Seen", "");
  /* "sub/c.desktop" and "sub-c.desktop" are one id. */
  put_app ("one/applications/sub/c.desktop", "Below", "");
  put_app ("two/applications/sub-c.desktop", "Beside", "");
  g_autoptr (SgApps) apps = load ();

  ASSERT_NAMES (apps, SG_CATEGORY_ALL, NULL, "Below,Mine");
}
END_TEST

START_TEST (broken_files)
{
  g_autofree char *dir = g_build_filename (top, "one/applications", NULL);
  g_autofree char *loop = g_build_filename (dir, "loop", NULL);
  g_autofree char *dangling = g_build_filename (dir, "dangling.desktop", NULL);
  g_autofree char *fifo = g_build_filename (dir, "fifo.desktop", NULL);
  g_autofree char *folder = g_build_filename (dir, "folder.desktop", NULL);
  g_autofree char *long_name = g_strnfill (5000, 'x');
  g_autofree char *big = g_strnfill (SG_DESKTOP_FILE_MAX + 1, '#');

  put_app ("one/applications/good.desktop", "Good", "");
  put ("one/applications/empty.desktop", "");
  put ("one/applications/garbage.desktop", "\xff\xfe\x01 not a key file [[[\n=\n");
  put ("one/applications/nogroup.desktop", "Name=X\nExec=true\n");
  put ("one/applications/notname.desktop", "[Desktop Entry]\nType=Application\nExec=true\n");
  put ("one/applications/big.desktop", big);
  put_app ("one/applications/lines.desktop", "Two\\nlines\\tand tab", "");
  put_app ("one/applications/long.desktop", long_name, "");
  ck_assert_int_eq (symlink (dir, loop), 0);
  ck_assert_int_eq (symlink ("/nonexistent", dangling), 0);
  ck_assert_int_eq (mkfifo (fifo, 0644), 0);
  ck_assert_int_eq (g_mkdir (folder, 0755), 0);
  g_autoptr (SgApps) apps = load ();
  g_autoptr (GPtrArray) found = sg_apps_list (apps, SG_CATEGORY_ALL, "good");
  g_autoptr (GPtrArray) all = sg_apps_list (apps, SG_CATEGORY_ALL, NULL);

  ck_assert_uint_ge (found->len, 1);
  for (guint i = 0; i < all->len; i++)
    {
      const SgApp *app = all->pdata[i];
      ck_assert (g_utf8_validate (app->name, -1, NULL));
      ck_assert_int_le (g_utf8_strlen (app->name, -1), 100);
      ck_assert_ptr_null (strchr (app->name, '\n'));
    }
}
END_TEST

START_TEST (search)
{
  put_app ("one/applications/w.desktop", "Writer",
           "GenericName=Word processor\nKeywords=letter;text;\n");
  put_app ("one/applications/l.desktop", "Letters", "Comment=A game with words\n");
  put_app ("one/applications/e.desktop", "Éditeur de texte", "");
  g_autoptr (SgApps) apps = load ();

  ASSERT_NAMES (apps, SG_CATEGORY_ALL, "wri", "Writer");
  ASSERT_NAMES (apps, SG_CATEGORY_ALL, "WORD proc", "Writer");
  /* By name first, then by what else is said of it. */
  ASSERT_NAMES (apps, SG_CATEGORY_ALL, "letter", "Letters,Writer");
  ASSERT_NAMES (apps, SG_CATEGORY_ALL, "editeur", "Éditeur de texte");
  ASSERT_NAMES (apps, SG_CATEGORY_ALL, "zzz", "");
  ASSERT_NAMES (apps, SG_CATEGORY_ALL, "\xff\xff", "Letters,Writer,Éditeur de texte");
  ASSERT_NAMES (apps, SG_CATEGORY_GAMES, "writer", "");
}
END_TEST

START_TEST (a_new_program_is_noticed)
{
  put_app ("one/applications/a.desktop", "A", "");
  g_autoptr (SgApps) apps = load ();

  ck_assert (!sg_apps_stale (apps));
  g_usleep (20 * 1000); /* a kernel's file times have the grain of its tick */
  put_app ("one/applications/b.desktop", "B", "");
  ck_assert (sg_apps_stale (apps));

  g_autoptr (SgApps) again = load ();
  ck_assert (!sg_apps_stale (again));
  put_app ("two/applications/c.desktop", "C", ""); /* this folder was not even there */
  ck_assert (sg_apps_stale (again));
}
END_TEST

START_TEST (never_over_the_bus)
{
  put_app ("one/applications/org.example.Bus.desktop", "Bus", "DBusActivatable=true\n");
  g_autoptr (SgApps) apps = load ();
  g_autoptr (GPtrArray) found = sg_apps_list (apps, SG_CATEGORY_ALL, NULL);

  ck_assert_uint_eq (found->len, 1);
  ck_assert (!g_desktop_app_info_get_boolean (((SgApp *)found->pdata[0])->info, "DBusActivatable"));
}
END_TEST

/* Loads and looks through COUNT more of them; processor time, as other work is not theirs. */
static clock_t
load_more (int from, int count, guint *ret_all, guint *ret_some)
{
  clock_t before;

  for (int i = from; i < from + count; i++)
    {
      g_autofree char *path = g_strdup_printf ("one/applications/app%04d.desktop", i);
      g_autofree char *name = g_strdup_printf ("Program %04d", i);

      put_app (path, name, "Categories=Utility;\nKeywords=one;two;three;\n");
    }
  before = clock ();
  g_autoptr (SgApps) apps = load ();
  g_autoptr (GPtrArray) all = sg_apps_list (apps, SG_CATEGORY_ACCESSORIES, NULL);
  g_autoptr (GPtrArray) some = sg_apps_list (apps, SG_CATEGORY_ALL, "program 0042");

  *ret_all = all->len;
  *ret_some = some->len;
  return clock () - before;
}

/* Ten times as many take ten times as long; what grows with the square would take a hundred. */
START_TEST (a_thousand)
{
  guint all, some;
  clock_t hundred = load_more (0, 100, &all, &some), thousand;

  ck_assert_uint_eq (all, 100);
  ck_assert_uint_eq (some, 1);
  thousand = load_more (100, 900, &all, &some);
  ck_assert_uint_eq (all, 1000);
  ck_assert_uint_eq (some, 1);
  ck_assert_int_lt (thousand, 40 * MAX (hundred, CLOCKS_PER_SEC / 1000));
}
END_TEST

START_TEST (the_minute)
{
  ck_assert_uint_eq (sg_clock_seconds_left (0), 60);
  ck_assert_uint_eq (sg_clock_seconds_left (59 * G_USEC_PER_SEC), 1);
  ck_assert_uint_eq (sg_clock_seconds_left (59 * G_USEC_PER_SEC + 999999), 1);
  ck_assert_uint_eq (sg_clock_seconds_left (61 * G_USEC_PER_SEC), 59);
}
END_TEST

/* As XSETTINGS 0.5 has it: order, serial, number; kind, length of the name, name, serial, value. */
START_TEST (settings_as_they_are_specified)
{
  SgXsettings *settings = sg_xsettings_new (7);
  g_autoptr (GByteArray) bytes = NULL;
  guint32 words[14];

  sg_xsettings_add_number (settings, "Xft/DPI", 122880);
  sg_xsettings_add_text (settings, "Net/T", "dark");
  bytes = sg_xsettings_end (settings);
  ck_assert_uint_eq (bytes->len, 56);
  memcpy (words, bytes->data, 56);
  ck_assert_uint_eq (bytes->data[0], G_BYTE_ORDER == G_BIG_ENDIAN);
  ck_assert_uint_eq (words[1], 7);
  ck_assert_uint_eq (words[2], 2);
  ck_assert_uint_eq (bytes->data[12], 0); /* a number */
  ck_assert_int_eq (memcmp (bytes->data + 16, "Xft/DPI", 8), 0);
  ck_assert_uint_eq (words[6], 7);
  ck_assert_uint_eq (words[7], 122880);
  ck_assert_uint_eq (bytes->data[32], 1); /* a text */
  ck_assert_int_eq (memcmp (bytes->data + 36, "Net/T\0\0", 8), 0);
  ck_assert_uint_eq (words[11], 7);
  ck_assert_uint_eq (words[12], 4);
  ck_assert_int_eq (memcmp (bytes->data + 52, "dark", 4), 0);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("shell-apps");
  TCase *tests = tcase_create ("menu");
  SRunner *runner;
  int failed;

  g_setenv ("LC_ALL", "C.UTF-8", TRUE);
  g_setenv ("XDG_CURRENT_DESKTOP", "KDE", TRUE); /* the model asks for its own name */
  setlocale (LC_ALL, "");
  tcase_set_timeout (tests, 60);
  tcase_add_checked_fixture (tests, setup, teardown);
  tcase_add_test (tests, nothing_there);
  tcase_add_test (tests, sorted_into_categories);
  tcase_add_test (tests, what_is_not_shown);
  tcase_add_test (tests, first_folder_wins);
  tcase_add_test (tests, broken_files);
  tcase_add_test (tests, search);
  tcase_add_test (tests, a_new_program_is_noticed);
  tcase_add_test (tests, never_over_the_bus);
  tcase_add_test (tests, a_thousand);
  tcase_add_test (tests, the_minute);
  tcase_add_test (tests, settings_as_they_are_specified);
  suite_add_tcase (suite, tests);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
