/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store of bases: built whole or not at all, found again, judged, removed when unused.  The
 * sources are made up, so that no scan of this computer is needed. */
#include "baseimage/base-info.h"
#include "baseimage/build.h"
#include "baseimage/store.h"
#include "common/fd.h"
#include "tests/unit/image-kit.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char *dir;
static char *host;
static char *cache;

static void
setup (void)
{
  dir = kit_dir ();
  host = g_build_filename (dir, "host", NULL);
  cache = g_build_filename (dir, "cache", NULL);
  g_autofree char *usr = g_build_filename (host, "usr", NULL);
  ck_assert_int_eq (g_mkdir_with_parents (usr, 0755), 0);
  kit_file (usr, "program", "#!/bin/sh\n", 10);
  kit_file (host, "vmlinuz", "kernel", 6);
  kit_file (dir, "packages", "list", 4);
}

static void
teardown (void)
{
  kit_remove (dir);
  g_free (dir);
  g_free (host);
  g_free (cache);
}

/* ---- made-up sources ---- */

static const char *made_from; /* what the initramfs is made from, as it says itself */
static guint n_written;       /* how often one was */

static gboolean
find_kernel (const char *root, SgBaseKernel *ret_kernel, GError **error)
{
  ret_kernel->path = g_build_filename (root, "vmlinuz", NULL);
  ret_kernel->release = g_strdup ("6.1.0-test");
  return TRUE;
}

static gboolean
write_initrd (const char *root, const SgBaseKernel *kernel, const char *path,
              GCancellable *cancellable, GError **error)
{
  g_autofree char *text = g_strdup_printf ("initramfs %s", made_from != NULL ? made_from : "");

  n_written++;
  return g_file_set_contents (path, text, -1, error);
}

static char *
initrd_key (const char *root, const SgBaseKernel *kernel, GError **error)
{
  return g_strdup (made_from);
}

static gboolean
gather (const char *root, const SgBaseKernel *kernel, gboolean anonymous,
        SgBaseContents *ret_contents, SgBaseProgress progress, gpointer data,
        GCancellable *cancellable, GError **error)
{
  progress ("Looking", 0.5, data);
  ret_contents->tree = kit_tree_of (root);
  ret_contents->left_out = g_strdup ("/snap\tnot plain files\n");
  ret_contents->n_left_out = 1;
  ret_contents->user_uid = 1000;
  return TRUE;
}

/* The package database lies outside of the made-up system, so that it can change without it. */
static const char *const stamp_paths[] = { "/../packages", "/not-there", NULL };
static const SgBaseSources sources = { .find_kernel = find_kernel,
                                       .write_initrd = write_initrd,
                                       .initrd_key = initrd_key,
                                       .gather = gather,
                                       .stamp_paths = stamp_paths };

static gboolean
build_with (const SgBaseSources *from, gboolean force, GCancellable *cancellable, GError **error)
{
  SgBaseOptions options = { .root = host, .cache = cache, .force = force };

  return sg_base_build_from (from, &options, NULL, NULL, cancellable, error);
}

static void
build (void)
{
  g_autoptr (GError) error = NULL;

  ck_assert_msg (build_with (&sources, FALSE, NULL, &error), "%s",
                 error != NULL ? error->message : "");
}

/* What lies in the store, but for the lock. */
static guint
count_in_store (void)
{
  g_autofree char *store = sg_store_dir (cache);
  g_autoptr (GDir) listing = g_dir_open (store, 0, NULL);
  const char *name;
  guint n = 0;

  while (listing != NULL && (name = g_dir_read_name (listing)) != NULL)
    n += strcmp (name, "lock") != 0;
  return n;
}

static char *
in_base (const char *name)
{
  g_autoptr (SgBase) base = sg_base_open (cache, NULL);

  ck_assert_ptr_nonnull (base);
  return g_build_filename (sg_base_dir (base), name, NULL);
}

/* ---- building ---- */

