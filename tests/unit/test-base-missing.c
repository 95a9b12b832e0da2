/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of the things left out a person would look for. */
#include "launcher/base-missing.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const char left_out[]
    = "/etc/hostid\tetc-machine: it belongs to this computer's hardware, disks or past\n"
      "/opt/acme\topt-other: no package brought it\n"
      "/snap/bare\tsnap: a snap is a disk image of its own\n"
      "/snap/core22\tsnap: a snap is a disk image of its own\n"
      "/snap/firefox\tsnap: a snap is a disk image of its own\n"
      "/snap/gnome-42-2204\tsnap: a snap is a disk image of its own\n"
      "/snap/gnome-calculator\tsnap: a snap is a disk image of its own\n"
      "/usr/bin/sudo\tset-id: only root may read this program\n"
      "a line without a tab\n"
      "/a\ttab without a colon\n"
      "\t:\n"
      "\n";

static const SgMissing *
find (const GPtrArray *missing, const char *name)
{
  for (guint i = 0; i < missing->len; i++)
    {
      const SgMissing *one = missing->pdata[i];
      if (strcmp (one->name, name) == 0)
        return one;
    }
  return NULL;
}

START_TEST (programs_are_named)
{
  g_autoptr (GPtrArray) missing = sg_base_missing_in (left_out);

  ck_assert_uint_eq (missing->len, 4);
  ck_assert_str_eq (find (missing, "acme")->path, "/opt/acme");
  ck_assert_str_eq (find (missing, "acme")->rule, "opt-other");
  ck_assert_ptr_nonnull (strstr (find (missing, "firefox")->what, "web browser"));
  ck_assert_ptr_null (strstr (find (missing, "gnome-calculator")->what, "web browser"));
  ck_assert_ptr_nonnull (find (missing, "sudo"));
}
END_TEST

START_TEST (nothing_is_nothing)
{
  g_autoptr (GPtrArray) missing = sg_base_missing_in ("");

  ck_assert_uint_eq (missing->len, 0);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("base-missing");
  TCase *tc = tcase_create ("base-missing");
  SRunner *runner;
  int failed;

  tcase_add_test (tc, programs_are_named);
  tcase_add_test (tc, nothing_is_nothing);
  suite_add_tcase (suite, tc);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
