/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared folders, as clients of a session ask for them (org.sandglass.Session1.xml). */
#pragma once

#include "launcher/session.h"

/* The session's shares; NULL where they cannot be, which the calls then say. */
SgShares *sg_share_calls_new (SgSession *session);

/* Connects the methods. */
void sg_share_calls_connect (SgSession *session);

/* The guest can run commands: what waits is done. */
void sg_share_calls_usable (SgSession *session);