START_TEST (no_base_is_missing)
{
  g_autofree char *why = NULL;
  g_autoptr (GError) error = NULL;

  ck_assert_int_eq (sg_base_state (cache, &why), SG_BASE_MISSING);
  ck_assert_ptr_nonnull (strstr (why, "sandglass base build"));
  ck_assert_ptr_null (sg_base_open (cache, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND));
}
END_TEST

START_TEST (a_base_is_built_and_found)
{
  const char *files[]
      = { "meta", "map", "blob", "initrd", "scratch", "info", "stamps", "left-out" };

  build ();
  ck_assert_int_eq (sg_base_state (cache, NULL), SG_BASE_FRESH);
  g_autoptr (SgBase) base = sg_base_open (cache, NULL);
  ck_assert_str_eq (sg_base_root (base), host);
  ck_assert_str_eq (sg_base_kernel_release (base), "6.1.0-test");
  ck_assert_uint_eq (sg_base_user_uid (base), 1000);
  ck_assert_uint_eq (strlen (sg_base_digest (base)), SG_DIGEST_LEN);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (sg_base_dir (base), files[i], NULL);
      struct stat st;
      ck_assert_msg (stat (path, &st) == 0, "%s", files[i]);
    }
  struct stat st;
  ck_assert_int_eq (stat (sg_base_dir (base), &st), 0);
  ck_assert_uint_eq (st.st_mode & 07777, 0700);
  ck_assert_uint_eq (count_in_store (), 2);
}
END_TEST

START_TEST (the_empty_disk_is_sparse_and_sound)
{
  build ();
  g_autofree char *scratch = in_base ("scratch");
  const char *argv[] = { "/usr/sbin/e2fsck", "-f", "-n", scratch, NULL };
  struct stat st;
  int status = -1;

  ck_assert_int_eq (stat (scratch, &st), 0);
  ck_assert_int_eq (st.st_size, 64ll << 30);
  ck_assert_int_lt (st.st_blocks * 512, 16 << 20);
  ck_assert (g_spawn_sync (NULL, (char **)argv, NULL,
                           G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
                           NULL, NULL, &status, NULL));
  ck_assert_int_eq (status, 0);
}
END_TEST

static gboolean
never_gather (const char *root, const SgBaseKernel *kernel, gboolean anonymous,
              SgBaseContents *ret_contents, SgBaseProgress progress, gpointer data,
              GCancellable *cancellable, GError **error)
{
  ck_abort_msg ("a fresh base was built again");
}

START_TEST (a_fresh_base_is_not_built_again)
{
  SgBaseSources idle = sources;

  build ();
  idle.gather = never_gather;
  ck_assert (build_with (&idle, FALSE, NULL, NULL));
}
END_TEST

/* A session may use it, and a template was made from it. */
START_TEST (an_equal_system_keeps_its_base)
{
  g_autofree char *why = NULL;

  build ();
  g_autoptr (SgBase) before = sg_base_open (cache, NULL);
  kit_file (dir, "packages", "longer list", 11);
  ck_assert_int_eq (sg_base_state (cache, &why), SG_BASE_STALE);
  ck_assert_ptr_nonnull (strstr (why, "packages"));
  build ();
  g_autoptr (SgBase) after = sg_base_open (cache, NULL);
  ck_assert_str_eq (sg_base_digest (before), sg_base_digest (after));
  ck_assert_int_eq (sg_base_state (cache, NULL), SG_BASE_FRESH);
  ck_assert_uint_eq (count_in_store (), 2);
}
END_TEST

START_TEST (another_system_is_another_base)
{
  g_autofree char *usr = g_build_filename (host, "usr", NULL);

  build ();
  g_autoptr (SgBase) before = sg_base_open (cache, NULL);
  g_autofree char *digest = g_strdup (sg_base_digest (before));
  g_clear_pointer (&before, sg_base_free);
  kit_file (usr, "another", "x", 1);
  kit_file (dir, "packages", "longer list", 11);
  build ();
  g_autoptr (SgBase) after = sg_base_open (cache, NULL);
  ck_assert_str_ne (sg_base_digest (after), digest);
  ck_assert_uint_eq (count_in_store (), 2); /* the old one went, for nobody used it */
}
END_TEST

