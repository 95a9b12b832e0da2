/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine that stopped unexpectedly, and what can still be saved of it.
 *
 *   RUNNING -> STOPPED      the machine is thrown away; its nameless disk and the disk's key stay;
 *                           likewise where a restart inside does not come up again
 *   Rescue                  once none of its processes is left, a machine boots from that disk
 *                           without a display, network, folder or device, as after a power cut.
 *                           Then commands can run, so that files come out by the one door
 *   STOPPED -> ENDING       a person is done with it, or the last window is gone
 *
 * There is no way back to RUNNING.  Only where a window is open, which can say so and offer it, and
 * where saving files is allowed: everything else ends as before. */
#pragma once

#include "launcher/session.h"

/* Whether the disk would be kept, should the machine stop now. */
gboolean sg_session_rescue_keeps (SgSession *session);

/* The machine is over (SgMachineFuncs.ended), by WHY.  FALSE: nothing is kept. */
gboolean sg_session_rescue_stops (SgSession *session, const char *why);

/* Whether commands can run in the machine that shows the disk. */
gboolean sg_session_rescue_is_usable (const SgSession *session);

/* A client is gone: ends what nobody looks at any more. */
void sg_session_rescue_client_gone (SgSession *session);

/* The session ends: whoever waits is told WHY.  Then, after the machine, what is left is freed. */
void sg_session_rescue_done (SgSession *session, const char *why);
void sg_session_rescue_free (SgSession *session);

/* Connects the object's method. */
void sg_session_rescue_connect (SgSession *session);
