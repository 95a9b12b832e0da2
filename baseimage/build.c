/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Building a base.
 *
 *   this thread      gather the tree ......... write image | description | publish
 *   second thread    initramfs ......................'
 *   mke2fs           empty disk .....................'
 *
 * The initramfs and the empty disk are the same from base to base, most of the time: the current
 * base's get a second name (nothing ever writes to them) when they are what would be made, and
 * whole.
 *
 * Everything goes to a directory of its own, which is synced, renamed and made current at the end;
 * whatever fails or is cancelled before that, the directory is removed and nothing has changed. */
#include "baseimage/build.h"

#include "baseimage/base-info.h"
#include "baseimage/crc32c.h"
#include "baseimage/erofs.h"
#include "baseimage/map.h"
#include "baseimage/scratch.h"
#include "baseimage/stamps.h"
#include "baseimage/store.h"
#include "common/fd.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How far the whole is at the start of each step; by the time they take. */
#define AT_GATHER 0.02
#define AT_WRITE 0.65
#define AT_START_FILES 0.85
#define AT_PUBLISH 0.93

typedef struct
{
  const SgBaseSources *sources;
  char *root;           /* owned */
  char *dir;            /* owned; the fresh directory, NULL once it is published */
  char *old;            /* owned; the current base's directory, or NULL */
  SgBaseInfo *old_info; /* owned; its description, or NULL */
  SgBaseProgress progress;
  gpointer data;
  char **aside;              /* as in SgBaseOptions */
  GCancellable *cancellable; /* owned: a failed step cancels the others */
  SgBaseKernel kernel;       /* owned */
  SgBaseContents contents;   /* owned */
  GSubprocess *mke2fs;       /* owned */
  GThread *start_files;      /* joined */
  GError *start_error;       /* owned; the thread's */
  SgErofsResult image;
  SgBaseInfo info; /* its strings are owned */
  gint64 started;
} Build;

static void
say (Build *build, const char *stage, double fraction)
{
  if (build->progress != NULL)
    build->progress (stage, fraction, build->data);
}

/* Ends what runs beside, and removes what is not published. */
static void
build_clear (Build *build)
{
  if (build->cancellable != NULL && build->dir != NULL)
    g_cancellable_cancel (build->cancellable);
  if (build->mke2fs != NULL)
    sg_scratch_finish (build->mke2fs, build->cancellable, NULL);
  g_clear_object (&build->mke2fs);
  if (build->start_files != NULL)
    g_thread_join (build->start_files);
  g_clear_error (&build->start_error);
  g_clear_object (&build->cancellable);
  if (build->dir != NULL)
    sg_store_discard (build->dir);
  sg_tree_free (build->contents.tree);
  g_free (build->contents.left_out);
  g_free (build->kernel.path);
  g_free (build->kernel.release);
  g_strfreev (build->info.stamps);
  g_free (build->info.digest);
  g_free (build->info.initrd_key);
  sg_base_info_free (build->old_info);
  g_free (build->old);
  g_free (build->dir);
  g_free (build->root);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Build, build_clear)

/* ---- beside ---- */

/* A second name for a file of the current base. */
static gboolean
use_again (Build *build, const char *name)
{
  g_autofree char *from = g_build_filename (build->old, name, NULL);
  g_autofree char *to = g_build_filename (build->dir, name, NULL);

  return link (from, to) == 0;
}

static gboolean
use_initrd_again (Build *build)
{
  const SgBaseInfo *old = build->old_info;
  guint32 crc;

  if (old == NULL || old->initrd_key == NULL
      || g_strcmp0 (old->initrd_key, build->info.initrd_key) != 0)
    return FALSE;
  g_autofree char *path = g_build_filename (build->old, "initrd", NULL);
  return sg_crc32c_of_file (path, &crc, NULL) && crc == old->initrd_crc
         && use_again (build, "initrd");
}

static gpointer
make_start_files (gpointer data)
{
  Build *build = data;
  const SgBaseSources *sources = build->sources;
  g_autofree char *path = g_build_filename (build->dir, "initrd", NULL);

  /* Without a key it is made anew, and says itself what is wrong. */
  if (sources->initrd_key != NULL)
    build->info.initrd_key = sources->initrd_key (build->root, &build->kernel, NULL);
  if (use_initrd_again (build))
    return GINT_TO_POINTER (TRUE);
  return GINT_TO_POINTER (sources->write_initrd (build->root, &build->kernel, path,
                                                 build->cancellable, &build->start_error));
}

static gboolean
use_scratch_again (Build *build)
{
  const SgBaseInfo *old = build->old_info;
  guint32 sum;

  return old != NULL && sg_scratch_sum (build->old, &sum, NULL) && sum == old->scratch_sum
         && use_again (build, "scratch");
}

