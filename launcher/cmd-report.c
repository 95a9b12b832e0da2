/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/cmd-report.h"

#include "common/report.h"
#include "launcher/client.h"
#include "launcher/ticket.h"

#include <stdio.h>

/* Appends what the session WORD means says of itself. */
static gboolean
add_session (GString *text, const char *word, GError **error)
{
  g_autofree char *id = sg_client_resolve (word, error), *part = NULL;
  g_autoptr (GDBusConnection) connection = id != NULL ? sg_client_connect (id, error) : NULL;
  g_autoptr (GVariant) properties
      = connection != NULL ? sg_client_properties (connection, error) : NULL;

  if (properties == NULL)
    return FALSE;
  part = sg_ticket_session (properties);
  g_string_append (text, part);
  return TRUE;
}

static gboolean
write_out (const char *text, const char *file, GError **error)
{
  if (file == NULL)
    {
      fputs (text, stdout);
      return TRUE;
    }
  if (g_file_test (file, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_EXIST,
                   "%s is there already; name another file", file);
      return FALSE;
    }
  return g_file_set_contents_full (file, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, error);
}

int
sg_cmd_report (int argc, char **argv)
{
  g_autofree char *file = NULL;
  gboolean quick = FALSE, host_name = FALSE;
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &file, "Write it to FILE", "FILE" },
    { "host-name", 0, 0, G_OPTION_ARG_NONE, &host_name, "Tell this computer's name, too", NULL },
    { "quick", 0, 0, G_OPTION_ARG_NONE, &quick, "Do not try out this computer's virtualization",
      NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("[ID]");
  g_autoptr (GPtrArray) findings = NULL;
  g_autoptr (GString) text = NULL;
  g_autoptr (GError) error = NULL;
  const SgDoctorHost host = { 0 };
  const SgTicketSecrets secrets = { g_get_home_dir (), g_get_user_name (), NULL };

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_summary (
      context,
      "Prints what helps to find a fault, to be read and put into a ticket: versions, what\n"
      "this computer has, and of an open sandbox what it is given and why.  No names of\n"
      "files, no command lines, no sites, no name of a user or of this computer.");
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc > 2)
    {
      sg_report_text ("%s", error != NULL ? error->message : "report takes one id at most");
      return SG_EXIT_USAGE;
    }
  findings = sg_doctor_run (&host, quick, NULL);
  g_autofree char *computer = sg_ticket_computer (findings);
  text = g_string_new (computer);
  if (argc == 2 && !add_session (text, argv[1], &error))
    {
      sg_report (error);
      return SG_EXIT_FAILED;
    }
  SgTicketSecrets covered = secrets;
  covered.host = host_name ? NULL : g_get_host_name ();
  g_autofree char *whole = sg_ticket_cover (text->str, &covered);
  g_autofree char *named = host_name
                               ? g_strdup_printf ("Computer: %s\n%s", g_get_host_name (), whole)
                               : g_steal_pointer (&whole);
  if (!write_out (named, file, &error))
    {
      sg_report (error);
      return SG_EXIT_FAILED;
    }
  return SG_EXIT_OK;
}
