/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this computer and the base say, for a plan. */
#pragma once

#include "baseimage/base.h"
#include "launcher/plan.h"

/* The strings of HOST are owned; free with sg_session_host_clear(). */
gboolean sg_session_host_look (SgPlanHost *host, GError **error);
void sg_session_host_clear (SgPlanHost *host);

/* Makes the plan for BASE.  Looks whether the kernel and the base's files are still there. */
SgPlan *sg_session_plan (const SgPlanRequest *request, const SgBase *base, const SgAccel *accel,
                         GError **error);
