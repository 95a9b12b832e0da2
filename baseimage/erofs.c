/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The image writer.
 *
 *   superblock, inodes (root first) | blocks of large directories and links | generated files |
 * runs
 *   `------------- meta ----------------------------------------------------'`---- blob ------'
 *
 * 1. place    breadth first, so that the inodes of one directory lie together: each inode gets its
 *             nid.  What follows an inode (attributes, a short directory, a link's target, a small
 *             generated file) stays within its block, as the format wants it.
 * 2. assign   block numbers for everything that needs whole blocks.  A linked file costs nothing
 *             but numbers: its blocks exist only in the link map.
 * 3. encode   from front to end through a small buffer, with checksums on the way; a second thread
 *             makes the link map of the same numbers. */
#include "baseimage/erofs-internal.h"

#include "baseimage/crc32c.h"
#include "baseimage/erofs-encode.h"
#include "baseimage/stream.h"
#include "common/fd.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* ---- 3. encode ---- */

/* Linux new_encode_dev() */
static guint32
encode_rdev (dev_t rdev)
{
  guint32 low = minor (rdev) & 0xff, high = (minor (rdev) & ~0xffu) << 12;

  return low | (major (rdev) << 8) | high;
}

static guint64
size_of (const Item *item)
{
  switch ((Data)item->data)
    {
    case DATA_META:
      return (guint64)item->blocks * EROFS_BLOCK + item->tail;
    case DATA_BLOB:
      return g_bytes_get_size (item->inode->data);
    case DATA_RUN:
      return item->inode->identity.size;
    case DATA_NONE:
    default:
      return 0;
    }
}

/* The largest inode with what lies behind it: 255 KiB of attributes and a tail. */
#define LARGEST_ITEM (sizeof (ErofsInode) + 4u * G_MAXUINT16 + 16 + EROFS_BLOCK)

/* Encodes ITEM's directory, link or small file: whole blocks to BLOCKS, the rest to TAIL. */
static void
encode_data (const Item *item, guint8 *blocks, guint8 *tail)
{
  const SgInode *inode = item->inode;

  if (S_ISDIR (inode->mode))
    sg_erofs_encode_dir (item->node, item->blocks, blocks, tail);
  else if (S_ISLNK (inode->mode))
    memcpy (tail, inode->target, item->tail);
  else
    memcpy (tail, g_bytes_get_data (inode->data, NULL), item->tail);
}

static void
encode_inode (const Item *item, guint32 number, ErofsInode *out)
{
  const SgInode *inode = item->inode;
  gboolean has_blocks = item->data == DATA_BLOB || item->data == DATA_RUN || own_blocks (item) > 0;
  guint xattr_words = (item->xattr_len - (guint)sizeof (ErofsXattrHeader)) / 4;

  *out = (ErofsInode){
    .format = GUINT16_TO_LE (EROFS_FORMAT_EXTENDED
                             | (item->is_inline ? EROFS_LAYOUT_INLINE : EROFS_LAYOUT_PLAIN)),
    .xattr_count = GUINT16_TO_LE ((guint16)(item->xattr_len > 0 ? 1 + xattr_words : 0)),
    .mode = GUINT16_TO_LE ((guint16)inode->mode),
    .size = GUINT64_TO_LE (size_of (item)),
    .ino = GUINT32_TO_LE (number + 1),
    .uid = GUINT32_TO_LE (inode->uid),
    .gid = GUINT32_TO_LE (inode->gid),
    .mtime = GUINT64_TO_LE ((guint64)inode->mtime_sec),
    .mtime_nsec = GUINT32_TO_LE (inode->mtime_nsec),
    .nlink = GUINT32_TO_LE (inode->nlink),
  };
  if (S_ISCHR (inode->mode) || S_ISBLK (inode->mode))
    out->blkaddr_or_rdev = GUINT32_TO_LE (encode_rdev (inode->rdev));
  else if (has_blocks)
    out->blkaddr_or_rdev = GUINT32_TO_LE ((guint32)inode->writer_data[1]);
}

/* Encodes the inode, its attributes and an inline tail; returns how many bytes that were. */
static gsize
encode_item (const Item *item, guint32 number, guint8 *out, guint8 *blocks)
{
  gsize len = sizeof (ErofsInode) + item->xattr_len;

  encode_inode (item, number, (ErofsInode *)(void *)out);
  if (item->xattr_len > 0)
    {
      memset (out + sizeof (ErofsInode), 0, item->xattr_len);
      sg_erofs_encode_xattrs (item->inode, out + sizeof (ErofsInode));
    }
  if (!item->is_inline)
    return len;
  memset (out + len, 0, item->tail);
  encode_data (item, blocks, out + len);
  return len + item->tail;
}

