/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/editor-list.h"

#include "ui/editor-rows.h"
#include "ui/words.h"

#include <glib/gi18n.h>
#include <string.h>

static void
folder_removed (GtkButton *button, gpointer data)
{
  sg_editor_profile_remove_folder (((SgEditorList *)data)->profile, sg_editor_list_index (button));
}

static void
access_chosen (GtkComboBox *combo, gpointer data)
{
  sg_editor_profile_set_folder (((SgEditorList *)data)->profile, sg_editor_list_index (combo),
                                (SgAccess)atoi (gtk_combo_box_get_active_id (combo)));
}

static GtkWidget *
make_access (SgEditorList *list, guint i, SgAccess access, gboolean may_write)
{
  GtkWidget *combo = gtk_combo_box_text_new ();
  const struct
  {
    SgAccess access;
    const char *words;
  } choices[] = {
    { SG_ACCESS_READ_ONLY, _ ("Read only") },
    { SG_ACCESS_WRITABLE, _ ("May change") },
    { SG_ACCESS_UNSAID, _ ("Ask at first opening") },
  };

  for (gsize n = 0; n < G_N_ELEMENTS (choices); n++)
    {
      char id[4];

      g_snprintf (id, sizeof id, "%d", choices[n].access);
      if (may_write || choices[n].access == access || choices[n].access == SG_ACCESS_READ_ONLY)
        gtk_combo_box_text_append (GTK_COMBO_BOX_TEXT (combo), id, choices[n].words);
      if (choices[n].access == access)
        gtk_combo_box_set_active_id (GTK_COMBO_BOX (combo), id);
    }
  g_object_set_data (G_OBJECT (combo), "index", GUINT_TO_POINTER (i));
  g_signal_connect (combo, "changed", G_CALLBACK (access_chosen), list);
  return combo;
}

static char *
shown_path (const char *path)
{
  const char *home = g_get_home_dir ();
  gsize len = strlen (home);
  g_autofree char *valid = g_utf8_make_valid (path, -1);

  if (len > 1 && strncmp (valid, home, len) == 0 && (valid[len] == '/' || valid[len] == '\0'))
    return g_strconcat ("~", valid + len, NULL);
  return g_steal_pointer (&valid);
}

static void
folder_known (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkWidget) row = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileInfo) info = g_file_query_info_finish (G_FILE (source), result, &error);

  if (gtk_widget_get_parent (row) == NULL)
    return; /* taken away meanwhile */
  if (info == NULL)
    sg_editor_row_tell (row,
                        g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)
                            ? _ ("This folder is not there: make it first.")
                            : error->message,
                        FALSE);
  else if (g_file_info_get_file_type (info) != G_FILE_TYPE_DIRECTORY)
    sg_editor_row_tell (row, _ ("This is no folder: name the folder that it lies in."), FALSE);
}

static void
add_folder_row (SgEditorList *list, guint i)
{
  const SgLook *look = sg_editor_profile_look (list->profile);
  const SgAskedFolder *asked = look->profile->folders->pdata[i];
  const SgGrantedFolder *granted = look->grants->folders->pdata[i];
  g_autofree char *name = shown_path (asked->host_path);
  g_autofree char *inside = asked->sandbox_path != NULL
                                ? g_strdup_printf (_ ("Inside: %s"), asked->sandbox_path)
                                : NULL;
  gboolean may_write = sg_policy_would_allow_folder (look->policy, asked->host_path, TRUE, NULL);
  GtkWidget *access = make_access (list, i, asked->access, may_write);
  GtkWidget *row = sg_editor_list_add_row (
      list, name, inside, access,
      sg_editor_list_remove_button (list, i, name, G_CALLBACK (folder_removed)));

  atk_object_set_name (gtk_widget_get_accessible (access), name);
  if (!granted->granted || granted->reason.who == SG_BY_POLICY)
    {
      g_autofree char *why = sg_reason_sentence (&granted->reason);
      sg_editor_row_tell (row, why, TRUE);
    }
  else
    {
      g_autoptr (GFile) file = g_file_new_for_path (asked->host_path);
      g_file_query_info_async (file, G_FILE_ATTRIBUTE_STANDARD_TYPE, G_FILE_QUERY_INFO_NONE,
                               G_PRIORITY_DEFAULT, NULL, folder_known, g_object_ref (row));
    }
}

