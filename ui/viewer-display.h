/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sandbox's screen, keyboard and pointer: a SPICE client that owns no address and no network.
 *
 * Every channel gets a descriptor of its own from the session (OpenDisplay).  Only the main,
 * display, inputs and cursor channels are ever connected; files dropped on the window,
 * USB devices and smart cards do not pass; sound is viewer-sound.h's, the clipboard is the broker's (clipboard.h).
 *
 * Signals:
 *   "picture"       once a connection: there is something to look at (not the black of a machine that starts)
 *   "lost"          once a connection: the display's connection ended
 *   "grabbed" (gboolean)  whether the sandbox gets all keys
 *   "leave"         the person pressed the key that leaves
 */
#pragma once

#include "ui/clipboard.h"
#include "ui/link.h"
#include "ui/viewer-sound.h"

#include <gtk/gtk.h>

#define SG_TYPE_VIEWER_DISPLAY (sg_viewer_display_get_type ())
G_DECLARE_FINAL_TYPE (SgViewerDisplay, sg_viewer_display, SG, VIEWER_DISPLAY, GtkBin)

/* Before it is connected: who decides about the clipboard; without one, nothing passes. */
void sg_viewer_display_set_clipboard (SgViewerDisplay *display, SgClipboard *clipboard);

/* Before it is connected: where sound goes; without one, there is none. */
void sg_viewer_display_set_sound (SgViewerDisplay *display, SgViewerSound *sound);

/* Connects through LINK.  LEAVE_KEYS: SgLeaveKey's sequence. */
void sg_viewer_display_connect (SgViewerDisplay *display, SgLink *link, const char *leave_keys);

/* Gives the connection up, without a word, so that it can be connected again. */
void sg_viewer_display_reset (SgViewerDisplay *display);

/* From now on a picture that is not black is announced by "picture" (until then the machine is
 * starting, and what it draws is no desktop). */
void sg_viewer_display_expect_picture (SgViewerDisplay *display);

void sg_viewer_display_send_ctrl_alt_del (SgViewerDisplay *display);

/* Takes, where it is shown, or gives back keyboard and pointer. */
void sg_viewer_display_enter (SgViewerDisplay *display);
void sg_viewer_display_leave (SgViewerDisplay *display);
gboolean sg_viewer_display_has_focus (SgViewerDisplay *display);

/* The picture as it is now; NULL: there is none.  Free with g_object_unref(). */
GdkPixbuf *sg_viewer_display_snapshot (SgViewerDisplay *display);
