/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A sandbox's way into the switch between one user's sandboxes (netgate/switch.h).
 *
 * The switch is a process of whichever session came first: that one listens in its own directory,
 * at `switch`, and hands each stream that comes from its own user to the process, unread.  Who
 * looks for the switch, or becomes it, holds a lock on the directory of all sessions, so that there
 * are never two.  When the switch or its session ends, everybody's stream ends, and everybody looks
 * again: the first of them becomes the next, and each asks for the address it had. */
#pragma once

#include "launcher/plan.h"

typedef struct SgPrivate SgPrivate;

typedef struct
{
  /* STREAM: frames from here on; open during the call only.  Called after each sg_private_join(),
   * unless it failed. */
  void (*joined) (int stream, const char *address, gpointer data);
  void (*failed) (const char *why, gpointer data);
} SgPrivateFuncs;

/* HOME: the session's own directory, called by its id.  MAC: of the guest's card.  All but MAC must
 * outlive it. */
SgPrivate *sg_private_new (const SgPlan *plan, const char *home, const char *mac,
                           const SgPrivateFuncs *funcs, gpointer data);

/* Ends the switch, too, where it is ours. */
void sg_private_free (SgPrivate *member);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgPrivate, sg_private_free)

/* Looks for the switch, again where the stream has ended.  Answers later. */
void sg_private_join (SgPrivate *member);

/* Waits for no answer any more (whom it would be for is gone).  The switch, where it is ours,
 * stays, and the address that it had is asked for when it joins again. */
void sg_private_leave (SgPrivate *member);

/* The addresses of each family that it has, or had last; NULL before. */
const char *sg_private_address (const SgPrivate *member);
const char *sg_private_address6 (const SgPrivate *member);
