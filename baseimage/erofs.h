/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a tree to the three files of an image: metadata (EROFS), link map, generated contents.
 *
 * The same tree gives the same bytes, whoever writes it and when. */
#pragma once

#include "baseimage/tree.h"

typedef struct
{
  guint64 meta_bytes, map_bytes, blob_bytes;
  guint64 image_bytes; /* of the virtual disk */
  guint64 n_inodes, n_linked, linked_bytes;
  guint8 digest[32]; /* tells this image from others: SHA-256 over all checksums and sizes */
} SgErofsResult;

/* Writes `meta`, `map` and `blob` into the directory DIRFD, where they must not be yet.  TREE must
 * be sealed, and is written once: its inodes' writer_data (zero until then) is used up.  ROOT:
 * where the tree's host paths are, to note the file systems that they lie on.  Fails with
 * G_IO_ERROR_INVALID_ARGUMENT for a tree that EROFS cannot hold, with G_IO_ERROR_CANCELLED, and as
 * write(2) fails.  The files are not synced. */
gboolean sg_erofs_write (SgTree *tree, const char *root, int dirfd, SgErofsResult *ret_result,
                         GCancellable *cancellable, GError **error);
