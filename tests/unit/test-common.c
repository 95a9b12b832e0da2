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
  suite_add_tcase (suite, tc);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
