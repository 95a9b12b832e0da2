/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fewer processors than the template has.  They are taken out of the machine while nobody but us
 * has run anything in it, so that its system lets go of them; QEMU then has no thread for them any
 * more, and whoever is root inside later has no way to bring them back. */
#pragma once

#include "launcher/qmp-steps.h"

/* QMP's machine must run, and has CPUS at the end.  G_IO_ERROR_TIMED_OUT where the system inside
 * keeps one; then throw this machine away and boot cold. */
void sg_clone_shrink_async (SgQmp *qmp, guint cpus, SgQmpStepsTrace trace, gpointer trace_data,
                            GCancellable *cancellable, GAsyncReadyCallback callback,
                            gpointer data);
gboolean sg_clone_shrink_finish (SgQmp *qmp, GAsyncResult *result, GError **error);
