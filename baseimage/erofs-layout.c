/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first two steps of the image writer: where each inode lies, and its data. */
#include "baseimage/erofs-internal.h"

#include "baseimage/erofs-encode.h"

#include <string.h>
#include <sys/stat.h>

/* A generated file up to this size lies behind its inode: one block read less when it is opened. */
#define INLINE_FILE_MAX 1024u
#define NID_OF(byte) ((byte) / EROFS_SLOT)

/* ---- 1. place ---- */

/* A file's data, by its kind and size. */
static void
measure_file (Item *item)
{
  const SgInode *inode = item->inode;
  gsize size = inode->content == SG_CONTENT_GENERATED ? g_bytes_get_size (inode->data)
               : inode->content == SG_CONTENT_LINKED  ? inode->identity.size
                                                      : 0;

  if (size == 0)
    return;
  if (inode->content == SG_CONTENT_LINKED)
    item->data = DATA_RUN;
  else if (size > INLINE_FILE_MAX)
    item->data = DATA_BLOB;
  else
    {
      item->data = DATA_META;
      item->tail = (guint16)size;
    }
}

static gboolean
measure (Item *item, GError **error)
{
  const SgInode *inode = item->inode;

  if (!sg_erofs_measure_xattrs (inode, &item->xattr_len, error))
    return FALSE;
  if (S_ISDIR (inode->mode))
    {
      item->data = DATA_META;
      if (!sg_erofs_measure_dir (item->node, &item->blocks, &item->tail, error))
        return FALSE;
    }
  else if (S_ISLNK (inode->mode))
    {
      gsize len = strlen (inode->target);
      if (len == 0 || len >= EROFS_BLOCK)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                       "A symbolic link's target has %zu bytes", len);
          return FALSE;
        }
      item->data = DATA_META;
      item->tail = (guint16)len;
    }
  else if (S_ISREG (inode->mode))
    measure_file (item);
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

gboolean
sg_erofs_place (Writer *writer, SgTree *tree, GCancellable *cancellable, GError **error)
{
  SgNode *root = sg_tree_root (tree);

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
  writer->blocks += n + 1;
  writer->result.n_linked++;
  writer->result.linked_bytes += inode->identity.size;
  return TRUE;
}

gboolean
sg_erofs_assign (Writer *writer, GError **error)
{
  writer->blocks = blocks_of (writer->end);
  for (guint i = 0; i < writer->items->len; i++)
    {
      Item *item = &g_array_index (writer->items, Item, i);
      if (own_blocks (item) > 0)
        item->inode->writer_data[1] = writer->blocks;
      writer->blocks += own_blocks (item);
    }
  writer->meta_blocks = writer->blocks;
  for (guint i = 0; i < writer->items->len; i++)
    {
      Item *item = &g_array_index (writer->items, Item, i);
      if (item->data != DATA_BLOB)
        continue;
      item->inode->writer_data[1] = writer->blocks;
      writer->blocks += blocks_of (g_bytes_get_size (item->inode->data));
    }
  writer->blob_blocks = writer->blocks - writer->meta_blocks;
  writer->map = sg_map_writer_new (writer->root, (guint32)writer->blocks);
  writer->blocks++;
  for (guint i = 0; i < writer->items->len; i++)
    {
      Item *item = &g_array_index (writer->items, Item, i);
      if (item->data == DATA_RUN && !assign_run (writer, item->inode, error))
        return FALSE;
    }
  return TRUE;
}
