/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading an open link map.
 *
 * map-open.c has checked the whole file; from then on single records are read as they are needed.
 * As the file could change on the disk in between, each of those reads checks its own bounds again;
 * what a flipped bit could then still do is name a wrong file or identity, and such a file is
 * refused when its identity is compared. */
#include "baseimage/map-internal.h"

#include "baseimage/crc32c.h"
#include "baseimage/identity.h"
#include "common/fd.h"

#include <fcntl.h>
#include <string.h>

#define MAX_PATH_BYTES 4096u /* PATH_MAX of Linux */

void
sg_map_free (SgMap *map)
{
  if (map == NULL)
    return;
  sg_fd_clear (&map->fd);
  sg_fd_clear (&map->meta_fd);
  sg_fd_clear (&map->blob_fd);
  g_free (map->sums);
  g_free (map->verified);
  g_free (map->blocks);
  g_free (map->dirs);
  g_free (map->groups);
  g_free (map->devices);
  g_free (map);
}

void
sg_map_run_free (SgMapRun *run)
{
  if (run == NULL)
    return;
  g_free (run->path);
  g_free (run);
}

guint64
sg_map_image_bytes (const SgMap *map)
{
  return map->header.image_bytes;
}

guint64
sg_map_meta_bytes (const SgMap *map)
{
  return map->header.meta_bytes;
}

guint64
sg_map_blob_bytes (const SgMap *map)
{
  return map->header.blob_bytes;
}

guint
sg_map_n_runs (const SgMap *map)
{
  return map->header.n_runs;
}

/* ---- meta and blob ---- */

/* Reads from meta or blob; OFFSET counts over both, and COUNT stays in one of them. */
static gboolean
read_plain (SgMap *map, void *data, gsize count, guint64 offset, GError **error)
{
  gboolean in_meta = offset < map->header.meta_bytes;
  int fd = in_meta ? map->meta_fd : map->blob_fd;
  gssize n = sg_pread_all (fd, data, count,
                           (off_t)(in_meta ? offset : offset - map->header.meta_bytes), error);

  if (n < 0)
    return FALSE;
  return (gsize)n == count ? TRUE
                           : sg_map_damaged (error, in_meta ? "its metadata is cut short"
                                                            : "its generated files are cut short");
}

/* Where chunk INDEX lies: chunks start anew with the blob. */
static void
chunk_range (const SgMap *map, guint64 index, guint64 *ret_at, gsize *ret_len)
{
  const SgMapHeader *h = &map->header;
  guint64 meta_chunks = sg_map_chunks_of (h->meta_bytes);
  guint64 at, end;

  if (index < meta_chunks)
    {
      at = index * SG_MAP_CHUNK;
      end = h->meta_bytes;
    }
  else
    {
      at = h->meta_bytes + (index - meta_chunks) * SG_MAP_CHUNK;
      end = h->meta_bytes + h->blob_bytes;
    }
  *ret_at = at;
  *ret_len = MIN (SG_MAP_CHUNK, end - at);
}

static guint64
chunk_index (const SgMap *map, guint64 offset)
{
  const SgMapHeader *h = &map->header;

  if (offset < h->meta_bytes)
    return offset / SG_MAP_CHUNK;
  return sg_map_chunks_of (h->meta_bytes) + (offset - h->meta_bytes) / SG_MAP_CHUNK;
}

static gboolean
verify_chunk (SgMap *map, guint64 index, guint8 *buffer, GError **error)
{
  guint64 at;
  gsize len;

  chunk_range (map, index, &at, &len);
  if (!read_plain (map, buffer, len, at, error))
    return FALSE;
  if (sg_crc32c (SG_CRC32C_INIT, buffer, len) != map->sums[index])
    return sg_map_damaged (error, "wrong checksum at byte %" G_GUINT64_FORMAT, at);
  __atomic_store_n (&map->verified[index], 1, __ATOMIC_RELEASE);
  return TRUE;
}

