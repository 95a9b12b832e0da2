/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Grants and plans from text, for tests, on a made-up computer of 16 GB with 8 processors. */
#pragma once

#include "launcher/plan.h"

#define GIB (1024ull * 1024 * 1024)

extern const SgPlanHost plan_kit_host;
extern const SgPlanBase plan_kit_base;
extern const SgAccel plan_kit_tcg, plan_kit_kvm;

/* ELEMENTS of a profile or NULL, RULES of the policy (file 1.conf, from its second line on) or
 * NULL.
 */
SgGrants *grants_of (const char *elements, const char *rules);

/* GRANTS: NULL is what becomes a template.  0: no size is asked for. */
SgPlan *plan_of (const SgGrants *grants, int memory, int cpus);

/* QEMU's command line, in one. */
char *line_of (const SgPlan *plan);
