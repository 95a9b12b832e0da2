/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pictures: programs' icons from the icon theme, and what is drawn where there is none. */
#pragma once

#include <gtk/gtk.h>

/* The picture for GICON (or NULL) at SIZE logical pixels; a coloured tile with the first letter of
 * NAME when the theme has none or it cannot be read.  Never NULL; cairo_surface_destroy(). */
cairo_surface_t *sg_icon_surface (GIcon *gicon, const char *name, int size, GtkWidget *for_widget);

/* PIXBUF scaled down to SIZE. */
cairo_surface_t *sg_icon_from_pixbuf (GdkPixbuf *pixbuf, int size, GtkWidget *for_widget);

/* Our own signs, drawn as lines in the widget's text colour: they cost no file, no SVG library and
 * no look into the icon theme. */
typedef enum
{
  SG_SIGN_HOURGLASS,
  SG_SIGN_POWER,
  SG_SIGN_SEARCH
} SgSign;

/* A widget of SIZE x SIZE that shows SIGN; without a name for screen readers (its button has it).
 */
GtkWidget *sg_sign_new (SgSign sign, int size);
