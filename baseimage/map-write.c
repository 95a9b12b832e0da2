/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The writing half of the link map.
 *
 * A file system is found again by "probes": directories that lie on it, with inode number and birth
 * time, which together stay the same over reboots and updates.  They are the topmost directories
 * that hold files of the base (/usr, /opt, ...), because the reader may be confined to just those.
 */
#include "baseimage/map.h"

#include "baseimage/crc32c.h"
#include "baseimage/fsid.h"
#include "baseimage/identity.h"
#include "baseimage/map-code.h"
#include "common/fd.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define PROBES_PER_DEVICE 8

typedef struct
{
  guint64 dev;
  SgMapDevice record;
  GArray *probes;   /* SgMapProbe, ready for the file; owned */
  GHashTable *seen; /* first components that were looked at; owned, owns its keys */
} Device;

struct SgMapWriter
{
  char *root;
  GByteArray *runs; /* coded, ready for the file */
  guint n_runs;
  SgMapRecord last;   /* the run before, as the coding wants it */
  guint64 end;        /* first block behind it */
  GByteArray *dirs;   /* coded, ready for the file */
  guint n_dirs;       /* with the root */
  GPtrArray *devices; /* Device */
  GByteArray *strings;
  GHashTable *dir_index; /* path -> index; owns its keys */
  const char *last_dir;  /* key of the last hit, its length and index: files come dir by dir */
  gsize last_dir_len;
  guint32 last_dir_index;
};

static void
device_free (gpointer data)
{
  Device *device = data;

  g_array_unref (device->probes);
  g_hash_table_unref (device->seen);
  g_free (device);
}

SgMapWriter *
sg_map_writer_new (const char *root, guint32 first_block)
{
  SgMapWriter *writer = g_new0 (SgMapWriter, 1);

  writer->root = g_strdup (root);
  writer->runs = g_byte_array_new ();
  writer->dirs = g_byte_array_new ();
  writer->n_dirs = 1;
  writer->end = first_block;
  writer->devices = g_ptr_array_new_with_free_func (device_free);
  writer->strings = g_byte_array_new ();
  writer->dir_index = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return writer;
}

void
sg_map_writer_free (SgMapWriter *writer)
{
  if (writer == NULL)
    return;
  g_free (writer->root);
  g_byte_array_unref (writer->runs);
  g_byte_array_unref (writer->dirs);
  g_ptr_array_unref (writer->devices);
  g_byte_array_unref (writer->strings);
  g_hash_table_unref (writer->dir_index);
  g_free (writer);
}

static guint32
add_string (SgMapWriter *writer, const char *text, gsize len)
{
  guint32 at = writer->strings->len;

  g_byte_array_append (writer->strings, (const guint8 *)text, (guint)len);
  g_byte_array_append (writer->strings, (const guint8 *)"", 1);
  return at;
}

static Device *
find_device (SgMapWriter *writer, guint64 dev)
{
  for (guint i = 0; i < writer->devices->len; i++)
    {
      Device *device = g_ptr_array_index (writer->devices, i);
      if (device->dev == dev)
        return device;
    }
  Device *device = g_new0 (Device, 1);
  device->dev = dev;
  device->probes = g_array_new (FALSE, FALSE, sizeof (SgMapProbe));
  device->seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_ptr_array_add (writer->devices, device);
  return device;
}

/* Notes PATH as a probe when it lies on the device. */
static gboolean
try_probe (SgMapWriter *writer, Device *device, const char *path)
{
  g_autofree char *full = g_build_filename (writer->root, path, NULL);
  sg_fd int fd = open (full, O_PATH | O_CLOEXEC | O_NOFOLLOW);
  SgIdentity found;

  if (fd < 0 || !sg_identity_of_fd (fd, &found, NULL) || found.dev != device->dev)
    return FALSE;
  if (device->probes->len == 0)
    {
      SgFsId id;
      if (!sg_fsid_of_fd (fd, &id))
        return FALSE;
      device->record.fs_type = id.type;
      device->record.fsid = id.fsid;
      memcpy (device->record.fsuuid, id.uuid, sizeof id.uuid);
    }
  SgMapProbe probe = {
    .path = GUINT32_TO_LE (add_string (writer, path, strlen (path))),
    .ino = GUINT64_TO_LE (found.ino),
    .btime = GUINT64_TO_LE (SG_MAP_TIME (found.btime_sec, found.btime_nsec)),
  };
  g_array_append_val (device->probes, probe);
  return TRUE;
}

