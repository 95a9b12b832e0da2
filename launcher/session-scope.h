/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A scope of systemd's user manager for the session: no swap for what is in it, one place to see
 * and to end it.  Where there is no such manager, the session works all the same. */
#pragma once

#include <gio/gio.h>

/* Moves this process into a scope of its own; what it starts later is in there, too.  ID: the
 * session's.  Takes some 20 ms, SG_SCOPE_MSEC at most. */
#define SG_SCOPE_MSEC 400
void sg_scope_enter_async (const char *id, GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer data);

/* FALSE with an error where there is none: nothing that a person need hear of. */
gboolean sg_scope_enter_finish (GAsyncResult *result, GError **error);
