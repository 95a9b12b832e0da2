/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A session whose machine begins again while its id, its clients and its owner stay:
 *
 *   the system inside restarts     the same machine and disk; what was given to it is given again
 *                                  (settings, network, folders); a profile's steps are not run
 *                                  again, those that were still to come go on
 *   RestartClean                   another machine by the same request: all that starts a session
 *                                  is done again; the network stays as it was switched last, and
 *                                  folders that were shared are shared again
 *
 * In both, the state goes back to "booting" and every command has ended, killed. */
#pragma once

#include "launcher/netgate/control.h"
#include "launcher/session.h"

/* The object's method. */
void sg_session_again_connect (SgSession *session);

/* SgMachineFuncs.restarts */
void sg_session_again_restarts (SgSession *session);

/* Commands of the machine can run.  TRUE: it restarted inside; sg_session_run_commands() follows
 * once it has again what it had. */
gboolean sg_session_again_usable (SgSession *session);

/* After RestartClean: what the network was, not what was asked for at first. */
gboolean sg_session_again_network (SgSession *session, SgGateMode *ret_mode, char ***ret_hosts);

/* All that a start does is done: the folders of before, then sg_session_run_commands(). */
void sg_session_again_folders (SgSession *session);

/* It goes on: who asked is answered; or it does not, WHY in words. */
void sg_session_again_done (SgSession *session, const char *why);
void sg_session_again_free (SgSession *session);
