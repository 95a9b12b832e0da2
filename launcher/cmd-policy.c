/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sandglass policy show [FILE.wsb]`: which rules the administrator has set, and what comes of
 * them. */
#include "launcher/cmd-profile.h"

#include "common/report.h"

#include <stdio.h>
#include <string.h>

static void
print_rules (const SgPolicy *policy)
{
  if (policy->files->len == 0)
    {
      puts ("The administrator has set no rules (" SG_POLICY_DIR ").\n");
      return;
    }
  puts ("Rules of the administrator:");
  for (guint i = 0; i < policy->rules->len; i++)
    {
      const SgPolicyRule *rule = policy->rules->pdata[i];
      const SgPolicyKeyInfo *info = sg_policy_key_info (rule->key);
      g_autofree char *written = sg_printable (rule->rule);

      printf ("  %s:%u: [%s] %s\n", rule->file, rule->line, info->group, written);
    }
  putchar ('\n');
}

static int
show (int argc, char **argv)
{
  SgGrantsView view = { 0 };
  int code = sg_grants_view_parse (
      &view, argc, argv, FALSE,
      "Shows the administrator's rules and what they leave: of the defaults, or of a profile.\n"
      "Exit code 0, or 1 when a file of the rules cannot be relied on and so nothing opens.");

  if (code == SG_EXIT_OK)
    {
      g_autofree char *text = view.json ? sg_grants_json (view.grants, view.profile, view.policy)
                                        : sg_grants_text_report (view.grants);
      g_autofree char *safe = view.json ? sg_printable_json (text) : NULL;
      g_autofree char *problems = sg_policy_problems_text (view.policy);

      if (!view.json)
        print_rules (view.policy);
      printf ("%s%s", safe != NULL ? safe : text, view.json ? "\n" : "");
      fflush (stdout);
      if (problems != NULL)
        {
          sg_report_text ("%s", view.grants->refusal);
          code = SG_EXIT_FAILED;
        }
      else if (!view.grants->may_run && view.profile != NULL)
        {
          sg_report_text ("%s", view.grants->refusal);
          code = SG_EXIT_FAILED;
        }
    }
  sg_grants_view_clear (&view);
  return code;
}

int
sg_cmd_policy (int argc, char **argv)
{
  static const char usage[]
      = "Usage: sandglass policy show [--json] [FILE.wsb]\n\n"
        "Shows the administrator's rules and what they leave, each value with "
        "its reason.\n";

  if (argc >= 2 && strcmp (argv[1], "show") == 0)
    return show (argc - 1, argv + 1);
  if (argc >= 2 && (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0))
    {
      fputs (usage, stdout);
      return SG_EXIT_OK;
    }
  if (argc >= 2)
    sg_report_text ("`policy` has no verb '%s'; see `sandglass policy --help`", argv[1]);
  else
    fputs (usage, stderr);
  return SG_EXIT_USAGE;
}
