/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/cmd-standby.h"

#include "common/report.h"
#include "launcher/standby.h"

#include <stdio.h>
#include <stdlib.h>

#define MOST 8

static int
show (void)
{
  guint n = sg_standby_count ();

  if (n == 0)
    puts ("No machine waits; the next sandbox is woken when it is opened.");
  else if (n == 1)
    puts ("One machine waits: the next sandbox opens with it at once.");
  else
    printf ("%u machines wait: the next sandboxes open with them at once.\n", n);
  return SG_EXIT_OK;
}

static int
fill (guint wanted, guint seconds)
{
  g_autoptr (GError) error = NULL;

  for (guint have = sg_standby_count (); have < wanted; have++)
    {
      const char *why = sg_standby_why_not ();
      if (why != NULL)
        {
          sg_report_text ("no machine is kept waiting: %s", why);
          return SG_EXIT_FAILED;
        }
      if (!sg_standby_start (seconds, &error))
        {
          sg_report (error);
          return SG_EXIT_FAILED;
        }
    }
  return SG_EXIT_OK;
}

int
sg_cmd_standby (int argc, char **argv)
{
  int minutes = SG_STANDBY_DEFAULT_SEC / 60;
  const GOptionEntry entries[]
      = { { "minutes", 0, 0, G_OPTION_ARG_INT, &minutes, "How long they wait at most (15)", "N" },
          { NULL } };
  g_autoptr (GOptionContext) context = g_option_context_new ("[N]");
  g_autoptr (GError) error = NULL;
  guint64 wanted = 0;

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_summary (
      context,
      "Keeps N machines ready and paused, so that the next sandboxes open at once; 0 ends\n"
      "those that wait. Without N, says how many wait. Each takes some memory; they end\n"
      "by themselves after a while.");
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc > 2 || minutes < 1
      || minutes > 24 * 60
      || (argc == 2 && !g_ascii_string_to_unsigned (argv[1], 10, 0, MOST, &wanted, &error)))
    {
      sg_report_text ("%s", error != NULL ? error->message
                                          : "standby takes a number, and minutes within a day");
      return SG_EXIT_USAGE;
    }
  if (argc == 1)
    return show ();
  if (wanted == 0)
    sg_standby_end_all ();
  return fill ((guint)wanted, (guint)minutes * 60);
}
