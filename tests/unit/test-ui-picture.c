/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/fd.h"
#include "ui/first-picture.h"

#include <check.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int
file_of (const char *header, gsize pixels)
{
  int fd = memfd_create ("picture", MFD_CLOEXEC);
  g_autofree char *data = g_malloc (pixels + 1); /* none of a size of 0 */

  memset (data, 0x55, pixels);
  ck_assert (sg_write_all (fd, header, strlen (header), NULL));
  ck_assert (sg_write_all (fd, data, pixels, NULL));
  return fd;
}

START_TEST (is_read)
{
  g_autoptr (GdkPixbuf) picture = sg_first_picture_read (file_of ("P6\n4 3\n255\n", 4 * 3 * 3));

  ck_assert_ptr_nonnull (picture);
  ck_assert_int_eq (gdk_pixbuf_get_width (picture), 4);
  ck_assert_int_eq (gdk_pixbuf_get_height (picture), 3);
  ck_assert_int_eq (gdk_pixbuf_read_pixels (picture)[4 * 3 * 3 - 1], 0x55);
}
END_TEST

static const struct
{
  const char *header;
  gsize pixels;
} refused[] = {
  { "", 0 },
  { "P6", 0 },
  { "P6\n4 3\n255", 0 },
  { "P6\n4 3\n255\n", 4 * 3 * 3 - 1 }, /* cut short */
  { "P6\n4 3\n255\n", 4 * 3 * 3 + 1 }, /* too long */
  { "P5\n4 3\n255\n", 4 * 3 * 3 },     /* another format */
  { "P6\n4 3\n65535\n", 4 * 3 * 6 },   /* deeper than QEMU writes */
  { "P6\n0 3\n255\n", 0 },
  { "P6\n-4 -3\n255\n", 4 * 3 * 3 },
  { "P6\n99999 99999\n255\n", 100 }, /* larger than a screen */
  { "P6\n4294967300 3\n255\n", 4 * 3 * 3 },
};

START_TEST (is_refused)
{
  ck_assert_ptr_null (sg_first_picture_read (file_of (refused[_i].header, refused[_i].pixels)));
}
END_TEST

START_TEST (none_is_no_picture)
{
  int ends[2];

  ck_assert_ptr_null (sg_first_picture_read (-1));
  ck_assert_int_eq (pipe (ends), 0);
  ck_assert_ptr_null (sg_first_picture_read (ends[0])); /* would wait for ever */
  close (ends[1]);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("ui-picture");
  TCase *all = tcase_create ("first picture");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_test (all, is_read);
  tcase_add_loop_test (all, is_refused, 0, G_N_ELEMENTS (refused));
  tcase_add_test (all, none_is_no_picture);
  suite_add_tcase (suite, all);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
