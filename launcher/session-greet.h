/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From "the machine runs" to "commands may run": greet the agent, then make this machine different
 * from every other one before any code of the person runs in it. */
#pragma once

#include "launcher/agent.h"

/* hello, clock, entropy, identity; in that order.  ID: the session's. */
void sg_greet_async (SgAgent *agent, const char *id, GCancellable *cancellable,
                     GAsyncReadyCallback callback, gpointer data);
/* The same for one that was greeted before and has waited: clock and entropy. */
void sg_greet_again_async (SgAgent *agent, GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer data);

/* The same for one that has booted again: hello, clock and entropy.  Who it is, it has on its disk.
 */
void sg_greet_restarted_async (SgAgent *agent, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer data);

/* For all. */
gboolean sg_greet_finish (SgAgent *agent, GAsyncResult *result, GError **error);
