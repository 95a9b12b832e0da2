/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reading half of the link map.
 *
 * sg_map_open() goes over the whole file once, in pieces: the checksum, and that every number
 * points to where it may.  After that single records are read as they are needed.  As the file
 * could change on the disk in between, each of those reads checks its own bounds again; what a
 * flipped bit could then still do is name a wrong file or identity, and such a file is refused when
 * its identity is compared. */
#include "baseimage/map.h"

#include "baseimage/crc32c.h"
#include "baseimage/fsid.h"
#include "baseimage/identity.h"
#include "common/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_COUNT (1u << 26) /* of anything: more is not a map */
#define MAX_DEVICES 4096u    /* file systems of one computer */
#define MAX_PATH_BYTES 4096u /* PATH_MAX of Linux */
#define PIECE (256u * 1024u)

typedef struct
{
  SgFsId id;
  guint first_probe, n_probes;
  guint64 dev; /* this boot's st_dev; 0 = not there */
} Device;

struct SgMap
{
  int fd, meta_fd, blob_fd; /* owned */
  SgMapHeader header;       /* in the machine's byte order */
  guint64 probes_at, dirs_at, runs_at, strings_at;
  guint32 *sums;    /* owned; n_sums */
  guint8 *verified; /* owned; n_sums: this chunk was compared (atomic: any thread sets it to 1) */
  guint32 *blocks;  /* owned; n_runs + 1: first block of each run, then the image's end */
  guint32 *dirs;    /* owned; n_dirs: where each folder's path starts in strings */
  Device *devices;  /* owned; n_devices */
};

static gboolean G_GNUC_PRINTF (2, 3) damaged (GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
               "The copy of this computer is damaged (%s); build it again with `sandglass base "
               "build`",
               what);
  return FALSE;
}

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

/* ---- opening: the header ---- */

static gboolean
read_header (SgMap *map, GError **error)
{
  SgMapHeader *h = &map->header;
  gssize n = sg_pread_all (map->fd, h, sizeof *h, 0, error);

  if (n < 0)
    return FALSE;
  if (n != sizeof *h || memcmp (h->magic, SG_MAP_MAGIC, sizeof h->magic) != 0)
    return damaged (error, "its map has no header");
  if (GUINT32_FROM_LE (h->header_crc)
      != sg_crc32c (SG_CRC32C_INIT, h, G_STRUCT_OFFSET (SgMapHeader, header_crc)))
    return damaged (error, "its map's header has a wrong checksum");
  h->version = GUINT32_FROM_LE (h->version);
  h->block_size = GUINT32_FROM_LE (h->block_size);
  h->meta_bytes = GUINT64_FROM_LE (h->meta_bytes);
  h->blob_bytes = GUINT64_FROM_LE (h->blob_bytes);
  h->image_bytes = GUINT64_FROM_LE (h->image_bytes);
  h->n_sums = GUINT32_FROM_LE (h->n_sums);
  h->n_devices = GUINT32_FROM_LE (h->n_devices);
  h->n_probes = GUINT32_FROM_LE (h->n_probes);
  h->n_dirs = GUINT32_FROM_LE (h->n_dirs);
  h->n_runs = GUINT32_FROM_LE (h->n_runs);
  h->strings_bytes = GUINT32_FROM_LE (h->strings_bytes);
  h->body_crc = GUINT32_FROM_LE (h->body_crc);
  if (h->version != SG_MAP_VERSION || h->block_size != SG_MAP_BLOCK)
    return damaged (error, "it was made by another version of Sandglass");
  return TRUE;
}

static guint64
chunks_of (guint64 bytes)
{
  return (bytes + SG_MAP_CHUNK - 1) / SG_MAP_CHUNK;
}

