/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The virtual disk of a base: bytes at an offset.  The nbdkit plugin is a thin skin around this,
 * and `materialise` reads through it as well. */
#pragma once

#include <gio/gio.h>

typedef struct SgDisk SgDisk;

/* BASE: the base's directory; ROOT: where the host's tree is; NOTICE_FD: see notice.h, or -1.
 * Descriptors are kept open up to half of the process's hard limit (which becomes its soft one). */
SgDisk *sg_disk_open (const char *base, const char *root, int notice_fd, GError **error);
void sg_disk_free (SgDisk *disk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgDisk, sg_disk_free)

guint64 sg_disk_size (const SgDisk *disk);

/* Reads COUNT bytes at OFFSET; safe in any number of threads.  Outside of the disk:
 * G_IO_ERROR_INVALID_ARGUMENT. Where a host file is not what it was: G_IO_ERROR_FAILED, and nothing
 * of DATA counts.  ret_first_time: this problem was not reported before. */
gboolean sg_disk_read (SgDisk *disk, void *data, guint64 count, guint64 offset,
                       gboolean *ret_first_time, GError **error);
