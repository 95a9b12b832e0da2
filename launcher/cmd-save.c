/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/cmd-save.h"

#include "common/fd.h"
#include "common/json-members.h"
#include "common/report.h"
#include "launcher/changes.h"
#include "launcher/run-progress.h"
#include "launcher/save-files.h"
#include "launcher/transfer.h"
#include "policies/grants.h"

#include <fcntl.h>
#include <json-glib/json-glib.h>
#include <stdio.h>

gboolean
sg_cmd_may_save (void)
{
  g_autoptr (SgPolicy) policy = sg_policy_load_system ();
  SgDefaults defaults = { 0 };
  g_autoptr (SgGrants) grants = sg_grants_new (&defaults, NULL, policy);

  if (sg_grants_number (grants, SG_SETTING_RESCUE) != 0)
    return TRUE;
  sg_report_text ("saving files out of a sandbox is not allowed here: set by your administrator "
                  "(AllowRescue; `sandglass policy show` tells where)");
  return FALSE;
}

static void
moved (guint64 done, guint64 total, gpointer data)
{
  sg_progress_stage (data, "Saving", total > 0 ? (double)done / (double)total : -1);
}

static void
print_one (const SgSaved *saved, const char *to)
{
  g_autofree char *inside = sg_printable_line (saved->inside);

  if (saved->error != NULL)
    sg_report_text ("%s was not saved: %s", inside, saved->error->message);
  else
    {
      g_autofree char *size = g_format_size (saved->size);
      printf ("%10s  %s/%s%s\n", size, to, saved->saved_as,
              saved->program ? " - program, may harm this computer" : "");
    }
}

static void
print_json (const GPtrArray *all, const char *to)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < all->len; i++)
    {
      const SgSaved *saved = all->pdata[i];
      g_autofree char *inside = g_utf8_make_valid (saved->inside, -1);
      g_autofree char *path
          = saved->saved_as != NULL ? g_build_filename (to, saved->saved_as, NULL) : NULL;

      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "inside");
      json_builder_add_string_value (builder, inside);
      json_builder_set_member_name (builder, "saved-as");
      json_builder_add_string_value (builder, path);
      json_builder_set_member_name (builder, "size");
      json_builder_add_int_value (builder, (gint64)saved->size);
      json_builder_set_member_name (builder, "program");
      json_builder_add_boolean_value (builder, saved->program);
      json_builder_set_member_name (builder, "error");
      json_builder_add_string_value (builder, saved->error != NULL ? saved->error->message : NULL);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  sg_json_print (builder, TRUE);
}

gboolean
sg_cmd_tell_saved (const GPtrArray *all, const char *to, gboolean json)
{
  gboolean whole = TRUE;

  for (guint i = 0; i < all->len; i++)
    {
      const SgSaved *saved = all->pdata[i];

      whole &= saved->error == NULL;
      if (!json || saved->error != NULL)
        print_one (saved, to);
    }
  if (json)
    print_json (all, to);
  if (!whole)
    sg_report_text ("the sandbox is still open, so nothing is lost yet");
  return whole;
}

/* The paths of what a person saved inside; NULL when it was reported. */
static char **
changed_paths (GDBusConnection *connection, gint64 since, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (SgChanges) changes = NULL;
  g_autoptr (GStrvBuilder) paths = g_strv_builder_new ();
  SgWait wait = { 0 };

  sg_changes_async (connection, since, FALSE, cancellable, sg_wait_callback, &wait);
  result = sg_wait_for (&wait);
  changes = sg_changes_finish (result, &error);
  if (changes == NULL)
    {
      sg_report (error);
      return NULL;
    }
  if (changes->cut)
    sg_report_text ("there are more files inside than can be listed; save whole folders instead, "
                    "such as: sandglass save-files ID Documents");
  for (guint i = 0; i < changes->files->len; i++)
    g_strv_builder_add (paths, ((SgChange *)changes->files->pdata[i])->path);
  return g_strv_builder_end (paths);
}

static int
save (GDBusConnection *connection, const char *id, const char *to, gint64 since, char **given,
      gboolean json)
{
  g_autoptr (GError) error = NULL;
  sg_fd int dirfd = sg_open_at (AT_FDCWD, to, O_RDONLY | O_DIRECTORY, 0, &error);
  g_autoptr (GCancellable) cancellable = sg_cancel_by_signal ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) saved = NULL;
  g_auto (GStrv) found = NULL;
  SgProgress *progress;
  SgWait wait = { 0 };

  if (dirfd < 0)
    {
      sg_report (error);
      return SG_EXIT_FAILED;
    }
  if (given == NULL)
    given = found = changed_paths (connection, since, cancellable);
  if (given == NULL)
    return SG_EXIT_FAILED;
  if (*given == NULL && !json)
    puts ("Nothing was saved in this sandbox since it opened.");
  sg_transfer_announce (connection);
  progress = sg_progress_new (1000, FALSE);
  sg_save_files_async (connection, id, dirfd, (const char *const *)given, NULL, moved, progress,
                       cancellable, sg_wait_callback, &wait);
  result = sg_wait_for (&wait);
  sg_progress_free (progress);
  saved = sg_save_files_finish (result, &error);
  if (saved == NULL)
    {
      sg_report (error);
      return SG_EXIT_FAILED;
    }
  return sg_cmd_tell_saved (saved, to, json) ? SG_EXIT_OK : SG_EXIT_FAILED;
}

int
sg_cmd_save_files (int argc, char **argv)
{
  g_autofree char *to = NULL, *id = NULL, *folder = NULL;
  gboolean json = FALSE;
  GOptionEntry entries[]
      = { { "to", 't', 0, G_OPTION_ARG_FILENAME, &to, "Folder to save to (default: Downloads)",
            "DIR" },
          { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Tell as JSON what was saved", NULL },
          { NULL } };
  g_autoptr (GOptionContext) context = g_option_context_new ("ID [PATH...]");
  g_autoptr (GDBusConnection) connection = NULL;
  g_autoptr (GError) error = NULL;
  gint64 since;

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_summary (
      context,
      "Saves files and folders of a sandbox that is open to this computer. Without PATH: all that\n"
      "was saved inside since it opened. A PATH that does not begin with / is below the home\n"
      "inside. Nothing is overwritten; what is saved cannot be run by mistake.");
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      sg_report (error);
      return SG_EXIT_USAGE;
    }
  if (argc < 2)
    {
      sg_report_text ("which sandbox? Give its id; `sandglass list` shows those that are open");
      return SG_EXIT_USAGE;
    }
  if (!sg_cmd_may_save () || !sg_cmd_files_connect (argv[1], &connection, &id, &since))
    return SG_EXIT_FAILED;
  folder = to != NULL ? g_strdup (to) : sg_save_default_folder ();
  return save (connection, id, folder, since, argc > 2 ? argv + 2 : NULL, json);
}
