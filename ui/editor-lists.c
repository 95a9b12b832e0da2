/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/editor-lists.h"

#include "ui/editor-rows.h"
#include "ui/words.h"

#include <glib/gi18n.h>
#include <string.h>

#define SHOWN_MAX 200 /* of one list; a file may have more, which stay as they are */

typedef struct _List List;
struct _List
{
  SgEditorProfile *profile; /* not owned: the list goes first */
  GtkWidget *box, *rows, *footer, *entry, *root;
  void (*fill) (List *list);
};

static void
destroy_child (GtkWidget *child, gpointer data)
{
  gtk_widget_destroy (child);
}

static void
follow (SgEditorProfile *profile, gpointer data)
{
  List *list = data;

  gtk_container_foreach (GTK_CONTAINER (list->rows), destroy_child, NULL);
  list->fill (list);
}

static void
list_gone (GtkWidget *widget, gpointer data)
{
  g_signal_handlers_disconnect_by_data (((List *)data)->profile, data);
}

static List *
list_new (SgEditorProfile *profile, void (*fill) (List *list))
{
  List *list = g_new0 (List, 1);

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

/* The entry, or whatever adds one, at the end. */
static GtkWidget *
list_end (List *list, const char *title, const char *hint, GtkWidget *control)
{
  list->footer = sg_editor_row_frame (title, hint, control);
  gtk_container_add (GTK_CONTAINER (list->box), list->footer);
  gtk_widget_show (list->rows);
  gtk_widget_show (list->box);
  list->fill (list);
  return list->box;
}

static guint
index_of (gpointer widget)
{
  return GPOINTER_TO_UINT (g_object_get_data (widget, "index"));
}

static GtkWidget *
make_remove (List *list, guint i, const char *name, GCallback removed)
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
add_line (List *list)
{
  GtkWidget *line = gtk_separator_new (GTK_ORIENTATION_HORIZONTAL);

  gtk_widget_show (line);
  gtk_container_add (GTK_CONTAINER (list->rows), line);
}

/* A row of NAME with CONTROL (may be NULL) and REMOVE; names have no mnemonics. */
static GtkWidget *
add_row (List *list, const char *name, const char *hint, GtkWidget *control, GtkWidget *remove)
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

static void
tell_more (List *list, guint n)
{
  g_autofree char *words = NULL;

  if (n <= SHOWN_MAX)
    return;
  words = g_strdup_printf (ngettext ("and %u more, which stays as it is",
                                     "and %u more, which stay as they are", n - SHOWN_MAX),
                           n - SHOWN_MAX);
  GtkWidget *label = gtk_label_new (words);
  gtk_widget_show (label);
  gtk_container_add (GTK_CONTAINER (list->rows), label);
}

/* --- folders --- */

static void
folder_removed (GtkButton *button, gpointer data)
{
  sg_editor_profile_remove_folder (((List *)data)->profile, index_of (button));
}

static void
access_chosen (GtkComboBox *combo, gpointer data)
{
  sg_editor_profile_set_folder (((List *)data)->profile, index_of (combo),
                                (SgAccess)atoi (gtk_combo_box_get_active_id (combo)));
}

static GtkWidget *
make_access (List *list, guint i, SgAccess access, gboolean may_write)
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
add_folder_row (List *list, guint i)
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
  GtkWidget *row = add_row (list, name, inside, access,
                            make_remove (list, i, name, G_CALLBACK (folder_removed)));

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
fill_folders (List *list)
{
  const SgProfile *profile = sg_editor_profile_look (list->profile)->profile;

  for (guint i = 0; i < profile->folders->len && i < SHOWN_MAX; i++)
    add_folder_row (list, i);
  tell_more (list, profile->folders->len);
}

static void
choose_folder (GtkButton *button, gpointer data)
{
  List *list = data;
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
  List *list = list_new (profile, fill_folders);
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("Add _Folder…"));
  g_autofree char *why = why_no_folders (sg_editor_profile_look (profile)->policy);

  g_signal_connect (button, "clicked", G_CALLBACK (choose_folder), list);
  list_end (list, _ ("Folders of this computer"), _ ("Or drop them here"), button);
  gtk_widget_set_sensitive (button, why == NULL);
  if (why != NULL)
    sg_editor_row_tell (list->footer, why, TRUE);
  return list->box;
}

static void
dropped_known (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkWidget) box = data;
  List *list = g_object_get_data (G_OBJECT (box), "list");
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
  for (guint i = 0; uris != NULL && uris[i] != NULL && i < SHOWN_MAX; i++)
    {
      g_autoptr (GFile) file = g_file_new_for_uri (uris[i]);
      g_file_query_info_async (file, G_FILE_ATTRIBUTE_STANDARD_TYPE, G_FILE_QUERY_INFO_NONE,
                               G_PRIORITY_DEFAULT, NULL, dropped_known, g_object_ref (box));
    }
}

