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
 * 3. encode   into one zeroed buffer, checksums, write.
 *
 * Metadata is about 100 bytes per file, so holding it in memory is no worry. */
#include "baseimage/erofs.h"

#include "baseimage/crc32c.h"
#include "baseimage/erofs-encode.h"
#include "baseimage/erofs-format.h"
#include "baseimage/map.h"
#include "common/fd.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* A generated file up to this size lies behind its inode: one block read less when it is opened. */
#define INLINE_FILE_MAX 1024u
#define NID_OF(byte) ((byte) / EROFS_SLOT)

/* One inode on its way to the disk. */
typedef struct
{
  SgInode *inode;
  const SgNode *node; /* the name that it was first met by */
  guint64 blocks;     /* whole blocks of its own data */
  guint32 tail;       /* bytes behind the inode, or in one more block */
  guint32 xattr_len;
  gboolean is_inline;
} Item;

typedef struct
{
  const char *root;
  GArray *items;   /* Item */
  GPtrArray *dirs; /* SgNode, in the order they are visited */
  guint64 end;     /* first byte behind the inodes so far */
  guint64 blocks;  /* blocks given out so far */
  guint64 meta_blocks, blob_blocks;
  GArray *sums; /* guint32, in the machine's byte order */
  SgMapWriter *map;
  SgErofsResult result;
} Writer;

/* ---- 1. place ---- */

static gboolean
measure (Item *item, GError **error)
{
  const SgInode *inode = item->inode;

  if (!sg_erofs_measure_xattrs (inode, &item->xattr_len, error))
    return FALSE;
  if (S_ISDIR (inode->mode))
    {
      if (!sg_erofs_measure_dir (item->node, &item->blocks, &item->tail, error))
        return FALSE;
    }
  else if (S_ISLNK (inode->mode))
    item->tail = (guint32)strlen (inode->target);
  else if (S_ISREG (inode->mode) && inode->content == SG_CONTENT_GENERATED
           && g_bytes_get_size (inode->data) <= INLINE_FILE_MAX)
    item->tail = (guint32)g_bytes_get_size (inode->data);
  item->is_inline
      = item->tail > 0 && sizeof (ErofsInode) + item->xattr_len + item->tail <= EROFS_BLOCK;
  return TRUE;
}

static gboolean
place (Writer *writer, const SgNode *node, GError **error)
{
  Item item = { .inode = node->inode, .node = node };

  if (node->inode->writer_data[0] != 0)
    return TRUE; /* a further name of the same file */
  if (!measure (&item, error))
    return FALSE;
  guint64 need = sizeof (ErofsInode) + item.xattr_len + (item.is_inline ? item.tail : 0);
  guint64 left = EROFS_BLOCK - writer->end % EROFS_BLOCK;
  if (need > left)
    writer->end += left; /* attributes longer than a block may go on; they start at its head */
  node->inode->writer_data[0] = NID_OF (writer->end);
  writer->end += (need + EROFS_SLOT - 1) & ~(guint64)(EROFS_SLOT - 1);
  g_array_append_val (writer->items, item);
  if (S_ISDIR (node->inode->mode))
    g_ptr_array_add (writer->dirs, (gpointer)node);
  return TRUE;
}

static void
forget_earlier_image (SgNode *node)
{
  node->inode->writer_data[0] = node->inode->writer_data[1] = 0;
  for (guint i = 0; i < node->n_children; i++)
    forget_earlier_image (node->children[i]);
}

static gboolean
place_all (Writer *writer, SgTree *tree, GCancellable *cancellable, GError **error)
{
  SgNode *root = sg_tree_root (tree);

  forget_earlier_image (root);
  writer->end = EROFS_SUPER_OFFSET + sizeof (ErofsSuper);
  if (!place (writer, root, error))
    return FALSE;
  for (guint i = 0; i < writer->dirs->len; i++)
    {
      const SgNode *dir = g_ptr_array_index (writer->dirs, i);
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      for (guint k = 0; k < dir->n_children; k++)
        if (!place (writer, dir->children[k], error))
          return FALSE;
    }
  return TRUE;
}

/* ---- 2. assign ---- */

static guint64
blocks_of (guint64 bytes)
{
  return bytes / EROFS_BLOCK + (bytes % EROFS_BLOCK != 0);
}

/* Blocks of a directory or a long link, which lie within the metadata. */
static guint64
own_blocks (const Item *item)
{
  return item->blocks + (item->tail > 0 && !item->is_inline);
}

