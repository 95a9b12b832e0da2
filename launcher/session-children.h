/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processes beside the supervisor and what they are joined by: who holds which end of which
 * socket pair is told here and nowhere else. */
#pragma once

#include "launcher/agent.h"
#include "launcher/console.h"
#include "launcher/plan.h"
#include "launcher/qmp.h"
#include "launcher/session-notices.h"
#include "launcher/spawn.h"

enum
{
  SG_CHILD_QEMU,
  SG_CHILD_NBDKIT,
  SG_CHILD_RELAY,
  SG_N_CHILDREN
};

typedef struct
{
  SgChild *children[SG_N_CHILDREN];
  SgConsole *said[SG_N_CHILDREN]; /* their standard errors */
  SgConsole *console;             /* of the guest */
  SgFileNotices *notices;         /* of nbdkit */
  SgQmp *qmp;
  SgAgent *agent;
} SgChildren;

typedef struct
{
  SgChildEnded ended;
  SgFileNoticesFunc notice;
  gpointer data;        /* for `ended` */
  gpointer notice_data; /* for `notice` */
} SgChildrenFuncs;

/* Starts all, QEMU stopped.  C is zeros before; sg_children_kill() and sg_children_clear() are the
 * caller's also when this fails.  FUNCS is not kept. */
gboolean sg_children_start (SgChildren *c, const SgPlan *plan, const char *id,
                            const SgChildrenFuncs *funcs, GError **error);

/* Another relay in place of one that has ended, for an agent's port whose other end QEMU has got:
 * PORT stays the caller's.  C's agent, which is broken, is connected again. */
gboolean sg_children_start_relay (SgChildren *c, const SgPlan *plan, int port,
                                  const SgChildrenFuncs *funcs, GError **error);
void sg_children_kill (SgChildren *c);

/* Forgets them; does not wait. */
void sg_children_clear (SgChildren *c);
