/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a session's machine starts: out of a template where there is one for this plan. */
#pragma once

#include "launcher/plan.h"
#include "launcher/template.h"

/* Decides, and turns PLAN into it.  *ret_template is set for SG_START_CLONE; *ret_notice, what a
 * person should know when a template that was there could not be used (or NULL; free with
 * g_free()). Nothing is made: a plan may be printed. */
void sg_choose_clone (SgPlan *plan, const SgPlanRequest *request, SgTemplate **ret_template,
                      char **ret_notice);

/* For request->prepare.  TRUE with *ret_draft NULL: the template is there already. */
gboolean sg_choose_prepare (SgPlan *plan, SgTemplateDraft **ret_draft, GError **error);
