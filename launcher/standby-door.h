/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The socket `standby` of a session that waits (standby.h). */
#pragma once

#include "launcher/session-home.h"
#include "launcher/standby.h"

typedef struct SgStandbyDoor SgStandbyDoor;

/* A request came, with descriptor FD (-1: none), which is taken unless the answer is no.  Once the
 * machine is taken the door is closed by whoever called. */
typedef SgStandbyAnswer (*SgStandbyRequested) (GVariant *request, int fd, gpointer data);

SgStandbyDoor *
sg_standby_door_open (SgHome *home, SgStandbyRequested requested, gpointer data, GError **error);

/* Takes the socket away, too.  Not from within the callback. */
void sg_standby_door_close (SgStandbyDoor *door);