/* --- sites --- */

static void
host_removed (GtkButton *button, gpointer data)
{
  sg_editor_profile_remove_host (((List *)data)->profile, index_of (button));
}

/* Shown where they count: in "Only listed sites". */
static void
fill_hosts (List *list)
{
  const SgLook *look = sg_editor_profile_look (list->profile);
  gboolean counts
      = sg_editor_profile_number (list->profile, SG_SETTING_NETWORK) == SG_NETWORK_ALLOWLIST;
  GPtrArray *hosts = look->profile->hosts;

  gtk_widget_set_visible (list->box, counts);
  if (!counts)
    return;
  for (guint i = 0; i < hosts->len && i < SHOWN_MAX; i++)
    {
      const char *name = ((const SgAskedHost *)hosts->pdata[i])->host;
      GtkWidget *row = add_row (list, name, NULL, NULL,
                                make_remove (list, i, name, G_CALLBACK (host_removed)));

      if (!g_strv_contains ((const char *const *)look->grants->hosts, name)
          && look->grants->hosts_reason.who == SG_BY_POLICY)
        {
          g_autofree char *why = sg_reason_sentence (&look->grants->hosts_reason);
          sg_editor_row_tell (row, why, TRUE);
        }
    }
  tell_more (list, hosts->len);
}

static void
host_entered (GtkWidget *widget, gpointer data)
{
  List *list = data;
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
make_entry (List *list, const char *placeholder, const char *name, GCallback entered)
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
  List *list = list_new (profile, fill_hosts);

  return list_end (list, _ ("Allowed sites"), NULL,
                   make_entry (list, "example.org", _ ("Allowed site"), G_CALLBACK (host_entered)));
}

/* --- a company's networks --- */

static void
place_removed (GtkButton *button, gpointer data)
{
  sg_editor_profile_remove_place (((List *)data)->profile, index_of (button));
}

/* Shown where they are more than there is anyway: with the internet alone. */
static void
fill_places (List *list)
{
  const SgLook *look = sg_editor_profile_look (list->profile);
  GPtrArray *places = look->profile->places;
  gboolean refused = look->grants->company_networks[0] == NULL
                     && look->grants->company_domains[0] == NULL;

  gtk_widget_set_visible (list->box, sg_editor_profile_number (list->profile, SG_SETTING_NETWORK)
                                         == SG_NETWORK_INTERNET);
  for (guint i = 0; i < places->len && i < SHOWN_MAX; i++)
    {
      const char *name = ((const SgAskedHost *)places->pdata[i])->host;
      GtkWidget *row = add_row (list, name, NULL, NULL,
                                make_remove (list, i, name, G_CALLBACK (place_removed)));

      if (refused)
        {
          g_autofree char *why = sg_reason_sentence (&look->grants->company_reason);
          sg_editor_row_tell (row, why, TRUE);
        }
    }
  tell_more (list, places->len);
}

static void
place_entered (GtkWidget *widget, gpointer data)
{
  List *list = data;
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
  List *list = list_new (profile, fill_places);

  return list_end (list, _ ("Company networks"),
                   _ ("Reached besides the internet; the rest of your local network is not"),
                   make_entry (list, "10.20.0.0/16", _ ("Company network"),
                               G_CALLBACK (place_entered)));
}

/* --- commands --- */

static void
command_removed (GtkButton *button, gpointer data)
{
  sg_editor_profile_remove_command (((List *)data)->profile, index_of (button));
}

static void
fill_commands (List *list)
{
  const SgLook *look = sg_editor_profile_look (list->profile);
  GPtrArray *commands = look->profile->commands;

  for (guint i = 0; i < commands->len && i < SHOWN_MAX; i++)
    {
      const SgAskedCommand *asked = commands->pdata[i];
      const SgGrantedCommand *granted = look->grants->commands->pdata[i];
      GtkWidget *row
          = add_row (list, asked->command, asked->root ? _ ("As administrator inside") : NULL, NULL,
                     make_remove (list, i, asked->command, G_CALLBACK (command_removed)));

      if (!granted->granted)
        {
          g_autofree char *why = sg_reason_sentence (&granted->reason);
          sg_editor_row_tell (row, why, TRUE);
        }
    }
  tell_more (list, commands->len);
}

static void
command_entered (GtkWidget *widget, gpointer data)
{
  List *list = data;
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
  List *list = list_new (profile, fill_commands);
  GtkWidget *box = make_entry (list, _ ("A command line"), _ ("Command at the start"),
                               G_CALLBACK (command_entered));

  list->root = gtk_check_button_new_with_label (_ ("As administrator"));
  gtk_box_pack_start (GTK_BOX (box), list->root, FALSE, FALSE, 0);
  gtk_box_reorder_child (GTK_BOX (box), list->root, 1);
  return list_end (list, _ ("Commands at the start"), _ ("One after the other"), box);
}
