/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/editor-list.h"

#include "ui/editor-rows.h"

#include <glib/gi18n.h>

/* --- sites --- */

static void
host_removed (GtkButton *button, gpointer data)
{
  sg_editor_profile_remove_host (((SgEditorList *)data)->profile, sg_editor_list_index (button));
}

/* Shown where they count: in "Only listed sites". */
static void
fill_hosts (SgEditorList *list)
{
  const SgLook *look = sg_editor_profile_look (list->profile);
  gboolean counts
      = sg_editor_profile_number (list->profile, SG_SETTING_NETWORK) == SG_NETWORK_ALLOWLIST;
  GPtrArray *hosts = look->profile->hosts;

  gtk_widget_set_visible (list->box, counts);
  if (!counts)
    return;
  for (guint i = 0; i < hosts->len && i < SG_EDITOR_LIST_SHOWN_MAX; i++)
    {
      const char *name = ((const SgAskedHost *)hosts->pdata[i])->host;
      GtkWidget *row = sg_editor_list_add_row (
          list, name, NULL, NULL,
          sg_editor_list_remove_button (list, i, name, G_CALLBACK (host_removed)));

      if (!g_strv_contains ((const char *const *)look->grants->hosts, name)
          && look->grants->hosts_reason.who == SG_BY_POLICY)
        {
          g_autofree char *why = sg_reason_sentence (&look->grants->hosts_reason);
          sg_editor_row_tell (row, why, TRUE);
        }
    }
  sg_editor_list_tell_more (list, hosts->len);
}

static void
host_entered (GtkWidget *widget, gpointer data)
{
  SgEditorList *list = data;
  g_autofree char *why = NULL, *text = g_strdup (gtk_entry_get_text (GTK_ENTRY (list->entry)));

  if (*text == '\0')
    return;
  if (!sg_editor_profile_add_host (list->profile, text, &why))
    {
      sg_editor_row_tell (list->footer, why, FALSE);
      return;
    }
  sg_editor_row_tell (list->footer, NULL, FALSE);
  gtk_entry_set_text (GTK_ENTRY (list->entry), "");
}

/* An entry with *Add* beside it. */
static GtkWidget *
make_entry (SgEditorList *list, const char *placeholder, const char *name, GCallback entered)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *add = gtk_button_new_from_icon_name ("list-add-symbolic", GTK_ICON_SIZE_BUTTON);

  list->entry = gtk_entry_new ();
  gtk_entry_set_width_chars (GTK_ENTRY (list->entry), 24);
  gtk_entry_set_placeholder_text (GTK_ENTRY (list->entry), placeholder);
  atk_object_set_name (gtk_widget_get_accessible (list->entry), name);
  atk_object_set_name (gtk_widget_get_accessible (add), _ ("Add"));
  gtk_widget_set_tooltip_text (add, _ ("Add"));
  g_signal_connect (list->entry, "activate", entered, list);
  g_signal_connect (add, "clicked", entered, list);
  gtk_container_add (GTK_CONTAINER (box), list->entry);
  gtk_container_add (GTK_CONTAINER (box), add);
  return box;
}

GtkWidget *
sg_editor_hosts_new (SgEditorProfile *profile)
{
  SgEditorList *list = sg_editor_list_new (profile, fill_hosts);

  return sg_editor_list_end (
      list, _ ("Allowed sites"), NULL,
      make_entry (list, "example.org", _ ("Allowed site"), G_CALLBACK (host_entered)));
}

/* --- a company's networks --- */

static void
place_removed (GtkButton *button, gpointer data)
{
  sg_editor_profile_remove_place (((SgEditorList *)data)->profile, sg_editor_list_index (button));
}

