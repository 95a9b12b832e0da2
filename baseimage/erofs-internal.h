/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the steps of the image writer share (erofs.c has the order).  Only erofs*.c use this. */
#pragma once

#include "baseimage/erofs.h"

#include "baseimage/erofs-format.h"
#include "baseimage/map.h"

/* Where an inode's data lies. */
typedef enum
{
  DATA_NONE,
  DATA_META, /* directories, links and small generated files: among the metadata */
  DATA_BLOB, /* generated */
  DATA_RUN   /* a host file */
} Data;

/* One inode on its way to the disk.  Later steps look here rather than into the tree where they
 * can: the tree is spread over memory, and each look at it costs more than the work itself. */
typedef struct
{
  SgInode *inode;
  const SgNode *node; /* the name that it was first met by */
  guint32 blocks;     /* whole blocks of its own data */
  guint32 xattr_len;
  guint16 tail; /* bytes behind the inode, or in one more block */
  guint8 data;  /* Data */
  gboolean is_inline : 1;
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
  GThread *mapping; /* joined; fills the map */
  SgErofsResult result;
} Writer;

static inline guint64
blocks_of (guint64 bytes)
{
  return bytes / EROFS_BLOCK + (bytes % EROFS_BLOCK != 0);
}

/* Blocks of a directory or a long link, which lie within the metadata. */
static inline guint64
own_blocks (const Item *item)
{
  return (guint64)item->blocks + (item->tail > 0 && !item->is_inline);
}

/* 1. place: each inode gets its nid. */
gboolean sg_erofs_place (Writer *writer, SgTree *tree, GCancellable *cancellable, GError **error);

/* 2. assign: block numbers for everything that needs whole blocks. */
gboolean sg_erofs_assign (Writer *writer, GError **error);