static gboolean
start_beside (Build *build, GError **error)
{
  if (!use_scratch_again (build))
    {
      build->mke2fs = sg_scratch_start (build->dir, error);
      if (build->mke2fs == NULL)
        return FALSE;
    }
  build->start_files = g_thread_new ("start-files", make_start_files, build);
  return TRUE;
}

static gboolean
wait_beside (Build *build, GError **error)
{
  gboolean ok;

  say (build, "Preparing the start files", AT_START_FILES);
  ok = GPOINTER_TO_INT (g_thread_join (g_steal_pointer (&build->start_files)));
  if (!ok)
    {
      g_propagate_error (error, g_steal_pointer (&build->start_error));
      return FALSE;
    }
  if (build->mke2fs == NULL)
    return TRUE;
  ok = sg_scratch_finish (build->mke2fs, build->cancellable, error);
  g_clear_object (&build->mke2fs);
  return ok;
}

/* ---- the steps ---- */

static void
on_gather (const char *stage, double fraction, gpointer data)
{
  Build *build = data;

  say (build, stage, fraction < 0 ? -1 : AT_GATHER + MIN (fraction, 1) * (AT_WRITE - AT_GATHER));
}

/* The stamps are taken before the look at the system: what changes meanwhile makes it stale. */
static gboolean
gather (Build *build, GError **error)
{
  say (build, "Looking at your programs", AT_GATHER);
  build->info.stamps = sg_stamps_take (build->root, build->sources->stamp_paths);
  gint64 before = g_get_monotonic_time ();
  if (!build->sources->gather (build->root, &build->kernel, build->info.anonymous, &build->contents,
                               on_gather, build, build->cancellable, error))
    return FALSE;
  build->info.scan_ms = (guint)((g_get_monotonic_time () - before) / 1000);
  return TRUE;
}

/* Lets the disk begin while other work goes on; the sync at the end then has little to wait for. */
static void
begin_writeback (Build *build, const char *name)
{
  g_autofree char *path = g_build_filename (build->dir, name, NULL);
  sg_fd int fd = open (path, O_RDONLY | O_CLOEXEC);

  if (fd >= 0)
    sync_file_range (fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

static gboolean
write_image (Build *build, GError **error)
{
  sg_fd int dirfd = sg_open_at (AT_FDCWD, build->dir, O_PATH | O_DIRECTORY, 0, error);

  say (build, "Writing the copy", AT_WRITE);
  if (dirfd < 0
      || !sg_erofs_write (build->contents.tree, build->root, dirfd, &build->image,
                          build->cancellable, error))
    return FALSE;
  begin_writeback (build, "meta");
  begin_writeback (build, "map");
  begin_writeback (build, "blob");
  return TRUE;
}

static gboolean
write_left_out (Build *build, GError **error)
{
  g_autofree char *path = g_build_filename (build->dir, "left-out", NULL);
  const char *text = build->contents.left_out != NULL ? build->contents.left_out : "";
  sg_fd int fd = sg_open_at (AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL, 0600, error);

  return fd >= 0 && sg_write_all (fd, text, strlen (text), error);
}

/* The digest names everything that a machine made from this base depends on. */
static void
make_digest (Build *build)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  const char *texts[] = { build->root, build->kernel.path, build->kernel.release };

  g_checksum_update (sum, build->image.digest, sizeof build->image.digest);
  g_checksum_update (sum, (const guchar *)&build->info.initrd_crc, sizeof (guint32));
  g_checksum_update (sum, (const guchar *)(build->info.anonymous ? "anonymous" : ""), -1);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_checksum_update (sum, (const guchar *)texts[i], (gssize)strlen (texts[i]) + 1);
  build->info.digest = g_strdup (g_checksum_get_string (sum));
}

static gboolean
write_description (Build *build, GError **error)
{
  SgBaseInfo *info = &build->info;
  g_autofree char *initrd = g_build_filename (build->dir, "initrd", NULL);
  struct stat st;

  if (stat (initrd, &st) < 0)
    return sg_errno (error, "Cannot look at the start files");
  if (!sg_crc32c_of_file (initrd, &info->initrd_crc, error)
      || !sg_scratch_sum (build->dir, &info->scratch_sum, error))
    return FALSE;
  info->root = build->root;
  info->kernel = build->kernel.path;
  info->kernel_release = build->kernel.release;
  info->user_uid = build->contents.user_uid;
  info->image_bytes = build->image.image_bytes;
  info->meta_bytes = build->image.meta_bytes;
  info->map_bytes = build->image.map_bytes;
  info->blob_bytes = build->image.blob_bytes;
  info->initrd_bytes = (guint64)st.st_size;
  info->built_at = g_get_real_time () / G_USEC_PER_SEC;
  info->n_files = build->image.n_inodes;
  info->n_linked = build->image.n_linked;
  info->linked_bytes = build->image.linked_bytes;
  info->n_left_out = build->contents.n_left_out;
  info->total_ms = (guint)((g_get_monotonic_time () - build->started) / 1000);
  make_digest (build);
  return sg_base_info_save (info, build->dir, error) && write_left_out (build, error);
}

/* An equal base that is whole stays, for sessions may use it; it only learns the new stamps. */
static gboolean
publish (Build *build, const char *store, GError **error)
{
  g_autofree char *there = g_build_filename (store, build->info.digest, NULL);

  say (build, "Finishing", AT_PUBLISH);
  if (g_cancellable_set_error_if_cancelled (build->cancellable, error))
    return FALSE;
  gboolean keep = sg_base_is_whole (there);
  if (keep && !sg_base_info_renew_stamps (there, build->dir, error))
    return FALSE;
  if (!sg_store_publish (store, build->dir, build->info.digest, keep, error))
    return FALSE;
  g_clear_pointer (&build->dir, g_free);
  if (build->aside != NULL && build->old_info != NULL && sg_base_is_whole (build->old)
      && !g_str_equal (build->old_info->digest, build->info.digest))
    {
      *build->aside = g_strdup (build->info.digest);
      return TRUE;
    }
  if (!sg_store_make_current (store, build->info.digest, error))
    return FALSE;
  sg_store_prune (store, build->info.digest);
  return TRUE;
}

/* ---- all of it ---- */

/* As it was said, or else as the current base is. */
static gboolean
wants_anonymous (const SgBaseOptions *options, const char *store)
{
  if (options->anonymous != SG_ANONYMOUS_AS_BEFORE)
    return options->anonymous == SG_ANONYMOUS_YES;
  g_autofree char *current = sg_store_current (store, NULL);
  g_autofree char *dir = current != NULL ? g_build_filename (store, current, NULL) : NULL;
  return dir != NULL && sg_base_info_is_anonymous (dir);
}

/* The current base is of the same tree and up to date. */
static gboolean
is_fresh (const SgBaseOptions *options, const char *root, gboolean anonymous)
{
  g_autoptr (SgBase) base = sg_base_open (options->cache, NULL);

  return base != NULL && strcmp (sg_base_root (base), root) == 0
         && sg_base_anonymous (base) == anonymous
         && sg_base_state (options->cache, NULL) == SG_BASE_FRESH;
}

static char *
canonical_root (const char *root, GError **error)
{
  g_autofree char *path = g_canonicalize_filename (root != NULL ? root : "/", NULL);

  if (!g_utf8_validate (path, -1, NULL))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 "The directory's name is not valid UTF-8");
  else if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY, "%s is not a directory", path);
  else
    return g_steal_pointer (&path);
  return NULL;
}

