/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Discarded. Undo": the small window that stands for some seconds where a sandbox's window was.
 * By keyboard: Enter takes it back, Escape lets it go.
 *
 * Signal "decided" (gboolean undo): once; FALSE also when the time is over. */
#pragma once

#include <gtk/gtk.h>

#define SG_UNDO_SECONDS 10

#define SG_TYPE_UNDO (sg_undo_get_type ())
G_DECLARE_FINAL_TYPE (SgUndo, sg_undo, SG, UNDO, GtkWindow)

/* Shown at the lower edge of the monitor that OVER is on (NULL: anywhere).  Destroy it when it has decided. */
GtkWidget *sg_undo_new (GtkWindow *over);
