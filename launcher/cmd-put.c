/* SPDX-License-Identifier: GPL-2.0-or-later */
/* With --json each line is one value: how far it is while it copies, and at the end one line for
 * each path, in order.  The windows read it. */
#include "common/report.h"
#include "common/json-members.h"
#include "launcher/cmd-save.h"
#include "launcher/put-files.h"
#include "launcher/run-progress.h"
#include "launcher/transfer.h"

#include <json-glib/json-glib.h>
#include <signal.h>
#include <stdio.h>

typedef struct
{
  gboolean json, look;
  GPtrArray *puts; /* owned */
  SgProgress *progress;
} Putting;

/* --- what is told --- */

/* Takes BUILDER. */
static void
print_line (JsonBuilder *builder)
{
  sg_json_print (builder, FALSE);
  g_object_unref (builder);
}

static void
add_number (JsonBuilder *builder, const char *name, guint64 number)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (gint64)MIN (number, (guint64)G_MAXINT64));
}

static void
moved (guint n, guint64 done, guint64 total, gpointer data)
{
  Putting *putting = data;
  JsonBuilder *builder;

  if (!putting->json)
    {
      sg_progress_stage (putting->progress, "Copying",
                         total > 0 ? (double)done / (double)total : -1);
      return;
    }
  builder = json_builder_begin_object (json_builder_new ());
  add_number (builder, "n", n);
  add_number (builder, "done", done);
  add_number (builder, "total", total);
  print_line (json_builder_end_object (builder));
}

static void
tell_json (const Putting *putting, const SgPut *put)
{
  JsonBuilder *builder = json_builder_begin_object (json_builder_new ());

  sg_json_text (builder, "path", put->path);
  json_builder_set_member_name (builder, "folder");
  json_builder_add_boolean_value (builder, put->folder);
  add_number (builder, "files", put->folder ? put->files : 1);
  add_number (builder, "size", put->bytes);
  if (!putting->look)
    sg_json_text (builder, "inside", put->inside);
  sg_json_text (builder, "error", put->error != NULL ? put->error->message : NULL);
  print_line (json_builder_end_object (builder));
}

static void
tell (const Putting *putting, const SgPut *put)
{
  g_autofree char *path = sg_printable_line (put->path), *size = g_format_size (put->bytes);
  g_autofree char *inside = put->inside != NULL ? sg_printable_line (put->inside) : NULL;

  if (put->error != NULL)
    sg_report_text ("%s was not copied: %s", path, put->error->message);
  if (putting->json)
    tell_json (putting, put);
  else if (put->error == NULL)
    printf ("%10s  %s\n", size, inside != NULL ? inside : path);
}

/* --- doing it --- */

static gboolean
count (Putting *putting, GCancellable *cancellable)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  SgWait wait = { 0 };

  sg_put_count_async (putting->puts, cancellable, sg_wait_callback, &wait);
  result = sg_wait_for (&wait);
  if (sg_put_count_finish (result, &error))
    return TRUE;
  sg_report (error);
  return FALSE;
}

static int
put (Putting *putting, GDBusConnection *connection, const char *to)
{
  g_autoptr (GCancellable) cancellable = sg_cancel_by_signal ();
  gboolean whole = TRUE;

  if (!count (putting, cancellable))
    return SG_EXIT_FAILED;
  if (!putting->look)
    {
      g_autoptr (GAsyncResult) result = NULL;
      SgWait wait = { 0 };

      sg_transfer_announce (connection);
      putting->progress = sg_progress_new (700, FALSE);
      sg_put_files_async (connection, putting->puts, to, moved, putting, cancellable,
                          sg_wait_callback, &wait);
      result = sg_wait_for (&wait);
      g_clear_pointer (&putting->progress, sg_progress_free);
      sg_put_files_finish (result);
    }
  for (guint i = 0; i < putting->puts->len; i++)
    {
      tell (putting, putting->puts->pdata[i]);
      whole = whole && ((SgPut *)putting->puts->pdata[i])->error == NULL;
    }
  return whole ? SG_EXIT_OK : SG_EXIT_FAILED;
}

int
sg_cmd_put_files (int argc, char **argv)
{
  g_autofree char *to = NULL, *id = NULL;
  gboolean as_shown = FALSE;
  Putting putting = { 0 };
  GOptionEntry entries[] = {
    { "to", 't', 0, G_OPTION_ARG_FILENAME, &to, "Folder inside (default: the Desktop)", "DIR" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &putting.json, "Tell as JSON, a line for each path", NULL },
    { "look", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &putting.look, NULL, NULL },
    { "as-shown", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &as_shown, NULL, NULL },
    { NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("ID PATH...");
  g_autoptr (GDBusConnection) connection = NULL;
  g_autoptr (GPtrArray) puts = g_ptr_array_new_with_free_func ((GDestroyNotify)sg_put_free);
  g_autoptr (GError) error = NULL;
  gint64 since;

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_summary (
      context, "Copies files and folders of this computer into a sandbox that is open. A DIR that\n"
               "does not begin with / is below the home inside. Nothing inside is overwritten.");
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      sg_report (error);
      return SG_EXIT_USAGE;
    }
  if (argc < 3)
    {
      sg_report_text ("which sandbox, and what? Use: sandglass put-files ID PATH...");
      return SG_EXIT_USAGE;
    }
  signal (SIGPIPE, SIG_IGN);
  for (int i = 2; i < argc; i++)
    g_ptr_array_add (puts, sg_put_open (argv[i], as_shown));
  putting.puts = puts;
  if (!putting.look && !sg_cmd_files_connect (argv[1], &connection, &id, &since))
    return SG_EXIT_FAILED;
  return put (&putting, connection, to != NULL ? to : "Desktop");
}
