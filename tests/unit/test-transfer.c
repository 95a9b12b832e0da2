/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files in and out, over a real relay, with an inside that behaves and with one that does not. */
#include "common/fd.h"
#include "launcher/changes.h"
#include "launcher/open-file.h"
#include "launcher/save-files.h"
#include "launcher/transfer-run.h"
#include "launcher/transfer.h"
#include "tests/unit/transfer-kit.h"

#include <check.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static Kit kit;

/* --- in -----------------------------------------------------------------------------------------
 */

static char *
push (const char *contents, gssize len, const char *name, GError **error)
{
  SgTransferFile file = { .name = name, .mode = 0751, .mtime = 1234567890 };
  g_autoptr (GAsyncResult) result = NULL;
  sg_fd int fd = -1;

  kit_write (kit.outside, "source", contents, len);
  fd = openat (kit.dirfd, "source", O_RDONLY | O_CLOEXEC);
  sg_transfer_push_async (kit.connection, fd, "Desktop", &file, NULL, NULL, NULL, kit_done, &kit);
  result = kit_wait (&kit);
  return sg_transfer_push_finish (result, error);
}

START_TEST (test_push)
{
  static const char *const names[] = { "a.txt",   "two\nlines\t\"'$(id)`\\", "-rf", "in\377valid.x",
                                       ".hidden", "with space .tar.gz" };
  g_autofree char *desktop = NULL, *x = g_strnfill (255, 'n');
  g_autoptr (GError) error = NULL;

  kit_start (&kit, NULL);
  desktop = g_build_filename (kit.inside, "Desktop", NULL);
  for (gsize i = 0; i <= G_N_ELEMENTS (names); i++)
    {
      const char *name = i < G_N_ELEMENTS (names) ? names[i] : x;
      g_autofree char *path = push ("some contents", -1, name, &error);
      g_autofree char *wanted = g_build_filename (desktop, name, NULL);
      struct stat about;

      ck_assert_msg (path != NULL, "%s: %s", name, error != NULL ? error->message : "");
      ck_assert_str_eq (path, wanted);
      ck_assert (kit_holds (desktop, name, "some contents"));
      ck_assert_int_eq (stat (path, &about), 0);
      ck_assert_uint_eq (about.st_mode & 07777, 0751);
      ck_assert_int_eq (about.st_mtime, 1234567890);
    }
  g_autofree char *second = push ("other", -1, "a.txt", &error);
  ck_assert (g_str_has_suffix (second, "/Desktop/a (2).txt"));
  ck_assert (kit_holds (desktop, "a.txt", "some contents"));
  g_autofree char *empty = push ("", 0, "empty", &error);
  ck_assert (kit_holds (desktop, "empty", ""));
  ck_assert_uint_eq (kit_count (desktop), G_N_ELEMENTS (names) + 3);
  kit_end (&kit);
}
END_TEST

START_TEST (test_push_refused)
{
  static const char *const names[] = { "", ".", "..", "a/b", "/etc/x" };

  kit_start (&kit, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;

      ck_assert_ptr_null (push ("x", 1, names[i], &error));
      ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME));
    }
  ck_assert_uint_eq (kit_count (kit.inside), 0);
  kit_end (&kit);
}
END_TEST

static guint told;

static void
on_progress (guint64 done, guint64 total, gpointer data)
{
  told++;
  ck_assert_uint_le (done, total);
  ck_assert_uint_eq (total, 64 * 1024 * 1024);
}

