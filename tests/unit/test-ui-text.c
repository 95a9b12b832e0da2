/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words, remaining time, problems: the parts of the user interface that are only text. */
#include "ui/eta.h"
#include "ui/leave-key.h"
#include "ui/problem.h"
#include "ui/words.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SECOND ((gint64)G_USEC_PER_SEC)
#define MINUTE (60 * SECOND)

static void
assert_words (char *words, const char *wanted)
{
  ck_assert_str_eq (words, wanted);
  g_free (words);
}

START_TEST (test_since)
{
  assert_words (sg_words_since (0, 0), "just now");
  assert_words (sg_words_since (0, 59 * SECOND), "just now");
  assert_words (sg_words_since (0, MINUTE), "1 min");
  assert_words (sg_words_since (0, 59 * MINUTE), "59 min");
  assert_words (sg_words_since (0, 125 * MINUTE), "2 h 5 min");
  /* A clock that was set back, and one that is far off. */
  assert_words (sg_words_since (MINUTE, 0), "just now");
  assert_words (sg_words_since (0, G_MAXINT64), "8760 h 0 min");
}
END_TEST

START_TEST (test_day)
{
  const gint64 day = 24 * 60 * 60, noon = 1764072000; /* Tuesday 2025-11-25, 12:00 UTC */
  g_autofree char *date = NULL;

  g_setenv ("TZ", "UTC", TRUE);
  assert_words (sg_words_day (noon - 60, noon), "today");
  assert_words (sg_words_day (noon - day, noon), "Monday");
  assert_words (sg_words_day (noon - 5 * day, noon), "Thursday");
  date = sg_words_day (noon - 30 * day, noon);
  ck_assert_str_ne (date, "Sunday");
  ck_assert_ptr_nonnull (strstr (date, "26"));
  assert_words (sg_words_day (G_MAXINT64, noon), "?");
}
END_TEST

START_TEST (test_title)
{
  assert_words (sg_words_title ("Invoices"), "Sandbox - Invoices");
  assert_words (sg_words_title (NULL), "Sandbox - Desktop");
  assert_words (sg_words_title ("\n\t \xe2\x80\xae"), "Sandbox - Desktop");
  /* A session may say the first words too; they are not doubled. */
  assert_words (sg_words_title ("Sandbox - test"), "Sandbox - test");
  assert_words (sg_words_name ("Sandbox - test"), "test");
  assert_words (sg_words_title ("Sandbox"), "Sandbox - Desktop");
  /* Line breaks, controls, direction marks and bytes that are no text are taken out. */
  assert_words (sg_words_title ("a\nb\x1b[2J\xe2\x80\xae"
                                "c\xe2\x81\xa6"),
                "Sandbox - ab[2Jc");
  assert_words (sg_words_title ("a\xff"), "Sandbox - a\xef\xbf\xbd");
}
END_TEST

START_TEST (test_title_is_short)
{
  GString *name = g_string_new (NULL);
  g_autofree char *title = NULL;

  for (int i = 0; i < 10000; i++)
    g_string_append (name, "\xe4\xb8\xad\xcc\x81"); /* a wide letter with a mark on it */
  title = sg_words_title (name->str);
  ck_assert_int_le (g_utf8_strlen (title, -1), 80);
  ck_assert (g_utf8_validate (title, -1, NULL));
  ck_assert (g_str_has_prefix (title, "Sandbox - \xe4\xb8\xad"));
  g_string_free (name, TRUE);
}
END_TEST

START_TEST (test_no_markup_in_a_notification)
{
  g_autofree char *body
      = sg_words_unmarked ("It stopped: <a href=\"http://evil/\">Update</a> <img src=x> a < b & c");

  ck_assert_ptr_null (strchr (body, '<'));
  ck_assert_str_eq (body,
                    "It stopped: \u2039a href=\"http://evil/\">Update\u2039/a> \u2039img src=x> "
                    "a \u2039 b & c");
}
END_TEST

START_TEST (test_eta_is_quiet_first)
{
  SgEta eta = SG_ETA_INIT;

  ck_assert_double_lt (sg_eta_feed (&eta, 1, 0), 0);
  ck_assert_double_lt (sg_eta_feed (&eta, SECOND / 2, 0.5), 0); /* too early to say */
}
END_TEST

