/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may speak to the session: the holder of the descriptor that it was started with (the owner),
 * whoever of the same user connects to the socket `control` in its directory, and the window that
 * waits with a machine that was woken ahead (standby.h).  All get the same object; only the owner's
 * end is the session's end. */
#pragma once

#include "launcher/session-home.h"
#include "launcher/session1.h"

typedef struct SgBus SgBus;

typedef struct
{
  void (*owner_gone) (gpointer data);
  void (*client_gone) (GDBusConnection *connection, gpointer data);
} SgBusFuncs;

/* Serves OBJECT to whom is added. */
SgBus *sg_bus_new (SgSession1 *object, const SgBusFuncs *funcs, gpointer data);

/* Takes FD, a stream socket: who is at its other end authenticates, and is served. */
gboolean sg_bus_add (SgBus *bus, int fd, gboolean is_owner, GError **error);

/* Whoever is connected, or about to be, is not any more.  While there is no owner, and before
 * sg_bus_listen(). */
void sg_bus_drop_all (SgBus *bus);

/* Opens the socket in HOME. */
gboolean sg_bus_listen (SgBus *bus, SgHome *home, GError **error);

/* Closes the socket; those that are connected stay. */
void sg_bus_stop_listening (SgBus *bus);

/* Waits until everything said has been sent (at most a moment). */
void sg_bus_flush (SgBus *bus);
void sg_bus_free (SgBus *bus);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgBus, sg_bus_free)
