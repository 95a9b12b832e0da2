/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/problem.h"

G_DEFINE_BOXED_TYPE (SgProblem, sg_problem, sg_problem_copy, sg_problem_free)

SgProblem *
sg_problem_new (const char *title, const char *message, const char *next, const char *details)
{
  SgProblem *problem = g_new0 (SgProblem, 1);

  problem->title = g_strdup (title);
  problem->message = g_strdup (message);
  problem->next = g_strdup (next);
  problem->details = g_strdup (details);
  return problem;
}

SgProblem *
sg_problem_copy (const SgProblem *problem)
{
  return sg_problem_new (problem->title, problem->message, problem->next, problem->details);
}

void
sg_problem_free (SgProblem *problem)
{
  if (problem == NULL)
    return;
  g_free (problem->title);
  g_free (problem->message);
  g_free (problem->next);
  g_free (problem->details);
  g_free (problem);
}

char *
sg_problem_report (const SgProblem *problem)
{
  g_autofree char *system = g_get_os_info (G_OS_INFO_KEY_PRETTY_NAME);
  GString *text = g_string_new (problem->title);

  g_string_append_printf (text, "\n%s\n", problem->message);
  if (problem->next != NULL)
    g_string_append_printf (text, "%s\n", problem->next);
  if (problem->details != NULL)
    g_string_append_printf (text, "\n%s\n", problem->details);
  g_string_append_printf (text, "\nSandglass %s, %s\n", SG_VERSION,
                          system != NULL ? system : "unknown system");
  return g_string_free (text, FALSE);
}