static void
fill_folders (SgEditorList *list)
{
  const SgProfile *profile = sg_editor_profile_look (list->profile)->profile;

  for (guint i = 0; i < profile->folders->len && i < SG_EDITOR_LIST_SHOWN_MAX; i++)
    add_folder_row (list, i);
  sg_editor_list_tell_more (list, profile->folders->len);
}

static void
choose_folder (GtkButton *button, gpointer data)
{
  SgEditorList *list = data;
  g_autoptr (GtkFileChooserNative) chooser = gtk_file_chooser_native_new (
      _ ("Add a folder"), GTK_WINDOW (gtk_widget_get_toplevel (list->box)),
      GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Add"), _ ("_Cancel"));

  if (gtk_native_dialog_run (GTK_NATIVE_DIALOG (chooser)) == GTK_RESPONSE_ACCEPT)
    {
      g_autofree char *path = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (chooser));

      if (path != NULL)
        sg_editor_profile_add_folder (list->profile, path);
    }
}

/* Where the administrator allows no folder at all; NULL: some, or all. */
static char *
why_no_folders (const SgPolicy *policy)
{
  const SgPolicyRule *rule = sg_policy_first (policy, SG_POLICY_ALLOW_MAPPED_FOLDERS);
  SgReason reason = { 0 };
  char *why = NULL;

  if ((rule != NULL && sg_policy_lowest (policy, SG_POLICY_ALLOW_MAPPED_FOLDERS) == 0)
      || sg_policy_closed (policy))
    {
      if (!sg_policy_would_allow_folder (policy, g_get_home_dir (), FALSE, &reason))
        why = sg_reason_sentence (&reason);
      sg_reason_clear (&reason);
    }
  return why;
}

GtkWidget *
sg_editor_folders_new (SgEditorProfile *profile)
{
  SgEditorList *list = sg_editor_list_new (profile, fill_folders);
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("Add _Folder…"));
  g_autofree char *why = why_no_folders (sg_editor_profile_look (profile)->policy);

  g_signal_connect (button, "clicked", G_CALLBACK (choose_folder), list);
  sg_editor_list_end (list, _ ("Folders of this computer"), _ ("Or drop them here"), button);
  gtk_widget_set_sensitive (button, why == NULL);
  if (why != NULL)
    sg_editor_row_tell (list->footer, why, TRUE);
  return list->box;
}

static void
dropped_known (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkWidget) box = data;
  SgEditorList *list = g_object_get_data (G_OBJECT (box), "list");
  g_autoptr (GFileInfo) info = g_file_query_info_finish (G_FILE (source), result, NULL);
  g_autofree char *path = g_file_get_path (G_FILE (source));

  if (gtk_widget_get_parent (box) == NULL)
    return;
  if (path != NULL && info != NULL && g_file_info_get_file_type (info) == G_FILE_TYPE_DIRECTORY)
    {
      sg_editor_row_tell (list->footer, NULL, FALSE);
      sg_editor_profile_add_folder (list->profile, path);
      return;
    }
  g_autofree char *base = g_file_get_basename (G_FILE (source));
  g_autofree char *name = sg_words_file (base != NULL ? base : "?");
  g_autofree char *words = g_strdup_printf (
      _ ("%s is no folder of this computer: drop the folder that it lies in."), name);
  sg_editor_row_tell (list->footer, words, FALSE);
}

void
sg_editor_folders_drop (GtkWidget *box, char *const *uris)
{
  for (guint i = 0; uris != NULL && uris[i] != NULL && i < SG_EDITOR_LIST_SHOWN_MAX; i++)
    {
      g_autoptr (GFile) file = g_file_new_for_uri (uris[i]);
      g_file_query_info_async (file, G_FILE_ATTRIBUTE_STANDARD_TYPE, G_FILE_QUERY_INFO_NONE,
                               G_PRIORITY_DEFAULT, NULL, dropped_known, g_object_ref (box));
    }
}
