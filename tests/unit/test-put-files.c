/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files and folders in, over a real relay: as they were, whole or not at all, and nothing but what
 * was opened. */
#include "common/fd.h"
#include "launcher/put-files.h"
#include "launcher/put-tree.h"
#include "tests/unit/transfer-kit.h"

#include <check.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static Kit kit;
static GPtrArray *all_puts;
static char *desktop;

static void
start (void)
{
  kit_start (&kit, NULL);
  all_puts = g_ptr_array_new_with_free_func ((GDestroyNotify)sg_put_free);
  desktop = g_build_filename (kit.inside, "Desktop", NULL);
}

static void
end (void)
{
  g_ptr_array_unref (all_puts);
  g_free (desktop);
  kit_end (&kit);
}

static SgPut *
add (const char *name, gboolean as_shown)
{
  g_autofree char *path = g_build_filename (kit.outside, name, NULL);
  SgPut *put = sg_put_open (path, as_shown);

  g_ptr_array_add (all_puts, put);
  return put;
}

static char *
make_folder (const char *dir, const char *name)
{
  char *path = g_build_filename (dir, name, NULL);

  ck_assert_int_eq (g_mkdir (path, 0700), 0);
  return path;
}

static void
make_link (const char *to, const char *dir, const char *name)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);

  ck_assert_int_eq (symlink (to, path), 0);
}

static gboolean
copy (GCancellable *cancellable, SgPutProgress progress)
{
  g_autoptr (GAsyncResult) counted = NULL, result = NULL;

  sg_put_count_async (all_puts, NULL, kit_done, &kit);
  counted = kit_wait (&kit);
  ck_assert (sg_put_count_finish (counted, NULL));
  sg_put_files_async (kit.connection, all_puts, "Desktop", progress, &kit, cancellable, kit_done, &kit);
  result = kit_wait (&kit);
  return sg_put_files_finish (result);
}

/* A folder "box" with a file, one in a folder of its own, odd names, a link, and nothing hidden from
 * us. */
static void
fill_box (void)
{
  g_autofree char *box = make_folder (kit.outside, "box"), *below = make_folder (box, "-rf");
  g_autofree char *odd = make_folder (below, "two\nlines \377");

  kit_write (box, "a.txt", "first", -1);
  kit_write (odd, "b", "second", -1);
  make_link ("/etc/shadow", box, "link");
  make_link ("/etc", box, "folder link");
}

START_TEST (test_several)
{
  g_autofree char *deep = g_build_filename (desktop, "box", "-rf", "two\nlines \377", NULL);
  g_autofree char *box = g_build_filename (desktop, "box", NULL);
  g_autofree char *link = g_build_filename (box, "link", NULL);
  g_autofree char *again = g_build_filename (desktop, "box (2)", NULL);
  g_autofree char *to = NULL;
  struct stat about;

  fill_box ();
  kit_write (kit.outside, "one.txt", "one", -1);
  add ("one.txt", FALSE);
  ck_assert_uint_eq (add ("box", FALSE)->folder, TRUE);
  add ("one.txt", TRUE);
  add ("box", TRUE);
  ck_assert (copy (NULL, NULL));
  ck_assert_uint_eq (((SgPut *)all_puts->pdata[1])->files, 4);
  ck_assert_uint_eq (((SgPut *)all_puts->pdata[1])->bytes, 11);
  ck_assert (kit_holds (desktop, "one.txt", "one"));
  ck_assert (kit_holds (desktop, "one (2).txt", "one"));
  ck_assert (kit_holds (box, "a.txt", "first"));
  ck_assert (kit_holds (deep, "b", "second"));
  ck_assert (kit_holds (again, "a.txt", "first"));
  ck_assert_str_eq (((SgPut *)all_puts->pdata[3])->inside, again);
  /* A link is a link, there too; nothing came along through it. */
  to = g_file_read_link (link, NULL);
  ck_assert_str_eq (to, "/etc/shadow");
  ck_assert_int_eq (stat (box, &about), 0);
  ck_assert_uint_eq (about.st_mode & 0777, 0700);
  ck_assert_uint_eq (kit_count (desktop), 4);
}
END_TEST

/* What cannot go in is told, and the rest goes. */
START_TEST (test_refused)
{
  g_autofree char *pipe = g_build_filename (kit.outside, "pipe", NULL);

  ck_assert_int_eq (mkfifo (pipe, 0600), 0);
  kit_write (kit.outside, "one.txt", "one", -1);
  make_link ("one.txt", kit.outside, "link");
  ck_assert_ptr_nonnull (add ("pipe", FALSE)->error);
  ck_assert_ptr_nonnull (add ("nothing", FALSE)->error);
  ck_assert_ptr_nonnull (add ("..", FALSE)->error);
  ck_assert_ptr_nonnull (add ("link", TRUE)->error);
  ck_assert_ptr_null (add ("link", FALSE)->error);
  ck_assert (!copy (NULL, NULL));
  ck_assert (kit_holds (desktop, "link", "one"));
  ck_assert_uint_eq (kit_count (desktop), 1);
}
END_TEST

/* A path whose folder became a link after it was shown leads nowhere; one that was opened stays what
 * it was. */
