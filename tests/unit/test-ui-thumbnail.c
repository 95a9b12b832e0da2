/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small pictures out of files that a hostile QEMU can have written. */
#include "common/fd.h"
#include "ui/thumbnail.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int
file_with (const void *bytes, gsize size)
{
  int fd = memfd_create ("test", MFD_CLOEXEC);

  ck_assert_int_ge (fd, 0);
  ck_assert_int_eq (write (fd, bytes, size), (ssize_t)size);
  return fd;
}

START_TEST (a_screen_is_made_small)
{
  g_autoptr (GByteArray) all = g_byte_array_new ();
  g_autoptr (GdkPixbuf) small = NULL;
  sg_fd int fd = -1;

  /* Left half red, right half blue. */
  g_byte_array_append (all, (const guint8 *)"P6\n640 400\n255\n", 15);
  for (int y = 0; y < 400; y++)
    for (int x = 0; x < 640; x++)
      g_byte_array_append (all, x < 320 ? (const guint8 *)"\xff\0\0" : (const guint8 *)"\0\0\xff",
                           3);
  fd = file_with (all->data, all->len);
  small = sg_thumbnail_read (fd, 96, 60, NULL);
  ck_assert_ptr_nonnull (small);
  ck_assert_int_eq (gdk_pixbuf_get_width (small), 96);
  ck_assert_int_eq (gdk_pixbuf_get_height (small), 60);
  const guint8 *row = gdk_pixbuf_get_pixels (small) + 59 * gdk_pixbuf_get_rowstride (small);
  ck_assert_mem_eq (row, "\xff\0\0", 3);
  ck_assert_mem_eq (row + 95 * 3, "\0\0\xff", 3);
}
END_TEST

START_TEST (proportions_are_kept)
{
  static guint8 wide[15 + 1000 * 10 * 3] = "P6\n1000 10\n255\n";
  sg_fd int fd = file_with (wide, sizeof wide);
  g_autoptr (GdkPixbuf) small = sg_thumbnail_read (fd, 96, 60, NULL);

  ck_assert_ptr_nonnull (small);
  ck_assert_int_eq (gdk_pixbuf_get_width (small), 96);
  ck_assert_int_eq (gdk_pixbuf_get_height (small), 1);
}
END_TEST

static const char *const bad[] = {
  "",
  "P6",
  "P6\n",
  "P5\n640 400\n255\n",
  "P6\n0 400\n255\n",
  "P6\n640 0\n255\n",
  "P6\n-1 -1\n255\n",
  "P6\n99999999999999999999 1\n255\n",
  "P6\n16385 1\n255\n",
  "P6\n16384 16384\n255\n",
  "P6\n640 400\n65535\n",
  "P6\n640 400\n255",
  "P6\n640 400\n254\nxxxx",
  "P6\n640 400\n255\nxxxx",
  "P6 # remark\n1 1\n255\nabc",
  "P6                                                                              1 1\n255\nabc",
};

START_TEST (what_is_none_is_refused)
{
  sg_fd int fd = file_with (bad[_i], strlen (bad[_i]));
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (sg_thumbnail_read (fd, 96, 60, &error));
  ck_assert_ptr_nonnull (error);
}
END_TEST

START_TEST (a_file_that_shrinks_is_refused)
{
  static guint8 whole[14 + 100 * 100 * 3] = "P6\n100 100\n255\n";
  sg_fd int fd = file_with (whole, sizeof whole);

  ck_assert_int_eq (ftruncate (fd, 200), 0);
  ck_assert_ptr_null (sg_thumbnail_read (fd, 96, 60, NULL));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("ui-thumbnail");
  TCase *tcase = tcase_create ("thumbnail");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_test (tcase, a_screen_is_made_small);
  tcase_add_test (tcase, proportions_are_kept);
  tcase_add_loop_test (tcase, what_is_none_is_refused, 0, G_N_ELEMENTS (bad));
  tcase_add_test (tcase, a_file_that_shrinks_is_refused);
  suite_add_tcase (suite, tcase);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
