/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/cmd-words.h"

#include "common/report.h"
#include "launcher/client.h"

gboolean
sg_cmd_words (char **argv, const char *usage, const char *summary, const GOptionEntry *entries,
              char ***ret_words)
{
  g_autoptr (GOptionContext) context = g_option_context_new (usage);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) copy = g_strdupv (argv);

  if (entries != NULL)
    g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_summary (context, summary);
  if (!g_option_context_parse_strv (context, &copy, &error))
    {
      sg_report (error);
      return FALSE;
    }
  if (copy[0] != NULL && copy[1] != NULL && g_str_equal (copy[1], "--"))
    {
      g_free (copy[1]);
      for (char **word = copy + 1; (*word = word[1]) != NULL; word++)
        ;
    }
  *ret_words = g_steal_pointer (&copy);
  return TRUE;
}

GDBusConnection *
sg_cmd_reach (const char *word, GError **error)
{
  g_autofree char *id = sg_client_resolve (word, error);
  GDBusConnection *connection = id != NULL ? sg_client_connect (id, error) : NULL;

  if (connection != NULL)
    g_dbus_connection_set_exit_on_close (connection, FALSE);
  return connection;
}