/* Its digest; NULL where nothing waits. */
static char *
build_aside (void)
{
  char *aside = NULL;
  SgBaseOptions options = { .root = host, .cache = cache, .aside = &aside };
  g_autoptr (GError) error = NULL;

  ck_assert_msg (sg_base_build_from (&sources, &options, NULL, NULL, NULL, &error), "%s",
                 error != NULL ? error->message : "");
  return aside;
}

static char *
current_digest (void)
{
  g_autoptr (SgBase) base = sg_base_open (cache, NULL);

  ck_assert_ptr_nonnull (base);
  return g_strdup (sg_base_digest (base));
}

START_TEST (a_base_that_was_built_aside_waits)
{
  g_autofree char *usr = g_build_filename (host, "usr", NULL);
  g_autofree char *first = build_aside (), *before = NULL, *second = NULL, *third = NULL;
  g_autofree char *between = NULL, *after = NULL;
  g_autoptr (SgBase) waiting = NULL;

  ck_assert_ptr_null (first); /* there was none: it is the current one */
  before = current_digest ();
  kit_file (usr, "another", "x", 1);
  kit_file (dir, "packages", "longer list", 11);
  second = build_aside ();
  ck_assert_ptr_nonnull (second);
  between = current_digest ();
  ck_assert_str_eq (between, before);
  ck_assert_int_eq (sg_base_state (cache, NULL), SG_BASE_STALE);
  waiting = sg_base_open_digest (cache, second, NULL);
  ck_assert_ptr_nonnull (waiting);
  ck_assert (sg_base_make_current (cache, NULL, NULL)); /* given up, but somebody uses it */
  g_clear_pointer (&waiting, sg_base_free);
  ck_assert_uint_eq (count_in_store (), 3);

  ck_assert (sg_base_make_current (cache, second, NULL));
  after = current_digest ();
  ck_assert_str_eq (after, second);
  ck_assert_int_eq (sg_base_state (cache, NULL), SG_BASE_FRESH);
  ck_assert_uint_eq (count_in_store (), 2); /* the old one went */

  kit_file (dir, "packages", "list again, the same system", 27);
  third = build_aside ();
  ck_assert_ptr_null (third); /* an equal one has nothing to wait for */
  ck_assert_int_eq (sg_base_state (cache, NULL), SG_BASE_FRESH);
}
END_TEST

START_TEST (a_base_that_is_given_up_goes)
{
  g_autofree char *second = NULL, *before = NULL, *after = NULL;

  build ();
  before = current_digest ();
  kit_file (host, "new-program", "x", 1);
  kit_file (dir, "packages", "longer list", 11);
  second = build_aside ();
  ck_assert_ptr_nonnull (second);
  ck_assert (sg_base_make_current (cache, NULL, NULL));
  after = current_digest ();
  ck_assert_str_eq (after, before);
  ck_assert_uint_eq (count_in_store (), 2);
  ck_assert_ptr_null (sg_base_open_digest (cache, second, NULL));
  ck_assert_ptr_null (sg_base_open_digest (cache, "../../etc", NULL));
}
END_TEST

static guint64
inode_in_base (const char *name)
{
  g_autofree char *path = in_base (name);
  struct stat st;

  ck_assert_int_eq (stat (path, &st), 0);
  return st.st_ino;
}

static void
build_other (const char *text)
{
  kit_file (host, "new-program", text, strlen (text));
  ck_assert (build_with (&sources, TRUE, NULL, NULL));
  ck_assert_int_eq (sg_base_state (cache, NULL), SG_BASE_FRESH);
}

