/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One sandbox's window: "starting" until there is a desktop to see, then its screen, or the words
 * of what went wrong.  An amber frame is around all of it, also in full screen, and nothing from
 * inside can paint over it.
 *
 * Closing it discards the sandbox, after a question (question.h) where files were saved in it: then the
 * window goes at once; it comes back only when not everything
 * could be verified to be gone.
 *
 * Signal "finished": nothing is left to do, the program may end. */
#pragma once

#include "ui/leave-key.h"
#include "ui/link.h"
#include "ui/problem.h"
#include "ui/viewer-code.h"

#include <gtk/gtk.h>

#define SG_TYPE_VIEWER_WINDOW (sg_viewer_window_get_type ())
G_DECLARE_FINAL_TYPE (SgViewerWindow, sg_viewer_window, SG, VIEWER_WINDOW, GtkWindow)

/* KEEPER_FD: see keeper.h; -1: no screenshots. */
GtkWidget *sg_viewer_window_new (int keeper_fd, const SgLeaveKey *leave_key);

/* What stands there until the sandbox has drawn (first-picture.h); NULL: nothing. */
void sg_viewer_window_set_first_picture (SgViewerWindow *window, GdkPixbuf *picture);

/* The sandbox, once it can be reached; until then closing only says so (SG_VIEWER_CLOSED_EARLY). */
void sg_viewer_window_set_link (SgViewerWindow *window, SgLink *link);

/* Where its sound goes: ends of sg_sound_pair(), taken; -1: nowhere.  Before its link. */
void sg_viewer_window_set_sound (SgViewerWindow *window, int play_fd, int listen_fd);

/* Descriptor of clipboard-lock.h (taken); -1: none.  Once it has its link. */
void sg_viewer_window_watch_lock (SgViewerWindow *window, int fd);

/* Opens as large as it was (0: as always), and tells its keeper how large it is in the end.  Before
 * it is shown. */
void sg_viewer_window_remember_size (SgViewerWindow *window, int width, int height);

/* Closing it neither asks nor discards: whoever opened the sandbox does that. */
void sg_viewer_window_leave_session (SgViewerWindow *window);

/* Shows PROBLEM (copied) instead of the sandbox; closing then just closes. */
void sg_viewer_window_fail (SgViewerWindow *window, const SgProblem *problem);

/* From now on the screen may be connected, when there is one: the first bytes of a guest arrive.
 * Once, when this process is confined. */
void sg_viewer_window_connect (SgViewerWindow *window);

/* Instead of being shown: it is made, looks at the machine that waits as soon as it may connect, and
 * nothing of it is seen or heard.  "finished" when that machine goes.  Then
 * sg_viewer_window_come(): it is this window's machine. */
void sg_viewer_window_wait (SgViewerWindow *window);
void sg_viewer_window_come (SgViewerWindow *window);
gboolean sg_viewer_window_waits (SgViewerWindow *window);

/* The program's exit code, when the window has finished. */
int sg_viewer_window_get_code (SgViewerWindow *window);