START_TEST (test_eta_of_even_work)
{
  SgEta eta = SG_ETA_INIT;
  double seconds = -1;

  for (int tenth = 0; tenth <= 100; tenth++) /* 20 s of work, looked at after 10 */
    seconds = sg_eta_feed (&eta, 1 + tenth * SECOND / 10, tenth / 200.0);
  ck_assert_double_eq_tol (seconds, 10, 0.5);
}
END_TEST

START_TEST (test_eta_does_not_jump)
{
  SgEta eta = SG_ETA_INIT;
  double before = -1, now;

  /* The pace wavers by a third: what is shown only ever falls. */
  for (int tenth = 0; tenth < 150; tenth++)
    {
      double done = tenth / 200.0 + 0.005 * sin (tenth);
      now = sg_eta_feed (&eta, 1 + tenth * SECOND / 10, MAX (done, 0));
      ck_assert (before < 0 || now <= before);
      before = now;
    }
  /* But work that turns out to take far longer is admitted. */
  for (int tenth = 150; tenth < 400; tenth++)
    now = sg_eta_feed (&eta, 1 + tenth * SECOND / 10, 0.75 + (tenth - 150) / 20000.0);
  ck_assert_double_gt (now, 100);
}
END_TEST

START_TEST (test_eta_of_nonsense)
{
  SgEta eta = SG_ETA_INIT;

  ck_assert_double_lt (sg_eta_feed (&eta, 1, NAN), 0);
  ck_assert_double_lt (sg_eta_feed (&eta, 2, -1), 0);
  sg_eta_feed (&eta, 3, 5);
  ck_assert (isfinite (sg_eta_feed (&eta, 10 * SECOND, INFINITY)));
  ck_assert (isfinite (sg_eta_feed (&eta, 5 * SECOND, 0.1))); /* the clock went back */
}
END_TEST

START_TEST (test_eta_words)
{
  assert_words (sg_eta_words (-1), "");
  assert_words (sg_eta_words (NAN), "");
  assert_words (sg_eta_words (1), "a few seconds");
  assert_words (sg_eta_words (7.2), "about 8 s");
  assert_words (sg_eta_words (21), "about 25 s");
  assert_words (sg_eta_words (90), "about 2 min");
  assert_words (sg_eta_words (INFINITY), "about 1440 min");
}
END_TEST

START_TEST (test_problem_report)
{
  g_autoptr (SgProblem) problem = sg_problem_new ("It broke", "A thing happened.", NULL, "x: 1");
  g_autoptr (SgProblem) copy = sg_problem_copy (problem);
  g_autofree char *report = sg_problem_report (copy);

  ck_assert (g_str_has_prefix (report, "It broke\nA thing happened.\n"));
  ck_assert_ptr_nonnull (strstr (report, "x: 1"));
  ck_assert_ptr_nonnull (strstr (report, "Sandglass " SG_VERSION));
  ck_assert_ptr_null (strstr (report, "(null)"));
}
END_TEST

START_TEST (test_leave_key)
{
  ck_assert_str_eq (sg_leave_key_find ("pause")->sequence, "Pause");
  ck_assert_str_eq (sg_leave_key_find (NULL)->name, "right-ctrl");
  ck_assert_str_eq (sg_leave_key_find ("Control_L+Alt_L+Delete")->name, "right-ctrl");
}
END_TEST

START_TEST (test_stages_stay_what_they_are)
{
  static const char *const all[]
      = { "", "Starting the desktop", "For quick starts: Starting the desktop",
          "For quick starts: of a newer version", "%s" };

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    {
      g_autofree char *stage = sg_words_stage (all[i]);
      ck_assert_str_eq (stage, all[i]);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("ui-text");
  TCase *words = tcase_create ("words"), *eta = tcase_create ("eta");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_test (words, test_since);
  tcase_add_test (words, test_day);
  tcase_add_test (words, test_stages_stay_what_they_are);
  tcase_add_test (words, test_title);
  tcase_add_test (words, test_title_is_short);
  tcase_add_test (words, test_no_markup_in_a_notification);
  tcase_add_test (words, test_problem_report);
  tcase_add_test (words, test_leave_key);
  tcase_add_test (eta, test_eta_is_quiet_first);
  tcase_add_test (eta, test_eta_of_even_work);
  tcase_add_test (eta, test_eta_does_not_jump);
  tcase_add_test (eta, test_eta_of_nonsense);
  tcase_add_test (eta, test_eta_words);
  suite_add_tcase (suite, words);
  suite_add_tcase (suite, eta);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
