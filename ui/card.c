/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/card.h"

#include <glib/gi18n.h>

#define PATH "path"

static GtkWidget *
make_word (const SgLookWord *word)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *label = gtk_label_new (word->words);

  gtk_container_add (GTK_CONTAINER (box),
                     gtk_image_new_from_icon_name (word->icon, GTK_ICON_SIZE_MENU));
  gtk_container_add (GTK_CONTAINER (box), label);
  gtk_style_context_add_class (gtk_widget_get_style_context (box),
                               word->more ? "beyond" : "dim-label");
  return box;
}

GtkWidget *
sg_card_words_new (const SgLook *look)
{
  GtkWidget *flow = gtk_flow_box_new ();
  g_autoptr (GPtrArray) words = sg_look_words (look);

  gtk_flow_box_set_selection_mode (GTK_FLOW_BOX (flow), GTK_SELECTION_NONE);
  gtk_flow_box_set_max_children_per_line (GTK_FLOW_BOX (flow), 4);
  gtk_flow_box_set_column_spacing (GTK_FLOW_BOX (flow), 12);
  for (guint i = 0; i < words->len; i++)
    {
      gtk_flow_box_insert (GTK_FLOW_BOX (flow), make_word (words->pdata[i]), -1);
      /* Words to read, nothing to stop at. */
      gtk_widget_set_can_focus (
          GTK_WIDGET (gtk_flow_box_get_child_at_index (GTK_FLOW_BOX (flow), (int)i)), FALSE);
    }
  gtk_widget_set_can_focus (flow, FALSE);
  return flow;
}

static void
add_item (GMenu *menu, const char *label, const char *action, const char *path)
{
  g_autoptr (GMenuItem) item = g_menu_item_new (label, NULL);

  g_menu_item_set_action_and_target_value (item, action, g_variant_new_string (path));
  g_menu_append_item (menu, item);
}

static GtkWidget *
make_menu (const char *path, const char *name, const SgLook *look)
{
  GtkWidget *button = gtk_menu_button_new ();
  g_autoptr (GMenu) menu = g_menu_new ();
  g_autofree char *words = g_strdup_printf (_ ("Menu of %s"), name);

  if (look->grants != NULL)
    {
      add_item (menu, _ ("_Edit…"), "saved.edit", path);
      add_item (menu, _ ("_Copy"), "saved.copy", path);
      add_item (menu, _ ("_Make Shortcut"), "saved.shortcut", path);
    }
  add_item (menu, _ ("_Delete"), "saved.delete", path);
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), G_MENU_MODEL (menu));
  gtk_button_set_image (GTK_BUTTON (button),
                        gtk_image_new_from_icon_name ("view-more-symbolic", GTK_ICON_SIZE_BUTTON));
  gtk_button_set_relief (GTK_BUTTON (button), GTK_RELIEF_NONE);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, words);
  atk_object_set_name (gtk_widget_get_accessible (button), words);
  return button;
}

/* What a screen reader says: the name and the words. */
static void
name_row (GtkWidget *row, const char *name, const SgLook *look)
{
  g_autoptr (GPtrArray) words = sg_look_words (look);
  g_autoptr (GString) all = g_string_new (name);

  for (guint i = 0; i < words->len; i++)
    g_string_append_printf (all, ", %s", ((SgLookWord *)words->pdata[i])->words);
  atk_object_set_name (gtk_widget_get_accessible (row), all->str);
}

static GtkWidget *
make_problem (const char *problem)
{
  GtkWidget *label = gtk_label_new (problem);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_line_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_style_context_add_class (gtk_widget_get_style_context (label), "missing");
  return label;
}

GtkWidget *
sg_card_new (const char *path, const char *name, const SgLook *look)
{
  GtkWidget *row = gtk_list_box_row_new (), *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *middle = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3), *label = gtk_label_new (name);
  GtkWidget *icon
      = gtk_image_new_from_icon_name ("org.sandglass.Sandglass-symbolic", GTK_ICON_SIZE_BUTTON);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_style_context_add_class (gtk_widget_get_style_context (label), "card-name");
  gtk_widget_set_valign (icon, GTK_ALIGN_CENTER);
  gtk_container_add (GTK_CONTAINER (middle), label);
  gtk_container_add (GTK_CONTAINER (middle), look->grants != NULL ? sg_card_words_new (look)
                                                                  : make_problem (look->problem));
  gtk_widget_set_hexpand (middle, TRUE);
  gtk_container_add (GTK_CONTAINER (line), icon);
  gtk_container_add (GTK_CONTAINER (line), middle);
  gtk_container_add (GTK_CONTAINER (line), make_menu (path, name, look));
  gtk_container_set_border_width (GTK_CONTAINER (line), 9);
  gtk_container_add (GTK_CONTAINER (row), line);
  gtk_list_box_row_set_selectable (GTK_LIST_BOX_ROW (row), FALSE);
  g_object_set_data_full (G_OBJECT (row), PATH, g_strdup (path), g_free);
  name_row (row, name, look);
  gtk_widget_show_all (row);
  return row;
}

const char *
sg_card_path (GtkListBoxRow *row)
{
  return g_object_get_data (G_OBJECT (row), PATH);
}
