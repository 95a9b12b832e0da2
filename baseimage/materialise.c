/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "baseimage/materialise.h"

#include "baseimage/fdcache.h"
#include "baseimage/map.h"
#include "common/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PIECE (1u << 20)

typedef struct
{
  SgMap *map;
  SgFdCache *files;
  int fd;
  guint8 *buffer; /* PIECE bytes */
  SgMaterialised done;
} Job;

static gboolean
pwrite_all (int fd, const guint8 *data, gsize len, guint64 at, GError **error)
{
  while (len > 0)
    {
      ssize_t n = pwrite (fd, data, len, (off_t)at);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return sg_errno (error, "Cannot write the image");
      data += n;
      len -= (gsize)n;
      at += (guint64)n;
    }
  return TRUE;
}

/* Shares as many whole blocks as the file systems allow; returns how many bytes that were. */
static guint64
clone_blocks (Job *job, int from, guint64 size, guint64 at)
{
  struct file_clone_range range = {
    .src_fd = from,
    .src_length = size - size % SG_MAP_BLOCK,
    .dest_offset = at,
  };

  if (range.src_length == 0 || ioctl (job->fd, FICLONERANGE, &range) < 0)
    return 0;
  job->done.cloned_bytes += range.src_length;
  return range.src_length;
}

static gboolean
copy_bytes (Job *job, int from, guint64 start, guint64 size, guint64 at, GError **error)
{
  while (start < size)
    {
      gsize want = MIN (PIECE, size - start);
      gssize n = sg_pread_all (from, job->buffer, want, (off_t)start, error);
      if (n < 0)
        return FALSE;
      if ((gsize)n < want)
        return TRUE; /* it shrank: the look at it afterwards says so */
      if (!pwrite_all (job->fd, job->buffer, want, at + start, error))
        return FALSE;
      job->done.copied_bytes += want;
      start += want;
    }
  return TRUE;
}

static gboolean
refuse (Job *job, guint index, SgFileVerdict verdict, GError **error)
{
  g_autoptr (SgMapRun) run = sg_map_run (job->map, index, error);

  if (run == NULL)
    return FALSE;
  g_autofree char *shown = g_filename_display_name (run->path);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s: %s since the copy was made", shown,
               sg_file_verdict_word (verdict));
  return FALSE;
}

static gboolean
copy_run (Job *job, guint index, GError **error)
{
  guint64 at = sg_map_run_block (job->map, index) * SG_MAP_BLOCK;
  SgFileVerdict verdict;
  SgFile *file = sg_fdcache_get (job->files, index, &verdict);

  if (file == NULL)
    return refuse (job, index, verdict, error);
  guint64 shared = clone_blocks (job, sg_file_fd (file), sg_file_size (file), at);
  gboolean ok = copy_bytes (job, sg_file_fd (file), shared, sg_file_size (file), at, error);
  verdict = sg_file_recheck (file);
  sg_fdcache_put (job->files, file);
  if (!ok)
    return FALSE;
  return verdict == SG_FILE_INTACT ? TRUE : refuse (job, index, verdict, error);
}

static gboolean
copy_own (Job *job, GCancellable *cancellable, GError **error)
{
  guint64 end = sg_map_meta_bytes (job->map) + sg_map_blob_bytes (job->map);

  for (guint64 at = 0; at < end;)
    {
      gsize now = MIN (PIECE, end - at);
      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !sg_map_read_own (job->map, job->buffer, now, at, error)
          || !pwrite_all (job->fd, job->buffer, now, at, error))
        return FALSE;
      at += now;
    }
  job->done.copied_bytes += end;
  return TRUE;
}

static gboolean
run_job (Job *job, GCancellable *cancellable, GError **error)
{
  job->done.image_bytes = sg_map_image_bytes (job->map);
  if (ftruncate (job->fd, (off_t)job->done.image_bytes) < 0)
    return sg_errno (error, "Cannot size the image");
  if (!copy_own (job, cancellable, error))
    return FALSE;
  for (guint i = 0; i < sg_map_n_runs (job->map); i++)
    if (g_cancellable_set_error_if_cancelled (cancellable, error) || !copy_run (job, i, error))
      return FALSE;
  return TRUE;
}

gboolean
sg_materialise (const char *base, const char *root, int fd, SgMaterialised *ret_result,
                GCancellable *cancellable, GError **error)
{
  sg_fd int rootfd = sg_open_at (AT_FDCWD, root, O_PATH | O_DIRECTORY, 0, error);
  if (rootfd < 0)
    return FALSE;
  g_autoptr (SgMap) map = sg_map_open (base, error);
  if (map == NULL || !sg_map_resolve (map, rootfd, NULL, error))
    return FALSE;
  /* Each file is read once: keeping descriptors would gain nothing. */
  g_autoptr (SgFdCache) files = sg_fdcache_new (map, rootfd, 16);
  g_autofree guint8 *buffer = g_malloc (PIECE);
  Job job = { .map = map, .files = files, .fd = fd, .buffer = buffer };

  if (!run_job (&job, cancellable, error))
    {
      g_prefix_error (error, "Making an image file: ");
      return FALSE;
    }
  *ret_result = job.done;
  return TRUE;
}
