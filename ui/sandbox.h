/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One sandbox in the app's list: its session, and the viewer that shows it.  One that the app
 * opened ends with it; others are joined.
 *
 * Signals:
 *   "changed"               what the list shows has changed
 *   "over"                  once: it is gone, or about to be
 *   "problem" (SgProblem *) something the person must be told, that no window of its own can tell
 */
#pragma once

#include "ui/link.h"
#include "ui/preferences.h"
#include "ui/problem.h"
#include "ui/spare.h"

#include <gtk/gtk.h>

#define SG_TYPE_SANDBOX (sg_sandbox_get_type ())
G_DECLARE_FINAL_TYPE (SgSandbox, sg_sandbox, SG, SANDBOX, GObject)

/* Takes a ready sandbox where there is one, with the window that waits with it (SPARE; NULL: none
 * does), else starts a session, and a viewer, as PREFERENCES say.  PROFILE: a `.wsb` file that the session is to keep to; NULL: as usual.  NULL with an error
 * where the session could not even be started. */
SgSandbox *sg_sandbox_start (SgPreferences *preferences, const char *profile, SgSpare *spare,
                             GError **error);

/* The running session ID, which somebody else started: "over" follows where it does not answer. */
SgSandbox *sg_sandbox_join (SgPreferences *preferences, const char *id);

gboolean sg_sandbox_is_joined (SgSandbox *sandbox);

/* "" until known. */
const char *sg_sandbox_id (SgSandbox *sandbox);
/* Its session, valid as long as it is. */
SgLink *sg_sandbox_link (SgSandbox *sandbox);
/* As from sg_words_name(); what it is called in the list. */
const char *sg_sandbox_name (SgSandbox *sandbox);
/* "Starting the desktop", "412.0 MiB - 6 min".  Free with g_free(). */
char *sg_sandbox_describe (SgSandbox *sandbox);
/* Asks how much memory it takes; "changed" follows. */
void sg_sandbox_measure (SgSandbox *sandbox);

/* Brings its window to the front, opening one where there is none. */
void sg_sandbox_show (SgSandbox *sandbox);

/* Closes it as its window does, which is asked to where there is one; where there is none, or it
 * does not answer, the question (question.h) and *Undo* stand on OVER.  "over" when the session
 * says so. */
void sg_sandbox_close (SgSandbox *sandbox, GtkWindow *over);
