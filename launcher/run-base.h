/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes sure that there is a base before a sandbox starts. */
#pragma once

#include <gio/gio.h>

/* Builds the base when there is none or it is broken, with progress on stderr; says when it no
 * longer matches the computer (`quiet`: does not).  Runs the default main context meanwhile. Errors
 * as sg_base_build(), G_IO_ERROR_CANCELLED among them. */
gboolean sg_run_ensure_base (gboolean quiet, GCancellable *cancellable, GError **error);

/* After a session told that there is no good template: another one is made in the background
 * (base-behind.h), and that is said unless `quiet`. */
void sg_run_renew_template (gboolean quiet);
