/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Discarded. Undo": a sandbox whose window was closed stands still for some seconds, in which a
 * person can think better of it; then it is thrown away.
 *
 *   running --Pause(n)--> paused --Resume--> running
 *                           `----- n seconds later, or the window's program gone --> discarded
 *
 * The seconds are the session's own, so that a window that dies does not leave a machine behind.
 *
 * A machine also stands still while this computer sleeps; its clock is set right after either. */
#pragma once

#include "launcher/session.h"

#define SG_PAUSE_SECONDS_MAX 60

/* Connects the methods, and watches this computer's clock. */
void sg_session_pause_connect (SgSession *session);

/* Whether CLIENT paused it, and is gone now: then it is thrown away. */
void sg_session_pause_client_gone (SgSession *session, GDBusConnection *client);
