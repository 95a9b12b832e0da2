/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Grants that are questions about this computer. */
#pragma once

#include <gio/gio.h>

/* Could memory be written to this computer's disk in the clear?  Every swap must be encrypted or in
 * memory itself; hibernation writes to a swap.  FALSE with the swap's name, in words.  PROC and
 * SYS:
 * "/proc", "/sys".  What cannot be found out counts as plain. */
gboolean sg_enforce_encryption (const char *proc, const char *sys, GError **error);

/* How many sandboxes have a control socket below RUNTIME (sg_paths_runtime()): that of the caller
 * is among them, machines that wait are not. */
guint sg_enforce_count (const char *runtime);
