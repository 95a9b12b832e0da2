/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The app's window: looks at the copy of this computer, makes it ready where it is missing, opens
 * sandboxes, lists those that run.
 *
 * Pages: "looking" -> "first" (no copy yet) -> "progress" -> "home"; "problem" from any of them.
 *
 * Signal "open": a sandbox is wanted, and the copy is there. */
#pragma once

#include "ui/problem.h"
#include "ui/running.h"

#include <gtk/gtk.h>

#define SG_TYPE_LAUNCHER_WINDOW (sg_launcher_window_get_type ())
G_DECLARE_FINAL_TYPE (SgLauncherWindow, sg_launcher_window, SG, LAUNCHER_WINDOW,
                      GtkApplicationWindow)

/* Lists what is RUNNING, others' sandboxes too, as long as it is open. */
GtkWidget *sg_launcher_window_new (GtkApplication *application, SgRunning *running);

/* Shows PROBLEM (copied) until the person goes back. */
void sg_launcher_window_tell (SgLauncherWindow *window, const SgProblem *problem);

/* Says for a moment that NAME is being opened. */
void sg_launcher_window_opening (SgLauncherWindow *window, const char *name);

/* Opens a sandbox as soon as it is known that the copy of this computer is there; where it is not,
 * the page that makes it is shown, and the sandbox opens after it. */
void sg_launcher_window_open_when_ready (SgLauncherWindow *window);