/* META: the image's first chunk, still without a superblock. */
static void
encode_super (Writer *writer, guint8 *meta)
{
  SgInode *root = g_array_index (writer->items, Item, 0).inode;
  ErofsSuper super = {
    .magic = GUINT32_TO_LE (EROFS_SUPER_MAGIC),
    .feature_compat = GUINT32_TO_LE (EROFS_COMPAT_SB_CHECKSUM | EROFS_COMPAT_MTIME),
    .block_bits = EROFS_BLOCK_BITS,
    .root_nid = GUINT16_TO_LE ((guint16)root->writer_data[0]),
    .inodes = GUINT64_TO_LE (writer->items->len),
    .blocks = GUINT32_TO_LE ((guint32)writer->blocks),
    .volume_name = "sandglass",
  };
  guint8 *at = meta + EROFS_SUPER_OFFSET;
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize len = sizeof digest;

  /* The volume's UUID is made from what is in it: equal trees, equal images. */
  g_checksum_update (sum, (const guchar *)writer->sums->data,
                     (gssize)(writer->sums->len * sizeof (guint32)));
  g_checksum_get_digest (sum, digest, &len);
  memcpy (super.uuid, digest, sizeof super.uuid);
  super.uuid[6] = (super.uuid[6] & 0x0f) | 0x80; /* version 8 of RFC 9562: of our own making */
  super.uuid[8] = (super.uuid[8] & 0x3f) | 0x80;
  memcpy (at, &super, sizeof super);
  super.checksum = GUINT32_TO_LE (sg_crc32c (SG_CRC32C_INIT, at, EROFS_BLOCK - EROFS_SUPER_OFFSET));
  memcpy (at, &super, sizeof super);
}

/* ---- writing ---- */

static int
create (int dirfd, const char *name, GError **error)
{
  return sg_open_at (dirfd, name, O_RDWR | O_CREAT | O_EXCL, 0600, error);
}

/* A directory's whole blocks are made with its inode, for its tail needs them done before; they are
 * kept until their place comes.  Few directories have any. */
static gboolean
write_inodes (Writer *writer, SgStream *stream, GByteArray *blocks, GError **error)
{
  g_autofree guint8 *buffer = g_malloc (LARGEST_ITEM);

  for (guint i = 0; i < writer->items->len; i++)
    {
      Item *item = &g_array_index (writer->items, Item, i);
      gsize own = own_blocks (item) * EROFS_BLOCK, before = blocks->len;
      guint8 *own_at = NULL;
      if (own > 0)
        {
          g_byte_array_set_size (blocks, (guint)(before + own));
          own_at = blocks->data + before;
          memset (own_at, 0, own);
        }
      if (item->data == DATA_META && !item->is_inline)
        encode_data (item, own_at, own_at + (gsize)item->blocks * EROFS_BLOCK);
      gsize len = encode_item (item, i, buffer, own_at);
      if (!sg_stream_pad_to (stream, item->inode->writer_data[0] * EROFS_SLOT, error)
          || !sg_stream_put (stream, buffer, len, error))
        return FALSE;
    }
  return sg_stream_pad_to (stream, blocks_of (stream->at) * EROFS_BLOCK, error)
         && sg_stream_put (stream, blocks->data, blocks->len, error);
}

/* Fills in what could not be known at the start: the first block once more, and its chunk's sum. */
static gboolean
write_super (Writer *writer, int fd, GError **error)
{
  g_autofree guint8 *chunk = g_malloc (SG_MAP_CHUNK);
  gssize len = sg_pread_all (fd, chunk, SG_MAP_CHUNK, 0, error);

  if (len < (gssize)EROFS_BLOCK)
    return FALSE;
  encode_super (writer, chunk);
  g_array_index (writer->sums, guint32, 0) = sg_crc32c (SG_CRC32C_INIT, chunk, (gsize)len);
  if (pwrite (fd, chunk, EROFS_BLOCK, 0) != EROFS_BLOCK)
    return sg_errno (error, "Cannot write");
  return TRUE;
}

