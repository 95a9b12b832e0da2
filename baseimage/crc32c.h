/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CRC-32C (Castagnoli, polynomial 0x1EDC6F41 reflected): the checksum of EROFS superblocks and of
 * our own files.  It finds damage, not malice: a base lies in the person's own cache. */
#pragma once

#include <gio/gio.h>

/* Start with this and pass the last result on for data in pieces. */
#define SG_CRC32C_INIT 0xffffffffu

/* The register after DATA, neither inverted before nor after (EROFS stores it like that). */
guint32 sg_crc32c (guint32 crc, const void *data, gsize len);

/* The way for processors without an instruction for it; here for its test. */
guint32 sg_crc32c_by_table (guint32 crc, const void *data, gsize len);

/* The same over a whole file. */
gboolean sg_crc32c_of_file (const char *path, guint32 *ret_crc, GError **error);
