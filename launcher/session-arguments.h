/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of sandglass-session, and its `--plan`. */
#pragma once

#include "launcher/grants-load.h"
#include "launcher/plan.h"

typedef struct
{
  int owner_fd;
  gboolean plan, json, timings;
  int standby_sec;
  char *base; /* owned; with SgPlanRequest.prepare: the digest of a base that is not current yet */
} SgSessionArguments;

/* What is asked goes into REQUEST and ASK.  FALSE with words for whoever started us by hand. */
gboolean sg_session_parse (int *argc, char ***argv, SgPlanRequest *request, SgAsk *ask,
                           SgSessionArguments *arguments, GError **error);

/* Prints what would be started, and starts nothing.  Takes POLICY.  An exit code of report.h. */
int sg_session_print_plan (const SgPlanRequest *asked, SgPolicy *policy, SgAsk *ask, gboolean json);
