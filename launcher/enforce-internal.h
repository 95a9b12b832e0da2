/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of a session's grants share: enforce-session.c (grants, steps), -settings.c (what is so inside before
 * anything of the person runs), -folders.c, -lifetime.c. */
#pragma once

#include "launcher/enforce-session.h"
#include "launcher/session-look.h"
#include "launcher/session-print.h"
#include "launcher/session.h"

struct SgEnforce
{
  SgSession *session;
  const SgAsk *ask;
  char *stamp; /* of the rules, as they were read */
  SgGranted *granted;
  SgSteps *steps;
  gboolean started, stepped; /* the steps */
  gboolean desktop;          /* it is there */
  guint folders;             /* that are being shared */
  SgPrint *print;            /* or NULL */
  void (*then) (SgSession *session);
  SgLifetimeRule rule;
  SgLifetimeFacts facts;
  GHashTable *windows; /* GDBusConnection (owned) -> whether it tells of use */
  guint commands;      /* of clients */
  guint look;
  SgSessionLook *desktop_look; /* the person's; NULL: not asked yet */
  gboolean look_told;          /* it is inside: what changes is told again */
};

/* Shares the profile's folders, then calls sg_enforce_folders_given(). */
void sg_enforce_give_folders (SgEnforce *enforce);
void sg_enforce_folders_given (SgEnforce *enforce);

/* All is as granted: calls THEN of who waits for that, once. */
void sg_enforce_set_up (SgEnforce *enforce);

/* Something has changed that the lifetime hangs on. */
void sg_enforce_lifetime_changed (SgEnforce *enforce);
