/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/session-arguments.h"

#include "common/report.h"
#include "launcher/clone-choose.h"
#include "launcher/session-host.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

gboolean
sg_session_parse (int *argc, char ***argv, SgPlanRequest *request, SgAsk *ask,
                  SgSessionArguments *arguments, GError **error)
{
  GOptionEntry entries[] = {
    { "owner-fd", 0, 0, G_OPTION_ARG_INT, &arguments->owner_fd, "D-Bus with who started it", "FD" },
    { "memory", 0, 0, G_OPTION_ARG_INT, &request->memory_mb, "Memory inside, in MB", "MB" },
    { "cpus", 0, 0, G_OPTION_ARG_INT, &request->cpus, "Processors inside", "N" },
    { "cold", 0, 0, G_OPTION_ARG_NONE, &request->cold, "Boot, even where a template is", NULL },
    { "prepare", 0, 0, G_OPTION_ARG_NONE, &request->prepare, "Boot, and become the template",
      NULL },
    { "base", 0, 0, G_OPTION_ARG_STRING, &arguments->base,
      "With --prepare: for the base of this digest, not the current one", "DIGEST" },
    { "standby", 0, 0, G_OPTION_ARG_INT, &arguments->standby_sec,
      "Wake a machine and wait, at most so long, until it is taken", "SECONDS" },
    { "timings", 0, 0, G_OPTION_ARG_NONE, &arguments->timings, "Tell what takes how long", NULL },
    { "text", 0, 0, G_OPTION_ARG_NONE, &request->text, "Commands only: no desktop inside", NULL },
    { "plan", 0, 0, G_OPTION_ARG_NONE, &arguments->plan, "Print what would be started", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &arguments->json, "With --plan: for programs", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("(started by sandglass)");

  g_autofree GOptionEntry *asked = sg_ask_entries (ask);

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_add_main_entries (context, asked, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  gboolean alone = arguments->plan || arguments->standby_sec > 0;

  if (*argc == 1 && request->memory_mb >= 0 && request->cpus >= 0
      && (alone ? arguments->owner_fd < 0
                : arguments->owner_fd > STDERR_FILENO && fcntl (arguments->owner_fd, F_GETFD) >= 0))
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "sandglass-session is started by `sandglass`; it needs --owner-fd or --plan");
  return FALSE;
}

int
sg_session_print_plan (const SgPlanRequest *asked, SgPolicy *policy, SgAsk *ask, gboolean json)
{
  g_autoptr (GError) error = NULL;
  SgPlanRequest with_grants = *asked, *request = &with_grants;
  g_autoptr (SgGranted) granted = NULL;

  ask->memory_mb = asked->memory_mb;
  ask->cpus = asked->cpus;
  granted = sg_granted_new (policy, ask, &error);
  if (granted == NULL || !sg_granted_may_run (granted, &error))
    {
      sg_report (error);
      return SG_EXIT_OURS;
    }
  request->grants = granted->grants;
  g_autoptr (SgBase) base = sg_base_open (NULL, &error);
  SgAccelOptions options = { .kernel = base != NULL ? sg_base_kernel (base) : NULL };
  g_autoptr (SgAccel) accel = base != NULL ? sg_accel_peek (&options) : NULL;
  g_autoptr (SgPlan) plan = base != NULL ? sg_session_plan (request, base, accel, &error) : NULL;
  g_autoptr (SgTemplate) template = NULL;
  g_autofree char *text = NULL, *notice = NULL;

  if (plan == NULL)
    {
      sg_report (error);
      return SG_EXIT_OURS;
    }
  sg_choose_clone (plan, request, &template, &notice);
  text = json ? sg_plan_json (plan) : sg_plan_text (plan);
  fputs (text, stdout);
  if (json)
    fputc ('\n', stdout);
  return fflush (stdout) == 0 ? SG_EXIT_OK : SG_EXIT_FAILED;
}
