/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Grants that are questions about this computer. */
#pragma once

#include <gio/gio.h>

/* The swaps through which memory could be written to this computer's disk in the clear: those that
 * are neither encrypted, by what they lie on, nor in memory themselves (zram that may not write to a
 * disk).  What cannot be found out counts as plain.  ROOT: "/" (or a test's tree).  *ret_any:
 * whether there is a swap at all.  NULL with an error where they are not told.  Free with
 * g_strfreev(). */
char **sg_plain_swaps (const char *root, gboolean *ret_any, GError **error);

/* Hibernation writes to a swap, too.  FALSE with the first plain one's name, in words. */
gboolean sg_enforce_encryption (const char *root, GError **error);

/* How many sandboxes have a control socket below RUNTIME (sg_paths_runtime()): that of the caller
 * is among them, machines that wait are not. */
guint sg_enforce_count (const char *runtime);
