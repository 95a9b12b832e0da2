/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The encodings inside an EROFS image: directories and extended attributes.  Only erofs*.c use
 * this. */
#pragma once

#include "baseimage/tree.h"

/* Bytes that DIR's entries take: whole blocks, and the rest in the last one.  FALSE when the names
 * are not in strict byte order or are no names. */
gboolean
sg_erofs_measure_dir (const SgNode *dir, guint32 *ret_blocks, guint16 *ret_tail, GError **error);

/* Writes them: N_BLOCKS whole blocks (as measured) to BLOCKS, the rest to TAIL.  Each inode's
 * writer_data[0] is its nid. */
void sg_erofs_encode_dir (const SgNode *dir, guint32 n_blocks, guint8 *blocks, guint8 *tail);

/* Bytes of INODE's attributes with their header; 0 for none. */
gboolean sg_erofs_measure_xattrs (const SgInode *inode, guint32 *ret_len, GError **error);
void sg_erofs_encode_xattrs (const SgInode *inode, guint8 *out);
