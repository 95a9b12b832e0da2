/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/stand-on.h"

#ifdef GDK_WINDOWING_X11
#include <gdk/gdkx.h>
#endif

guint32
sg_window_number (GtkWidget *widget)
{
#ifdef GDK_WINDOWING_X11
  GdkWindow *window = gtk_widget_get_window (gtk_widget_get_toplevel (widget));

  if (window != NULL && GDK_IS_X11_WINDOW (window))
    return (guint32)GDK_WINDOW_XID (window);
#endif
  return 0;
}

void
sg_window_stand_on (GtkWidget *window, guint32 number)
{
#ifdef GDK_WINDOWING_X11
  GdkWindow *ours = gtk_widget_get_window (window);

  if (number != 0 && GDK_IS_X11_WINDOW (ours))
    XSetTransientForHint (GDK_WINDOW_XDISPLAY (ours), GDK_WINDOW_XID (ours), number);
#endif
}

static gboolean
on_key (GtkWidget *widget, GdkEventKey *event, gpointer data)
{
  if (event->keyval != GDK_KEY_Escape)
    return GDK_EVENT_PROPAGATE;
  gtk_window_close (GTK_WINDOW (widget));
  return GDK_EVENT_STOP;
}

static void
on_realize (GtkWidget *window, gpointer number)
{
  sg_window_stand_on (window, GPOINTER_TO_UINT (number));
}

void
sg_window_accompany (GtkWidget *window, guint32 number)
{
  g_signal_connect (window, "key-press-event", G_CALLBACK (on_key), NULL);
  g_signal_connect (window, "realize", G_CALLBACK (on_realize), GUINT_TO_POINTER (number));
}