START_TEST (test_push_large)
{
  SgTransferFile file = { .name = "large", .mode = 0600, .mtime = 1 };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  sg_fd int fd = -1;
  struct stat about;

  kit_start (&kit, NULL);
  told = 0;
  fd = openat (kit.dirfd, "large", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ck_assert_int_eq (ftruncate (fd, 64 * 1024 * 1024), 0);
  sg_transfer_push_async (kit.connection, fd, ".", &file, on_progress, NULL, NULL, kit_done, &kit);
  result = kit_wait (&kit);
  path = sg_transfer_push_finish (result, &error);
  ck_assert_msg (path != NULL, "%s", error != NULL ? error->message : "");
  ck_assert_int_eq (stat (path, &about), 0);
  ck_assert_int_eq (about.st_size, 64 * 1024 * 1024);
  kit_end (&kit);
}
END_TEST

/* _i: lent and read; lent, and it cannot be read; not lent.  No byte comes by standard input in the
 * first. */
START_TEST (test_push_lent)
{
  static const char *const behaviours[] = { "lend", "lend-nothing", NULL };
  SgTransferFile file = { .name = "large", .mode = 0640, .mtime = 1 };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL, *ended = NULL;
  sg_fd int fd = -1, copy = -1;
  char end[8] = { 0 };

  kit_start (&kit, behaviours[_i]);
  ended = g_strconcat (kit.inside, ".loan-ended", NULL);
  if (_i == 0)
    kit_program (&kit, "cat", "exit 1");
  told = 0;
  fd = openat (kit.dirfd, "large", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ck_assert_int_eq (ftruncate (fd, 64 * 1024 * 1024), 0);
  ck_assert_int_eq (pwrite (fd, "end", 4, 64 * 1024 * 1024 - 4), 4);
  sg_transfer_push_async (kit.connection, fd, ".", &file, on_progress, NULL, NULL, kit_done, &kit);
  result = kit_wait (&kit);
  path = sg_transfer_push_finish (result, &error);
  ck_assert_msg (path != NULL, "%s", error != NULL ? error->message : "");
  copy = open (path, O_RDONLY | O_CLOEXEC);
  ck_assert_int_eq (pread (copy, end, 5, 64 * 1024 * 1024 - 4), 4);
  ck_assert_str_eq (end, "end");
  ck_assert_uint_eq (kit_count (kit.inside), 1);
  for (guint i = 0; i < 100 && _i < 2 && !g_file_test (ended, G_FILE_TEST_EXISTS); i++)
    g_usleep (20000);
  ck_assert_int_eq (g_file_test (ended, G_FILE_TEST_EXISTS), _i < 2);
  kit_end (&kit);
}
END_TEST

static gboolean cancel (gpointer data);

/* What copies inside: _i: hangs, and is cancelled; has no room; copies less than there is.  Nothing is
 * left inside, and what was lent is given back. */
START_TEST (test_push_lent_goes_wrong)
{
  static const char *const programs[]
      = { "for a; do case $a in of=*) echo x >\"${a#of=}\" ;; esac; done; exec sleep 60",
          "echo 'dd: error writing: No space left on device' >&2; exit 1", "exit 0" };
  static const int codes[] = { G_IO_ERROR_CANCELLED, G_IO_ERROR_NO_SPACE, G_IO_ERROR_FAILED };
  SgTransferFile file = { .name = "large", .mode = 0640, .mtime = 1 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *ended = NULL;
  sg_fd int fd = -1;

  kit_start (&kit, "lend");
  ended = g_strconcat (kit.inside, ".loan-ended", NULL);
  kit_program (&kit, "dd", programs[_i]);
  fd = openat (kit.dirfd, "large", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ck_assert_int_eq (ftruncate (fd, 64 * 1024 * 1024), 0);
  sg_transfer_push_async (kit.connection, fd, ".", &file, NULL, NULL, cancellable, kit_done, &kit);
  if (_i == 0)
    g_timeout_add (1000, cancel, cancellable);
  result = kit_wait (&kit);
  ck_assert_ptr_null (sg_transfer_push_finish (result, &error));
  ck_assert_msg (g_error_matches (error, G_IO_ERROR, codes[_i]), "%s", error->message);
  ck_assert_uint_eq (kit_count (kit.inside), 0);
  for (guint i = 0; i < 100 && !g_file_test (ended, G_FILE_TEST_EXISTS); i++)
    g_usleep (20000);
  ck_assert (g_file_test (ended, G_FILE_TEST_EXISTS));
  kit_end (&kit);
}
END_TEST

static gboolean
cancel (gpointer data)
{
  g_cancellable_cancel (data);
  return G_SOURCE_REMOVE;
}

/* In the middle: nothing of it is left inside. */
START_TEST (test_push_cancelled)
{
  SgTransferFile file = { .name = "a.txt", .mode = 0600, .mtime = 1 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  sg_fd int fd = -1;

  kit_start (&kit, NULL);
  kit_program (&kit, "cat", "head -c 5; exec sleep 60");
  kit_write (kit.outside, "source", "some contents", -1);
  fd = openat (kit.dirfd, "source", O_RDONLY | O_CLOEXEC);
  sg_transfer_push_async (kit.connection, fd, "Desktop", &file, NULL, NULL, cancellable, kit_done,
                          &kit);
  g_timeout_add (700, cancel, cancellable);
  result = kit_wait (&kit);
  ck_assert_ptr_null (sg_transfer_push_finish (result, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  g_autofree char *desktop = g_build_filename (kit.inside, "Desktop", NULL);
  ck_assert (g_file_test (desktop, G_FILE_TEST_IS_DIR)); /* it had begun */
  ck_assert_uint_eq (kit_count (desktop), 0);
  kit_end (&kit);
}
END_TEST

/* _i: a copy that is too short, a full disk, an answer that is no path */
START_TEST (test_push_hostile)
{
  static const char *const programs[][2]
      = { { "cat", "head -c 5" }, { "cat", "exit 1" }, { "sh", "printf nonsense" } };
  g_autoptr (GError) error = NULL;

  kit_start (&kit, NULL);
  kit_program (&kit, programs[_i][0], programs[_i][1]);
  ck_assert_ptr_null (push ("some contents", -1, "a.txt", &error));
  ck_assert_ptr_nonnull (error);
  if (_i < 2)
    {
      g_autofree char *desktop = g_build_filename (kit.inside, "Desktop", NULL);
      ck_assert_uint_eq (kit_count (desktop), 0);
    }
  kit_end (&kit);
}
END_TEST

/* --- out ----------------------------------------------------------------------------------------
 */

static gboolean
pull (const char *path, guint64 most, int fd, SgTransferPulled *about, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  sg_transfer_pull_async (kit.connection, path, NULL, fd, most, NULL, NULL, NULL, kit_done, &kit);
  result = kit_wait (&kit);
  return sg_transfer_pull_finish (result, about, error);
}

START_TEST (test_pull)
{
  SgTransferPulled about;
  g_autoptr (GError) error = NULL;
  sg_fd int fd = -1;
  static const char contents[] = "with\0nul\nand lines";
  char back[sizeof contents];

  kit_start (&kit, NULL);
  kit_write (kit.inside, "-a b\n", contents, sizeof contents);
  fd = openat (kit.dirfd, "to", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ck_assert_msg (pull ("-a b\n", 0, fd, &about, &error), "%s", error != NULL ? error->message : "");
  ck_assert_uint_eq (about.size, sizeof contents);
  ck_assert_int_eq (pread (fd, back, sizeof back, 0), sizeof back);
  ck_assert_mem_eq (back, contents, sizeof back);
  ck_assert (!pull ("-a b\n", 3, fd, &about, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE));
  kit_end (&kit);
}
END_TEST

START_TEST (test_pull_what_is_no_file)
{
  const struct
  {
    const char *path;
    int code;
  } cases[] = { { "nothing", G_IO_ERROR_NOT_FOUND },
                { "folder", G_IO_ERROR_NOT_REGULAR_FILE },
                { "pipe", G_IO_ERROR_NOT_REGULAR_FILE },
                { "/dev/zero", G_IO_ERROR_NOT_REGULAR_FILE } };
  g_autofree char *folder = NULL, *pipe = NULL;

  kit_start (&kit, NULL);
  folder = g_build_filename (kit.inside, "folder", NULL);
  pipe = g_build_filename (kit.inside, "pipe", NULL);
  g_mkdir (folder, 0700);
  ck_assert_int_eq (mkfifo (pipe, 0600), 0);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      SgTransferPulled about;

      ck_assert (!pull (cases[i].path, 0, kit.dirfd, &about, &error));
      ck_assert_int_eq (error->code, cases[i].code);
    }
  kit_end (&kit);
}
END_TEST

/* What an inside says that is somebody else's. */
START_TEST (test_pull_hostile)
{
  static const char *const scripts[] = {
    "printf '5 1 81a4\\nabcdefgh'",                  /* more than it said */
    "printf '5 1 81a4\\n'; cat /dev/zero",           /* without an end */
    "printf '50 1 81a4\\nabc'",                      /* less than it said */
    "printf '99999999999999999 1 81a4\\nabc'",       /* more than any disk has */
    "printf '99999999999999999999999 1 81a4\\nabc'", /* no number of ours */
    "printf -- '-5 1 81a4\\nabc'",                   /* less than nothing */
    "printf '5 1 41ed\\nabcde'",                     /* a folder */
    "printf '5 1 81a4 7\\nabcde'",
    "printf '5 1\\nabcde'",
    "printf '\\n'",
    "true",
    "cat /dev/zero",
    "yes ''",
    "yes",
    "exit 3",
    "kill -9 $$",
    "printf '3 1 81a4\\nabc'; exit 86", /* all of it, and then an error */
  };
  sg_fd int fd = -1;

  kit_start (&kit, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      g_autoptr (GError) error = NULL;
      SgTransferPulled about;
      struct stat got;

      kit_program (&kit, "sh", scripts[i]);
      sg_fd_clear (&fd);
      fd = openat (kit.dirfd, "to", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
      ck_assert_msg (!pull ("x", 0, fd, &about, &error), "%s", scripts[i]);
      ck_assert_ptr_nonnull (error);
      ck_assert_int_eq (fstat (fd, &got), 0);
      ck_assert_msg (got.st_size <= 50, "%s wrote %ld bytes", scripts[i], (long)got.st_size);
    }
  kit_end (&kit);
}
END_TEST

/* --- commands -----------------------------------------------------------------------------------
 */

/* _i: says nothing, ignores every polite signal, closes its streams and stays */
START_TEST (test_silence)
{
  static const char *const scripts[]
      = { "sleep 60", "trap '' TERM HUP INT; while :; do sleep 1; done",
          "exec >/dev/null 2>&1; sleep 60" };
  const char *argv[] = { "/bin/sh", "-c", scripts[_i], NULL };
  SgTransferCommand command = { .argv = argv, .in = -1, .idle_msec = 500, .most = 10 };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  kit_start (&kit, NULL);
  sg_transfer_run_async (kit.connection, &command, NULL, kit_done, &kit);
  result = kit_wait (&kit);
  ck_assert_ptr_null (sg_transfer_run_finish (result, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT));
  kit_end (&kit);
}
END_TEST

START_TEST (test_too_much_is_said)
{
  const char *argv[] = { "/bin/sh", "-c", "yes", NULL };
  SgTransferCommand command = { .argv = argv, .in = -1, .most = 100000 };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  kit_start (&kit, NULL);
  sg_transfer_run_async (kit.connection, &command, NULL, kit_done, &kit);
  result = kit_wait (&kit);
  ck_assert_ptr_null (sg_transfer_run_finish (result, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE));
  kit_end (&kit);
}
END_TEST

START_TEST (test_session_dies)
{
  const char *argv[] = { "/bin/sh", "-c", "sleep 60", NULL };
  SgTransferCommand command = { .argv = argv, .in = -1 };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  kit_start (&kit, "vanish");
  sg_transfer_run_async (kit.connection, &command, NULL, kit_done, &kit);
  result = kit_wait (&kit);
  ck_assert_ptr_null (sg_transfer_run_finish (result, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED));
  kit_end (&kit);
}
END_TEST

/* --- saving -------------------------------------------------------------------------------------
 */

static GPtrArray *
save (const char *const *paths)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *saved;

  sg_save_files_async (kit.connection, "0123abcd", kit.dirfd, paths, NULL, NULL, NULL, NULL,
                       kit_done, &kit);
  result = kit_wait (&kit);
  saved = sg_save_files_finish (result, &error);
  ck_assert_msg (saved != NULL, "%s", error != NULL ? error->message : "");
  return saved;
}

START_TEST (test_save)
{
  const char *paths[] = { "a.txt", "run.sh", "nothing", "Documents/", NULL };
  g_autofree char *docs = NULL, *deep = NULL, *link = NULL, *here = NULL, *run = NULL;
  g_autoptr (GPtrArray) saved = NULL;
  struct stat about;
  char mark[16] = { 0 };

  kit_start (&kit, NULL);
  docs = g_build_filename (kit.inside, "Documents", NULL);
  deep = g_build_filename (docs, "deep", NULL);
  link = g_build_filename (docs, "link", NULL);
  g_mkdir_with_parents (deep, 0700);
  ck_assert_int_eq (symlink ("/etc/passwd", link), 0);
  kit_write (kit.inside, "a.txt", "new", -1);
  kit_write (kit.inside, "run.sh", "#!/bin/sh\n", -1);
  kit_write (docs, "b\n.txt", "b", -1);
  kit_write (deep, ".c", "c", -1);
  run = g_build_filename (kit.inside, "run.sh", NULL);
  g_chmod (run, 0755);
  kit_write (kit.outside, "a.txt", "old", -1);
  saved = save (paths);
  ck_assert_uint_eq (saved->len, 5);
  ck_assert (kit_holds (kit.outside, "a.txt", "old"));
  ck_assert (kit_holds (kit.outside, "a (2).txt", "new"));
  ck_assert (kit_holds (kit.outside, "Documents/b_.txt", "b"));
  ck_assert (kit_holds (kit.outside, "Documents/deep/_c", "c"));
  here = g_build_filename (kit.outside, "Documents", NULL);
  ck_assert_uint_eq (kit_count (here), 2); /* no link */
  ck_assert_int_eq (fstatat (kit.dirfd, "run.sh", &about, 0), 0);
  ck_assert_uint_eq (about.st_mode & 07111, 0);
  for (guint i = 0; i < saved->len; i++)
    {
      const SgSaved *one = saved->pdata[i];

      ck_assert ((one->error == NULL) == (one->saved_as != NULL));
      ck_assert_int_eq (one->error != NULL, g_str_equal (one->inside, "nothing"));
      ck_assert_int_eq (one->program, g_str_equal (one->inside, "run.sh"));
    }
  g_autofree char *saved_run = g_build_filename (kit.outside, "run.sh", NULL);
  if (getxattr (saved_run, "user.sandglass.origin", mark, sizeof mark) > 0)
    ck_assert_str_eq (mark, "0123abcd");
  kit_end (&kit);
}
END_TEST

/* What root made inside may be shut for the person: it must not seem to be saved. */
START_TEST (test_save_unreadable_folder)
{
  const char *paths[] = { "Documents", NULL };
  g_autofree char *docs = NULL, *shut = NULL;
  g_autoptr (GPtrArray) saved = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (SgChanges) changes = NULL;
  guint missing = 0;

  kit_start (&kit, NULL);
  docs = g_build_filename (kit.inside, "Documents", NULL);
  shut = g_build_filename (docs, "shut", NULL);
  g_mkdir_with_parents (shut, 0700);
  kit_write (docs, "good", "good", -1);
  kit_write (shut, "lost", "lost", -1);
  ck_assert_int_eq (g_chmod (shut, 0), 0);
  if (access (shut, R_OK) == 0) /* root looks into everything */
    kit_program (&kit, "find", "printf 'good\\0'; exit 1");
  saved = save (paths);
  for (guint i = 0; i < saved->len; i++)
    missing += ((SgSaved *)saved->pdata[i])->error != NULL;
  ck_assert_uint_eq (saved->len, 2);
  ck_assert_uint_eq (missing, 1);
  ck_assert (kit_holds (kit.outside, "Documents/good", "good"));
  sg_changes_async (kit.connection, 0, FALSE, NULL, kit_done, &kit);
  result = kit_wait (&kit);
  changes = sg_changes_finish (result, NULL);
  ck_assert_ptr_nonnull (changes);
  ck_assert (changes->cut);
  g_chmod (shut, 0700);
  kit_end (&kit);
}
END_TEST

/* Names that a listing should never hold stay where they are. */
START_TEST (test_save_hostile_folder)
{
  const char *paths[] = { "Documents", NULL };
  g_autofree char *docs = NULL;
  g_autoptr (GPtrArray) saved = NULL;

  kit_start (&kit, NULL);
  docs = g_build_filename (kit.inside, "Documents", NULL);
  g_mkdir (docs, 0700);
  kit_write (docs, "good", "good", -1);
  kit_write (kit.inside, "evil", "evil", -1);
  kit_program (&kit, "find",
               "printf '../evil\\0/etc/hostname\\0a/../../evil\\0./evil\\0\\0good\\0//x\\0..\\0'");
  saved = save (paths);
  ck_assert_uint_eq (saved->len, 1);
  ck_assert (kit_holds (kit.outside, "Documents/good", "good"));
  ck_assert_uint_eq (kit_count (kit.outside), 1);
  ck_assert_uint_eq (kit_count (kit.top), 5);
  kit_end (&kit);
}
END_TEST

/* --- lists from inside --------------------------------------------------------------------------
 */

START_TEST (test_changes)
{
  static const char good[] = "f\0"
                             "10\0"
                             "1700000000.5\0"
                             "644\0"
                             "/home/sandbox/Documents/b\0"
                             "f\0"
                             "0\0"
                             "-3.0\0"
                             "755\0"
                             "/home/sandbox/Desktop/a\n\0"
                             "f\0"
                             "7\0"
                             "99999999999\0"
                             "644\0"
                             "/home/sandbox/Downloads/x.iso.part\0"
                             "c\0"
                             "0\0"
                             "1\0"
                             "0\0"
                             "/etc/shells\0";
  g_autoptr (SgChanges) changes = sg_changes_parse (good, sizeof good - 1);
  const SgChange *first, *third, *last;

  ck_assert_uint_eq (changes->files->len, 4);
  ck_assert (!changes->cut);
  first = changes->files->pdata[0];
  ck_assert_int_eq (first->place, SG_CHANGE_DESKTOP);
  ck_assert_str_eq (first->name, "a?");
  ck_assert (first->program);
  ck_assert_int_eq (first->mtime, 0);
  third = changes->files->pdata[2];
  ck_assert (third->unfinished);
  ck_assert_int_le (third->mtime, g_get_real_time () / G_USEC_PER_SEC);
  last = changes->files->pdata[3];
  ck_assert (last->removed && last->place == SG_CHANGE_ETC);
}
END_TEST

START_TEST (test_changes_hostile)
{
  static const char bad[] = "f\0"
                            "x\0"
                            "1\0"
                            "644\0"
                            "/a\0"
                            "f\0"
                            "1\0"
                            "1\0"
                            "644\0"
                            "relative\0"
                            "f\0"
                            "1\0"
                            "1\0"
                            "644\0"
                            "/a/../b\0"
                            "f\0"
                            "1\0"
                            "1\0"
                            "9z\0"
                            "/a\0"
                            "ff\0"
                            "1\0"
                            "1\0"
                            "644\0"
                            "/a\0"
                            "f\0"
                            "99999999999999999999\0"
                            "1\0"
                            "644\0"
                            "/a\0"
                            "f\0"
                            "1\0"
                            "1";
  g_autoptr (SgChanges) changes = sg_changes_parse (bad, sizeof bad - 1);
  g_autofree char *noise = g_malloc (100000);

  ck_assert_uint_eq (changes->files->len, 0);
  ck_assert (changes->cut);
  for (int round = 0; round < 50; round++)
    {
      static const char alphabet[] = "f1/.a\0\0\377\n6";
      g_autoptr (SgChanges) any = NULL;
      g_autoptr (GPtrArray) programs = NULL;

      for (int i = 0; i < 100000; i++)
        noise[i] = alphabet[g_random_int_range (0, sizeof alphabet - 1)];
      any = sg_changes_parse (noise, 100000);
      for (guint i = 0; i < any->files->len; i++)
        ck_assert (((SgChange *)any->files->pdata[i])->path[0] == '/');
      programs = sg_open_programs_parse (noise, 100000);
      ck_assert_uint_eq (programs->len, 0);
    }
}
END_TEST

START_TEST (test_programs)
{
  static const char text[] = "program a.desktop Viewer \033[1m\nprogram ../b.desktop Evil\n"
                             "program -x.desktop y\nprogram c.txt z\nprogram d.desktop\n"
                             "other e.desktop f\nprogram org.g.H.desktop Two words\n";
  g_autoptr (GPtrArray) programs = sg_open_programs_parse (text, strlen (text));

  ck_assert_uint_eq (programs->len, 2);
  ck_assert_str_eq (((SgOpenProgram *)programs->pdata[0])->name, "Viewer ?[1m");
  ck_assert_str_eq (((SgOpenProgram *)programs->pdata[1])->id, "org.g.H.desktop");
  ck_assert_str_eq (((SgOpenProgram *)programs->pdata[1])->name, "Two words");
}
END_TEST

/* --- again and again ----------------------------------------------------------------------------
 */

#define ROUNDS 20

/* Descriptors and threads of a process, and of those that it started. */
static guint
held_by (const char *pid)
{
  g_autofree char *fds = g_strdup_printf ("/proc/%s/fd", pid);
  g_autofree char *tasks = g_strdup_printf ("/proc/%s/task", pid);
  g_autofree char *below = g_strdup_printf ("/proc/%s/task/%s/children", pid, pid);
  g_autofree char *text = NULL;
  guint n = kit_count (fds) + kit_count (tasks);

  if (g_file_get_contents (below, &text, NULL, NULL))
    {
      g_auto (GStrv) children = g_strsplit (g_strstrip (text), " ", -1);

      for (char **child = children; *child != NULL; child++)
        n += **child != '\0' ? held_by (*child) : 0;
    }
  return n;
}

static guint
held (void)
{
  g_autofree char *self = g_strdup_printf ("%d", (int)getpid ());

  return held_by (self);
}

static void
one_round (const char *const *paths)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) gone = NULL, listed = NULL;
  g_autoptr (GPtrArray) saved = NULL;
  g_autoptr (SgChanges) changes = NULL;
  g_autofree char *path = push ("contents", -1, "again.txt", &error);

  ck_assert_msg (path != NULL, "%s", error != NULL ? error->message : "");
  ck_assert_ptr_null (push ("x", 1, "..", NULL));
  saved = save (paths);
  ck_assert_uint_eq (saved->len, 2);
  sg_changes_async (kit.connection, 0, FALSE, cancellable, kit_done, &kit);
  g_cancellable_cancel (cancellable);
  gone = kit_wait (&kit);
  ck_assert_ptr_null (sg_changes_finish (gone, NULL));
  sg_changes_async (kit.connection, 0, FALSE, NULL, kit_done, &kit);
  listed = kit_wait (&kit);
  changes = sg_changes_finish (listed, NULL);
  ck_assert_ptr_nonnull (changes);
}

/* What many calls hold is what few do: descriptors and threads here, in the session and its relay.
 * (Memory is for the sanitizers.) */
START_TEST (test_nothing_is_held)
{
  static const char *const paths[] = { "a.txt", "nothing", NULL };
  guint first, last;

  kit_start (&kit, NULL);
  kit_write (kit.inside, "a.txt", "new", -1);
  for (guint i = 0; i < 3; i++)
    one_round (paths);
  first = held ();
  ck_assert_uint_gt (first, 20);
  for (guint i = 0; i < ROUNDS; i++)
    one_round (paths);
  last = held ();
  for (guint i = 0; i < 100 && last > first + 8; i++) /* a thread or a child takes a moment to go */
    {
      g_usleep (50000);
      last = held ();
    }
  ck_assert_msg (last <= first + 8, "%u descriptors and threads, and later %u", first, last);
  kit_end (&kit);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("transfer");
  TCase *tcase = tcase_create ("transfer");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_set_timeout (tcase, 90);
  tcase_add_test (tcase, test_push);
  tcase_add_test (tcase, test_push_refused);
  tcase_add_test (tcase, test_push_large);
  tcase_add_loop_test (tcase, test_push_lent, 0, 3);
  tcase_add_loop_test (tcase, test_push_lent_goes_wrong, 0, 3);
  tcase_add_test (tcase, test_push_cancelled);
  tcase_add_loop_test (tcase, test_push_hostile, 0, 3);
  tcase_add_test (tcase, test_pull);
  tcase_add_test (tcase, test_pull_what_is_no_file);
  tcase_add_test (tcase, test_pull_hostile);
  tcase_add_loop_test (tcase, test_silence, 0, 3);
  tcase_add_test (tcase, test_too_much_is_said);
  tcase_add_test (tcase, test_session_dies);
  tcase_add_test (tcase, test_save);
  tcase_add_test (tcase, test_save_unreadable_folder);
  tcase_add_test (tcase, test_save_hostile_folder);
  tcase_add_test (tcase, test_nothing_is_held);
  tcase_add_test (tcase, test_changes);
  tcase_add_test (tcase, test_changes_hostile);
  tcase_add_test (tcase, test_programs);
  suite_add_tcase (suite, tcase);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? 0 : 1;
}
