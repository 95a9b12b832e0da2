/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The person's desktop is asked while the machine starts; whoever sets things inside waits for the
 * answer, which mostly is there by then.  The program that asks stays: a desktop that changes is told
 * of again. */
#pragma once

#include "launcher/host-look.h"
#include "policies/grants.h"

typedef struct SgSessionLook SgSessionLook;

/* The program that asks; NULL where there is no desktop.  Free with g_free(). */
char *sg_session_look_program (void);

/* Has PROGRAM ask; NULL: nothing of the desktop goes inside.  CHANGED is called with DATA
 * when it has become another after it was known, at most once a second. */
SgSessionLook *
sg_session_look_new (const char *program, void (*changed) (gpointer data), gpointer data);
/* Ends the program; CHANGED is not called any more. */
void sg_session_look_free (SgSessionLook *look);

/* Whether it is granted to one that is made of a base that tells nothing of this computer
 * (ANONYMOUS), or of another. */
gboolean sg_session_look_granted (const SgGrants *grants, gboolean anonymous);

/* Calls KNOWN with DATA as soon as it is known: before this returns, where it is. */
void
sg_session_look_await (SgSessionLook *look, void (*known) (gpointer data), gpointer data);

/* NULL: nothing.  Valid as long as LOOK. */
const SgLook *sg_session_look_get (const SgSessionLook *look);