/* The start files and the empty disk of the base before, as long as they are what would be made. */
START_TEST (what_did_not_change_is_used_again)
{
  made_from = "one";
  build ();
  guint64 disk = inode_in_base ("scratch"), initrd = inode_in_base ("initrd");
  guint written = n_written;
  build_other ("1");
  ck_assert_uint_eq (inode_in_base ("scratch"), disk);
  ck_assert_uint_eq (inode_in_base ("initrd"), initrd);
  ck_assert_uint_eq (n_written, written);
  made_from = "two";
  build_other ("22");
  ck_assert_uint_eq (n_written, written + 1);
  made_from = NULL; /* not known: made anew */
  build_other ("333");
  build_other ("4444");
  ck_assert_uint_eq (n_written, written + 3);
}
END_TEST

static gboolean was_anonymous;

static gboolean
gather_asked (const char *root, const SgBaseKernel *kernel, gboolean anonymous,
              SgBaseContents *ret_contents, SgBaseProgress progress, gpointer data,
              GCancellable *cancellable, GError **error)
{
  was_anonymous = anonymous;
  return gather (root, kernel, anonymous, ret_contents, progress, data, cancellable, error);
}

static void
build_anonymous (SgAnonymous anonymous, gboolean expected)
{
  SgBaseSources asked = sources;
  SgBaseOptions options = { .root = host, .cache = cache, .anonymous = anonymous };

  asked.gather = gather_asked;
  was_anonymous = !expected;
  ck_assert (sg_base_build_from (&asked, &options, NULL, NULL, NULL, NULL));
  g_autoptr (SgBase) base = sg_base_open (cache, NULL);
  ck_assert_int_eq (sg_base_anonymous (base), expected);
}

/* Also over a base that is damaged, and though the files are the same either way. */
START_TEST (an_anonymous_base_stays_one)
{
  build ();
  build_anonymous (SG_ANONYMOUS_YES, TRUE);
  ck_assert (was_anonymous);
  build_anonymous (SG_ANONYMOUS_AS_BEFORE, TRUE);
  ck_assert (!was_anonymous); /* fresh: not built */
  g_autofree char *map = in_base ("map");
  ck_assert_int_eq (truncate (map, 10), 0);
  build_anonymous (SG_ANONYMOUS_AS_BEFORE, TRUE);
  ck_assert (was_anonymous);
  build_anonymous (SG_ANONYMOUS_NO, FALSE);
  build_anonymous (SG_ANONYMOUS_AS_BEFORE, FALSE);
}
END_TEST

START_TEST (what_is_damaged_is_not_used_again)
{
  made_from = "one";
  build ();
  g_autofree char *initrd = in_base ("initrd"), *disk = in_base ("scratch");
  g_autofree char *text = NULL;
  guint written = n_written;
  guint64 before = inode_in_base ("scratch");
  ck_assert (g_file_get_contents (initrd, &text, NULL, NULL));
  text[0] ^= 1;
  sg_fd int fd = open (initrd, O_WRONLY | O_CLOEXEC), disk_fd = open (disk, O_WRONLY | O_CLOEXEC);
  ck_assert_int_eq (pwrite (fd, text, strlen (text), 0), (ssize_t)strlen (text));
  ck_assert_int_eq (pwrite (disk_fd, "x", 1, 1024 * 1024 * 1024), 1);
  build_other ("1");
  ck_assert_uint_eq (n_written, written + 1);
  ck_assert_uint_ne (inode_in_base ("scratch"), before);
}
END_TEST

START_TEST (a_second_build_at_once_is_busy)
{
  g_autofree char *store = sg_store_dir (cache);
  g_autoptr (GError) error = NULL;
  sg_fd int lock = sg_store_lock (store, NULL);

  ck_assert_int_ge (lock, 0);
  ck_assert (!build_with (&sources, FALSE, NULL, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BUSY));
  ck_assert_uint_eq (count_in_store (), 0);
}
END_TEST