static gboolean
write_meta (Writer *writer, int dirfd, GError **error)
{
  g_autoptr (GByteArray) blocks = g_byte_array_new ();
  sg_fd int fd = create (dirfd, "meta", error);
  g_auto (SgStream) stream = { 0 };

  if (fd < 0)
    return FALSE;
  sg_stream_init (&stream, fd, writer->sums);
  if (!write_inodes (writer, &stream, blocks, error) || !sg_stream_finish (&stream, error))
    return FALSE;
  writer->result.meta_bytes = stream.at;
  return write_super (writer, fd, error);
}

static gboolean
write_blob (Writer *writer, int dirfd, GError **error)
{
  sg_fd int fd = create (dirfd, "blob", error);
  g_auto (SgStream) stream = { 0 };

  if (fd < 0)
    return FALSE;
  sg_stream_init (&stream, fd, writer->sums);
  for (guint i = 0; i < writer->items->len; i++)
    {
      Item *item = &g_array_index (writer->items, Item, i);
      gsize size;
      if (item->data != DATA_BLOB)
        continue;
      const void *data = g_bytes_get_data (item->inode->data, &size);
      if (!sg_stream_put (&stream, data, size, error)
          || !sg_stream_pad_to (&stream, blocks_of (stream.at) * EROFS_BLOCK, error))
        return FALSE;
    }
  writer->result.blob_bytes = stream.at;
  return sg_stream_finish (&stream, error);
}

/* Nothing writes to the items and their inodes any more. */
static gpointer
fill_map (gpointer data)
{
  Writer *writer = data;

  for (guint i = 0; i < writer->items->len; i++)
    {
      const Item *item = &g_array_index (writer->items, Item, i);
      if (item->data == DATA_RUN)
        sg_map_writer_add (writer->map, (guint32)item->inode->writer_data[1], item->inode);
    }
  return NULL;
}

static void
make_digest (Writer *writer, guint32 map_crc)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint64 sizes[] = { SG_MAP_VERSION, writer->result.meta_bytes, writer->result.blob_bytes,
                      writer->result.map_bytes, map_crc };
  gsize len = sizeof writer->result.digest;

  g_checksum_update (sum, (const guchar *)sizes, sizeof sizes);
  g_checksum_update (sum, (const guchar *)writer->sums->data,
                     (gssize)(writer->sums->len * sizeof (guint32)));
  g_checksum_get_digest (sum, writer->result.digest, &len);
}

static gboolean
write_map (Writer *writer, int dirfd, GError **error)
{
  sg_fd int fd = create (dirfd, "map", error);
  SgMapLayout layout = {
    .meta_bytes = writer->result.meta_bytes,
    .blob_bytes = writer->result.blob_bytes,
    .image_bytes = writer->blocks * EROFS_BLOCK,
    .sums = (const guint32 *)(void *)writer->sums->data,
    .n_sums = writer->sums->len,
  };
  guint32 crc;

  g_thread_join (g_steal_pointer (&writer->mapping));
  if (fd < 0
      || !sg_map_writer_write (writer->map, &layout, fd, &writer->result.map_bytes, &crc, error))
    return FALSE;
  make_digest (writer, crc);
  return TRUE;
}

static void
writer_clear (Writer *writer)
{
  if (writer->mapping != NULL)
    g_thread_join (writer->mapping);
  g_array_unref (writer->items);
  g_ptr_array_unref (writer->dirs);
  g_array_unref (writer->sums);
  sg_map_writer_free (writer->map);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Writer, writer_clear)

gboolean
sg_erofs_write (SgTree *tree, const char *root, int dirfd, SgErofsResult *ret_result,
                GCancellable *cancellable, GError **error)
{
  g_auto (Writer) writer = {
    .root = root,
    .items = g_array_new (FALSE, FALSE, sizeof (Item)),
    .dirs = g_ptr_array_new (),
    .sums = g_array_new (FALSE, FALSE, sizeof (guint32)),
  };

  gboolean placed
      = sg_erofs_place (&writer, tree, cancellable, error) && sg_erofs_assign (&writer, error);
  if (placed)
    writer.mapping = g_thread_new ("map", fill_map, &writer);
  if (!placed || !write_meta (&writer, dirfd, error)
      || g_cancellable_set_error_if_cancelled (cancellable, error)
      || !write_blob (&writer, dirfd, error) || !write_map (&writer, dirfd, error))
    {
      g_prefix_error (error, "Writing the copy of this computer: ");
      return FALSE;
    }
  writer.result.n_inodes = writer.items->len;
  writer.result.image_bytes = writer.blocks * EROFS_BLOCK;
  *ret_result = writer.result;
  return TRUE;
}
