/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A running sandbox in the launcher's list: name, how long, *Show*, *Close*.  It goes when the
 * sandbox does.
 *
 * Signals:
 *   "due"   it has something to look at, or is shown: at once, not when it is old */
#pragma once

#include "ui/sandbox.h"

#include <gtk/gtk.h>

#define SG_TYPE_RUNNING_ROW (sg_running_row_get_type ())
G_DECLARE_FINAL_TYPE (SgRunningRow, sg_running_row, SG, RUNNING_ROW, GtkListBoxRow)

GtkWidget *sg_running_row_new (SgSandbox *sandbox);
SgSandbox *sg_running_row_get_sandbox (SgRunningRow *row);

/* Asks for its picture and memory now, and shows how long it runs. */
void sg_running_row_look (SgRunningRow *row);
/* When that is to be done again, of the monotonic clock; 0: as soon as it can be seen. */
gint64 sg_running_row_due (SgRunningRow *row);
