/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What files that answer a session's calls have in common. */
#pragma once

#include "launcher/session.h"

/* How many calls of a kind may wait. */
#define MOST_WAITING 64

void sg_session_refuse (GDBusMethodInvocation *invocation, const char *words);

/* TRUE when it is too late for anything; the call has been answered. */
gboolean sg_session_is_over (SgSession *session, GDBusMethodInvocation *invocation);

/* The same where it has stopped: only commands can run then, and only once its files are shown. */
gboolean sg_session_has_stopped (SgSession *session, GDBusMethodInvocation *invocation);

/* A change of properties is sent when the loop is idle, an answer at once: whoever acts on the
 * answer would see the state of before. */
void sg_session_tell_state_first (SgSession *session);
