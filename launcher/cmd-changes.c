/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/changes.h"

#include "common/json-members.h"
#include "common/report.h"
#include "launcher/client.h"
#include "launcher/cmd-save.h"

#include <glib-unix.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <stdio.h>

/* --- what the verbs share -----------------------------------------------------------------------
 */

void
sg_wait_callback (GObject *source, GAsyncResult *result, gpointer data)
{
  SgWait *wait = data;

  wait->result = g_object_ref (result);
}

GAsyncResult *
sg_wait_for (SgWait *wait)
{
  while (wait->result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return g_steal_pointer (&wait->result);
}

static gboolean
cancel (gpointer data)
{
  g_cancellable_cancel (data);
  return G_SOURCE_CONTINUE;
}

GCancellable *
sg_cancel_by_signal (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    g_unix_signal_add_full (G_PRIORITY_DEFAULT, numbers[i], cancel, g_object_ref (cancellable),
                            g_object_unref);
  return cancellable;
}

/* One that has stopped: its files become readable, which takes as long as a start. */
static gboolean
rescue (GDBusConnection *connection, GVariant *facts, GError **error)
{
  const char *state = NULL;
  g_autoptr (GVariant) reply = NULL;

  if (!g_variant_lookup (facts, "State", "&s", &state) || !g_str_equal (state, "stopped"))
    return TRUE;
  reply = sg_client_call (connection, "Rescue", NULL, NULL, -1, error);
  return reply != NULL;
}

gboolean
sg_cmd_files_connect (const char *word, GDBusConnection **ret_connection, char **ret_id,
                      gint64 *ret_since)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *id = sg_client_resolve (word, &error);
  g_autoptr (GDBusConnection) connection = id != NULL ? sg_client_connect (id, &error) : NULL;
  g_autoptr (GVariant) facts
      = connection != NULL ? sg_client_properties (connection, &error) : NULL;

  if (facts == NULL || !rescue (connection, facts, &error))
    {
      sg_report (error);
      return FALSE;
    }
  if (!g_variant_lookup (facts, "StartedAt", "x", ret_since))
    *ret_since = 0;
  *ret_connection = g_steal_pointer (&connection);
  *ret_id = g_steal_pointer (&id);
  return TRUE;
}

/* --- changes ------------------------------------------------------------------------------------
 */

static void
add_change (JsonBuilder *builder, const SgChange *change)
{
  g_autofree char *path = g_utf8_make_valid (change->path, -1);

  json_builder_begin_object (builder);
  sg_json_text (builder, "path", path);
  if (!g_str_equal (path, change->path))
    {
      g_autofree char *escaped = g_strescape (change->path, NULL);
      sg_json_text (builder, "path-escaped", escaped);
    }
  sg_json_text (builder, "place", sg_change_place_key (change->place));
  json_builder_set_member_name (builder, "size");
  json_builder_add_int_value (builder, (gint64)change->size);
  json_builder_set_member_name (builder, "modified-at");
  json_builder_add_int_value (builder, change->mtime);
  sg_json_flag (builder, "program", change->program);
  sg_json_flag (builder, "unfinished", change->unfinished);
  sg_json_flag (builder, "removed", change->removed);
  json_builder_end_object (builder);
}

static void
print_json (const SgChanges *changes)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  sg_json_flag (builder, "cut", changes->cut);
  json_builder_set_member_name (builder, "files");
  json_builder_begin_array (builder);
  for (guint i = 0; i < changes->files->len; i++)
    add_change (builder, changes->files->pdata[i]);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  sg_json_print (builder, TRUE);
}

static void
print_text (const SgChanges *changes)
{
  if (changes->files->len == 0)
    puts ("Nothing was saved in this sandbox since it opened.");
  for (guint i = 0; i < changes->files->len; i++)
    {
      const SgChange *change = changes->files->pdata[i];
      g_autofree char *size = g_format_size (change->size);

      printf ("%10s  %s (%s)%s%s%s\n", change->removed ? "removed" : size, change->name,
              change->folder, change->program ? " - program, may harm this computer" : "",
              change->unfinished ? " - unfinished download" : "",
              change->place == SG_CHANGE_AUTOSTART || change->place == SG_CHANGE_SERVICE
                  ? " - starts by itself"
                  : "");
    }
  if (changes->cut)
    puts ("There are more; only these were listed.");
}

int
sg_cmd_changes (int argc, char **argv)
{
  gboolean json = FALSE, everything = FALSE;
  GOptionEntry entries[]
      = { { "all", 'a', 0, G_OPTION_ARG_NONE, &everything,
            "Everything that differs from this computer: settings, programs, what starts by itself",
            NULL },
          { "json", 0, 0, G_OPTION_ARG_NONE, &json, "As JSON", NULL },
          { NULL } };
  g_autoptr (GOptionContext) context = g_option_context_new ("ID");
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) connection = NULL;
  g_autoptr (GCancellable) cancellable = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (SgChanges) changes = NULL;
  g_autofree char *id = NULL;
  SgWait wait = { 0 };
  gint64 since;

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_summary (context,
                                "Lists the files that were saved in a sandbox since it opened.");
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      sg_report (error);
      return SG_EXIT_USAGE;
    }
  if (argc != 2)
    {
      sg_report_text ("which sandbox? Give its id; `sandglass list` shows those that are open");
      return SG_EXIT_USAGE;
    }
  if (!sg_cmd_files_connect (argv[1], &connection, &id, &since))
    return SG_EXIT_FAILED;
  cancellable = sg_cancel_by_signal ();
  sg_changes_async (connection, since, everything, cancellable, sg_wait_callback, &wait);
  result = sg_wait_for (&wait);
  changes = sg_changes_finish (result, &error);
  if (changes == NULL)
    {
      sg_report (error);
      return SG_EXIT_FAILED;
    }
  if (json)
    print_json (changes);
  else
    print_text (changes);
  return SG_EXIT_OK;
}
