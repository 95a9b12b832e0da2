/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The link map: which host file stands behind which blocks of the virtual disk.
 *
 * Writing (erofs.c does it): sg_map_writer_new(), _add() in rising block order, _write().
 * Reading: sg_map_open() checks everything once; then
 *
 *   sg_map_resolve (map, rootfd, error);              find the host's file systems again
 *   index = sg_map_find (map, block);                 which run
 *   run = sg_map_run (map, index, error);             its file and identity
 *
 * A reader keeps four bytes per file in memory (many sessions run at once); the rest is read from
 * the file when it is needed, never mapped: a map that is cut short under our hands must be an
 * error, not a SIGBUS. */
#pragma once

#include "baseimage/map-format.h"
#include "baseimage/tree.h"

#include <gio/gio.h>

/* ---- writing ---- */

typedef struct SgMapWriter SgMapWriter;

/* ROOT: the scanned tree's root, where host paths are looked up for the device table.  FIRST_BLOCK:
 * where meta and blob end on the virtual disk. */
SgMapWriter *sg_map_writer_new (const char *root, guint32 first_block);
void sg_map_writer_free (SgMapWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgMapWriter, sg_map_writer_free)

/* INODE's (LINKED) contents start at BLOCK. */
void sg_map_writer_add (SgMapWriter *writer, guint32 block, const SgInode *inode);

typedef struct
{
  guint64 meta_bytes, blob_bytes, image_bytes;
  const guint32 *sums; /* one per SG_MAP_CHUNK of meta, then of blob */
  guint n_sums;
} SgMapLayout;

/* Writes the whole map to FD.  ret_bytes: its size. */
gboolean sg_map_writer_write (SgMapWriter *writer, const SgMapLayout *layout, int fd,
                              guint64 *ret_bytes, guint32 *ret_crc, GError **error);

/* ---- reading ---- */

typedef struct SgMap SgMap;

typedef struct
{
  guint64 block;       /* first block */
  char *path;          /* absolute, below the root */
  SgIdentity identity; /* dev is this boot's, or 0 when the file system is not there */
} SgMapRun;

void sg_map_run_free (SgMapRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgMapRun, sg_map_run_free)

/* Opens BASE/map, BASE/meta and BASE/blob and checks the map completely and the sizes of the other
 * two.  G_IO_ERROR_INVALID_DATA when anything is wrong with the contents. */
SgMap *sg_map_open (const char *base, GError **error);
void sg_map_free (SgMap *map);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgMap, sg_map_free)

guint64 sg_map_image_bytes (const SgMap *map);
guint64 sg_map_meta_bytes (const SgMap *map);
guint64 sg_map_blob_bytes (const SgMap *map);
guint sg_map_n_runs (const SgMap *map);

/* Reads COUNT bytes at OFFSET of meta and blob as one area; the whole range must lie within it.
 * What is read for the first time is compared with its checksum. Safe in several threads. */
gboolean sg_map_read_own (SgMap *map, void *data, gsize count, guint64 offset, GError **error);

/* Compares all of meta and blob with their checksums. */
gboolean sg_map_verify (SgMap *map, GError **error);

/* Looks for each of the map's file systems below ROOTFD and notes its st_dev.  One that is not
 * there is no error (its runs get dev 0); *ret_missing counts them. */
gboolean sg_map_resolve (SgMap *map, int rootfd, guint *ret_missing, GError **error);

/* The run that starts at or before BLOCK (it may end before it: compare with its size), or -1. */
gint64 sg_map_find (const SgMap *map, guint64 block);
/* First block of run INDEX; the image's end for n_runs. */
guint64 sg_map_run_block (const SgMap *map, guint index);
SgMapRun *sg_map_run (SgMap *map, guint index, GError **error);
