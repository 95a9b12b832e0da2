/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Has the system changed since the base was made?  A stamp is one line about one file that changes
 * whenever packages do: "PATH<tab>INODE SIZE MTIME", or "PATH<tab>none". */
#pragma once

#include <glib.h>

/* Stamps of PATHS below ROOT, and one of what Sandglass itself puts inside.  Free with
 * g_strfreev(). */
char **sg_stamps_take (const char *root, const char *const *paths);

/* The first path whose stamp is not what it was (SG_STAMP_OWN for Sandglass's own files); NULL when
 * all are.  Free with g_free(). */
#define SG_STAMP_OWN "@sandglass"
char *sg_stamps_changed (const char *root, char **stamps);
