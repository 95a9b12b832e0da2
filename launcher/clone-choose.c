/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/clone-choose.h"

void
sg_choose_clone (SgPlan *plan, const SgPlanRequest *request, SgTemplate **ret_template,
                 char **ret_notice)
{
  const char *why;
  g_autofree char *key = sg_plan_template_key (plan, &why);
  g_autoptr (GError) error = NULL;

  *ret_template = NULL;
  *ret_notice = NULL;
  if (request->cold)
    sg_plan_cold (plan, "as asked");
  else if (key == NULL)
    sg_plan_cold (plan, why);
  else if ((*ret_template = sg_template_open (NULL, key, &error)) != NULL
           && (sg_template_ram_readonly (*ret_template) || plan->ram_preload != NULL))
    sg_plan_clone (plan, sg_template_ram_path (*ret_template),
                   sg_template_ram_readonly (*ret_template));
  else
    {
      plan->unprepared = TRUE;
      g_clear_pointer (ret_template, sg_template_unref);
      sg_plan_cold (plan, "no sandbox is prepared; `sandglass base build` does that");
      if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
        *ret_notice = g_strdup (error->message);
    }
}

gboolean
sg_choose_prepare (SgPlan *plan, SgTemplateDraft **ret_draft, GError **error)
{
  const char *why;
  g_autofree char *key = sg_plan_template_key (plan, &why);
  g_autoptr (SgTemplate) there = key != NULL ? sg_template_open (NULL, key, NULL) : NULL;

  *ret_draft = NULL;
  if (there != NULL)
    return TRUE;
  if (key == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "No sandbox can be prepared: %s",
                   why);
      return FALSE;
    }
  *ret_draft
      = sg_template_draft_new (NULL, key, (guint64)plan->template_size.memory_mb << 20, error);
  if (*ret_draft == NULL)
    return FALSE;
  sg_plan_prepare (plan, sg_template_draft_ram (*ret_draft));
  return TRUE;
}