/* The caller's cancellable cancels ours; ours alone is cancelled when a step fails. */
static void
on_cancelled (GCancellable *outer, gpointer inner)
{
  g_cancellable_cancel (inner);
}

static gboolean
run_steps (Build *build, const char *store, GError **error)
{
  return build->sources->find_kernel (build->root, &build->kernel, error)
         && start_beside (build, error) && gather (build, error) && write_image (build, error)
         && wait_beside (build, error) && write_description (build, error)
         && publish (build, store, error);
}

gboolean
sg_base_build_from (const SgBaseSources *sources, const SgBaseOptions *options,
                    SgBaseProgress progress, gpointer data, GCancellable *cancellable,
                    GError **error)
{
  g_autofree char *store = sg_store_dir (options->cache);
  g_auto (Build) build = {
    .sources = sources,
    .progress = progress,
    .data = data,
    .aside = options->aside,
    .started = g_get_monotonic_time ()
  };
  sg_fd int lock = -1;

  build.root = canonical_root (options->root, error);
  if (build.root == NULL)
    return FALSE;
  lock = sg_store_lock (store, error);
  if (lock < 0)
    return FALSE;
  build.info.anonymous = wants_anonymous (options, store);
  if (!options->force && is_fresh (options, build.root, build.info.anonymous))
    return TRUE;
  g_autofree char *current = sg_store_current (store, NULL);
  sg_store_prune (store, current);
  if (current != NULL)
    {
      build.old = g_build_filename (store, current, NULL);
      build.old_info = sg_base_info_load (build.old, NULL);
    }
  build.dir = sg_store_begin (store, error);
  if (build.dir == NULL)
    return FALSE;
  build.cancellable = g_cancellable_new ();
  gulong handler = cancellable != NULL ? g_cancellable_connect (
                       cancellable, G_CALLBACK (on_cancelled), build.cancellable, NULL)
                                       : 0;
  gboolean ok = run_steps (&build, store, error);
  if (handler != 0)
    g_cancellable_disconnect (cancellable, handler);
  return ok;
}
