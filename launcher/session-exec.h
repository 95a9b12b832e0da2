/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands that clients run: Exec, Signal, Resize of a session. */
#pragma once

#include "launcher/session.h"

void sg_session_exec_connect (SgSession *session);

/* Those that wait for the guest are run; or told WHY not. */
void sg_session_exec_usable (SgSession *session);
void sg_session_exec_fail (SgSession *session, const char *why);

/* All that run have ended, and are told WHY. */
void sg_session_exec_end (SgSession *session, const char *why);

/* Its client's commands are dropped. */
void sg_session_exec_client_gone (SgSession *session, GDBusConnection *connection);
