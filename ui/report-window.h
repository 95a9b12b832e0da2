/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Report a Problem": shows the text of `sandglass report`, so that a person reads what would be
 * told before it goes anywhere; *Copy* and *Save…*.  Nothing is sent from here. */
#pragma once

#include <gtk/gtk.h>

/* DETAILS: of a problem that was shown, put in front; NULL: none.  PARENT may be NULL.  SANDBOXES:
 * SgSandbox that run; a person chooses which one is told about, beside the computer. */
GtkWidget *sg_report_window_new (GtkWindow *parent, const char *details, GListModel *sandboxes);