/* The header's numbers against each other and the three files' sizes. */
static gboolean
check_header (SgMap *map, GError **error)
{
  const SgMapHeader *h = &map->header;
  const guint64 limit = (guint64)G_MAXUINT32 * SG_MAP_BLOCK;
  struct stat st, meta, blob;

  if (h->image_bytes > limit || h->meta_bytes > h->image_bytes
      || h->blob_bytes > h->image_bytes - h->meta_bytes || h->image_bytes % SG_MAP_BLOCK != 0
      || h->meta_bytes % SG_MAP_BLOCK != 0 || h->blob_bytes % SG_MAP_BLOCK != 0
      || h->meta_bytes == 0)
    return damaged (error, "impossible sizes");
  if (h->n_sums != chunks_of (h->meta_bytes) + chunks_of (h->blob_bytes)
      || h->n_devices > MAX_DEVICES || h->n_probes > MAX_COUNT || h->n_dirs > MAX_COUNT
      || h->n_runs > MAX_COUNT || h->n_sums > MAX_COUNT)
    return damaged (error, "impossible counts");
  map->probes_at = sizeof *h + h->n_sums * 4ull + h->n_devices * sizeof (SgMapDevice);
  map->dirs_at = map->probes_at + h->n_probes * sizeof (SgMapProbe);
  map->runs_at = map->dirs_at + h->n_dirs * 4ull;
  map->strings_at = map->runs_at + h->n_runs * sizeof (SgMapRecord);
  if (fstat (map->fd, &st) < 0 || fstat (map->meta_fd, &meta) < 0
      || fstat (map->blob_fd, &blob) < 0)
    return sg_errno (error, "Cannot look at the copy of this computer");
  if ((guint64)st.st_size != map->strings_at + h->strings_bytes)
    return damaged (error, "its map is cut short");
  if ((guint64)meta.st_size != h->meta_bytes)
    return damaged (error, "its metadata is cut short");
  if ((guint64)blob.st_size != h->blob_bytes)
    return damaged (error, "its generated files are cut short");
  return TRUE;
}

/* ---- opening: the body, read once from front to end ---- */

typedef struct
{
  SgMap *map;
  guint64 at; /* position in the file */
  guint32 crc;
  guint8 piece[PIECE] __attribute__ ((aligned (8))); /* records are looked at in place */
} Reader;

static gboolean
take (Reader *reader, void *data, gsize len, GError **error)
{
  gssize n = sg_pread_all (reader->map->fd, data, len, (off_t)reader->at, error);

  if (n < 0)
    return FALSE;
  if ((gsize)n != len)
    return damaged (error, "its map is cut short");
  reader->crc = sg_crc32c (reader->crc, data, len);
  reader->at += len;
  return TRUE;
}

static gboolean
take_sums (Reader *reader, GError **error)
{
  SgMap *map = reader->map;

  if (!take (reader, map->sums, map->header.n_sums * sizeof (guint32), error))
    return FALSE;
  for (guint i = 0; i < map->header.n_sums; i++)
    map->sums[i] = GUINT32_FROM_LE (map->sums[i]);
  return TRUE;
}

static gboolean
take_devices (Reader *reader, GError **error)
{
  SgMap *map = reader->map;

  for (guint i = 0; i < map->header.n_devices; i++)
    {
      SgMapDevice d;
      Device *device = &map->devices[i];
      if (!take (reader, &d, sizeof d, error))
        return FALSE;
      device->id.type = GUINT64_FROM_LE (d.fs_type);
      device->id.fsid = GUINT64_FROM_LE (d.fsid);
      memcpy (device->id.uuid, d.fsuuid, sizeof d.fsuuid);
      device->first_probe = GUINT32_FROM_LE (d.first_probe);
      device->n_probes = GUINT32_FROM_LE (d.n_probes);
      if (device->first_probe > map->header.n_probes
          || device->n_probes > map->header.n_probes - device->first_probe)
        return damaged (error, "a file system's probes lie outside");
    }
  return TRUE;
}