static gboolean
is_in_blob (const Item *item)
{
  return S_ISREG (item->inode->mode) && item->inode->content == SG_CONTENT_GENERATED
         && !item->is_inline && g_bytes_get_size (item->inode->data) > 0;
}

static gboolean
is_linked (const Item *item)
{
  return S_ISREG (item->inode->mode) && item->inode->content == SG_CONTENT_LINKED
         && item->inode->identity.size > 0;
}

static gboolean
assign_run (Writer *writer, SgInode *inode, GError **error)
{
  guint64 n = blocks_of (inode->identity.size);

  /* The last block number is "no block" to the kernel; one free block stays behind each run. */
  if (n >= G_MAXUINT32 || writer->blocks + n + 1 >= G_MAXUINT32)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   "The files of this system are larger than 16 TiB together");
      return FALSE;
    }
  inode->writer_data[1] = writer->blocks;
  sg_map_writer_add (writer->map, (guint32)writer->blocks, inode);
  writer->blocks += n + 1;
  writer->result.n_linked++;
  writer->result.linked_bytes += inode->identity.size;
  return TRUE;
}

static gboolean
assign_all (Writer *writer, GError **error)
{
  writer->blocks = blocks_of (writer->end);
  for (guint i = 0; i < writer->items->len; i++)
    {
      Item *item = &g_array_index (writer->items, Item, i);
      item->inode->writer_data[1] = writer->blocks;
      writer->blocks += own_blocks (item);
    }
  writer->meta_blocks = writer->blocks;
  for (guint i = 0; i < writer->items->len; i++)
    {
      Item *item = &g_array_index (writer->items, Item, i);
      if (!is_in_blob (item))
        continue;
      item->inode->writer_data[1] = writer->blocks;
      writer->blocks += blocks_of (g_bytes_get_size (item->inode->data));
    }
  writer->blob_blocks = writer->blocks - writer->meta_blocks;
  writer->blocks++;
  for (guint i = 0; i < writer->items->len; i++)
    {
      Item *item = &g_array_index (writer->items, Item, i);
      if (is_linked (item) && !assign_run (writer, item->inode, error))
        return FALSE;
    }
  return TRUE;
}

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
  const SgInode *inode = item->inode;

  if (S_ISDIR (inode->mode))
    return item->blocks * EROFS_BLOCK + item->tail;
  if (S_ISLNK (inode->mode))
    return item->tail;
  if (!S_ISREG (inode->mode))
    return 0;
  return inode->content == SG_CONTENT_GENERATED ? g_bytes_get_size (inode->data)
         : inode->content == SG_CONTENT_LINKED  ? inode->identity.size
                                                : 0;
}

static void
encode_data (const Item *item, guint8 *meta, guint8 *behind)
{
  const SgInode *inode = item->inode;
  guint8 *blocks = meta + inode->writer_data[1] * EROFS_BLOCK;
  guint8 *tail = item->is_inline ? behind : blocks + item->blocks * EROFS_BLOCK;

  if (S_ISDIR (inode->mode))
    sg_erofs_encode_dir (item->node, blocks, tail);
  else if (S_ISLNK (inode->mode))
    memcpy (tail, inode->target, item->tail);
  else if (item->is_inline)
    memcpy (tail, g_bytes_get_data (inode->data, NULL), item->tail);
}

static void
encode_item (const Item *item, guint32 number, guint8 *meta)
{
  const SgInode *inode = item->inode;
  guint8 *at = meta + inode->writer_data[0] * EROFS_SLOT;
  gboolean is_device = S_ISCHR (inode->mode) || S_ISBLK (inode->mode);
  gboolean has_blocks = own_blocks (item) > 0 || is_in_blob (item) || is_linked (item);
  ErofsInode out = {
    .format = GUINT16_TO_LE (EROFS_FORMAT_EXTENDED
                             | (item->is_inline ? EROFS_LAYOUT_INLINE : EROFS_LAYOUT_PLAIN)),
    .mode = GUINT16_TO_LE ((guint16)inode->mode),
    .size = GUINT64_TO_LE (size_of (item)),
    .ino = GUINT32_TO_LE (number + 1),
    .uid = GUINT32_TO_LE (inode->uid),
    .gid = GUINT32_TO_LE (inode->gid),
    .mtime = GUINT64_TO_LE ((guint64)inode->mtime_sec),
    .mtime_nsec = GUINT32_TO_LE (inode->mtime_nsec),
    .nlink = GUINT32_TO_LE (inode->nlink),
  };

  if (item->xattr_len > 0)
    {
      out.xattr_count
          = GUINT16_TO_LE ((guint16)(1 + (item->xattr_len - sizeof (ErofsXattrHeader)) / 4));
      sg_erofs_encode_xattrs (inode, at + sizeof out);
    }
  if (is_device)
    out.blkaddr_or_rdev = GUINT32_TO_LE (encode_rdev (inode->rdev));
  else if (has_blocks)
    out.blkaddr_or_rdev = GUINT32_TO_LE ((guint32)inode->writer_data[1]);
  memcpy (at, &out, sizeof out);
  encode_data (item, meta, at + sizeof out + item->xattr_len);
}

