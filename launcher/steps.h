/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands of a profile (LogonCommand): run one after the other, each with its log and its exit
 * code.  One that fails does not keep the next from running, and is told.
 *
 * A log is held in memory, the last SG_STEP_LOG bytes of it, and goes with the session.  What a
 * command writes is a stranger's: it is handed on as bytes. */
#pragma once

#include "launcher/agent.h"
#include "policies/grants.h"

#define SG_STEP_LOG (64u * 1024)

typedef struct SgSteps SgSteps;

typedef struct
{
  /* Something has changed: sg_steps_json(). */
  void (*changed) (gpointer data);
  /* N from 1, of all: it runs now. */
  void (*runs) (guint n, guint all, const char *command, gpointer data);
  /* For a person: a step that failed, or that was not allowed. */
  void (*notice) (const char *message, gpointer data);
  /* Once, also when there were none. */
  void (*done) (gpointer data);
} SgStepsFuncs;

/* The steps of GRANTS, none of which runs yet; PROGRAM: the profile's program is the last of them,
 * where it has one.  FUNCS stays the caller's. */
SgSteps *sg_steps_new (const SgGrants *grants, gboolean program, const SgStepsFuncs *funcs,
                       gpointer data);

/* Is the last of them the profile's program?  And does that run now? */
gboolean sg_steps_program (const SgSteps *steps);
gboolean sg_steps_program_runs (const SgSteps *steps);

/* Stops telling anything; what runs inside is the machine's to end. */
void sg_steps_free (SgSteps *steps);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgSteps, sg_steps_free)

/* Runs them; once. */
void sg_steps_start (SgSteps *steps, SgAgent *agent);

/* After the agent's connection was over and there is a new one: the step that ran then has ended;
 * runs those that were still to come. */
void sg_steps_go_on (SgSteps *steps);

gboolean sg_steps_running (const SgSteps *steps);
guint sg_steps_count (const SgSteps *steps);

/* An array, in order: { "command", "user", "state": "waiting", "running", "ended", "not-allowed",
 * "failed-to-start", "exit-code" (128+n for signal n), "reason" (not allowed: why; not run: what
 * was wrong) }.  Free with g_free(). */
char *sg_steps_json (const SgSteps *steps);

/* What step N (from 0) has written so far, both streams as they came; NULL: no such step. */
GBytes *sg_steps_log (const SgSteps *steps, guint n);