static gboolean
check_probe (SgMap *map, const void *data, guint64 index, GError **error)
{
  const SgMapProbe *probe = data;

  if (GUINT32_FROM_LE (probe->path) >= map->header.strings_bytes)
    return damaged (error, "a probe's path lies outside");
  return TRUE;
}

static gboolean
check_dir (SgMap *map, const void *data, guint64 index, GError **error)
{
  if (GUINT32_FROM_LE (*(const guint32 *)data) >= map->header.strings_bytes)
    return damaged (error, "a folder's path lies outside");
  map->dirs[index] = GUINT32_FROM_LE (*(const guint32 *)data);
  return TRUE;
}

/* Whole blocks that SIZE bytes take. */
static guint64
blocks_of (guint64 size)
{
  return size / SG_MAP_BLOCK + (size % SG_MAP_BLOCK != 0);
}

static gboolean
check_record (SgMap *map, const void *data, guint64 index, GError **error)
{
  const SgMapRecord *record = data;
  const SgMapHeader *h = &map->header;
  guint64 block = GUINT32_FROM_LE (record->block);
  guint64 end = block + blocks_of (GUINT64_FROM_LE (record->size));

  /* blocks[index] holds the previous run's end until this one's start is written there. */
  guint64 earliest
      = index > 0 ? map->blocks[index] : (h->meta_bytes + h->blob_bytes) / SG_MAP_BLOCK;
  if (block < earliest || end <= block || end > h->image_bytes / SG_MAP_BLOCK)
    return damaged (error, "file %" G_GUINT64_FORMAT " lies outside or over another", index);
  if (GUINT32_FROM_LE (record->name) >= h->strings_bytes
      || GUINT32_FROM_LE (record->dir) >= h->n_dirs
      || GUINT32_FROM_LE (record->device) >= h->n_devices)
    return damaged (error, "file %" G_GUINT64_FORMAT " has no path", index);
  map->blocks[index] = (guint32)block;
  map->blocks[index + 1] = (guint32)end;
  return TRUE;
}

typedef gboolean (*Check) (SgMap *map, const void *data, guint64 index, GError **error);

/* N records of SIZE bytes (which divides nothing in particular): piece by piece, each checked. */
static gboolean
take_records (Reader *reader, guint64 n, gsize size, Check check, GError **error)
{
  for (guint64 i = 0; i < n;)
    {
      guint64 now = MIN (n - i, PIECE / size);
      if (!take (reader, reader->piece, now * size, error))
        return FALSE;
      for (guint64 k = 0; k < now; k++)
        if (!check (reader->map, reader->piece + k * size, i + k, error))
          return FALSE;
      i += now;
    }
  return TRUE;
}

static gboolean
take_strings (Reader *reader, GError **error)
{
  guint8 last = 0;

  for (guint64 left = reader->map->header.strings_bytes; left > 0;)
    {
      gsize now = MIN (left, PIECE);
      if (!take (reader, reader->piece, now, error))
        return FALSE;
      last = reader->piece[now - 1];
      left -= now;
    }
  return last == 0 ? TRUE : damaged (error, "its map's last name has no end");
}

static gboolean
read_body (SgMap *map, GError **error)
{
  const SgMapHeader *h = &map->header;
  g_autofree Reader *reader = g_new (Reader, 1);

  reader->map = map;
  reader->at = sizeof *h;
  reader->crc = SG_CRC32C_INIT;
  map->sums = g_new0 (guint32, h->n_sums);
  map->verified = g_new0 (guint8, h->n_sums);
  map->blocks = g_new0 (guint32, h->n_runs + 1);
  map->dirs = g_new0 (guint32, h->n_dirs);
  map->devices = g_new0 (Device, h->n_devices);
  if (!take_sums (reader, error) || !take_devices (reader, error)
      || !take_records (reader, h->n_probes, sizeof (SgMapProbe), check_probe, error)
      || !take_records (reader, h->n_dirs, sizeof (guint32), check_dir, error)
      || !take_records (reader, h->n_runs, sizeof (SgMapRecord), check_record, error)
      || !take_strings (reader, error))
    return FALSE;
  if (reader->crc != h->body_crc)
    return damaged (error, "its map has a wrong checksum");
  map->blocks[h->n_runs] = (guint32)(h->image_bytes / SG_MAP_BLOCK);
  return TRUE;
}

