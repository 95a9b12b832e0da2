/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel modules as distributions ship them: plain, .gz, .xz or .zst. */
#pragma once

#include <gio/gio.h>

/* No module is larger unpacked; what is, is no module. */
#define SG_UNPACK_MAX (64 * 1024 * 1024)

/* The unpacked contents of PATH, by its ending.  Fails where the program for that (xz, zstd) is
 * missing, the contents are broken, or more than SG_UNPACK_MAX bytes. */
GBytes *sg_unpack (const char *path, GCancellable *cancellable, GError **error);
