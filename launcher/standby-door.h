/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The socket `standby` of a session that waits (standby.h). */
#pragma once

#include "launcher/session-home.h"

typedef struct SgStandbyDoor SgStandbyDoor;

/* A request came.  OWNER_FD is taken when TRUE is returned: then the door is closed by whoever
 * called.  "end" has no descriptor (-1). */
typedef gboolean (*SgStandbyRequested) (GVariant *request, int owner_fd, gpointer data);

SgStandbyDoor *
sg_standby_door_open (SgHome *home, SgStandbyRequested requested, gpointer data, GError **error);

/* Takes the socket away, too.  Not from within the callback. */
void sg_standby_door_close (SgStandbyDoor *door);
