/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A "newc" cpio archive, as the kernel unpacks it (Documentation/driver-api/early-userspace).
 *
 *   GByteArray *archive = g_byte_array_new ();
 *   sg_cpio_dir (archive, "modules");  sg_cpio_file (archive, "init", 0755, data, len);
 *   sg_cpio_end (archive);
 *
 * Names have no leading slash; parents come first.  Everything belongs to root and has no time, so
 * that equal contents give equal bytes. */
#pragma once

#include <gio/gio.h>
#include <sys/types.h>

void sg_cpio_dir (GByteArray *archive, const char *name);
void sg_cpio_file (GByteArray *archive, const char *name, mode_t perm, const void *data, gsize len);
/* A character device. */
void sg_cpio_device (GByteArray *archive, const char *name, mode_t perm, guint major, guint minor);
void sg_cpio_end (GByteArray *archive);
