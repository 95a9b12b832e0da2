/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/editor-list.h"

#include "ui/editor-rows.h"

#include <glib/gi18n.h>

static void
destroy_child (GtkWidget *child, gpointer data)
{
  gtk_widget_destroy (child);
}

static void
collect_stops (GtkWidget *widget, gpointer stops)
{
  if (gtk_widget_get_can_focus (widget))
    g_ptr_array_add (stops, widget);
  if (GTK_IS_CONTAINER (widget))
    gtk_container_forall (GTK_CONTAINER (widget), collect_stops, stops);
}

/* Rows are made anew, and the keyboard stays where it was: on the same control, or on the last one. */
static void
follow (SgEditorProfile *profile, gpointer data)
{
  SgEditorList *list = data;
  GtkWidget *window = gtk_widget_get_toplevel (list->box);
  GtkWidget *focus = GTK_IS_WINDOW (window) ? gtk_window_get_focus (GTK_WINDOW (window)) : NULL;
  g_autoptr (GPtrArray) stops = g_ptr_array_new ();
  guint at = 0;
  gboolean here;

  collect_stops (list->rows, stops);
  here = focus != NULL && g_ptr_array_find (stops, focus, &at);
  gtk_container_foreach (GTK_CONTAINER (list->rows), destroy_child, NULL);
  list->fill (list);
  if (!here)
    return;
  g_ptr_array_set_size (stops, 0);
  collect_stops (list->rows, stops);
  if (stops->len == 0)
    gtk_widget_child_focus (list->footer, GTK_DIR_TAB_FORWARD);
  else
    gtk_widget_grab_focus (stops->pdata[MIN (at, stops->len - 1)]);
}

static void
list_gone (GtkWidget *widget, gpointer data)
{
  g_signal_handlers_disconnect_by_data (((SgEditorList *)data)->profile, data);
}

SgEditorList *
sg_editor_list_new (SgEditorProfile *profile, void (*fill) (SgEditorList *list))
{
  SgEditorList *list = g_new0 (SgEditorList, 1);

  list->profile = profile;
  list->fill = fill;
  list->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  list->rows = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_container_add (GTK_CONTAINER (list->box), list->rows);
  g_object_set_data_full (G_OBJECT (list->box), "list", list, g_free);
  g_signal_connect (list->box, "destroy", G_CALLBACK (list_gone), list);
  g_signal_connect (profile, "changed", G_CALLBACK (follow), list);
  return list;
}

GtkWidget *
sg_editor_list_end (SgEditorList *list, const char *title, const char *hint, GtkWidget *control)
{
  list->footer = sg_editor_row_frame (title, hint, control);
  gtk_container_add (GTK_CONTAINER (list->box), list->footer);
  gtk_widget_show (list->rows);
  gtk_widget_show (list->box);
  list->fill (list);
  return list->box;
}

guint
sg_editor_list_index (gpointer widget)
{
  return GPOINTER_TO_UINT (g_object_get_data (widget, "index"));
}

GtkWidget *
sg_editor_list_remove_button (SgEditorList *list, guint i, const char *name, GCallback removed)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("list-remove-symbolic", GTK_ICON_SIZE_BUTTON);
  g_autofree char *words = g_strdup_printf (_ ("Take %s away"), name);

  gtk_widget_set_tooltip_text (button, words);
  atk_object_set_name (gtk_widget_get_accessible (button), words);
  g_object_set_data (G_OBJECT (button), "index", GUINT_TO_POINTER (i));
  g_signal_connect (button, "clicked", removed, list);
  return button;
}

static void
add_line (SgEditorList *list)
{
  GtkWidget *line = gtk_separator_new (GTK_ORIENTATION_HORIZONTAL);

  gtk_widget_show (line);
  gtk_container_add (GTK_CONTAINER (list->rows), line);
}

GtkWidget *
sg_editor_list_add_row (SgEditorList *list, const char *name, const char *hint, GtkWidget *control,
                        GtkWidget *remove)
{
  GtkWidget *right = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *row;
  g_auto (GStrv) parts = g_strsplit (name, "_", -1);
  g_autofree char *escaped = g_strjoinv ("__", parts);

  if (control != NULL)
    gtk_container_add (GTK_CONTAINER (right), control);
  gtk_container_add (GTK_CONTAINER (right), remove);
  row = sg_editor_row_frame (escaped, hint, right);
  gtk_container_add (GTK_CONTAINER (list->rows), row);
  add_line (list);
  return row;
}

void
sg_editor_list_tell_more (SgEditorList *list, guint n)
{
  g_autofree char *words = NULL;

  if (n <= SG_EDITOR_LIST_SHOWN_MAX)
    return;
  words = g_strdup_printf (ngettext ("and %u more, which stays as it is",
                                     "and %u more, which stay as they are",
                                     n - SG_EDITOR_LIST_SHOWN_MAX),
                           n - SG_EDITOR_LIST_SHOWN_MAX);
  GtkWidget *label = gtk_label_new (words);
  gtk_widget_show (label);
  gtk_container_add (GTK_CONTAINER (list->rows), label);
}
