/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Screens, style and icons, built into the program. */
#pragma once

#include <gtk/gtk.h>

/* Makes them known to GTK, which is running.  APPEARANCE: "light", "dark", or NULL: the desktop's.
 * What is chosen in a file dialog is not noted among the desktop's recently used files. */
void sg_resources_use (const char *appearance);

/* Changes between light and dark; NULL: back to the desktop's. */
void sg_resources_set_appearance (const char *appearance);

/* A card around LIST, seen while that is.  Floating. */
GtkWidget *sg_list_card_new (GtkWidget *list);