/* ---- failing ---- */

static gboolean
gather_and_cancel (const char *root, const SgBaseKernel *kernel, gboolean anonymous,
                   SgBaseContents *ret_contents, SgBaseProgress progress, gpointer data,
                   GCancellable *cancellable, GError **error)
{
  g_cancellable_cancel (cancellable);
  return gather (root, kernel, anonymous, ret_contents, progress, data, cancellable, error);
}

static GCancellable *outer;

static gboolean
gather_and_cancel_outside (const char *root, const SgBaseKernel *kernel, gboolean anonymous,
                           SgBaseContents *ret_contents, SgBaseProgress progress, gpointer data,
                           GCancellable *cancellable, GError **error)
{
  g_cancellable_cancel (outer);
  return gather (root, kernel, anonymous, ret_contents, progress, data, cancellable, error);
}

START_TEST (cancelling_leaves_nothing)
{
  g_autoptr (GError) error = NULL;
  SgBaseSources stopping = sources;

  stopping.gather = _i == 0 ? gather_and_cancel : gather_and_cancel_outside;
  outer = g_cancellable_new ();
  ck_assert (!build_with (&stopping, FALSE, outer, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  ck_assert_uint_eq (count_in_store (), 0);
  g_clear_object (&outer);
}
END_TEST

static gboolean
fail_gather (const char *root, const SgBaseKernel *kernel, gboolean anonymous,
             SgBaseContents *ret_contents, SgBaseProgress progress, gpointer data,
             GCancellable *cancellable, GError **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "made up");
  return FALSE;
}

static gboolean
fail_initrd (const char *root, const SgBaseKernel *kernel, const char *path,
             GCancellable *cancellable, GError **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "made up");
  return FALSE;
}

static gboolean
fail_kernel (const char *root, SgBaseKernel *ret_kernel, GError **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "made up");
  return FALSE;
}

START_TEST (a_failed_step_leaves_the_old_base)
{
  g_autoptr (GError) error = NULL;
  SgBaseSources failing = sources;

  build ();
  g_autoptr (SgBase) before = sg_base_open (cache, NULL);
  if (_i == 0)
    failing.gather = fail_gather;
  else if (_i == 1)
    failing.write_initrd = fail_initrd;
  else
    failing.find_kernel = fail_kernel;
  ck_assert (!build_with (&failing, TRUE, NULL, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED));
  ck_assert_uint_eq (count_in_store (), 2);
  g_autoptr (SgBase) after = sg_base_open (cache, NULL);
  ck_assert_str_eq (sg_base_digest (before), sg_base_digest (after));
  ck_assert_int_eq (sg_base_state (cache, NULL), SG_BASE_FRESH);
}
END_TEST

/* A full disk, played by the limit on a file's size: write(2) fails half-way. */
START_TEST (a_write_that_fails_leaves_nothing)
{
  g_autoptr (GError) error = NULL;
  struct rlimit limit = { 1000, 1000 };

  signal (SIGXFSZ, SIG_IGN);
  ck_assert_int_eq (setrlimit (RLIMIT_FSIZE, &limit), 0);
  ck_assert (!build_with (&sources, FALSE, NULL, &error));
  ck_assert_ptr_nonnull (error);
  ck_assert_uint_eq (count_in_store (), 0);
}
END_TEST

START_TEST (a_cache_that_cannot_be_written_is_said)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *in_file = g_build_filename (dir, "packages", NULL);
  SgBaseOptions options = { .root = host, .cache = in_file };

  ck_assert (!sg_base_build_from (&sources, &options, NULL, NULL, NULL, &error));
  ck_assert_ptr_nonnull (strstr (error->message, in_file));
  ck_assert_int_eq (sg_base_state (in_file, NULL), SG_BASE_MISSING);
}
END_TEST

