/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sandbox window's bar: an amber "Sandbox", the name, a menu, Close.  The window has two: its
 * title bar, and one that slides in at the upper edge in full screen.
 *
 * Actions used: view.close, view.fullscreen, view.screenshot, view.ctrl-alt-del. */
#pragma once

#include <gtk/gtk.h>

#define SG_TYPE_VIEWER_BAR (sg_viewer_bar_get_type ())
G_DECLARE_FINAL_TYPE (SgViewerBar, sg_viewer_bar, SG, VIEWER_BAR, GtkHeaderBar)

GtkWidget *sg_viewer_bar_new (gboolean for_full_screen);

/* NAME as from sg_words_name(). */
void sg_viewer_bar_set_name (SgViewerBar *bar, const char *name);

/* Puts the keyboard into the bar. */
void sg_viewer_bar_focus (SgViewerBar *bar);

/* Whether its menu is open. */
gboolean sg_viewer_bar_is_busy (SgViewerBar *bar);
