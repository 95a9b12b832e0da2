/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The editor's lists: folders (also dropped ones), sites, and commands at the start.  Each row says
 * what the administrator does not allow of it, and why. */
#pragma once

#include "ui/editor-profile.h"

#include <gtk/gtk.h>

/* Floating; they follow PROFILE. */
GtkWidget *sg_editor_folders_new (SgEditorProfile *profile);
GtkWidget *sg_editor_hosts_new (SgEditorProfile *profile);
GtkWidget *sg_editor_places_new (SgEditorProfile *profile);
GtkWidget *sg_editor_commands_new (SgEditorProfile *profile);

/* Adds the folders among URIS to PROFILE; says on LIST (from sg_editor_folders_new()) what is none.
 */
void sg_editor_folders_drop (GtkWidget *list, char *const *uris);
