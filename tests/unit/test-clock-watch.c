/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A clock that jumps is told, each time; one that goes on is not.  Making it jump takes the right to
 * set it: tests/e2e/clock-jumps-are-noticed.sh runs this where the clock is nobody's. */
#include "launcher/clock-watch.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static guint jumps;

static void
jumped (gpointer data)
{
  jumps++;
}

static gboolean
enough (gpointer data)
{
  *(gboolean *)data = TRUE;
  return G_SOURCE_REMOVE;
}

static void
turn (guint msec)
{
  gboolean over = FALSE;

  g_timeout_add (msec, enough, &over);
  while (!over)
    g_main_context_iteration (NULL, TRUE);
}

START_TEST (a_clock_that_goes_on_is_not_told)
{
  g_autoptr (SgClockWatch) watch = sg_clock_watch_new (jumped, NULL, NULL);

  ck_assert_ptr_nonnull (watch);
  turn (300);
  ck_assert_uint_eq (jumps, 0);
}
END_TEST

/* Back and forth: by a week, as after sleep; by nothing, which is a jump as well. */
START_TEST (each_jump_is_told)
{
  static const int seconds[] = { 7 * 86400, 0, -7 * 86400 };
  g_autoptr (SgClockWatch) watch = sg_clock_watch_new (jumped, NULL, NULL);

  if (g_strcmp0 (g_getenv ("SG_CLOCK_IS_OURS"), "yes") != 0)
    {
      puts ("skipped: the clock is this computer's");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (seconds); i++)
    {
      struct timespec now;

      clock_gettime (CLOCK_REALTIME, &now);
      now.tv_sec += seconds[i];
      ck_assert_msg (clock_settime (CLOCK_REALTIME, &now) == 0, "%s", strerror (errno));
      turn (300);
      ck_assert_uint_eq (jumps, i + 1);
    }
  turn (300);
  ck_assert_uint_eq (jumps, G_N_ELEMENTS (seconds));
}
END_TEST

START_TEST (one_that_was_freed_tells_nothing)
{
  SgClockWatch *watch = sg_clock_watch_new (jumped, NULL, NULL);

  sg_clock_watch_free (watch);
  sg_clock_watch_free (NULL);
  turn (50);
  ck_assert_uint_eq (jumps, 0);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("clock-watch");
  TCase *tc = tcase_create ("clock-watch");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_test (tc, a_clock_that_goes_on_is_not_told);
  tcase_add_test (tc, each_jump_is_told);
  tcase_add_test (tc, one_that_was_freed_tells_nothing);
  suite_add_tcase (suite, tc);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