/* Chunk checksums of LEN bytes at DATA, added to the list. */
static void
add_sums (Writer *writer, const guint8 *data, guint64 len)
{
  for (guint64 at = 0; at < len; at += SG_MAP_CHUNK)
    {
      guint32 crc = sg_crc32c (SG_CRC32C_INIT, data + at, MIN (SG_MAP_CHUNK, len - at));
      g_array_append_val (writer->sums, crc);
    }
}

static void
encode_super (Writer *writer, guint8 *meta, guint16 root_nid)
{
  ErofsSuper super = {
    .magic = GUINT32_TO_LE (EROFS_SUPER_MAGIC),
    .feature_compat = GUINT32_TO_LE (EROFS_COMPAT_SB_CHECKSUM | EROFS_COMPAT_MTIME),
    .block_bits = EROFS_BLOCK_BITS,
    .root_nid = GUINT16_TO_LE (root_nid),
    .inodes = GUINT64_TO_LE (writer->items->len),
    .blocks = GUINT32_TO_LE ((guint32)writer->blocks),
    .volume_name = "sandglass",
  };
  guint8 *at = meta + EROFS_SUPER_OFFSET;
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize len = sizeof digest;

  /* The volume's UUID is made from what is in it: equal trees, equal images. */
  for (guint64 i = 0; i < writer->meta_blocks; i++)
    {
      guint32 crc = sg_crc32c (SG_CRC32C_INIT, meta + i * EROFS_BLOCK, EROFS_BLOCK);
      g_checksum_update (sum, (const guchar *)&crc, sizeof crc);
    }
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
  return sg_open_at (dirfd, name, O_WRONLY | O_CREAT | O_EXCL, 0600, error);
}

static gboolean
write_meta (Writer *writer, int dirfd, GError **error)
{
  gsize len = writer->meta_blocks * EROFS_BLOCK;
  g_autofree guint8 *meta = g_malloc0 (len);
  sg_fd int fd = create (dirfd, "meta", error);

  if (fd < 0)
    return FALSE;
  for (guint i = 0; i < writer->items->len; i++)
    encode_item (&g_array_index (writer->items, Item, i), i, meta);
  Item *root = &g_array_index (writer->items, Item, 0);
  encode_super (writer, meta, (guint16)root->inode->writer_data[0]);
  add_sums (writer, meta, len);
  writer->result.meta_bytes = len;
  return sg_write_all (fd, meta, len, error);
}

static gboolean
write_blob (Writer *writer, int dirfd, GError **error)
{
  gsize len = writer->blob_blocks * EROFS_BLOCK;
  g_autofree guint8 *blob = g_malloc0 (MAX (len, 1));
  sg_fd int fd = create (dirfd, "blob", error);

  if (fd < 0)
    return FALSE;
  for (guint i = 0; i < writer->items->len; i++)
    {
      Item *item = &g_array_index (writer->items, Item, i);
      if (!is_in_blob (item))
        continue;
      gsize size;
      const void *data = g_bytes_get_data (item->inode->data, &size);
      memcpy (blob + (item->inode->writer_data[1] - writer->meta_blocks) * EROFS_BLOCK, data, size);
    }
  add_sums (writer, blob, len);
  writer->result.blob_bytes = len;
  return sg_write_all (fd, blob, len, error);
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

  if (fd < 0
      || !sg_map_writer_write (writer->map, &layout, fd, &writer->result.map_bytes, &crc, error))
    return FALSE;
  make_digest (writer, crc);
  return TRUE;
}

static void
writer_clear (Writer *writer)
{
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
    .items = g_array_new (FALSE, FALSE, sizeof (Item)),
    .dirs = g_ptr_array_new (),
    .sums = g_array_new (FALSE, FALSE, sizeof (guint32)),
    .map = sg_map_writer_new (root),
  };

  if (!place_all (&writer, tree, cancellable, error) || !assign_all (&writer, error)
      || !write_meta (&writer, dirfd, error)
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
