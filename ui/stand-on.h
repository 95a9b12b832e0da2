/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The windows of other processes that belong to the viewer's: its number goes over, they stand on
 * it. Where windows have no numbers (Wayland) nothing is said, and they stand alone. */
#pragma once

#include <gtk/gtk.h>

/* The X number of the window that WIDGET is in; 0: it has none. */
guint32 sg_window_number (GtkWidget *widget);

/* WINDOW, realized, stands on the window of NUMBER; 0: on none. */
void sg_window_stand_on (GtkWidget *window, guint32 number);

/* The same for one that is not realized yet, and Escape closes it. */
void sg_window_accompany (GtkWidget *window, guint32 number);
