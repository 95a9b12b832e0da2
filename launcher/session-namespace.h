/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The supervisor's own user and mount namespace: where folders can be shared with a sandbox that
 * runs, without root. */
#pragma once

#include <glib.h>

/* First thing in main(), before any call of GLib: the kernel refuses with a second thread, and GLib
 * starts threads.  User and group map to themselves; mapped to 0, clients could not authenticate.
 * FALSE with errno where the computer does not allow it: everything but shared folders still works.
 */
gboolean sg_namespace_enter (void);

/* Why not, and what mends it, for a person.  NUMBER: the errno.  Free with g_free(). */
char *sg_namespace_words (int number);
