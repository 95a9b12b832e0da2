/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Saved": the .wsb files in $XDG_CONFIG_HOME/sandglass.  Hidden while there are none.
 *
 * Signal "open" (char *): the path of the one that the person wants. */
#pragma once

#include <gtk/gtk.h>

#define SG_TYPE_SAVED_LIST (sg_saved_list_get_type ())
G_DECLARE_FINAL_TYPE (SgSavedList, sg_saved_list, SG, SAVED_LIST, GtkBox)

/* Looks again which there are. */
void sg_saved_list_refresh (SgSavedList *list);
