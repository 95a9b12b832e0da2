/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opens the profile editor: looks at the file in a thread, then shows its window, or brings to the
 * front the one that is open for it already. */
#pragma once

#include "ui/editor-window.h"
#include "ui/problem.h"

/* Told once: the editor saved to PATH (PROBLEM NULL), or could not open (PATH NULL). */
typedef void (*SgEditingDone) (const char *path, const SgProblem *problem, gpointer data);

/* PATH NULL: a new saved sandbox; with SG_EDIT_USUAL it is not looked at.  PARENT may be NULL.
 * DATA is a GObject that is kept until DONE was called or the editor is closed. */
void sg_editing_start (GtkApplication *application, GtkWindow *parent, SgEditKind kind,
                       const char *path, SgEditingDone done, gpointer data);

/* Further directories of rules for what is shown; see sg_look_new(). */
void sg_editing_set_policy_dirs (GtkApplication *application, const char *const *dirs);
const char *const *sg_editing_policy_dirs (GtkApplication *application);

/* Asks for a `.wsb` file, and edits it. */
void sg_editing_choose (GtkApplication *application, GtkWindow *parent, SgEditingDone done,
                        gpointer data);
