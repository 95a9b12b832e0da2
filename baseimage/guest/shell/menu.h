/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The menu of programs: a window above the panel with a search line, categories and programs. */
#pragma once

#include <gtk/gtk.h>

typedef struct SgMenu SgMenu;

/* POWER (DATA) is called when "Close this sandbox" is chosen.  Free with sg_menu_free(). */
SgMenu *sg_menu_new (void (*power) (gpointer data), gpointer data);
void sg_menu_free (SgMenu *menu);

/* Reads the programs' files, when that was not done yet.  Needs no display. */
void sg_menu_read (SgMenu *menu);

/* Reads the programs and builds the window without showing it, so that the first opening after a
 * clone finds all of it in memory. */
void sg_menu_prepare (SgMenu *menu);

/* The icon of the program whose windows have this class; NULL when there is none or the programs
 * are not read yet.  Borrowed. */
GIcon *sg_menu_icon_of_class (SgMenu *menu, const char *wm_class);

/* Opens the menu, or closes it when it is open.  SHOWN (widget, open) tells the panel's button. */
void sg_menu_toggle (SgMenu *menu, guint32 timestamp);
void sg_menu_on_shown (SgMenu *menu, void (*shown) (gpointer data, gboolean open), gpointer data);
