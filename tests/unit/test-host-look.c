/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of the desktop's look goes inside, of all that the program that asks the desktop could print. */
#include "launcher/enforce-inside.h"
#include "launcher/session-look.h"

#include <check.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

static GVariant *
settings_of (const char *lines, gboolean keyboard)
{
  g_autofree char *text = g_strconcat ("[look]\n", lines, NULL);
  g_autoptr (SgLook) look = sg_look_parse (text);
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  sg_look_settings (look, keyboard, &dict);
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

static char *
words_of (const char *lines)
{
  g_autoptr (GVariant) settings = settings_of (lines, TRUE);

  return g_variant_n_children (settings) > 0 ? g_variant_print (settings, FALSE) : g_strdup ("");
}

/* The order of members does not matter. */
static gboolean
is_same (GVariant *a, GVariant *b)
{
  GVariantIter iter;
  GVariant *value;
  const char *key;
  gboolean same = TRUE;

  if (!g_variant_is_of_type (a, G_VARIANT_TYPE_VARDICT))
    return g_variant_equal (a, b);
  g_variant_iter_init (&iter, a);
  while (g_variant_iter_next (&iter, "{&sv}", &key, &value))
    {
      g_autoptr (GVariant) other = g_variant_lookup_value (b, key, g_variant_get_type (value));

      same = same && other != NULL && is_same (value, other);
      g_variant_unref (value);
    }
  return same && g_variant_n_children (a) == g_variant_n_children (b);
}

START_TEST (each_of_them_goes_inside)
{
  static const struct
  {
    const char *lines, *settings;
  } rows[] = {
    { "dark=true\n", "{'look': <{'dark': <true>}>}" },
    { "text-percent=125\n", "{'look': <{'text-percent': <uint32 125>}>}" },
    { "scale=2\n", "{'look': <{'scale': <uint32 2>}>}" },
    { "pointer-theme=DMZ-White\n", "{'look': <{'pointer-theme': <'DMZ-White'>}>}" },
    { "pointer-size=48\n", "{'look': <{'pointer-size': <uint32 48>}>}" },
    { "keyboard=de\nkeyboard-variants=nodeadkeys\nkeyboard-options=caps:escape\n",
      "{'keyboard': <'de:nodeadkeys'>, 'keyboard-options': <'caps:escape'>}" },
    { "keyboard=us,ru\nkeyboard-variants=,\n",
      "{'keyboard': <'us,ru'>, 'keyboard-options': <''>}" },
    { "input-method=ibus\nengines=xkb:us::eng;libpinyin;\n",
      "{'look': <{'input-method': <'ibus'>, 'engines': <['xkb:us::eng', 'libpinyin']>}>}" },
    { "input-method=fcitx\n", "{'look': <{'engines': <@as []>, 'input-method': <'fcitx'>}>}" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *words = words_of (rows[i].lines);
      g_autoptr (GVariant) got = settings_of (rows[i].lines, TRUE);
      g_autoptr (GVariant) wanted
          = g_variant_parse (G_VARIANT_TYPE_VARDICT, rows[i].settings, NULL, NULL, NULL);

      ck_assert_msg (is_same (wanted, got), "%s: %s", rows[i].lines, words);
    }
}
END_TEST

START_TEST (what_is_as_usual_is_not_said)
{
  g_autofree char *words = words_of ("dark=false\ntext-percent=100\nscale=1\npointer-theme=Adwaita\n"
                                     "pointer-size=24\nkeyboard=\n");

  ck_assert_str_eq (words, "");
}
END_TEST

START_TEST (what_makes_no_sense_is_left_out)
{
  static const char *const lines[] = {
    "dark=perhaps\n",
    "text-percent=0\n",
    "text-percent=49\n",
    "text-percent=301\n",
    "text-percent=99999999999999999999\n",
    "scale=-2\n",
    "scale=4\n",
    "pointer-size=15\n",
    "pointer-size=4096\n",
    "pointer-theme=../../home\n",
    "pointer-theme=a/b\n",
    "pointer-theme=a\\nXft.dpi: 1\n",
    "pointer-theme=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
    "keyboard=de; rm -rf /\n",
    "keyboard=$(id)\n",
    "keyboard=de\\n\n",
    "keyboard=,,,\n",
    "keyboard=\xd0\xb9\n",
    "keyboard-options=caps:escape\n",
    "input-method=/bin/sh\n",
    "input-method=ibusx\n",
    "input-method=\n",
    "engines=libpinyin;\n",
    "home=/home/maria\n",
    "[other]\ndark=true\n",
    "no key file",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autofree char *words = words_of (lines[i]);

      ck_assert_msg (g_str_equal (words, ""), "%s: %s", lines[i], words);
    }
}
END_TEST

START_TEST (parts_that_make_no_sense_are_left_out)
{
  g_autofree char *variants
      = words_of ("keyboard=de\nkeyboard-variants=`x`\nkeyboard-options=a b\n");
  g_autoptr (SgLook) look
      = sg_look_parse ("[look]\ninput-method=ibus\nengines=a/b;;good;$x;1;2;3;4;5;6;7;8;9;10;\n");
  g_autofree char *much = g_strnfill (10000, 'x');
  g_autofree char *text = g_strconcat ("[look]\ndark=true\nx=", much, "\n", NULL);
  g_autoptr (SgLook) long_one = sg_look_parse (text);

  ck_assert_str_eq (variants, "{'keyboard': <'de'>, 'keyboard-options': <''>}");
  ck_assert_uint_eq (g_strv_length (look->engines), 8);
  ck_assert_str_eq (look->engines[0], "good");
  ck_assert_str_eq (look->engines[1], "1");
  ck_assert (!long_one->dark);
}
END_TEST

/* What the profile says wins; the rest of the look stays. */
START_TEST (the_profiles_keyboard_wins)
{
  g_autoptr (SgLook) look = sg_look_parse ("[look]\ndark=true\nkeyboard=de\n");
  static const SgProfileHost host = { "/home/maria", "maria", "/home/maria", NULL };
  const char *text = "<Configuration><Keyboard>fr</Keyboard></Configuration>";
  g_autoptr (SgProfile) profile = sg_profile_parse (text, strlen (text), "p.wsb", &host, NULL);
  SgDefaults defaults = { .memory_mb = 16000, .cpus = 8 };
  g_autoptr (SgGrants) plain = sg_grants_new (&defaults, NULL, NULL);
  g_autoptr (SgGrants) own = sg_grants_new (&defaults, profile, NULL);
  g_autoptr (GVariant) usual = g_variant_ref_sink (sg_enforce_wishes (plain, look, FALSE));
  g_autoptr (GVariant) asked = g_variant_ref_sink (sg_enforce_wishes (own, look, FALSE));
  const char *keyboard;

  ck_assert (g_variant_lookup (usual, "keyboard", "&s", &keyboard));
  ck_assert_str_eq (keyboard, "de");
  ck_assert (g_variant_lookup (asked, "keyboard", "&s", &keyboard));
  ck_assert_str_eq (keyboard, "fr");
  ck_assert (g_variant_lookup (asked, "look", "@a{sv}", NULL));
  ck_assert_ptr_null (sg_enforce_wishes (plain, NULL, FALSE));
}
END_TEST

START_TEST (it_is_granted_or_not)
{
  static const SgProfileHost host = { "/home/maria", "maria", "/home/maria", NULL };
  const char *text = "<Configuration><DesktopLook>Disable</DesktopLook></Configuration>";
  g_autoptr (SgProfile) profile = sg_profile_parse (text, strlen (text), "p.wsb", &host, NULL);
  SgDefaults defaults = { .memory_mb = 16000, .cpus = 8 };
  g_autoptr (SgGrants) plain = sg_grants_new (&defaults, NULL, NULL);
  g_autoptr (SgGrants) off = sg_grants_new (&defaults, profile, NULL);

  ck_assert (sg_session_look_granted (plain, FALSE));
  ck_assert (!sg_session_look_granted (plain, TRUE)); /* an anonymous copy of the computer */
  ck_assert (!sg_session_look_granted (off, FALSE));
  ck_assert (!sg_session_look_granted (NULL, FALSE));
}
END_TEST

static void
count (gpointer data)
{
  (*(int *)data)++;
}

START_TEST (not_wanted_is_known_at_once)
{
  SgSessionLook *look = sg_session_look_new (NULL, count, NULL);
  int n = 0;

  sg_session_look_await (look, count, &n);
  ck_assert_int_eq (n, 1);
  ck_assert_ptr_null (sg_session_look_get (look));
  sg_session_look_free (look);
}
END_TEST

/* Also that it is as usual again is said, and of the keyboard nothing. */
START_TEST (a_change_is_told_whole)
{
  g_autoptr (SgLook) dark = sg_look_parse ("[look]\ndark=true\ntext-percent=150\nkeyboard=de\n");
  g_autoptr (SgLook) usual = sg_look_parse ("[look]\ndark=false\ntext-percent=100\nkeyboard=de\n");
  g_autoptr (GVariant) first = g_variant_ref_sink (sg_enforce_look_again (dark, TRUE));
  g_autoptr (GVariant) then = g_variant_ref_sink (sg_enforce_look_again (usual, FALSE));
  g_autoptr (GVariant) all = g_variant_parse (
      NULL, "{'look': <{'dark': <true>, 'text-percent': <uint32 150>}>, 'program': <true>}", NULL,
      NULL, NULL);
  g_autoptr (GVariant) nothing
      = g_variant_parse (NULL, "{'look': <@a{sv} {}>}", NULL, NULL, NULL);

  ck_assert (is_same (all, first));
  ck_assert (is_same (nothing, then));
}
END_TEST

/* --- a desktop that changes: a made-up sandglass-look */

typedef struct
{
  char *home;
  SgSessionLook *look;
  GMainLoop *loop;
  int known, changed;
  gint64 first, last; /* when CHANGED was called */
} Desktop;

static void
on_known (gpointer data)
{
  Desktop *desktop = data;

  desktop->known++;
  g_main_loop_quit (desktop->loop);
}

static void
on_changed (gpointer data)
{
  Desktop *desktop = data;

  if (desktop->changed++ == 0)
    desktop->first = g_get_monotonic_time ();
  desktop->last = g_get_monotonic_time ();
  g_main_loop_quit (desktop->loop);
}

static gboolean
give_up (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

/* Until something is called, or for so long. */
static void
run (Desktop *desktop, guint msec)
{
  guint late = g_timeout_add (msec, give_up, desktop->loop);

  g_main_loop_run (desktop->loop);
  if (g_main_context_find_source_by_id (NULL, late) != NULL)
    g_source_remove (late);
}

#define WAIT "while ! [ -e \"${0%/*}/go\" ]; do sleep 0.1; done\n"

static void
desktop_changes (Desktop *desktop)
{
  g_autofree char *go = g_build_filename (desktop->home, "go", NULL);

  ck_assert (g_file_set_contents (go, "", 0, NULL));
}

/* SCRIPT is what sandglass-look does. */
static void
desktop_start (Desktop *desktop, const char *script)
{
  g_autofree char *text = g_strdup_printf ("#!/bin/sh\n[ \"$1\" = --watch ] || exit 1\n%s\n", script);
  g_autofree char *program = NULL;

  *desktop = (Desktop){ .loop = g_main_loop_new (NULL, FALSE) };
  desktop->home = g_dir_make_tmp ("sandglass-test-XXXXXX", NULL);
  program = g_build_filename (desktop->home, "sandglass-look", NULL);
  ck_assert (g_file_set_contents_full (program, text, -1, G_FILE_SET_CONTENTS_NONE, 0700, NULL));
  desktop->look = sg_session_look_new (program, on_changed, desktop);
  sg_session_look_await (desktop->look, on_known, desktop);
}

static void
desktop_end (Desktop *desktop)
{
  g_autofree char *program = g_build_filename (desktop->home, "sandglass-look", NULL);
  g_autofree char *go = g_build_filename (desktop->home, "go", NULL);

  sg_session_look_free (desktop->look);
  g_main_loop_unref (desktop->loop);
  g_remove (program);
  g_remove (go);
  g_rmdir (desktop->home);
  g_free (desktop->home);
}
START_TEST (a_desktop_that_changes_is_told)
{
  Desktop desktop;

  desktop_start (&desktop, "printf '[look]\\ndark=true\\n\\0'; printf '[look]\\ndark=true\\n\\0'\n"
                           WAIT "printf '[look]\\ntext-percent=150\\n\\0'; exec sleep 60");
  run (&desktop, 20000);
  ck_assert_int_eq (desktop.known, 1);
  ck_assert (sg_session_look_get (desktop.look)->dark);
  desktop_changes (&desktop);
  run (&desktop, 20000);
  ck_assert_int_eq (desktop.changed, 1);
  ck_assert (!sg_session_look_get (desktop.look)->dark);
  ck_assert_uint_eq (sg_session_look_get (desktop.look)->text_percent, 150);
  desktop_end (&desktop);
}
END_TEST

/* Whatever it says, the machine inside is told once a second at most, and of the last. */
START_TEST (a_desktop_that_flickers_is_told_now_and_then)
{
  Desktop desktop;

  desktop_start (&desktop, "for i in $(seq 101 299); do printf '[look]\\ntext-percent=%s\\n\\0' $i; done\n"
                           "exec sleep 60");
  run (&desktop, 20000);
  while (sg_session_look_get (desktop.look)->text_percent != 299 || desktop.changed < 1)
    run (&desktop, 5000);
  run (&desktop, 1500);
  ck_assert_int_eq (desktop.known, 1);
  ck_assert_int_le (desktop.changed, 1 + (int)((desktop.last - desktop.first) / (G_USEC_PER_SEC - 1000)));
  desktop_end (&desktop);
}
END_TEST

START_TEST (one_that_says_too_much_is_ended)
{
  Desktop desktop;

  desktop_start (&desktop, "printf '[look]\\ndark=true\\n\\0'; exec cat /dev/zero | tr '\\0' x");
  run (&desktop, 20000);
  run (&desktop, 500);
  ck_assert_int_eq (desktop.known, 1);
  ck_assert_int_eq (desktop.changed, 0);
  ck_assert (sg_session_look_get (desktop.look)->dark);
  desktop_end (&desktop);
}
END_TEST

START_TEST (nobody_waits_for_one_that_is_late)
{
  Desktop desktop;

  desktop_start (&desktop, WAIT "printf '[look]\\ndark=true\\n\\0'; exec sleep 60");
  run (&desktop, 20000);
  ck_assert_int_eq (desktop.known, 1);
  ck_assert_ptr_null (sg_session_look_get (desktop.look));
  desktop_changes (&desktop);
  run (&desktop, 20000);
  ck_assert_int_eq (desktop.changed, 1);
  ck_assert (sg_session_look_get (desktop.look)->dark);
  desktop_end (&desktop);
}
END_TEST

START_TEST (one_that_ends_has_said_nothing)
{
  Desktop desktop;

  desktop_start (&desktop, "printf '[look]\\ndark=true\\n'");
  run (&desktop, 20000);
  ck_assert_int_eq (desktop.known, 1);
  ck_assert_ptr_null (sg_session_look_get (desktop.look));
  desktop_end (&desktop);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("host-look");
  TCase *tests = tcase_create ("all");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_test (tests, each_of_them_goes_inside);
  tcase_add_test (tests, what_is_as_usual_is_not_said);
  tcase_add_test (tests, what_makes_no_sense_is_left_out);
  tcase_add_test (tests, parts_that_make_no_sense_are_left_out);
  tcase_add_test (tests, the_profiles_keyboard_wins);
  tcase_add_test (tests, it_is_granted_or_not);
  tcase_add_test (tests, not_wanted_is_known_at_once);
  tcase_add_test (tests, a_change_is_told_whole);
  tcase_add_test (tests, a_desktop_that_changes_is_told);
  tcase_add_test (tests, a_desktop_that_flickers_is_told_now_and_then);
  tcase_add_test (tests, one_that_says_too_much_is_ended);
  tcase_add_test (tests, nobody_waits_for_one_that_is_late);
  tcase_add_test (tests, one_that_ends_has_said_nothing);
  tcase_set_timeout (tests, 90);
  tcase_add_test (tests, not_wanted_is_known_at_once);
  suite_add_tcase (suite, tests);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
