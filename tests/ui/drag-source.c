/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A window from which files can be dragged: drag-source URI...  For tests of drops. */
#include <gtk/gtk.h>

static void
give (GtkWidget *widget, GdkDragContext *context, GtkSelectionData *selection, guint info,
      guint time, gpointer uris)
{
  gtk_selection_data_set_uris (selection, uris);
}

int
main (int argc, char **argv)
{
  GtkWidget *window, *box;

  gtk_init (&argc, &argv);
  window = gtk_window_new (GTK_WINDOW_TOPLEVEL);
  box = gtk_event_box_new ();
  gtk_window_set_title (GTK_WINDOW (window), "A file manager");
  gtk_window_set_default_size (GTK_WINDOW (window), 120, 80);
  gtk_window_move (GTK_WINDOW (window), 1140, 780);
  gtk_container_add (GTK_CONTAINER (box), gtk_label_new ("drag me"));
  gtk_container_add (GTK_CONTAINER (window), box);
  gtk_drag_source_set (box, GDK_BUTTON1_MASK, NULL, 0, GDK_ACTION_COPY);
  gtk_drag_source_add_uri_targets (box);
  g_signal_connect (box, "drag-data-get", G_CALLBACK (give), argv + 1);
  g_signal_connect (window, "destroy", G_CALLBACK (gtk_main_quit), NULL);
  gtk_widget_show_all (window);
  gtk_main ();
  return 0;
}
