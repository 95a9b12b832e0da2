/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A person pastes: Ctrl+V, Ctrl+Shift+V, Shift+Insert, the middle button, in the sandbox's screen.
 *
 * Nothing is announced inside before such a gesture; so the gesture itself has to wait until the
 * clip is there, and everything typed or clicked after it too, in order.  It waits for
 * sg_clip_gesture_go_on(), and not for longer than a second.
 *
 * Only what a person does counts: an event that another program made up (XSendEvent) is none. */
#pragma once

#include <gtk/gtk.h>

typedef struct _SgClipGesture SgClipGesture;

/* SELECTION: GDK_SELECTION_CLIPBOARD or _PRIMARY.  TRUE: input waits for sg_clip_gesture_go_on(). */
typedef gboolean (*SgClipGestureFunc) (GdkAtom selection, gpointer data);

/* Watches SCREEN, which it keeps alive. */
SgClipGesture *sg_clip_gesture_new (GtkWidget *screen, SgClipGestureFunc func, gpointer data);
void sg_clip_gesture_free (SgClipGesture *gesture);

/* The gesture itself is forgotten: what it meant has been done.  The rest is passed on. */
void sg_clip_gesture_drop (SgClipGesture *gesture);

/* Whatever waited is passed on now. */
void sg_clip_gesture_go_on (SgClipGesture *gesture);
