/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/first-picture.h"

#define DIMMED .55 /* how much of it is covered */

struct _SgFirstPicture
{
  GtkDrawingArea parent;
  GdkPixbuf *picture; /* owned; NULL: none */
};

G_DEFINE_TYPE (SgFirstPicture, sg_first_picture, GTK_TYPE_DRAWING_AREA)

/* Fills the widget, as the desktop will when it has taken the window's size. */
static gboolean
sg_first_picture_draw (GtkWidget *widget, cairo_t *cr)
{
  SgFirstPicture *self = SG_FIRST_PICTURE (widget);
  double width = gtk_widget_get_allocated_width (widget);
  double height = gtk_widget_get_allocated_height (widget);

  if (self->picture == NULL)
    return GDK_EVENT_PROPAGATE;
  cairo_save (cr);
  cairo_scale (cr, width / gdk_pixbuf_get_width (self->picture),
               height / gdk_pixbuf_get_height (self->picture));
  gdk_cairo_set_source_pixbuf (cr, self->picture, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_FAST);
  cairo_paint (cr);
  cairo_restore (cr);
  cairo_set_source_rgba (cr, 0, 0, 0, DIMMED);
  cairo_paint (cr);
  return GDK_EVENT_PROPAGATE;
}

void
sg_first_picture_set (SgFirstPicture *first, GdkPixbuf *picture)
{
  g_set_object (&first->picture, picture);
  gtk_widget_queue_draw (GTK_WIDGET (first));
}

static void
sg_first_picture_dispose (GObject *object)
{
  g_clear_object (&SG_FIRST_PICTURE (object)->picture);
  G_OBJECT_CLASS (sg_first_picture_parent_class)->dispose (object);
}

static void
sg_first_picture_class_init (SgFirstPictureClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sg_first_picture_dispose;
  GTK_WIDGET_CLASS (class)->draw = sg_first_picture_draw;
}

static void
sg_first_picture_init (SgFirstPicture *self)
{
}
