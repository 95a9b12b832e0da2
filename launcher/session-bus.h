/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may speak to the session: the holder of the descriptor that it was started with (the owner),
 * and whoever of the same user connects to the socket `control` in its directory.  Both get the
 * same object; only the owner's end is the session's end. */
#pragma once

#include "launcher/session-home.h"
#include "launcher/session1.h"

typedef struct SgBus SgBus;

typedef struct
{
  void (*owner_gone) (gpointer data);
  void (*client_gone) (GDBusConnection *connection, gpointer data);
} SgBusFuncs;

/* Serves OBJECT.  Takes OWNER_FD. */
SgBus *sg_bus_new (int owner_fd, SgSession1 *object, const SgBusFuncs *funcs, gpointer data,
                   GError **error);

/* Opens the socket in HOME. */
gboolean sg_bus_listen (SgBus *bus, SgHome *home, GError **error);

/* Closes the socket; those that are connected stay. */
void sg_bus_stop_listening (SgBus *bus);

/* Waits until everything said has been sent (at most a moment). */
void sg_bus_flush (SgBus *bus);
void sg_bus_free (SgBus *bus);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgBus, sg_bus_free)
