/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors and paths: what everything else stands on. */
#include "common/fd.h"
#include "common/paths.h"
#include "common/report.h"

#include <check.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

START_TEST (fd_closes_at_end_of_scope)
{
  int seen;
  {
    sg_fd int fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);
    seen = fd;
    ck_assert_int_ge (fd, 0);
  }
  ck_assert_int_eq (fcntl (seen, F_GETFD), -1);
}
END_TEST

START_TEST (open_error_names_the_path)
{
  g_autoptr (GError) error = NULL;

  ck_assert_int_eq (sg_open_at (AT_FDCWD, "/nonexistent/file", O_RDONLY, 0, &error), -1);
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND));
  ck_assert_ptr_nonnull (strstr (error->message, "/nonexistent/file"));
}
END_TEST

START_TEST (runtime_refuses_a_directory_open_to_others)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *dir = g_dir_make_tmp ("sg-test-XXXXXX", NULL);
  g_autofree char *ours = g_build_filename (dir, "sandglass", NULL);

  g_setenv ("XDG_RUNTIME_DIR", dir, TRUE);
  g_autofree char *fine = sg_paths_runtime (&error);
  ck_assert_str_eq (fine, ours);
  ck_assert_int_eq (chmod (ours, 0755), 0);
  ck_assert_ptr_null (sg_paths_runtime (&error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED));
  g_rmdir (ours);
  g_rmdir (dir);
}
END_TEST

START_TEST (control_characters_do_not_reach_the_terminal)
{
  g_autofree char *shown = sg_printable ("a\033[2Jb\xff");

  ck_assert_ptr_null (strchr (shown, '\033'));
  ck_assert (g_utf8_validate (shown, -1, NULL));
}
END_TEST

/* U+202E turns what follows around, U+2066 isolates, U+00AD is not seen; U+009B begins an escape
 * sequence in one character. */
START_TEST (nothing_turns_text_around)
{
  static const char *const marks[]
      = { "\u202e", "\u2066", "\u200f", "\u061c", "\u00ad", "\u2028", "\U000e0041", "\xc2\x9b" };

  for (gsize i = 0; i < G_N_ELEMENTS (marks); i++)
    {
      g_autofree char *name = g_strdup_printf ("photo%sgpj.exe", marks[i]);
      g_autofree char *shown = sg_printable (name);

      ck_assert_str_eq (shown, "photo?gpj.exe");
    }
}
END_TEST

START_TEST (joiners_are_spelling)
{
  g_autofree char *shown = sg_printable ("می\u200cخواهم \U0001f469\u200d\U0001f680");

  ck_assert_str_eq (shown, "می\u200cخواهم \U0001f469\u200d\U0001f680");
}
END_TEST

START_TEST (a_name_is_one_line)
{
  g_autofree char *shown = sg_printable_line ("a\nsandglass: all is well\tb");

  ck_assert_str_eq (shown, "a?sandglass: all is well?b");
}
END_TEST

START_TEST (json_stays_what_it_was)
{
  g_autofree char *safe = sg_printable_json ("{\n  \"a\" : \"x\xc2\x9b"
                                             "31m\u202ey\U000e0041z\u00e9\"\n}");

  ck_assert_str_eq (safe, "{\n  \"a\" : \"x\\u009b31m\\u202ey\\udb40\\udc41z\u00e9\"\n}");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("common");
  TCase *tc = tcase_create ("common");
  SRunner *runner;
  int failed;

  tcase_add_test (tc, fd_closes_at_end_of_scope);
  tcase_add_test (tc, open_error_names_the_path);
  tcase_add_test (tc, runtime_refuses_a_directory_open_to_others);
  tcase_add_test (tc, control_characters_do_not_reach_the_terminal);
  tcase_add_test (tc, nothing_turns_text_around);
  tcase_add_test (tc, joiners_are_spelling);
  tcase_add_test (tc, a_name_is_one_line);
  tcase_add_test (tc, json_stays_what_it_was);
  suite_add_tcase (suite, tc);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