/* Makes sure that the device has a probe above (or at) PATH, a file on it. */
static void
probe_for (SgMapWriter *writer, Device *device, const char *path)
{
  const char *end = strchr (path + 1, '/');
  g_autofree char *first = end != NULL ? g_strndup (path, (gsize)(end - path)) : g_strdup ("/");

  if (device->probes->len >= PROBES_PER_DEVICE)
    return;
  if (!g_hash_table_add (device->seen, g_strdup (first)) && device->probes->len > 0)
    return;
  if (end == NULL)
    {
      if (!try_probe (writer, device, "/"))
        try_probe (writer, device, path);
      return;
    }
  for (; end != NULL; end = strchr (end + 1, '/'))
    {
      g_autofree char *above = g_strndup (path, (gsize)(end - path));
      if (try_probe (writer, device, above))
        return;
    }
  try_probe (writer, device, path);
}

/* The folder PATH of LEN bytes, "" the root; it and those above it are made when they are new. */
static guint32
find_dir (SgMapWriter *writer, const char *path, gsize len)
{
  gpointer key, value;

  if (len == 0)
    return 0;
  if (writer->last_dir != NULL && len == writer->last_dir_len
      && memcmp (path, writer->last_dir, len) == 0)
    return writer->last_dir_index;
  g_autofree char *dir = g_strndup (path, len);
  if (!g_hash_table_lookup_extended (writer->dir_index, dir, &key, &value))
    {
      const char *slash = strrchr (dir, '/');
      guint32 parent = find_dir (writer, dir, (gsize)(slash - dir));
      value = GUINT_TO_POINTER (writer->n_dirs);
      sg_map_put_dir (writer->dirs, writer->n_dirs++, parent, slash + 1);
      key = dir;
      g_hash_table_insert (writer->dir_index, g_steal_pointer (&dir), value);
    }
  writer->last_dir = key;
  writer->last_dir_len = len;
  writer->last_dir_index = GPOINTER_TO_UINT (value);
  return writer->last_dir_index;
}

static guint64
blocks_of (guint64 bytes)
{
  return bytes / SG_MAP_BLOCK + (bytes % SG_MAP_BLOCK != 0);
}

void
sg_map_writer_add (SgMapWriter *writer, guint32 block, const SgInode *inode)
{
  const char *path = inode->host_path;
  const SgIdentity *identity = &inode->identity;
  const char *slash = strrchr (path, '/');
  guint n_dirs = writer->n_dirs;
  Device *device = find_device (writer, identity->dev);
  SgMapRecord run = {
    .dir = find_dir (writer, path, (gsize)(slash - path)),
    .gap = block - writer->end,
    .size = identity->size,
    .ino = identity->ino,
    .btime = SG_MAP_TIME (identity->btime_sec, identity->btime_nsec),
    .mtime = SG_MAP_TIME (identity->mtime_sec, identity->mtime_nsec),
    .name_len = (guint8)MIN (strlen (slash + 1), G_MAXUINT8),
  };

  if (writer->n_dirs != n_dirs || device->probes->len == 0)
    probe_for (writer, device, path);
  g_ptr_array_find (writer->devices, device, &run.device);
  memcpy (run.name, slash + 1, run.name_len);
  if (writer->n_runs++ % SG_MAP_GROUP == 0)
    memset (&writer->last, 0, sizeof writer->last);
  sg_map_put_record (writer->runs, &writer->last, &run);
  writer->end = block + blocks_of (identity->size);
}

