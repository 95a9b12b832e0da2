/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Buries what a child leaves: a process in a namespace of its own that becomes ours when bubblewrap
 * has ended.  Nobody waits for it otherwise before the session's end, and each folder, gate or
 * network that came and went would leave one more dead process in the kernel's table. */
#pragma once

#include <glib.h>

/* Looks for such processes from now on, for ten seconds at most or until there are none.  To be
 * called when a child has ended.  PIDFD (taken; -1: none) is a child that nobody else waits for. */
void sg_bury_soon (int pidfd);

/* Our children now, as numbers in text; free with g_ptr_array_unref(). */
GPtrArray *sg_bury_children (void);

/* Once, now.  TRUE: there is one that has not ended yet. */
gboolean sg_bury_orphans (void);
