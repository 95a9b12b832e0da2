/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A descriptor that came along with a call over D-Bus. */
#pragma once

#include <gio/gio.h>
#include <gio/gunixfdlist.h>

/* A duplicate of the descriptor that HANDLE (type h) names, to be closed by the caller.  -1: there is
 * none, and *error has WORDS for it.  The bus carries any number as a handle, also one that is
 * negative here, and g_unix_fd_list_get() looks at its upper bound only. */
int sg_passed_fd (GUnixFDList *fds, gint32 handle, const char *words, GError **error);