gboolean
sg_map_read_own (SgMap *map, void *data, gsize count, guint64 offset, GError **error)
{
  g_autofree guint8 *buffer = NULL;

  while (count > 0)
    {
      guint64 index = chunk_index (map, offset);
      guint64 at;
      gsize len;
      chunk_range (map, index, &at, &len);
      gsize now = MIN (count, at + len - offset);
      if (__atomic_load_n (&map->verified[index], __ATOMIC_ACQUIRE))
        {
          if (!read_plain (map, data, now, offset, error))
            return FALSE;
        }
      else
        {
          if (buffer == NULL)
            buffer = g_malloc (SG_MAP_CHUNK);
          if (!verify_chunk (map, index, buffer, error))
            return FALSE;
          memcpy (data, buffer + (offset - at), now);
        }
      data = (guint8 *)data + now;
      offset += now;
      count -= now;
    }
  return TRUE;
}

gboolean
sg_map_verify (SgMap *map, GError **error)
{
  g_autofree guint8 *buffer = g_malloc (SG_MAP_CHUNK);

  for (guint i = 0; i < map->header.n_sums; i++)
    if (!verify_chunk (map, i, buffer, error))
      return FALSE;
  return TRUE;
}

/* ---- runs ---- */

/* The string at OFFSET, appended to OUT.  FALSE when it has no end. */
static gboolean
append_string (SgMap *map, GString *out, guint64 offset, GError **error)
{
  char piece[256];

  while (offset < map->header.strings_bytes && out->len < MAX_PATH_BYTES)
    {
      gsize want = MIN (sizeof piece, map->header.strings_bytes - offset);
      gssize n = sg_pread_all (map->fd, piece, want, (off_t)(map->strings_at + offset), error);
      if (n < 0)
        return FALSE;
      gsize len = strnlen (piece, (gsize)n);
      g_string_append_len (out, piece, (gssize)len);
      if (len < (gsize)n)
        return TRUE;
      if ((gsize)n < want)
        break;
      offset += len;
    }
  return sg_map_damaged (error, "a path has no end");
}

static gboolean
read_at (SgMap *map, void *data, gsize len, guint64 at, GError **error)
{
  gssize n = sg_pread_all (map->fd, data, len, (off_t)at, error);

  if (n < 0)
    return FALSE;
  return (gsize)n == len ? TRUE : sg_map_damaged (error, "its map is cut short");
}

gint64
sg_map_find (const SgMap *map, guint64 block)
{
  gint64 low = 0, high = map->header.n_runs;

  while (low < high)
    {
      gint64 middle = (low + high) / 2;
      if (map->blocks[middle] <= block)
        low = middle + 1;
      else
        high = middle;
    }
  return low - 1;
}

guint64
sg_map_run_block (const SgMap *map, guint index)
{
  return map->blocks[MIN (index, map->header.n_runs)];
}

/* Puts the path of folder DIR before what PATH holds, with a slash after each name. */
static gboolean
prepend_dirs (SgMap *map, GString *path, guint dir, GError **error)
{
  while (dir != 0)
    {
      guint8 bytes[SG_MAP_DIR_MAX];
      const guint8 *at = bytes;
      gsize len = MIN (sizeof bytes, map->header.dirs_bytes - map->dirs[dir]);
      SgMapDir one;
      if (!read_at (map, bytes, len, map->dirs_at + map->dirs[dir], error))
        return FALSE;
      if (!sg_map_take_dir (&at, bytes + len, dir, &one))
        return sg_map_damaged (error, "its map changed while it was in use");
      if (path->len + one.name_len + 2 > MAX_PATH_BYTES)
        return sg_map_damaged (error, "a path has no end");
      g_string_prepend_c (path, '/');
      g_string_prepend_len (path, one.name, one.name_len);
      dir = one.parent;
    }
  g_string_prepend_c (path, '/');
  return TRUE;
}

