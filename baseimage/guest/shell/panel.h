/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The panel along the lower edge: menu, open windows, the amber mark, clock, power. */
#pragma once

#include <gtk/gtk.h>

#define SG_PANEL_HEIGHT 40

typedef struct SgPanel SgPanel;

typedef struct
{
  void (*menu) (gpointer data, guint32 timestamp);
  void (*power) (gpointer data);
  void (*managed) (gpointer data); /* the window manager has come, or changed its list */
  GIcon *(*icon_of_class) (gpointer data, const char *wm_class); /* borrowed, or NULL */
  gpointer data;
} SgPanelActions;

/* Shows the panel.  sg_panel_free() takes it away. */
SgPanel *sg_panel_new (const SgPanelActions *actions);
void sg_panel_free (SgPanel *panel);

/* The panel's window. */
GtkWidget *sg_panel_window (SgPanel *panel);

/* TRUE when a window manager runs. */
gboolean sg_panel_is_managed (SgPanel *panel);

/* Shows the menu's button pressed while the menu is open. */
void sg_panel_set_menu_open (SgPanel *panel, gboolean open);
