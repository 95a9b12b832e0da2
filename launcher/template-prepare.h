/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From "the desktop is ready" to a saved template: what every clone would do first is done once,
 * then the machine must come to rest. */
#pragma once

#include "launcher/agent.h"
#include "launcher/template.h"

/* `process`: QEMU or its bubblewrap; what it and its children use of the processor tells when the
 * machine is at rest.  AGENT must have been greeted; no other command may run. */
void sg_template_prepare_async (SgTemplateDraft *draft, SgAgent *agent, SgQmp *qmp, pid_t process,
                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer data);
gboolean sg_template_prepare_finish (SgAgent *agent, GAsyncResult *result, GError **error);

/* Processor time that PROCESS and all its descendants have used, in microseconds; 0 once it is
 * gone. */
gint64 sg_template_cpu_usec (pid_t process);
