/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each of these is a client of one or more sessions (client.h); there is no daemon that knows all.
 */
#include "launcher/cmd-sessions.h"

#include "common/json-members.h"
#include "common/paths.h"
#include "common/report.h"
#include "launcher/client.h"
#include "launcher/cmd-words.h"
#include "launcher/standby.h"

#include <errno.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DISCARD_MSEC 15000
#define MEMORY_MSEC 5000

/* --- list ---------------------------------------------------------------------------------------
 */

typedef struct
{
  GVariantDict *facts; /* owned */
  guint64 private_bytes, shared_bytes, proportional_bytes;
  gboolean has_memory;
} Open;

static void
open_free (Open *open)
{
  g_variant_dict_unref (open->facts);
  g_free (open);
}

static const char *
fact (const Open *open, const char *name)
{
  const char *text = "";

  g_variant_dict_lookup (open->facts, name, "&s", &text);
  return text;
}

/* NULL for one that does not answer: it was killed a moment ago, or is just ending. */
static Open *
look_at (const char *id)
{
  g_autoptr (GDBusConnection) connection = sg_client_connect (id, NULL);
  g_autoptr (GVariant) properties
      = connection != NULL ? sg_client_properties (connection, NULL) : NULL;
  g_autoptr (GVariant) memory = NULL;
  Open *open;

  if (properties == NULL)
    return NULL;
  open = g_new0 (Open, 1);
  open->facts = g_variant_dict_new (properties);
  memory = sg_client_call (connection, "Memory", NULL, G_VARIANT_TYPE ("(ttt)"), MEMORY_MSEC, NULL);
  if (memory != NULL)
    g_variant_get (memory, "(ttt)", &open->private_bytes, &open->shared_bytes,
                   &open->proportional_bytes);
  open->has_memory = memory != NULL;
  return open;
}

static GPtrArray *
look_at_all (GError **error)
{
  g_auto (GStrv) ids = sg_client_ids (error);
  GPtrArray *all;

  if (ids == NULL)
    return NULL;
  all = g_ptr_array_new_with_free_func ((GDestroyNotify)open_free);
  for (char **id = ids; *id != NULL; id++)
    {
      Open *open = look_at (*id);
      if (open != NULL)
        g_ptr_array_add (all, open);
    }
  return all;
}

static gint64
started_at (const Open *open)
{
  gint64 at = 0;

  g_variant_dict_lookup (open->facts, "StartedAt", "x", &at);
  return at;
}

static void
print_text (const GPtrArray *all, const GPtrArray *waiting)
{
  if (all->len == 0 && waiting->len == 0)
    puts ("No sandbox is open.");
  else
    printf ("%-8s  %-9s  %-8s  %8s  %8s  %8s  %s\n", "ID", "STATE", "OPEN FOR", "PRIVATE", "SHARED",
            "ITS PART", "NAME");
  for (guint i = 0; i < all->len; i++)
    {
      const Open *open = g_ptr_array_index (all, i);
      gint64 seconds = (g_get_real_time () - started_at (open)) / G_USEC_PER_SEC;
      g_autofree char *name = sg_printable_line (fact (open, "Title"));
      g_autofree char *since = seconds < 60
                                   ? g_strdup_printf ("%d s", (int)MAX (seconds, 0))
                                   : g_strdup_printf ("%" G_GINT64_FORMAT " min", seconds / 60);

      printf ("%-8s  %-9s  %-8s  %5.0f MB  %5.0f MB  %5.0f MB  %s\n", fact (open, "Id"),
              fact (open, "State"), since, (double)open->private_bytes / 1e6,
              (double)open->shared_bytes / 1e6, (double)open->proportional_bytes / 1e6, name);
    }
  for (guint i = 0; i < waiting->len; i++)
    {
      const SgStandbyOne *one = waiting->pdata[i];

      printf ("%-8s  %-9s  %-8s  %8s  %8s  %5.0f MB\n", one->id, "waiting", "", "", "",
              (double)one->bytes / 1e6);
    }
}

static void
add_waiting (JsonBuilder *builder, const GPtrArray *waiting)
{
  for (guint i = 0; i < waiting->len; i++)
    {
      const SgStandbyOne *one = waiting->pdata[i];

      json_builder_begin_object (builder);
      sg_json_text (builder, "id", one->id);
      sg_json_text (builder, "state", "waiting");
      sg_json_number (builder, "proportional-bytes", (gint64)one->bytes);
      json_builder_end_object (builder);
    }
}

static void
print_json (const GPtrArray *all, const GPtrArray *waiting)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < all->len; i++)
    {
      const Open *open = g_ptr_array_index (all, i);

      json_builder_begin_object (builder);
      sg_json_text (builder, "id", fact (open, "Id"));
      sg_json_text (builder, "state", fact (open, "State"));
      sg_json_text (builder, "stage", fact (open, "Stage"));
      sg_json_text (builder, "title", fact (open, "Title"));
      sg_json_text (builder, "accelerator", fact (open, "Accelerator"));
      sg_json_number (builder, "started-at", started_at (open));
      if (open->has_memory)
        {
          sg_json_number (builder, "private-bytes", (gint64)open->private_bytes);
          sg_json_number (builder, "shared-bytes", (gint64)open->shared_bytes);
          sg_json_number (builder, "proportional-bytes", (gint64)open->proportional_bytes);
        }
      json_builder_end_object (builder);
    }
  add_waiting (builder, waiting);
  json_builder_end_array (builder);
  sg_json_print (builder, TRUE);
}

