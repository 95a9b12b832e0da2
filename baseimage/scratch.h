/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The empty disk that every sandbox starts from: a sparse ext4 that sessions put a copy-on-write
 * layer upon. */
#pragma once

#include <gio/gio.h>

#define SG_SCRATCH_LABEL "sg-scratch" /* a label has 16 bytes at most */
#define SG_SCRATCH_BYTES (64ull << 30)

/* Starts making the file DIR/scratch beside whatever else goes on.  Free with g_object_unref()
 * after sg_scratch_finish(). */
GSubprocess *sg_scratch_start (const char *dir, GError **error);

/* Waits for it; when CANCELLABLE is cancelled, mke2fs is killed. */
gboolean sg_scratch_finish (GSubprocess *mke2fs, GCancellable *cancellable, GError **error);

/* A checksum over what DIR/scratch holds and where, quickly: the zeros are passed over.  Fails for
 * what cannot be an empty disk of ours. */
gboolean sg_scratch_sum (const char *dir, guint32 *ret_sum, GError **error);