/* Shown where they are more than there is anyway: with the internet alone. */
static void
fill_places (SgEditorList *list)
{
  const SgLook *look = sg_editor_profile_look (list->profile);
  GPtrArray *places = look->profile->places;
  gboolean refused
      = look->grants->company_networks[0] == NULL && look->grants->company_domains[0] == NULL;

  gtk_widget_set_visible (list->box, sg_editor_profile_number (list->profile, SG_SETTING_NETWORK)
                                         == SG_NETWORK_INTERNET);
  for (guint i = 0; i < places->len && i < SG_EDITOR_LIST_SHOWN_MAX; i++)
    {
      const char *name = ((const SgAskedHost *)places->pdata[i])->host;
      GtkWidget *row = sg_editor_list_add_row (
          list, name, NULL, NULL,
          sg_editor_list_remove_button (list, i, name, G_CALLBACK (place_removed)));

      if (refused)
        {
          g_autofree char *why = sg_reason_sentence (&look->grants->company_reason);
          sg_editor_row_tell (row, why, TRUE);
        }
    }
  sg_editor_list_tell_more (list, places->len);
}

static void
place_entered (GtkWidget *widget, gpointer data)
{
  SgEditorList *list = data;
  g_autofree char *why = NULL, *text = g_strdup (gtk_entry_get_text (GTK_ENTRY (list->entry)));

  if (*text == '\0')
    return;
  if (!sg_editor_profile_add_place (list->profile, text, &why))
    {
      sg_editor_row_tell (list->footer, why, FALSE);
      return;
    }
  sg_editor_row_tell (list->footer, NULL, FALSE);
  gtk_entry_set_text (GTK_ENTRY (list->entry), "");
}

GtkWidget *
sg_editor_places_new (SgEditorProfile *profile)
{
  SgEditorList *list = sg_editor_list_new (profile, fill_places);

  return sg_editor_list_end (
      list, _ ("Company networks"),
      _ ("Reached besides the internet; the rest of your local network is not"),
      make_entry (list, "10.20.0.0/16", _ ("Company network"), G_CALLBACK (place_entered)));
}

/* --- commands --- */

static void
command_removed (GtkButton *button, gpointer data)
{
  sg_editor_profile_remove_command (((SgEditorList *)data)->profile, sg_editor_list_index (button));
}

static void
fill_commands (SgEditorList *list)
{
  const SgLook *look = sg_editor_profile_look (list->profile);
  GPtrArray *commands = look->profile->commands;

  for (guint i = 0; i < commands->len && i < SG_EDITOR_LIST_SHOWN_MAX; i++)
    {
      const SgAskedCommand *asked = commands->pdata[i];
      const SgGrantedCommand *granted = look->grants->commands->pdata[i];
      GtkWidget *row = sg_editor_list_add_row (
          list, asked->command, asked->root ? _ ("As administrator inside") : NULL, NULL,
          sg_editor_list_remove_button (list, i, asked->command, G_CALLBACK (command_removed)));

      if (!granted->granted)
        {
          g_autofree char *why = sg_reason_sentence (&granted->reason);
          sg_editor_row_tell (row, why, TRUE);
        }
    }
  sg_editor_list_tell_more (list, commands->len);
}

static void
command_entered (GtkWidget *widget, gpointer data)
{
  SgEditorList *list = data;
  GtkToggleButton *root = GTK_TOGGLE_BUTTON (list->root);
  g_autofree char *why = NULL, *text = g_strdup (gtk_entry_get_text (GTK_ENTRY (list->entry)));

  if (!sg_editor_profile_add_command (list->profile, text, gtk_toggle_button_get_active (root),
                                      &why))
    {
      sg_editor_row_tell (list->footer, why, FALSE);
      return;
    }
  sg_editor_row_tell (list->footer, NULL, FALSE);
  gtk_entry_set_text (GTK_ENTRY (list->entry), "");
}

GtkWidget *
sg_editor_commands_new (SgEditorProfile *profile)
{
  SgEditorList *list = sg_editor_list_new (profile, fill_commands);
  GtkWidget *box = make_entry (list, _ ("A command line"), _ ("Command at the start"),
                               G_CALLBACK (command_entered));

  list->root = gtk_check_button_new_with_label (_ ("As administrator"));
  gtk_box_pack_start (GTK_BOX (box), list->root, FALSE, FALSE, 0);
  gtk_box_reorder_child (GTK_BOX (box), list->root, 1);
  return sg_editor_list_end (list, _ ("Commands at the start"), _ ("One after the other"), box);
}