START_TEST (leftovers_of_a_killed_build_are_removed)
{
  g_autofree char *store = sg_store_dir (cache);
  g_autofree char *left = g_build_filename (store, "new-abcdef", NULL);
  g_autofree char *old = g_build_filename (store, "old-abcdef", NULL);

  ck_assert_int_eq (g_mkdir_with_parents (left, 0700), 0);
  ck_assert_int_eq (g_mkdir_with_parents (old, 0700), 0);
  kit_file (left, "meta", "half", 4);
  kit_file (old, "meta", "half", 4);
  build ();
  ck_assert_uint_eq (count_in_store (), 2);
}
END_TEST

/* ---- using, replacing, removing ---- */

START_TEST (a_base_in_use_stays_until_it_is_not)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *usr = g_build_filename (host, "usr", NULL);

  build ();
  SgBase *used = sg_base_open (cache, NULL);
  kit_file (usr, "another", "x", 1);
  ck_assert (build_with (&sources, TRUE, NULL, NULL));
  ck_assert (g_file_test (sg_base_dir (used), G_FILE_TEST_IS_DIR));
  ck_assert_uint_eq (count_in_store (), 3);
  ck_assert (!sg_base_remove (cache, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BUSY));
  ck_assert (g_file_test (sg_base_dir (used), G_FILE_TEST_IS_DIR));
  sg_base_free (used);
  ck_assert (sg_base_remove (cache, NULL));
  ck_assert_uint_eq (count_in_store (), 0);
  ck_assert_int_eq (sg_base_state (cache, NULL), SG_BASE_MISSING);
}
END_TEST

START_TEST (an_old_base_goes_with_its_last_user)
{
  g_autofree char *usr = g_build_filename (host, "usr", NULL);
  g_autofree char *digest = NULL, *at = NULL, *now = NULL;
  SgBase *one, *other;

  build ();
  one = sg_base_open (cache, NULL);
  other = sg_base_open (cache, NULL);
  digest = g_strdup (sg_base_digest (one));
  at = g_strdup (sg_base_dir (one));
  sg_base_free (one);
  ck_assert (!sg_base_drop_old (cache, digest)); /* it is the current one */
  one = sg_base_open (cache, NULL);
  kit_file (usr, "another", "x", 1);
  ck_assert (build_with (&sources, TRUE, NULL, NULL));
  sg_base_free (one);
  ck_assert (sg_base_drop_old (cache, digest));
  ck_assert (g_file_test (at, G_FILE_TEST_IS_DIR)); /* the other one still uses it */
  sg_base_free (other);
  g_autofree char *store = sg_store_dir (cache);
  int lock = sg_store_lock (store, NULL);
  ck_assert (sg_base_drop_old (cache, digest));
  ck_assert (g_file_test (at, G_FILE_TEST_IS_DIR)); /* who builds tidies up */
  close (lock);
  ck_assert (sg_base_drop_old (cache, digest));
  ck_assert (!g_file_test (at, G_FILE_TEST_EXISTS));
  now = current_digest ();
  ck_assert_str_ne (now, digest);
  ck_assert (!sg_base_drop_old (cache, now));
}
END_TEST

START_TEST (removing_nothing_is_fine) { ck_assert (sg_base_remove (cache, NULL)); }
END_TEST

START_TEST (damage_is_seen)
{
  const char *files[] = { "meta", "map", "initrd", "info", "stamps" };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      build ();
      g_autofree char *path = in_base (files[i]);
      g_autofree char *text = NULL, *why = NULL;
      g_autoptr (GError) error = NULL;
      gsize len;
      ck_assert (g_file_get_contents (path, &text, &len, NULL));
      /* cut short */
      ck_assert_int_eq (truncate (path, (off_t)len / 2), 0);
      ck_assert_msg (sg_base_state (cache, &why) == SG_BASE_BROKEN, "%s cut short", files[i]);
      ck_assert_ptr_null (sg_base_open (cache, &error));
      ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA));
      /* one bit */
      if (i < 3)
        {
          text[len / 2] ^= 4;
          sg_fd int fd = open (path, O_WRONLY | O_TRUNC | O_CLOEXEC);
          ck_assert (sg_write_all (fd, text, len, NULL));
          ck_assert_msg (sg_base_state (cache, NULL) == SG_BASE_BROKEN, "%s flipped", files[i]);
        }
      /* and mended by building again */
      build ();
      ck_assert_msg (sg_base_state (cache, NULL) == SG_BASE_FRESH, "%s built again", files[i]);
      ck_assert_uint_eq (count_in_store (), 2);
    }
}
END_TEST

