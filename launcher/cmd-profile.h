/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sandglass profile check|format` and `sandglass policy show`.  argv[0] is the verb.  Return an
 * exit code of common/report.h. */
#pragma once

#include "policies/grants.h"

int sg_cmd_profile (int argc, char **argv);
int sg_cmd_policy (int argc, char **argv);

/* What the two have in common: profile + policy -> grants. */
typedef struct
{
  gboolean json;
  int memory_mb, cpus; /* of the computer; 0: this one */
  char *purpose;       /* owned */
  char **policy_dirs;  /* owned: further directories, which can only narrow */
  SgDefaults defaults; /* filled by sg_grants_view_parse() */
  SgPolicy *policy;    /* owned */
  SgProfile *profile;  /* owned, or NULL */
  SgGrants *grants;    /* owned */
} SgGrantsView;

/* Parses `VERB [OPTION...] [FILE]` (argv[0] is the second verb) and makes the grants.  Returns
 * SG_EXIT_OK, or the exit code after telling why. */
int sg_grants_view_parse (SgGrantsView *view, int argc, char **argv, gboolean file_needed,
                          const char *summary);
void sg_grants_view_clear (SgGrantsView *view);
