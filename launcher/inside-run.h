/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One command of the session's own inside, as root: it succeeds, or its last words say why not.
 *
 * For what is over in seconds and says little; commands of a person go through session-calls.c. */
#pragma once

#include "launcher/agent.h"

/* ARGV is run without input; one that has not ended after SECONDS is dropped, which is a failure.
 * The task's source is AGENT. */
void sg_inside_run_async (SgAgent *agent, const char *const *argv, guint seconds,
                          GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);

/* FALSE with what the command said last, safe to show. */
gboolean sg_inside_run_finish (SgAgent *agent, GAsyncResult *result, GError **error);
