/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/editor-rows.h"

static GtkWidget *
make_label (const char *text, const char *class)
{
  GtkWidget *label = gtk_label_new_with_mnemonic (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 40);
  if (class != NULL)
    gtk_style_context_add_class (gtk_widget_get_style_context (label), class);
  return label;
}

static GtkWidget *
make_note (GtkWidget *row)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *icon = gtk_image_new (), *label = make_label ("", NULL);

  gtk_label_set_max_width_chars (GTK_LABEL (label), 64);
  gtk_label_set_use_underline (GTK_LABEL (label), FALSE);
  gtk_container_add (GTK_CONTAINER (box), icon);
  gtk_container_add (GTK_CONTAINER (box), label);
  gtk_widget_show (icon);
  gtk_widget_show (label);
  g_object_set_data (G_OBJECT (row), "note", box);
  g_object_set_data (G_OBJECT (row), "note-icon", icon);
  g_object_set_data (G_OBJECT (row), "note-text", label);
  return box;
}

GtkWidget *
sg_editor_row_frame (const char *title, const char *hint, GtkWidget *control)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 18);
  GtkWidget *left = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *label = make_label (title, NULL);

  gtk_label_set_mnemonic_widget (GTK_LABEL (label), control);
  gtk_container_add (GTK_CONTAINER (left), label);
  if (hint != NULL)
    {
      GtkWidget *below = make_label ("", "dim-label");

      gtk_label_set_text (GTK_LABEL (below), hint); /* "de_DE" is no mnemonic */
      gtk_container_add (GTK_CONTAINER (left), below);
    }
  gtk_widget_set_valign (left, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (control, GTK_ALIGN_CENTER);
  gtk_box_pack_start (GTK_BOX (line), left, TRUE, TRUE, 0);
  gtk_box_pack_end (GTK_BOX (line), control, FALSE, FALSE, 0);
  gtk_container_add (GTK_CONTAINER (row), line);
  gtk_widget_show_all (line);
  gtk_container_add (GTK_CONTAINER (row), make_note (row));
  g_object_set (row, "margin", 10, NULL);
  gtk_widget_show (row);
  return row;
}

void
sg_editor_row_tell (GtkWidget *row, const char *text, gboolean locked)
{
  GtkWidget *note = g_object_get_data (G_OBJECT (row), "note");
  GtkStyleContext *style = gtk_widget_get_style_context (note);

  gtk_widget_set_visible (note, text != NULL);
  gtk_label_set_text (g_object_get_data (G_OBJECT (row), "note-text"), text != NULL ? text : "");
  gtk_image_set_from_icon_name (g_object_get_data (G_OBJECT (row), "note-icon"),
                                locked ? "changes-prevent-symbolic" : "dialog-warning-symbolic",
                                GTK_ICON_SIZE_MENU);
  (locked ? gtk_style_context_remove_class : gtk_style_context_add_class) (style, "missing");
  (locked ? gtk_style_context_add_class : gtk_style_context_remove_class) (style, "dim-label");
}
