/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a sandbox is given of this computer's memory. */
#include "launcher/memory-balance.h"

#include <check.h>
#include <stdlib.h>

#define MIB (G_GUINT64_CONSTANT (1) << 20)
#define GIB (1024 * MIB)

static SgBalance
balance (guint64 given)
{
  return (SgBalance){ .first = 1536 * MIB, .most = 6 * GIB, .given = given };
}

START_TEST (grows_by_doubling_up_to_the_most)
{
  SgBalance b = balance (1536 * MIB);

  ck_assert_uint_eq (sg_balance_grow (&b, 1536 * MIB, 20 * GIB), 3 * GIB);
  b.given = 4 * GIB;
  ck_assert_uint_eq (sg_balance_grow (&b, 4 * GIB, 20 * GIB), 6 * GIB);
  b.given = b.most;
  ck_assert_uint_eq (sg_balance_grow (&b, 4 * GIB, 20 * GIB), b.most);
}
END_TEST

START_TEST (leaves_a_gigabyte_to_the_host)
{
  SgBalance b = balance (1536 * MIB);

  ck_assert_uint_eq (sg_balance_grow (&b, 1536 * MIB, 0), b.given);
  ck_assert_uint_eq (sg_balance_grow (&b, 1536 * MIB, GIB + 127 * MIB), b.given);
  ck_assert_uint_eq (sg_balance_grow (&b, 1536 * MIB, GIB + 300 * MIB), b.given + 256 * MIB);
  /* What it was given and has not taken is the host's only for now. */
  ck_assert_uint_eq (sg_balance_grow (&b, 1024 * MIB, GIB + 600 * MIB), b.given);
  ck_assert_uint_eq (sg_balance_grow (&b, 1024 * MIB, GIB + 640 * MIB), b.given + 128 * MIB);
}
END_TEST

START_TEST (gives_back_only_after_a_while)
{
  SgBalance b = balance (4 * GIB);

  ck_assert_uint_eq (sg_balance_look (&b, 3 * GIB), b.given);
  ck_assert_uint_eq (sg_balance_look (&b, 3 * GIB), b.given);
  ck_assert_uint_eq (sg_balance_look (&b, 100 * MIB), b.given); /* in use again: from the start */
  ck_assert_uint_eq (sg_balance_look (&b, 2 * GIB), b.given);
  ck_assert_uint_eq (sg_balance_look (&b, 2 * GIB), b.given);
  ck_assert_uint_eq (sg_balance_look (&b, 2 * GIB), b.given - 1536 * MIB); /* 512 MiB stay unused */
}
END_TEST

START_TEST (never_goes_below_the_first)
{
  SgBalance b = balance (2 * GIB);

  for (guint i = 0; i < 3; i++)
    b.given = sg_balance_look (&b, G_MAXUINT64); /* a guest may say anything */
  ck_assert_uint_eq (b.given, b.first);
  for (guint i = 0; i < 9; i++)
    ck_assert_uint_eq (sg_balance_look (&b, G_MAXUINT64), b.first);
}
END_TEST

START_TEST (small_change_is_left)
{
  SgBalance b = balance (4 * GIB);

  for (guint i = 0; i < 9; i++)
    ck_assert_uint_eq (sg_balance_look (&b, (512 + 255) * MIB), b.given);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("memory-balance");
  TCase *tests = tcase_create ("balance");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_test (tests, grows_by_doubling_up_to_the_most);
  tcase_add_test (tests, leaves_a_gigabyte_to_the_host);
  tcase_add_test (tests, gives_back_only_after_a_while);
  tcase_add_test (tests, never_goes_below_the_first);
  tcase_add_test (tests, small_change_is_left);
  suite_add_tcase (suite, tests);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
