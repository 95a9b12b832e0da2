/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of one choice, and of several that go together. */
#include "ui/editor-rows-internal.h"

#include <glib/gi18n.h>

/* --- one of several --- */

enum
{
  COLUMN_TEXT,
  COLUMN_VALUE,
  COLUMN_ALLOWED
};

static gboolean
find_choice (GtkTreeModel *model, gint64 value, GtkTreeIter *iter)
{
  gboolean more = gtk_tree_model_get_iter_first (model, iter);

  while (more)
    {
      gint64 here;

      gtk_tree_model_get (model, iter, COLUMN_VALUE, &here, -1);
      if (here == value)
        return TRUE;
      more = gtk_tree_model_iter_next (model, iter);
    }
  return FALSE;
}

static void
choice_moved (GtkComboBox *combo, gpointer data)
{
  SgEditorRow *row = data;
  GtkTreeIter iter;
  gint64 value;

  if (row->refreshing || !gtk_combo_box_get_active_iter (combo, &iter))
    return;
  gtk_tree_model_get (gtk_combo_box_get_model (combo), &iter, COLUMN_VALUE, &value, -1);
  sg_editor_profile_set_number (row->profile, row->info->id, value);
}

void
sg_editor_choice_refresh (SgEditorRow *row)
{
  GtkTreeModel *model = gtk_combo_box_get_model (GTK_COMBO_BOX (row->control));
  GtkTreeIter iter;
  g_autofree char *why = NULL;
  guint n = 0;

  for (const SgChoice *c = row->info->choices; c->word != NULL; c++)
    {
      g_autofree char *here = NULL;
      gboolean may = sg_editor_profile_may (row->profile, row->info->id, c->value, &here);

      if (find_choice (model, c->value, &iter))
        gtk_list_store_set (GTK_LIST_STORE (model), &iter, COLUMN_ALLOWED, may, -1);
      n += may;
      if (!may && why == NULL)
        why = g_steal_pointer (&here);
    }
  if (find_choice (
          model,
          n > 1 ? sg_editor_profile_number (row->profile, row->info->id)
                : sg_grants_number (sg_editor_profile_look (row->profile)->grants, row->info->id),
          &iter))
    gtk_combo_box_set_active_iter (GTK_COMBO_BOX (row->control), &iter);
  sg_editor_row_tell_limits (row, n < 2, why);
  if (row->minutes != NULL)
    {
      gtk_spin_button_set_value (
          GTK_SPIN_BUTTON (row->minutes),
          (double)sg_editor_profile_number (row->profile, SG_SETTING_IDLE_MINUTES));
      gtk_widget_set_visible (gtk_widget_get_parent (row->minutes),
                              sg_editor_profile_number (row->profile, SG_SETTING_LIFETIME)
                                  == SG_LIFETIME_IDLE);
    }
}

GtkWidget *
sg_editor_choice_new (SgEditorRow *row)
{
  g_autoptr (GtkListStore) store
      = gtk_list_store_new (3, G_TYPE_STRING, G_TYPE_INT64, G_TYPE_BOOLEAN);
  GtkWidget *combo = gtk_combo_box_new_with_model (GTK_TREE_MODEL (store));
  GtkCellRenderer *cell = gtk_cell_renderer_text_new ();

  for (const SgChoice *c = row->info->choices; c->word != NULL; c++)
    gtk_list_store_insert_with_values (store, NULL, -1, COLUMN_TEXT,
                                       _ (sg_editor_choice_words (row->info->id, c->value)), COLUMN_VALUE,
                                       c->value, COLUMN_ALLOWED, TRUE, -1);
  gtk_cell_layout_pack_start (GTK_CELL_LAYOUT (combo), cell, TRUE);
  gtk_cell_layout_set_attributes (GTK_CELL_LAYOUT (combo), cell, "text", COLUMN_TEXT, "sensitive",
                                  COLUMN_ALLOWED, NULL);
  g_signal_connect (combo, "changed", G_CALLBACK (choice_moved), row);
  return combo;
}

/* --- several of several --- */

static void
flag_moved (GtkToggleButton *button, gpointer data)
{
  SgEditorRow *row = data;
  g_autoptr (GList) buttons = gtk_container_get_children (GTK_CONTAINER (row->control));
  gint64 value = 0;

  if (row->refreshing)
    return;
  for (GList *l = buttons; l != NULL; l = l->next)
    if (gtk_toggle_button_get_active (l->data))
      value |= GPOINTER_TO_INT (g_object_get_data (l->data, "flag"));
  sg_editor_profile_set_number (row->profile, row->info->id, value);
}

void
sg_editor_flags_refresh (SgEditorRow *row)
{
  g_autoptr (GList) buttons = gtk_container_get_children (GTK_CONTAINER (row->control));
  gint64 value = sg_editor_profile_number (row->profile, row->info->id);
  g_autofree char *why = NULL;
  guint n = 0;

  for (GList *l = buttons; l != NULL; l = l->next)
    {
      gint64 flag = GPOINTER_TO_INT (g_object_get_data (l->data, "flag"));
      g_autofree char *here = NULL;
      gboolean may = sg_editor_profile_may (row->profile, row->info->id, flag, &here);

      gtk_toggle_button_set_active (l->data, may && (value & flag) != 0);
      gtk_widget_set_sensitive (l->data, may);
      gtk_widget_set_tooltip_text (l->data, here);
      n += may;
      if (!may && why == NULL)
        why = g_steal_pointer (&here);
    }
  sg_editor_row_tell_limits (row, n == 0, why);
  if (n > 0 && why != NULL)
    sg_editor_row_tell (row->row, why, TRUE);
}

GtkWidget *
sg_editor_flags_new (SgEditorRow *row)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  for (const SgChoice *c = row->info->choices; c->word != NULL; c++)
    {
      GtkWidget *check = gtk_check_button_new_with_label (sg_editor_flag_words (c->value));

      g_object_set_data (G_OBJECT (check), "flag", GINT_TO_POINTER ((int)c->value));
      g_signal_connect (check, "toggled", G_CALLBACK (flag_moved), row);
      gtk_container_add (GTK_CONTAINER (box), check);
    }
  return box;
}