START_TEST (test_swapped)
{
  g_autofree char *box = g_build_filename (kit.outside, "box", NULL);
  g_autofree char *away = g_build_filename (kit.outside, "away", NULL);
  g_autofree char *secret = make_folder (kit.outside, "secret");
  SgPut *before;

  fill_box ();
  kit_write (secret, "a.txt", "secret", -1);
  before = add ("box/a.txt", TRUE);
  ck_assert_int_eq (g_rename (box, away), 0);
  make_link ("secret", kit.outside, "box");
  ck_assert_ptr_null (before->error);
  ck_assert_ptr_nonnull (add ("box/a.txt", TRUE)->error);
  ck_assert (!copy (NULL, NULL));
  ck_assert (kit_holds (desktop, "a.txt", "first"));
  ck_assert_uint_eq (kit_count (desktop), 1);
}
END_TEST

static guint64 last;

static void
on_progress (guint n, guint64 done, guint64 total, gpointer data)
{
  ck_assert_uint_le (n, 1);
  ck_assert_uint_ge (done, last);
  ck_assert_uint_le (done, total);
  last = done;
}

START_TEST (test_large_folder)
{
  g_autofree char *box = make_folder (kit.outside, "box"), *large = NULL;
  g_autofree char *copied = g_build_filename (desktop, "box", "large", NULL);
  struct stat about;

  large = g_build_filename (box, "large", NULL);
  kit_write (box, "large", "", 0);
  ck_assert_int_eq (truncate (large, 64 << 20), 0);
  kit_write (kit.outside, "one.txt", "one", -1);
  add ("box", TRUE);
  add ("one.txt", TRUE);
  last = 0;
  ck_assert (copy (NULL, on_progress));
  ck_assert_uint_gt (last, 0);
  ck_assert_int_eq (stat (copied, &about), 0);
  ck_assert_int_eq (about.st_size, 64 << 20);
}
END_TEST

static gboolean
cancel (gpointer data)
{
  g_cancellable_cancel (data);
  return G_SOURCE_REMOVE;
}

/* _i: the inside stops reading; it reads, and is slow; it ignores every polite signal */
START_TEST (test_cancelled)
{
  static const char *const programs[]
      = { "head -c 5 >/dev/null; exec sleep 60", "for i in 1 2 3 4 5 6 7 8 9; do head -c 100000 >/dev/null; sleep 1; done",
          "trap '' TERM HUP INT; while :; do sleep 1; done" };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *box = make_folder (kit.outside, "box"), *large = NULL;

  large = g_build_filename (box, "large", NULL);
  kit_write (box, "large", "", 0);
  ck_assert_int_eq (truncate (large, 64 << 20), 0);
  kit_program (&kit, "tar", programs[_i]);
  add ("box", TRUE);
  add ("box", TRUE);
  g_timeout_add (700, cancel, cancellable);
  ck_assert (!copy (cancellable, NULL));
  for (guint i = 0; i < 2; i++)
    ck_assert (g_error_matches (((SgPut *)all_puts->pdata[i])->error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  if (_i < 2)
    ck_assert_uint_eq (kit_count (desktop), 0);
}
END_TEST

/* _i: it ends too early and says it is well; cannot unpack; says nonsense */
START_TEST (test_hostile)
{
  static const char *const programs[][2]
      = { { "tar", "head -c 5 >/dev/null" }, { "tar", "exit 1" }, { "sh", "cat >/dev/null; printf ../../x" } };
  g_autofree char *box = make_folder (kit.outside, "box"), *large = NULL;

  large = g_build_filename (box, "large", NULL);
  kit_write (box, "large", "", 0);
  ck_assert_int_eq (truncate (large, 64 << 20), 0);
  kit_program (&kit, programs[_i][0], programs[_i][1]);
  add ("box", TRUE);
  ck_assert (!copy (NULL, NULL));
  ck_assert_ptr_nonnull (((SgPut *)all_puts->pdata[0])->error);
  if (_i < 2)
    ck_assert_uint_eq (kit_count (desktop), 0);
}
END_TEST

/* A folder of which one file cannot be read is not there in part. */
START_TEST (test_unreadable)
{
  g_autofree char *box = make_folder (kit.outside, "box"), *one = NULL;

  if (getuid () == 0)
    {
      g_print ("%s\n", "skipped: root can read everything");
      return;
    }
  kit_write (box, "one", "x", -1);
  one = g_build_filename (box, "one", NULL);
  ck_assert_int_eq (chmod (one, 0), 0);
  add ("box", TRUE);
  ck_assert (!copy (NULL, NULL));
  ck_assert_uint_eq (kit_count (desktop), 0);
}
END_TEST

START_TEST (test_too_deep)
{
  g_autoptr (GError) error = NULL;
  guint64 files, bytes;
  int fd = dup (kit.dirfd);

  for (int i = 0; i < 300; i++)
    {
      int below;

      ck_assert_int_eq (mkdirat (fd, "d", 0700), 0);
      below = openat (fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      close (fd);
      fd = below;
    }
  close (fd);
  ck_assert (!sg_put_tree_count (kit.dirfd, &files, &bytes, NULL, &error));
  ck_assert_ptr_nonnull (error);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("put-files");
  TCase *all = tcase_create ("all");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_checked_fixture (all, start, end);
  tcase_add_test (all, test_several);
  tcase_add_test (all, test_refused);
  tcase_add_test (all, test_swapped);
  tcase_add_test (all, test_large_folder);
  tcase_add_loop_test (all, test_cancelled, 0, 3);
  tcase_add_loop_test (all, test_hostile, 0, 3);
  tcase_add_test (all, test_unreadable);
  tcase_add_test (all, test_too_deep);
  suite_add_tcase (suite, all);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
