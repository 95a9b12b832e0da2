/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a sandbox that is on its own ends with (Lifetime of a profile): its last window, its
 * commands, or that nobody has used it for a while.
 *
 * One that has an owner ends with the owner in any case; this can only end it earlier.  Used is: a
 * command runs, or a window is open.  A window that tells when it is used (the method Used) counts
 * only then; one that never does, always: work that is on the screen is not thrown away because a
 * client is old. */
#pragma once

#include "policies/grants.h"

/* How long the last window may be away until it counts as closed: a viewer that is started anew. */
#define SG_LIFETIME_WINDOW_SEC 10

typedef struct
{
  SgLifetime lifetime;
  gboolean asked; /* for it; what is only the default ends nothing that was told to stay */
  guint idle_minutes;
} SgLifetimeRule;

/* What is going on. */
typedef struct
{
  guint commands;      /* that run, steps too */
  gboolean has_run;    /* any command has run */
  guint windows;       /* that are open */
  gboolean had_window; /* any was open */
  guint silent;        /* of `windows`, those that never told of use */
  gint64 last_used;    /* monotonic microseconds: last change of the above, or Used() */
} SgLifetimeFacts;

SgLifetimeRule sg_lifetime_rule (const SgGrants *grants);

/* Why it is over, in words (static); NULL: it is not. */
const char *sg_lifetime_over (const SgLifetimeRule *rule, const SgLifetimeFacts *facts, gint64 now);

/* Seconds until it is worth looking again, if nothing happens; 0: never. */
guint sg_lifetime_look (const SgLifetimeRule *rule);