START_TEST (a_kernel_that_is_gone_is_seen)
{
  g_autofree char *kernel = g_build_filename (host, "vmlinuz", NULL);
  g_autofree char *why = NULL;

  build ();
  ck_assert_int_eq (unlink (kernel), 0);
  ck_assert_int_eq (sg_base_state (cache, &why), SG_BASE_BROKEN);
  ck_assert_ptr_nonnull (strstr (why, "vmlinuz"));
}
END_TEST

START_TEST (a_current_that_points_elsewhere_is_no_base)
{
  g_autofree char *store = sg_store_dir (cache);
  g_autofree char *current = g_build_filename (store, "current", NULL);
  const char *targets[] = { "../../../etc", "", "x", "/etc",
                            "0000000000000000000000000000000000000000000000000000000000000000" };

  ck_assert_int_eq (g_mkdir_with_parents (store, 0700), 0);
  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      unlink (current);
      if (symlink (targets[i], current) < 0)
        kit_file (store, "current", "no link", 7);
      ck_assert_int_eq (sg_base_state (cache, NULL), SG_BASE_MISSING);
    }
}
END_TEST

START_TEST (a_state_takes_less_than_50_ms)
{
  build ();
  gint64 before = g_get_monotonic_time ();
  for (guint i = 0; i < 5; i++)
    sg_base_state (cache, NULL);
  ck_assert_int_lt ((g_get_monotonic_time () - before) / 5, 50000);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("store");
  TCase *tc = tcase_create ("store");
  SRunner *runner;
  int failed;

  tcase_set_timeout (tc, 120);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, no_base_is_missing);
  tcase_add_test (tc, a_base_is_built_and_found);
  tcase_add_test (tc, the_empty_disk_is_sparse_and_sound);
  tcase_add_test (tc, a_fresh_base_is_not_built_again);
  tcase_add_test (tc, an_equal_system_keeps_its_base);
  tcase_add_test (tc, another_system_is_another_base);
  tcase_add_test (tc, a_base_that_was_built_aside_waits);
  tcase_add_test (tc, a_base_that_is_given_up_goes);
  tcase_add_test (tc, what_did_not_change_is_used_again);
  tcase_add_test (tc, an_anonymous_base_stays_one);
  tcase_add_test (tc, what_is_damaged_is_not_used_again);
  tcase_add_test (tc, a_second_build_at_once_is_busy);
  tcase_add_loop_test (tc, cancelling_leaves_nothing, 0, 2);
  tcase_add_loop_test (tc, a_failed_step_leaves_the_old_base, 0, 3);
  tcase_add_test (tc, a_write_that_fails_leaves_nothing);
  tcase_add_test (tc, a_cache_that_cannot_be_written_is_said);
  tcase_add_test (tc, leftovers_of_a_killed_build_are_removed);
  tcase_add_test (tc, a_base_in_use_stays_until_it_is_not);
  tcase_add_test (tc, an_old_base_goes_with_its_last_user);
  tcase_add_test (tc, removing_nothing_is_fine);
  tcase_add_test (tc, damage_is_seen);
  tcase_add_test (tc, a_kernel_that_is_gone_is_seen);
  tcase_add_test (tc, a_current_that_points_elsewhere_is_no_base);
  tcase_add_test (tc, a_state_takes_less_than_50_ms);
  suite_add_tcase (suite, tc);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
