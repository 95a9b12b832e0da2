/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sandbox window's bar: an amber "Sandbox", the network, the name, a menu, Close.  The window
 * has two: its title bar, and one that slides in at the upper edge in full screen.
 *
 * Actions used: view.close, view.fullscreen, view.screenshot, view.ctrl-alt-del,
 * view.save-files, view.usb, view.network, view.mute, view.microphone. */
#pragma once

#include "ui/usb-facts.h"
#include "ui/viewer-network.h"
#include "ui/viewer-sound.h"

#include <gtk/gtk.h>

#define SG_TYPE_VIEWER_BAR (sg_viewer_bar_get_type ())
G_DECLARE_FINAL_TYPE (SgViewerBar, sg_viewer_bar, SG, VIEWER_BAR, GtkHeaderBar)

GtkWidget *sg_viewer_bar_new (gboolean for_full_screen);

/* NAME as from sg_words_name(). */
void sg_viewer_bar_set_name (SgViewerBar *bar, const char *name);

/* The globe: what NETWORK says now; none where it says nothing. */
void sg_viewer_bar_show_network (SgViewerBar *bar, SgViewerNetwork *network);

/* The button for USB devices where they are granted, and the light of a camera. */
void sg_viewer_bar_show_usb (SgViewerBar *bar, const SgUsbLight *light);

/* The globe, on which a list of what was contacted stands. */
GtkWidget *sg_viewer_bar_network_button (SgViewerBar *bar);

/* The loudspeaker, where there is something to hear; and the light while the sandbox listens. */
void sg_viewer_bar_show_sound (SgViewerBar *bar, SgViewerSound *sound);

/* Puts the keyboard into the bar. */
void sg_viewer_bar_focus (SgViewerBar *bar);

/* Whether one of its menus is open. */
gboolean sg_viewer_bar_is_busy (SgViewerBar *bar);
