/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processors and memory that were plugged into a clone are the guest's to take into use; this waits
 * until it has. */
#pragma once

#include "launcher/agent.h"

/* CPUS and MEMORY_MB: what there will be in all.  AGENT must have been greeted.  Fails when the
 * guest does not get there within seconds: what it has then is what it has. */
void sg_clone_settle_async (SgAgent *agent, guint cpus, guint memory_mb, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer data);
/* For a machine that is to wait: has it do once what every first command does, so that the real one
 * finds it done. */
void sg_clone_warm_async (SgAgent *agent, GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer data);

/* For both. */
gboolean sg_clone_settle_finish (SgAgent *agent, GAsyncResult *result, GError **error);
