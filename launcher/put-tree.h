/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder of this computer as a stream of bytes: `tar`, whose output is counted on its way.
 *
 *   tree = sg_put_tree_new (fd, error);
 *   ... somebody reads sg_put_tree_fd (tree) ...
 *   if (!sg_put_tree_end (tree, TRUE, error)) what was read is not whole
 *
 * Links are not followed: neither by the counting nor by tar, which opens each name below its
 * parent's descriptor.  So a folder that a sandbox may write to (a share) and that changes meanwhile
 * leads nowhere else. */
#pragma once

#include <gio/gio.h>

/* How many files (all that is no folder) and bytes of regular files are in the folder FD.  Blocks:
 * for a thread.  Fails where there are more, or deeper ones, than may be, and when cancelled. */
gboolean sg_put_tree_count (int fd, guint64 *ret_files, guint64 *ret_bytes,
                            GCancellable *cancellable, GError **error);

typedef struct SgPutTree SgPutTree;

/* FD: the folder; the caller keeps it. */
SgPutTree *sg_put_tree_new (int fd, GError **error);

/* The stream's end for the reader, closed by the tree. */
int sg_put_tree_fd (SgPutTree *tree);

/* Bytes that have gone through; from any thread. */
guint64 sg_put_tree_moved (SgPutTree *tree);

/* Ends it.  TRUE when all of the folder went through; what tar complained about otherwise.
 * COMPLETE: whoever reads says that the end was seen; else it is broken off.  Blocks for as long as
 * a process takes to end. */
gboolean sg_put_tree_end (SgPutTree *tree, gboolean complete, GError **error);

/* Also ends it. */
void sg_put_tree_free (SgPutTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgPutTree, sg_put_tree_free)
