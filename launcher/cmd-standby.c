/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sandglass standby`: also the app's way to keep one, every minute, as long as it is open. */
#include "launcher/cmd-standby.h"

#include "common/json-members.h"
#include "common/report.h"
#include "launcher/standby.h"

#include <stdlib.h>

#define MOST 8

typedef struct
{
  guint waiting;  /* before */
  guint started;  /* on their way */
  guint64 memory; /* bytes, of those that wait */
  const char *why_not;
} Standing;

static void
show_json (const Standing *standing)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "waiting");
  json_builder_add_int_value (builder, standing->waiting);
  json_builder_set_member_name (builder, "started");
  json_builder_add_int_value (builder, standing->started);
  json_builder_set_member_name (builder, "memory-bytes");
  json_builder_add_int_value (builder, (gint64)standing->memory);
  json_builder_set_member_name (builder, "why-not");
  if (standing->why_not != NULL)
    json_builder_add_string_value (builder, standing->why_not);
  else
    json_builder_add_null_value (builder);
  json_builder_end_object (builder);
  sg_json_print (builder, TRUE);
}

static void
show (const Standing *standing)
{
  g_autofree char *size = g_format_size (standing->memory);
  const char *why_not = standing->waiting == 0 ? sg_standby_why_not () : NULL;

  if (why_not != NULL)
    printf ("No machine waits, and none is kept waiting now: %s.\n", why_not);
  else if (standing->waiting == 0)
    puts ("No machine waits; the next sandbox is woken when it is opened.");
  else if (standing->waiting == 1)
    printf ("One machine waits: the next sandbox opens with it at once. It takes %s of memory.\n",
            size);
  else
    printf ("%u machines wait: the next sandboxes open with them at once. They take %s of "
            "memory.\n",
            standing->waiting, size);
}

/* As many as are missing; those that are there wait as long as the new ones. */
static gboolean
fill (Standing *standing, guint wanted, guint seconds, const char *profile, GError **error)
{
  if (wanted == 0)
    sg_standby_end_all ();
  else
    standing->waiting = sg_standby_stay (seconds, profile);
  while (standing->waiting + standing->started < wanted)
    {
      standing->why_not = sg_standby_why_not ();
      if (standing->why_not != NULL)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "no machine is kept waiting: %s",
                       standing->why_not);
          return FALSE;
        }
      if (!sg_standby_start (seconds, profile, error))
        return FALSE;
      standing->started++;
    }
  return TRUE;
}

int
sg_cmd_standby (int argc, char **argv)
{
  int minutes = SG_STANDBY_DEFAULT_SEC / 60;
  gboolean json = FALSE;
  g_autofree char *given = NULL, *profile = NULL;
  const GOptionEntry entries[]
      = { { "minutes", 0, 0, G_OPTION_ARG_INT, &minutes,
            "How long they wait at most, from now on (15)", "N" },
          { "profile", 0, 0, G_OPTION_ARG_FILENAME, &given, "They are for what this file asks",
            "FILE" },
          { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print the facts as JSON", NULL },
          { NULL } };
  g_autoptr (GOptionContext) context = g_option_context_new ("[N]");
  g_autoptr (GError) error = NULL;
  guint64 wanted = 0;
  Standing standing = { 0 };
  gboolean ok = TRUE;

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_summary (
      context,
      "Keeps N machines ready and paused, so that the next sandboxes open at once; 0 ends\n"
      "those that wait. Without N, says how many wait. Each takes some memory; they end\n"
      "by themselves after a while, on battery, and when less than 2 GB of memory are free.");
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc > 2 || minutes < 1
      || minutes > 24 * 60
      || (argc == 2 && !g_ascii_string_to_unsigned (argv[1], 10, 0, MOST, &wanted, &error)))
    {
      sg_report_text ("%s", error != NULL ? error->message
                                          : "standby takes a number, and minutes within a day");
      return SG_EXIT_USAGE;
    }
  standing.waiting = sg_standby_count ();
  standing.memory = sg_standby_memory ();
  if (given != NULL)
    profile = g_canonicalize_filename (given, NULL);
  if (argc == 2)
    ok = fill (&standing, (guint)wanted, (guint)minutes * 60, profile, &error);
  if (json)
    show_json (&standing);
  else if (argc == 1)
    show (&standing);
  if (ok)
    return SG_EXIT_OK;
  if (!json || standing.why_not == NULL)
    sg_report (error);
  return SG_EXIT_FAILED;
}
