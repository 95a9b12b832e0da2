/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/cmd-base.h"

#include "baseimage/base.h"
#include "common/report.h"
#include "launcher/template-files.h"

#include <stdio.h>
#include <string.h>

static const struct
{
  const char *name;
  int (*run) (int argc, char **argv);
  const char *summary;
} verbs[] = {
  { "build", sg_cmd_base_build, "make the copy of this computer, or renew it" },
  { "status", sg_cmd_base_status, "is there one, and is it up to date" },
  { "explain", sg_cmd_base_explain, "is a file inside, and by which rule" },
  { "left-out", sg_cmd_base_left_out, "what of this computer is not inside, and why" },
  { "remove", sg_cmd_base_remove, "remove the copy; your files stay" },
};

static void
print_help (FILE *to)
{
  fprintf (to, "Usage: sandglass base VERB [OPTION...]\n\n"
               "Sandboxes start from a copy of this computer. It holds names and rights; the\n"
               "contents of files stay where they are, so it takes seconds and little room.\n\n");
  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    fprintf (to, "  %-9s %s\n", verbs[i].name, verbs[i].summary);
  fprintf (to, "\n`sandglass base VERB --help` tells more about each.\n");
}

int
sg_cmd_base (int argc, char **argv)
{
  if (argc >= 2 && (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0))
    {
      print_help (stdout);
      return SG_EXIT_OK;
    }
  for (gsize i = 0; argc >= 2 && i < G_N_ELEMENTS (verbs); i++)
    if (strcmp (argv[1], verbs[i].name) == 0)
      return verbs[i].run (argc - 1, argv + 1);
  if (argc >= 2)
    sg_report_text ("`base` has no verb '%s'; see `sandglass base --help`", argv[1]);
  else
    print_help (stderr);
  return SG_EXIT_USAGE;
}

int
sg_cmd_base_remove (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_set_summary (context,
                                "Removes the copy of this computer that sandboxes start from. No "
                                "file of yours is touched.");
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc > 1)
    {
      sg_report_text ("%s", error != NULL ? error->message : "base remove takes no argument");
      return SG_EXIT_USAGE;
    }
  sg_template_prune (NULL, NULL);
  if (sg_base_remove (NULL, &error))
    return SG_EXIT_OK;
  sg_report (error);
  return SG_EXIT_FAILED;
}
