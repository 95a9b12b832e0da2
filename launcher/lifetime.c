/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/lifetime.h"

#define LOOK_SEC 5

SgLifetimeRule
sg_lifetime_rule (const SgGrants *grants)
{
  const SgGrant *grant = &grants->settings[SG_SETTING_LIFETIME];

  return (SgLifetimeRule){ .lifetime = (SgLifetime)grant->value,
                           .asked = grant->reason.who == SG_BY_PROFILE,
                           .idle_minutes
                           = (guint)sg_grants_number (grants, SG_SETTING_IDLE_MINUTES) };
}

static gboolean
has_passed (const SgLifetimeFacts *facts, gint64 now, guint seconds)
{
  return now - facts->last_used >= (gint64)seconds * G_USEC_PER_SEC;
}

const char *
sg_lifetime_over (const SgLifetimeRule *rule, const SgLifetimeFacts *facts, gint64 now)
{
  if (!rule->asked || facts->commands > 0)
    return NULL;
  switch (rule->lifetime)
    {
    case SG_LIFETIME_COMMAND:
      return facts->has_run ? "its commands have ended" : NULL;
    case SG_LIFETIME_WINDOW:
      return facts->had_window && facts->windows == 0
                     && has_passed (facts, now, SG_LIFETIME_WINDOW_SEC)
                 ? "its window was closed"
                 : NULL;
    case SG_LIFETIME_IDLE:
      return facts->silent == 0 && has_passed (facts, now, rule->idle_minutes * 60)
                 ? "nobody has used it for a while"
                 : NULL;
    }
  return NULL;
}

guint
sg_lifetime_look (const SgLifetimeRule *rule)
{
  return rule->asked ? LOOK_SEC : 0;
}
