/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A sequence of monitor commands, each begun when the one before it has succeeded.
 *
 *   SgQmpSteps *steps = sg_qmp_steps_new ();
 *   sg_qmp_steps_call (steps, "stop", NULL);
 *   sg_qmp_steps_call (steps, "migrate", sg_qmp_args ("{'uri': <'fd:state'>}"));
 *   sg_qmp_steps_await (steps, "MIGRATION", "status", "completed", "failed");
 *   sg_qmp_steps_run_async (steps, qmp, NULL, NULL, done, data);
 *
 * The first failure ends it; commands that were done before stay done. */
#pragma once

#include "launcher/qmp.h"

typedef struct SgQmpSteps SgQmpSteps;

SgQmpSteps *sg_qmp_steps_new (void);
void sg_qmp_steps_free (SgQmpSteps *steps);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgQmpSteps, sg_qmp_steps_free)

/* `arguments` is consumed, or NULL. */
void sg_qmp_steps_call (SgQmpSteps *steps, const char *command, JsonNode *arguments);

/* With a descriptor: duplicated here, the caller keeps its own. */
void sg_qmp_steps_call_fd (SgQmpSteps *steps, const char *command, JsonNode *arguments, int fd);

/* With a secret, see sg_qmp_call_secret_async().  `secret` must stay until the run has ended. */
void sg_qmp_steps_call_secret (SgQmpSteps *steps, const char *command, JsonNode *arguments,
                               const char *secret);

/* A command that may fail: one that tidies up, or that only some QEMU know. */
void sg_qmp_steps_try (SgQmpSteps *steps, const char *command, JsonNode *arguments);

/* "blockdev-create" with OPTIONS (consumed), until its job has concluded well and is dismissed. */
void sg_qmp_steps_create (SgQmpSteps *steps, JsonNode *options);

/* Waits for an event whose MEMBER is GOOD; BAD (or NULL) fails the run.  One that came while the
 * command before was still under way counts. */
void sg_qmp_steps_await (SgQmpSteps *steps, const char *event, const char *member, const char *good,
                         const char *bad);

/* Puts all steps of MORE (consumed) behind those of STEPS. */
void sg_qmp_steps_append (SgQmpSteps *steps, SgQmpSteps *more);

/* Consumes STEPS.  `trace`, if any, is told how long each took. */
typedef void (*SgQmpStepsTrace) (const char *step, gint64 usec, gpointer data);
void sg_qmp_steps_run_async (SgQmpSteps *steps, SgQmp *qmp, SgQmpStepsTrace trace,
                             gpointer trace_data, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer data);
gboolean sg_qmp_steps_run_finish (SgQmp *qmp, GAsyncResult *result, GError **error);
