/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening a link map: the whole file is read once from front to end, in pieces, and everything in
 * it is checked: the checksums, and that every number points to where it may. */
#include "baseimage/map-internal.h"

#include "baseimage/crc32c.h"
#include "common/fd.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_COUNT (1u << 26) /* of anything: more is not a map */
#define MAX_DEVICES 4096u    /* file systems of one computer */
#define PIECE (256u * 1024u)

gboolean
sg_map_damaged (GError **error, const char *format, ...)
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

guint64
sg_map_chunks_of (guint64 bytes)
{
  return (bytes + SG_MAP_CHUNK - 1) / SG_MAP_CHUNK;
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
    return sg_map_damaged (error, "its map has no header");
  if (GUINT32_FROM_LE (h->header_crc)
      != sg_crc32c (SG_CRC32C_INIT, h, G_STRUCT_OFFSET (SgMapHeader, header_crc)))
    return sg_map_damaged (error, "its map's header has a wrong checksum");
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
    return sg_map_damaged (error, "it was made by another version of Sandglass");
  return TRUE;
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
    return sg_map_damaged (error, "impossible sizes");
  if (h->n_sums != sg_map_chunks_of (h->meta_bytes) + sg_map_chunks_of (h->blob_bytes)
      || h->n_devices > MAX_DEVICES || h->n_probes > MAX_COUNT || h->n_dirs > MAX_COUNT
      || h->n_runs > MAX_COUNT || h->n_sums > MAX_COUNT)
    return sg_map_damaged (error, "impossible counts");
  map->probes_at = sizeof *h + h->n_sums * 4ull + h->n_devices * sizeof (SgMapDevice);
  map->dirs_at = map->probes_at + h->n_probes * sizeof (SgMapProbe);
  map->runs_at = map->dirs_at + h->n_dirs * 4ull;
  map->strings_at = map->runs_at + h->n_runs * sizeof (SgMapRecord);
  if (fstat (map->fd, &st) < 0 || fstat (map->meta_fd, &meta) < 0
      || fstat (map->blob_fd, &blob) < 0)
    return sg_errno (error, "Cannot look at the copy of this computer");
  if ((guint64)st.st_size != map->strings_at + h->strings_bytes)
    return sg_map_damaged (error, "its map is cut short");
  if ((guint64)meta.st_size != h->meta_bytes)
    return sg_map_damaged (error, "its metadata is cut short");
  if ((guint64)blob.st_size != h->blob_bytes)
    return sg_map_damaged (error, "its generated files are cut short");
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
    return sg_map_damaged (error, "its map is cut short");
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
      SgMapFs *device = &map->devices[i];
      if (!take (reader, &d, sizeof d, error))
        return FALSE;
      device->id.type = GUINT64_FROM_LE (d.fs_type);
      device->id.fsid = GUINT64_FROM_LE (d.fsid);
      memcpy (device->id.uuid, d.fsuuid, sizeof d.fsuuid);
      device->first_probe = GUINT32_FROM_LE (d.first_probe);
      device->n_probes = GUINT32_FROM_LE (d.n_probes);
      if (device->first_probe > map->header.n_probes
          || device->n_probes > map->header.n_probes - device->first_probe)
        return sg_map_damaged (error, "a file system's probes lie outside");
    }
  return TRUE;
}

static gboolean
check_probe (SgMap *map, const void *data, guint64 index, GError **error)
{
  const SgMapProbe *probe = data;

  if (GUINT32_FROM_LE (probe->path) >= map->header.strings_bytes)
    return sg_map_damaged (error, "a probe's path lies outside");
  return TRUE;
}

static gboolean
check_dir (SgMap *map, const void *data, guint64 index, GError **error)
{
  if (GUINT32_FROM_LE (*(const guint32 *)data) >= map->header.strings_bytes)
    return sg_map_damaged (error, "a folder's path lies outside");
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
    return sg_map_damaged (error, "file %" G_GUINT64_FORMAT " lies outside or over another", index);
  if (GUINT32_FROM_LE (record->name) >= h->strings_bytes
      || GUINT32_FROM_LE (record->dir) >= h->n_dirs
      || GUINT32_FROM_LE (record->device) >= h->n_devices)
    return sg_map_damaged (error, "file %" G_GUINT64_FORMAT " has no path", index);
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
  return last == 0 ? TRUE : sg_map_damaged (error, "its map's last name has no end");
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
  map->devices = g_new0 (SgMapFs, h->n_devices);
  if (!take_sums (reader, error) || !take_devices (reader, error)
      || !take_records (reader, h->n_probes, sizeof (SgMapProbe), check_probe, error)
      || !take_records (reader, h->n_dirs, sizeof (guint32), check_dir, error)
      || !take_records (reader, h->n_runs, sizeof (SgMapRecord), check_record, error)
      || !take_strings (reader, error))
    return FALSE;
  if (reader->crc != h->body_crc)
    return sg_map_damaged (error, "its map has a wrong checksum");
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
