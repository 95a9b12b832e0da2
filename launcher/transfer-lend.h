/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Has the session show a file inside (its method Lend) while it is copied there: a client's side.
 * What the sandbox reads of it goes through the machine's file server, which is several times as fast
 * as the agent's port. */
#pragma once

#include <gio/gio.h>

/* Smaller ones are inside before the machine has got at it. */
#define SG_TRANSFER_LEND_BYTES (G_GUINT64_CONSTANT (16) * 1024 * 1024)

/* FD: a regular file, open for reading; duplicated. */
void sg_transfer_lend_async (GDBusConnection *connection, int fd, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer data);

/* Where it is inside (free with g_free()), until sg_transfer_lend_end() or until CONNECTION closes.
 * NULL: it has to go in another way. */
char *sg_transfer_lend_finish (GAsyncResult *result, GError **error);
void sg_transfer_lend_end (GDBusConnection *connection, const char *place);