/* ---- the file ---- */

static void
encode_devices (SgMapWriter *writer, GByteArray *devices, GByteArray *probes)
{
  guint32 n_probes = 0;

  for (guint i = 0; i < writer->devices->len; i++)
    {
      Device *device = g_ptr_array_index (writer->devices, i);
      SgMapDevice record = device->record;
      record.fs_type = GUINT64_TO_LE (record.fs_type);
      record.fsid = GUINT64_TO_LE (record.fsid);
      record.first_probe = GUINT32_TO_LE (n_probes);
      record.n_probes = GUINT32_TO_LE (device->probes->len);
      n_probes += device->probes->len;
      g_byte_array_append (devices, (const guint8 *)&record, sizeof record);
      g_byte_array_append (probes, (const guint8 *)device->probes->data,
                           device->probes->len * (guint)sizeof (SgMapProbe));
    }
}

static void
encode_words (GByteArray *out, const guint32 *words, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      guint32 word = GUINT32_TO_LE (words[i]);
      g_byte_array_append (out, (const guint8 *)&word, sizeof word);
    }
}

typedef struct
{
  const void *data;
  gsize len;
} Part;

gboolean
sg_map_writer_write (SgMapWriter *writer, const SgMapLayout *layout, int fd, guint64 *ret_bytes,
                     guint32 *ret_crc, GError **error)
{
  g_autoptr (GByteArray) sums = g_byte_array_new ();
  g_autoptr (GByteArray) devices = g_byte_array_new ();
  g_autoptr (GByteArray) probes = g_byte_array_new ();

  encode_words (sums, layout->sums, layout->n_sums);
  encode_devices (writer, devices, probes);
  const Part parts[] = {
    { sums->data, sums->len },
    { devices->data, devices->len },
    { probes->data, probes->len },
    { writer->dirs->data, writer->dirs->len },
    { writer->runs->data, writer->runs->len },
    { writer->strings->data, writer->strings->len },
  };
  SgMapHeader header = {
    .version = GUINT32_TO_LE (SG_MAP_VERSION),
    .block_size = GUINT32_TO_LE (SG_MAP_BLOCK),
    .meta_bytes = GUINT64_TO_LE (layout->meta_bytes),
    .blob_bytes = GUINT64_TO_LE (layout->blob_bytes),
    .image_bytes = GUINT64_TO_LE (layout->image_bytes),
    .n_sums = GUINT32_TO_LE (layout->n_sums),
    .n_devices = GUINT32_TO_LE (writer->devices->len),
    .n_probes = GUINT32_TO_LE (probes->len / (guint)sizeof (SgMapProbe)),
    .n_dirs = GUINT32_TO_LE (writer->n_dirs),
    .n_runs = GUINT32_TO_LE (writer->n_runs),
    .dirs_bytes = GUINT32_TO_LE (writer->dirs->len),
    .runs_bytes = GUINT32_TO_LE (writer->runs->len),
    .strings_bytes = GUINT32_TO_LE (writer->strings->len),
  };
  guint32 crc = SG_CRC32C_INIT;

  memcpy (header.magic, SG_MAP_MAGIC, sizeof header.magic);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    crc = sg_crc32c (crc, parts[i].data, parts[i].len);
  header.body_crc = GUINT32_TO_LE (crc);
  crc = sg_crc32c (SG_CRC32C_INIT, &header, G_STRUCT_OFFSET (SgMapHeader, header_crc));
  header.header_crc = GUINT32_TO_LE (crc);
  *ret_crc = crc;
  *ret_bytes = sizeof header;
  if (!sg_write_all (fd, &header, sizeof header, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      if (!sg_write_all (fd, parts[i].data, parts[i].len, error))
        return FALSE;
      *ret_bytes += parts[i].len;
    }
  return TRUE;
}
