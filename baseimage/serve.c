/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A read is cut at the borders of what lies behind it: the base's own files, a host file, nothing.
 *
 * Host files are read with pread() and looked at *after* the read: what was intact then was intact
 * while it was read.  They are never mapped: a file that is cut short would be a SIGBUS.
 *
 * Warm reads need no help.  A read that took long came from the disk, and a person is waiting for
 * it (a program that starts faults its pages in at random, each a trip): then the rest of that file
 * is asked for ahead, once. */
#include "baseimage/serve.h"

#include "baseimage/fdcache.h"
#include "baseimage/map.h"
#include "baseimage/notice.h"
#include "common/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define COLD_READ_USEC 300    /* slower than this, and than 1 GB/s: it was not in memory */
#define READ_AHEAD (2u << 20) /* bytes asked for then, from the file's place of reading on */

struct SgDisk
{
  SgMap *map;         /* owned */
  SgFdCache *files;   /* owned */
  SgNotices *notices; /* owned */
  int rootfd;         /* owned */
};

SgDisk *
sg_disk_open (const char *base, const char *root, int notice_fd, GError **error)
{
  g_autoptr (SgDisk) disk = g_new0 (SgDisk, 1);

  disk->rootfd = sg_open_at (AT_FDCWD, root, O_PATH | O_DIRECTORY, 0, error);
  if (disk->rootfd < 0)
    return NULL;
  disk->map = sg_map_open (base, error);
  if (disk->map == NULL || !sg_map_resolve (disk->map, disk->rootfd, NULL, error))
    return NULL;
  disk->files = sg_fdcache_new (disk->map, disk->rootfd, sg_fdcache_claim_descriptors ());
  disk->notices = sg_notices_new (notice_fd, sg_map_n_runs (disk->map));
  return g_steal_pointer (&disk);
}

void
sg_disk_free (SgDisk *disk)
{
  if (disk == NULL)
    return;
  sg_fdcache_free (disk->files);
  sg_notices_free (disk->notices);
  sg_map_free (disk->map);
  sg_fd_clear (&disk->rootfd);
  g_free (disk);
}

guint64
sg_disk_size (const SgDisk *disk)
{
  return sg_map_image_bytes (disk->map);
}

static gboolean
refuse (SgDisk *disk, guint index, SgFileVerdict verdict, gboolean *ret_first_time, GError **error)
{
  g_autoptr (SgMapRun) run = sg_map_run (disk->map, index, NULL);
  const char *path = run != NULL ? run->path : "?";
  const char *word = sg_file_verdict_word (verdict);
  g_autofree char *shown = g_filename_display_name (path);

  *ret_first_time = sg_notices_file (disk->notices, index, word, path);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s: %s since the copy was made", shown, word);
  return FALSE;
}

/* pread() of exactly COUNT bytes. */
static gboolean
pread_whole (int fd, guint8 *data, gsize count, guint64 at)
{
  while (count > 0)
    {
      ssize_t n = pread (fd, data, count, (off_t)at);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      data += n;
      at += (guint64)n;
      count -= (gsize)n;
    }
  return TRUE;
}

/* Reads COUNT bytes of a host file from AT, zeros behind its end. */
static gboolean
read_file (SgFile *file, guint8 *data, gsize count, guint64 at)
{
  guint64 size = sg_file_size (file);
  gsize real = at < size ? MIN (count, size - at) : 0;
  gint64 before = g_get_monotonic_time ();

  memset (data + real, 0, count - real);
  if (!pread_whole (sg_file_fd (file), data, real, at))
    return FALSE;
  gint64 warm = COLD_READ_USEC + (gint64)(real / 1000);
  if (g_get_monotonic_time () - before > warm && at + real < size)
    posix_fadvise (sg_file_fd (file), (off_t)(at + real), READ_AHEAD, POSIX_FADV_WILLNEED);
  return TRUE;
}

static gboolean
read_run (SgDisk *disk, guint index, guint8 *data, gsize count, guint64 at,
          gboolean *ret_first_time, GError **error)
{
  SgFileVerdict verdict;
  SgFile *file = sg_fdcache_get (disk->files, index, &verdict);

  if (file == NULL)
    return refuse (disk, index, verdict, ret_first_time, error);
  gboolean whole = read_file (file, data, count, at);
  verdict = sg_file_recheck (file);
  sg_fdcache_put (disk->files, file);
  if (verdict == SG_FILE_INTACT && !whole)
    verdict = SG_FILE_UNREADABLE;
  if (verdict != SG_FILE_INTACT)
    return refuse (disk, index, verdict, ret_first_time, error);
  return TRUE;
}

/* Reads what of the range lies in one place; returns how much that was, 0 on error. */
static gsize
read_piece (SgDisk *disk, guint8 *data, guint64 count, guint64 offset, gboolean *ret_first_time,
            GError **error)
{
  guint64 own = sg_map_meta_bytes (disk->map) + sg_map_blob_bytes (disk->map);

  if (offset < own)
    {
      gsize now = MIN (count, own - offset);
      return sg_map_read_own (disk->map, data, now, offset, error) ? now : 0;
    }
  gint64 index = sg_map_find (disk->map, offset / SG_MAP_BLOCK);
  guint64 next = sg_map_run_block (disk->map, (guint)(index + 1)) * SG_MAP_BLOCK;
  gsize now = MIN (count, next - offset);
  if (index < 0)
    memset (data, 0, now);
  else if (!read_run (disk, (guint)index, data, now,
                      offset - sg_map_run_block (disk->map, (guint)index) * SG_MAP_BLOCK,
                      ret_first_time, error))
    return 0;
  return now;
}

gboolean
sg_disk_read (SgDisk *disk, void *data, guint64 count, guint64 offset, gboolean *ret_first_time,
              GError **error)
{
  guint64 size = sg_disk_size (disk);
  guint8 *out = data;

  *ret_first_time = FALSE;
  if (offset > size || count > size - offset)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   "A read of %" G_GUINT64_FORMAT " bytes at %" G_GUINT64_FORMAT
                   " reaches behind the disk's end",
                   count, offset);
      return FALSE;
    }
  while (count > 0)
    {
      gsize now = read_piece (disk, out, count, offset, ret_first_time, error);
      if (now == 0)
        return FALSE;
      out += now;
      offset += now;
      count -= now;
    }
  return TRUE;
}
