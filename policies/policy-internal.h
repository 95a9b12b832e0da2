/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between policy.c and policy-files.c, and the pure rules of grants-rules.c. */
#pragma once

#include "policies/policy.h"

/* From now on the policy is closed. */
void sg_policy_add_problem (SgPolicy *policy, const char *file, guint line, const char *format, ...)
    G_GNUC_PRINTF (4, 5);
