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
  h->dirs_bytes = GUINT32_FROM_LE (h->dirs_bytes);
  h->runs_bytes = GUINT32_FROM_LE (h->runs_bytes);
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
      || h->n_dirs == 0 || h->n_runs > MAX_COUNT || h->n_sums > MAX_COUNT)
    return sg_map_damaged (error, "impossible counts");
  map->probes_at = sizeof *h + h->n_sums * 4ull + h->n_devices * sizeof (SgMapDevice);
  map->dirs_at = map->probes_at + h->n_probes * sizeof (SgMapProbe);
  map->runs_at = map->dirs_at + h->dirs_bytes;
  map->strings_at = map->runs_at + h->runs_bytes;
  if (fstat (map->fd, &st) < 0 || fstat (map->meta_fd, &meta) < 0
      || fstat (map->blob_fd, &blob) < 0)
    return sg_errno (error, "Cannot look at the copy of this computer");
  if ((guint64)st.st_size != map->strings_at + h->strings_bytes)
    return sg_map_damaged (error, "its map is cut short");
  /* A folder and a run take some bytes each: counts beyond that would only cost memory. */
  if (h->n_dirs - 1 > h->dirs_bytes / SG_MAP_DIR_MIN || h->n_runs > h->runs_bytes / SG_MAP_RUN_MIN)
    return sg_map_damaged (error, "impossible counts");
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
  guint64 left;      /* bytes of this part of the file that are not in the piece yet */
  const guint8 *pos; /* in the piece: what comes next */
  const guint8 *end;
  guint8 piece[PIECE] __attribute__ ((aligned (8))); /* looked at in place */
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
take_probes (Reader *reader, GError **error)
{
  for (guint i = 0; i < reader->map->header.n_probes; i++)
    {
      SgMapProbe probe;
      if (!take (reader, &probe, sizeof probe, error))
        return FALSE;
      if (GUINT32_FROM_LE (probe.path) >= reader->map->header.strings_bytes)
        return sg_map_damaged (error, "a probe's path lies outside");
    }
  return TRUE;
}

/* A part of LEN bytes begins, whose records differ in length. */
static void
begin_part (Reader *reader, guint64 len)
{
  reader->left = len;
  reader->pos = reader->end = reader->piece;
}

/* Moves on so that the longest record is whole in the piece, or all that is left is. */
static gboolean
have_record (Reader *reader, GError **error)
{
  gsize have = (gsize)(reader->end - reader->pos);

  if (have >= SG_MAP_RECORD_MAX || reader->left == 0)
    return TRUE;
  gsize now = MIN (PIECE - have, reader->left);
  memmove (reader->piece, reader->pos, have);
  reader->pos = reader->piece;
  reader->end = reader->piece + have + now;
  reader->left -= now;
  return take (reader, reader->piece + have, now, error);
}

/* How many bytes of a part of LEN bytes were used up. */
static guint32
used_of (const Reader *reader, guint64 len)
{
  return (guint32)(len - reader->left - (gsize)(reader->end - reader->pos));
}

static gboolean
take_dirs (Reader *reader, GError **error)
{
  SgMap *map = reader->map;
  const guint64 len = map->header.dirs_bytes;
  SgMapDir dir;

  begin_part (reader, len);
  for (guint i = 1; i < map->header.n_dirs; i++)
    {
      if (!have_record (reader, error))
        return FALSE;
      map->dirs[i] = used_of (reader, len);
      if (!sg_map_take_dir (&reader->pos, reader->end, i, &dir))
        return sg_map_damaged (error, "folder %u has no name", i);
    }
  return used_of (reader, len) == len ? TRUE : sg_map_damaged (error, "there are more folders");
}

/* Whole blocks that SIZE bytes take. */
static guint64
blocks_of (guint64 size)
{
  return size / SG_MAP_BLOCK + (size % SG_MAP_BLOCK != 0);
}

/* RUN, whose start is counted from END, where the one before it ends. */
static gboolean
check_run (SgMap *map, guint index, const SgMapRecord *run, guint64 *end, GError **error)
{
  const SgMapHeader *h = &map->header;
  const guint64 limit = h->image_bytes / SG_MAP_BLOCK;
  guint64 n = blocks_of (run->size);

  /* One by one, so that no sum runs over. */
  if (run->gap >= limit - *end || n == 0 || n > limit - *end - run->gap)
    return sg_map_damaged (error, "file %u lies outside or over another", index);
  if (run->dir >= h->n_dirs || run->device >= h->n_devices)
    return sg_map_damaged (error, "file %u has no path", index);
  map->blocks[index] = (guint32)(*end + run->gap);
  *end += run->gap + n;
  return TRUE;
}

static gboolean
take_runs (Reader *reader, GError **error)
{
  SgMap *map = reader->map;
  const SgMapHeader *h = &map->header;
  guint64 end = (h->meta_bytes + h->blob_bytes) / SG_MAP_BLOCK;
  SgMapRecord run;

  begin_part (reader, h->runs_bytes);
  for (guint i = 0; i < h->n_runs; i++)
    {
      if (!have_record (reader, error))
        return FALSE;
      if (i % SG_MAP_GROUP == 0)
        {
          map->groups[i / SG_MAP_GROUP] = used_of (reader, h->runs_bytes);
          memset (&run, 0, sizeof run);
        }
      if (!sg_map_take_record (&reader->pos, reader->end, &run))
        return sg_map_damaged (error, "file %u cannot be read", i);
      if (!check_run (map, i, &run, &end, error))
        return FALSE;
    }
  map->groups[sg_map_groups_of (h->n_runs)] = h->runs_bytes;
  map->blocks[h->n_runs] = (guint32)(h->image_bytes / SG_MAP_BLOCK);
  return used_of (reader, h->runs_bytes) == h->runs_bytes
             ? TRUE
             : sg_map_damaged (error, "there are more files");
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
  map->groups = g_new0 (guint32, sg_map_groups_of (h->n_runs) + 1);
  map->devices = g_new0 (SgMapFs, h->n_devices);
  if (!take_sums (reader, error) || !take_devices (reader, error) || !take_probes (reader, error)
      || !take_dirs (reader, error) || !take_runs (reader, error) || !take_strings (reader, error))
    return FALSE;
  if (reader->crc != h->body_crc)
    return sg_map_damaged (error, "its map has a wrong checksum");
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
