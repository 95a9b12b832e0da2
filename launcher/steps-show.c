/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/steps-show.h"

#include "common/fd.h"
#include "common/report.h"
#include "launcher/client.h"

#include <json-glib/json-glib.h>
#include <stdio.h>
#include <unistd.h>

#define ANSWER_MSEC 5000

static const char *
text_of (JsonObject *step, const char *name)
{
  return json_object_get_string_member_with_default (step, name, "");
}

static void
print_step (JsonArray *steps, guint i, JsonNode *node, gpointer data)
{
  JsonObject *step = json_node_get_object (node);
  g_autofree char *command = sg_printable_line (text_of (step, "command"));
  g_autofree char *reason = sg_printable_line (text_of (step, "reason"));
  const char *state = text_of (step, "state");

  printf ("%2u  %-15s  ", i + 1, state);
  if (json_object_get_null_member (step, "exit-code"))
    printf ("%3s", "");
  else
    printf ("%3" G_GINT64_FORMAT, json_object_get_int_member (step, "exit-code"));
  printf ("  %-4s  %s%s%s%s\n", text_of (step, "user"), command, *reason != '\0' ? "  (" : "",
          reason, *reason != '\0' ? ")" : "");
}

static gboolean
print_steps (GDBusConnection *connection, gboolean as_json, GError **error)
{
  g_autoptr (GVariant) properties = sg_client_properties (connection, error);
  g_autoptr (JsonNode) root = NULL;
  const char *json = "[]";

  if (properties == NULL)
    return FALSE;
  g_variant_lookup (properties, "Steps", "&s", &json);
  if (as_json)
    {
      g_autofree char *safe = sg_printable_json (json);

      puts (safe);
      return TRUE;
    }
  root = json_from_string (json, error);
  if (root == NULL)
    return FALSE;
  if (json_array_get_length (json_node_get_array (root)) == 0)
    puts ("This sandbox has no steps: its profile names no commands.");
  json_array_foreach_element (json_node_get_array (root), print_step, NULL);
  return TRUE;
}

/* As it came: it is the person's to look at with care. */
static gboolean
print_log (GDBusConnection *connection, int n, GError **error)
{
  g_autoptr (GVariant) reply
      = sg_client_call (connection, "StepLog", g_variant_new ("(u)", (guint)n - 1),
                        G_VARIANT_TYPE ("(ay)"), ANSWER_MSEC, error);
  g_autoptr (GVariant) log = reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  const char *bytes;
  gsize size;

  if (log == NULL)
    return FALSE;
  bytes = g_variant_get_fixed_array (log, &size, 1);
  if (!isatty (STDOUT_FILENO))
    return sg_write_all (STDOUT_FILENO, bytes, size, error);
  text = g_utf8_make_valid (bytes != NULL ? bytes : "", (gssize)size);
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      g_autofree char *safe = sg_printable (*line);
      if (line[1] != NULL || *safe != '\0')
        puts (safe);
    }
  return TRUE;
}

int
sg_cmd_steps (int argc, char **argv)
{
  gboolean json = FALSE;
  int log = 0;
  const GOptionEntry entries[]
      = { { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print the facts as JSON", NULL },
          { "log", 0, 0, G_OPTION_ARG_INT, &log, "Print what step N has written", "N" },
          { NULL } };
  g_autoptr (GOptionContext) context = g_option_context_new ("ID");
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) connection = NULL;
  g_autofree char *id = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_summary (
      context, "Shows the commands that the profile of an open sandbox has run, in order: their\n"
               "state, exit code, user. What they wrote: --log N.");
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc != 2 || log < 0)
    {
      sg_report_text ("%s", error != NULL ? error->message
                                          : "which sandbox? Give its id; `sandglass list` shows "
                                            "those that are open");
      return SG_EXIT_USAGE;
    }
  id = sg_client_resolve (argv[1], &error);
  connection = id != NULL ? sg_client_connect (id, &error) : NULL;
  if (connection != NULL
      && (log > 0 ? print_log (connection, log, &error) : print_steps (connection, json, &error)))
    return SG_EXIT_OK;
  sg_report (error);
  return SG_EXIT_FAILED;
}
