/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The saved sandboxes of this person: the `.wsb` files in $XDG_CONFIG_HOME/sandglass, as cards;
 * hidden while there are none.  Copies, shortcuts and deletions (with *Undo*) are made here.
 *
 * Signals:
 *   "open" (path)             one was chosen
 *   "edit" (path)             one is to be edited
 *   "failed" (SgProblem *)    something could not be done */
#pragma once

#include <gtk/gtk.h>

#define SG_TYPE_SAVED_LIST (sg_saved_list_get_type ())
G_DECLARE_FINAL_TYPE (SgSavedList, sg_saved_list, SG, SAVED_LIST, GtkBox)

/* Looks at the files again; cheap when nothing has changed, and nothing blocks. */
void sg_saved_list_refresh (SgSavedList *list);