int
sg_cmd_list (int argc, char **argv)
{
  gboolean json = FALSE, with_waiting = FALSE;
  const GOptionEntry entries[]
      = { { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print the facts as JSON", NULL },
          { "waiting", 0, 0, G_OPTION_ARG_NONE, &with_waiting,
            "Also the machines that are kept ready (sandglass standby)", NULL },
          { NULL } };
  g_auto (GStrv) words = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) all = NULL, waiting = NULL;

  if (!sg_cmd_words (
          argv, "",
          "Lists the sandboxes that are open. Memory: what belongs to it alone, what it shares\n"
          "with others, and its fair part of both.",
          entries, &words))
    return SG_EXIT_USAGE;
  if (words[1] != NULL)
    {
      sg_report_text ("list takes no argument");
      return SG_EXIT_USAGE;
    }
  all = look_at_all (&error);
  if (all == NULL)
    {
      sg_report (error);
      return SG_EXIT_FAILED;
    }
  waiting = with_waiting ? sg_standby_list () : g_ptr_array_new ();
  (json ? print_json : print_text) (all, waiting);
  return SG_EXIT_OK;
}

/* --- one by its id ------------------------------------------------------------------------------
 */

/* The id that the only word means; NULL after having said what is wrong (*ret_code). */
static char *
one_id (int argc, char **argv, const char *summary, int *ret_code)
{
  g_auto (GStrv) words = NULL;
  g_autoptr (GError) error = NULL;
  char *id;

  *ret_code = SG_EXIT_USAGE;
  if (!sg_cmd_words (argv, "ID", summary, NULL, &words))
    return NULL;
  if (words[1] == NULL || words[2] != NULL)
    {
      sg_report_text ("%s takes one id; `sandglass list` shows those that are open", argv[0]);
      return NULL;
    }
  *ret_code = SG_EXIT_FAILED;
  id = sg_client_resolve (words[1], &error);
  if (id == NULL)
    sg_report (error);
  return id;
}

int
sg_cmd_connect (int argc, char **argv)
{
  int code;
  g_autofree char *id = one_id (argc, argv, "Opens the window of a sandbox that is open.", &code);
  g_autoptr (GError) error = NULL;
  g_autofree char *viewer = NULL;

  if (id == NULL)
    return code;
  viewer = sg_paths_program ("sandglass-viewer", &error);
  if (viewer != NULL)
    {
      execl (viewer, viewer, "--session", id, (char *)NULL);
      g_set_error (&error, G_IO_ERROR, g_io_error_from_errno (errno), "Cannot start %s: %s", viewer,
                   g_strerror (errno));
    }
  sg_report (error);
  return SG_EXIT_FAILED;
}

static void
on_closed (GDBusConnection *connection, gboolean vanished, GError *error, gpointer loop)
{
  g_main_loop_quit (loop);
}

int
sg_cmd_wait (int argc, char **argv)
{
  int code;
  g_autofree char *id = one_id (argc, argv, "Waits until a sandbox has ended.", &code);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) connection = NULL;
  g_autoptr (GMainLoop) loop = NULL;

  if (id == NULL)
    return code;
  connection = sg_client_connect (id, &error);
  if (connection == NULL)
    {
      sg_report (error);
      return SG_EXIT_FAILED;
    }
  loop = g_main_loop_new (NULL, FALSE);
  g_signal_connect (connection, "closed", G_CALLBACK (on_closed), loop);
  if (!g_dbus_connection_is_closed (connection))
    g_main_loop_run (loop);
  return SG_EXIT_OK;
}

int
sg_cmd_restart (int argc, char **argv)
{
  int code;
  g_autofree char *id
      = one_id (argc, argv,
                "Throws away all that is in a sandbox and starts it anew, clean, as "
                "it was asked for.\nIts id, its network as it is switched now, and "
                "its folders stay. Returns when commands can run.",
                &code);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) connection = NULL;
  g_autoptr (GVariant) reply = NULL;

  if (id == NULL)
    return code;
  connection = sg_client_connect (id, &error);
  if (connection != NULL)
    reply = sg_client_call (connection, "RestartClean", NULL, NULL, G_MAXINT, &error);
  if (reply != NULL)
    return SG_EXIT_OK;
  sg_report (error);
  return SG_EXIT_FAILED;
}

/* --- discard ------------------------------------------------------------------------------------
 */

static gboolean
discard (const char *id, GError **error)
{
  g_autoptr (GDBusConnection) connection = sg_client_connect (id, error);
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) local = NULL;

  if (connection == NULL)
    return FALSE;
  g_dbus_connection_set_exit_on_close (connection, FALSE);
  reply = sg_client_call (connection, "Discard", NULL, NULL, DISCARD_MSEC, &local);
  if (reply != NULL || g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CLOSED))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
               "It is not certain that everything of the sandbox %s is gone: %s", id,
               local->message);
  return FALSE;
}

int
sg_cmd_discard (int argc, char **argv)
{
  gboolean all = FALSE, ok = TRUE;
  const GOptionEntry entries[]
      = { { "all", 'a', 0, G_OPTION_ARG_NONE, &all, "All that are open", NULL }, { NULL } };
  g_auto (GStrv) words = NULL, ids = NULL;

  if (!sg_cmd_words (
          argv, "ID...",
          "Throws sandboxes away with everything in them. It is verified that nothing is left.",
          entries, &words))
    return SG_EXIT_USAGE;
  if (all == (words[1] != NULL))
    {
      sg_report_text ("which sandbox? Give ids (`sandglass list` shows them), or --all");
      return SG_EXIT_USAGE;
    }
  ids = all ? sg_client_ids (NULL) : g_strdupv (words + 1);
  for (char **word = ids; word != NULL && *word != NULL; word++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *id = sg_client_resolve (*word, &error);

      if (id != NULL && discard (id, &error))
        continue;
      sg_report (error);
      ok = FALSE;
    }
  return ok ? SG_EXIT_OK : SG_EXIT_FAILED;
}
