/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The person's desktop is asked while the machine starts; whoever sets things inside waits for the
 * answer, which mostly is there by then. */
#pragma once

#include "launcher/host-look.h"
#include "policies/grants.h"

typedef struct SgSessionLook SgSessionLook;

/* Asks, unless it is not WANTED: then nothing of the desktop goes inside. */
SgSessionLook *sg_session_look_new (gboolean wanted);
void sg_session_look_free (SgSessionLook *look);

/* Whether it is granted to one that is made of a base that tells nothing of this computer
 * (ANONYMOUS), or of another. */
gboolean sg_session_look_granted (const SgGrants *grants, gboolean anonymous);

/* Calls KNOWN with DATA as soon as it is known: before this returns, where it is. */
void
sg_session_look_await (SgSessionLook *look, void (*known) (gpointer data), gpointer data);

/* NULL: nothing.  Valid as long as LOOK. */
const SgLook *sg_session_look_get (const SgSessionLook *look);
