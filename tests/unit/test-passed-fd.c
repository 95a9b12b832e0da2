/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors that come with a call: no handle reaches beside the list. */
#include "launcher/passed-fd.h"

#include <check.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

START_TEST (a_handle_names_one_of_the_list)
{
  g_autoptr (GUnixFDList) list = g_unix_fd_list_new ();
  struct stat was, is;
  int ends[2], fd;

  ck_assert_int_eq (pipe (ends), 0);
  ck_assert_int_eq (fstat (ends[1], &was), 0);
  for (int i = 0; i < 2; i++)
    ck_assert_int_eq (g_unix_fd_list_append (list, ends[i], NULL), i);
  fd = sg_passed_fd (list, 1, "none", NULL);
  ck_assert_int_ge (fd, 0);
  ck_assert_int_ne (fd, ends[1]);
  ck_assert_int_eq (fstat (fd, &is), 0);
  ck_assert_uint_eq (is.st_ino, was.st_ino);
  close (fd);
}
END_TEST

/* What stands before and behind the list in memory is nobody's descriptor. */
START_TEST (what_is_beside_the_list_is_not_handed_out)
{
  static const gint32 handles[] = { 1, 2, 1000, G_MAXINT32, -1, -2, -3, -1000, G_MININT32 };
  g_autoptr (GUnixFDList) list = g_unix_fd_list_new ();

  g_unix_fd_list_append (list, STDERR_FILENO, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (handles); i++)
    for (int without = 0; without < 2; without++)
      {
        g_autoptr (GError) error = NULL;
        int fd = sg_passed_fd (without ? NULL : list, handles[i], "none came along", &error);

        ck_assert_msg (fd == -1, "handle %d is descriptor %d", (int)handles[i], fd);
        ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT));
        ck_assert_str_eq (error->message, "none came along");
      }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("passed fd");
  TCase *tcase = tcase_create ("passed fd");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_test (tcase, a_handle_names_one_of_the_list);
  tcase_add_test (tcase, what_is_beside_the_list_is_not_handed_out);
  suite_add_tcase (suite, tcase);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