/* Reads the group that run INDEX is in, as far as it. */
static gboolean
read_record (SgMap *map, guint index, SgMapRecord *ret_record, GError **error)
{
  guint group = index / SG_MAP_GROUP;
  gsize len = map->groups[group + 1] - map->groups[group];
  g_autofree guint8 *bytes = g_malloc (len);
  const guint8 *at = bytes;

  if (!read_at (map, bytes, len, map->runs_at + map->groups[group], error))
    return FALSE;
  memset (ret_record, 0, sizeof *ret_record);
  for (guint i = group * SG_MAP_GROUP; i <= index; i++)
    if (!sg_map_take_record (&at, bytes + len, ret_record))
      return sg_map_damaged (error, "its map changed while it was in use");
  if (ret_record->dir >= map->header.n_dirs || ret_record->device >= map->header.n_devices)
    return sg_map_damaged (error, "its map changed while it was in use");
  return TRUE;
}

static void
get_time (guint64 packed, gint64 *ret_sec, guint32 *ret_nsec)
{
  *ret_sec = (gint64)packed >> 30; /* keeps the sign: before 1970 */
  *ret_nsec = (guint32)(packed & 0x3fffffff);
}

SgMapRun *
sg_map_run (SgMap *map, guint index, GError **error)
{
  g_autoptr (SgMapRun) run = g_new0 (SgMapRun, 1);
  SgMapRecord record;

  g_return_val_if_fail (index < map->header.n_runs, NULL);
  if (!read_record (map, index, &record, error))
    return NULL;
  g_autoptr (GString) path = g_string_new_len (record.name, record.name_len);
  if (!prepend_dirs (map, path, record.dir, error))
    return NULL;
  run->block = map->blocks[index];
  run->identity.dev = map->devices[record.device].dev;
  run->identity.ino = record.ino;
  get_time (record.btime, &run->identity.btime_sec, &run->identity.btime_nsec);
  get_time (record.mtime, &run->identity.mtime_sec, &run->identity.mtime_nsec);
  run->identity.size = record.size;
  run->path = g_string_free (g_steal_pointer (&path), FALSE);
  return g_steal_pointer (&run);
}

/* ---- file systems ---- */

/* Is PROBE still the directory that it was?  Then *ret_dev is its device. */
static gboolean
probe_matches (int rootfd, const char *path, const SgMapProbe *probe, const SgFsId *expected,
               guint64 *ret_dev)
{
  sg_fd int fd = sg_open_below (rootfd, path, O_PATH | O_NOFOLLOW);
  SgIdentity found;
  SgFsId id;

  if (fd < 0 || !sg_identity_of_fd (fd, &found, NULL) || found.ino != GUINT64_FROM_LE (probe->ino)
      || SG_MAP_TIME (found.btime_sec, found.btime_nsec) != GUINT64_FROM_LE (probe->btime))
    return FALSE;
  if (!sg_fsid_of_fd (fd, &id) || !sg_fsid_compatible (expected, &id))
    return FALSE;
  *ret_dev = found.dev;
  return TRUE;
}

gboolean
sg_map_resolve (SgMap *map, int rootfd, guint *ret_missing, GError **error)
{
  guint missing = 0;

  for (guint i = 0; i < map->header.n_devices; i++)
    {
      SgMapFs *device = &map->devices[i];
      device->dev = 0;
      for (guint k = 0; k < device->n_probes && device->dev == 0; k++)
        {
          g_autoptr (GString) path = g_string_new (NULL);
          SgMapProbe probe;
          if (!read_at (map, &probe, sizeof probe,
                        map->probes_at + (device->first_probe + k) * sizeof probe, error)
              || !append_string (map, path, GUINT32_FROM_LE (probe.path), error))
            return FALSE;
          probe_matches (rootfd, path->str, &probe, &device->id, &device->dev);
        }
      missing += device->dev == 0;
    }
  if (ret_missing != NULL)
    *ret_missing = missing;
  return TRUE;
}
