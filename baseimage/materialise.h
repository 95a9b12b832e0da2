/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A real image file made from a base: reflinks where the file system has them (nothing is copied
 * then, and the host's updates do not touch it any more), copies elsewhere. */
#pragma once

#include <gio/gio.h>

typedef struct
{
  guint64 image_bytes;  /* the (sparse) file's length */
  guint64 cloned_bytes; /* shared with the host's files */
  guint64 copied_bytes;
} SgMaterialised;

/* Writes the whole virtual disk of the base at BASE to FD, an empty regular file.  ROOT: the tree
 * that it was made from.  A host file that is not what it was is an error (G_IO_ERROR_FAILED, names
 * it). */
gboolean sg_materialise (const char *base, const char *root, int fd, SgMaterialised *ret_result,
                         GCancellable *cancellable, GError **error);