SgMap *
sg_map_open (const char *base, GError **error)
{
  g_autoptr (SgMap) map = g_new0 (SgMap, 1);
  map->fd = map->meta_fd = map->blob_fd = -1;
  sg_fd int dir = sg_open_at (AT_FDCWD, base, O_PATH | O_DIRECTORY, 0, error);

  if (dir < 0 || (map->fd = sg_open_at (dir, "map", O_RDONLY, 0, error)) < 0
      || (map->meta_fd = sg_open_at (dir, "meta", O_RDONLY, 0, error)) < 0
      || (map->blob_fd = sg_open_at (dir, "blob", O_RDONLY, 0, error)) < 0
      || !read_header (map, error) || !check_header (map, error) || !read_body (map, error))
    return NULL;
  return g_steal_pointer (&map);
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
                           : damaged (error, in_meta ? "its metadata is cut short"
                                                     : "its generated files are cut short");
}

/* Where chunk INDEX lies: chunks start anew with the blob. */
static void
chunk_range (const SgMap *map, guint64 index, guint64 *ret_at, gsize *ret_len)
{
  const SgMapHeader *h = &map->header;
  guint64 meta_chunks = chunks_of (h->meta_bytes);
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
  return chunks_of (h->meta_bytes) + (offset - h->meta_bytes) / SG_MAP_CHUNK;
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
    return damaged (error, "wrong checksum at byte %" G_GUINT64_FORMAT, at);
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
  return damaged (error, "a path has no end");
}

static gboolean
read_at (SgMap *map, void *data, gsize len, guint64 at, GError **error)
{
  gssize n = sg_pread_all (map->fd, data, len, (off_t)at, error);

  if (n < 0)
    return FALSE;
  return (gsize)n == len ? TRUE : damaged (error, "its map is cut short");
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

static void
get_time (guint64 packed, gint64 *ret_sec, guint32 *ret_nsec)
{
  *ret_sec = (gint64)GUINT64_FROM_LE (packed) >> 30; /* keeps the sign: before 1970 */
  *ret_nsec = (guint32)(GUINT64_FROM_LE (packed) & 0x3fffffff);
}

SgMapRun *
sg_map_run (SgMap *map, guint index, GError **error)
{
  g_autoptr (SgMapRun) run = g_new0 (SgMapRun, 1);
  g_autoptr (GString) path = g_string_new (NULL);
  SgMapRecord record;
  guint32 dir, device;

  g_return_val_if_fail (index < map->header.n_runs, NULL);
  if (!read_at (map, &record, sizeof record, map->runs_at + index * sizeof record, error))
    return NULL;
  dir = GUINT32_FROM_LE (record.dir);
  device = GUINT32_FROM_LE (record.device);
  if (dir >= map->header.n_dirs || device >= map->header.n_devices
      || GUINT32_FROM_LE (record.block) != map->blocks[index])
    {
      damaged (error, "its map changed while it was in use");
      return NULL;
    }
  if (!append_string (map, path, map->dirs[dir], error))
    return NULL;
  g_string_append_c (path, '/');
  if (!append_string (map, path, GUINT32_FROM_LE (record.name), error))
    return NULL;
  run->block = map->blocks[index];
  run->identity.dev = map->devices[device].dev;
  run->identity.ino = GUINT64_FROM_LE (record.ino);
  get_time (record.btime, &run->identity.btime_sec, &run->identity.btime_nsec);
  get_time (record.mtime, &run->identity.mtime_sec, &run->identity.mtime_nsec);
  run->identity.size = GUINT64_FROM_LE (record.size);
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
      Device *device = &map->devices[i];
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
