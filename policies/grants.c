/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each setting goes the same way, by its row:
 *
 *   default -> what the profile asks -> what this computer can -> what no rule refuses
 *
 * and whoever changed it last is the reason.  A closed policy comes after all of that: everything
 * that a policy can say something about is at its least then. */
#include "policies/grants-internal.h"

#include <glib/gi18n.h>
#include <string.h>

#define MEMORY_LEAST_MB 1536 /* by default */
#define MEMORY_SPARE_MB 1024 /* stays with this computer */
#define CPUS_USUAL 4
#define DISK_USUAL_MB 65536

/* ---- reasons */

void
sg_reason_clear (SgReason *reason)
{
  g_free (reason->file);
  g_free (reason->rule);
  g_free (reason->asked);
  g_free (reason->note);
  *reason = (SgReason){ SG_BY_DEFAULT };
}

/* `asked` stays: it is what the profile wanted, whoever refuses it. */
static void
set_reason (SgReason *reason, SgDecider who, const char *file, guint line, const char *rule,
            const char *note)
{
  g_free (reason->file);
  g_free (reason->rule);
  g_free (reason->note);
  reason->who = who;
  reason->file = g_strdup (file);
  reason->line = line;
  reason->rule = g_strdup (rule);
  reason->note = g_strdup (note);
}

void
sg_reason_by_rule (SgReason *reason, const SgPolicyRule *rule)
{
  set_reason (reason, SG_BY_POLICY, rule->file, rule->line, rule->rule, NULL);
}

void
sg_reason_by_problem (SgReason *reason, const SgPolicy *policy)
{
  const SgPolicyProblem *problem = policy->problems->pdata[0];

  set_reason (reason, SG_BY_POLICY, problem->file, problem->line, NULL,
              _ ("this file of the administrator cannot be relied on, so everything is closed"));
}

void
sg_reason_by_profile (SgReason *reason, const SgProfile *profile, guint line, const char *rule)
{
  set_reason (reason, SG_BY_PROFILE, profile->name, line, rule, NULL);
}

void
sg_reason_by (SgReason *reason, SgDecider who, const char *note)
{
  set_reason (reason, who, NULL, 0, NULL, note);
}

void
sg_reason_asked (SgReason *reason, const char *asked)
{
  if (reason->asked == NULL)
    reason->asked = g_strdup (asked);
}

/* ---- one setting */

static gint64
default_value (const SgDefaults *defaults, const SgSettingInfo *info)
{
  if (info->defaults[defaults->purpose] != SG_SETTING_COMPUTED)
    return info->defaults[defaults->purpose];
  switch (info->id)
    {
    case SG_SETTING_MEMORY:
      return MAX ((gint64)defaults->memory_mb / 4, MEMORY_LEAST_MB);
    case SG_SETTING_CPUS:
      return defaults->cpus > 0 ? MIN (defaults->cpus, CPUS_USUAL) : 2;
    case SG_SETTING_DISK:
      return defaults->disk_mb > 0 ? defaults->disk_mb : DISK_USUAL_MB;
    default:
      g_return_val_if_reached (0);
    }
}

/* As people wrote it: "4096", "internet". */
static char *
asked_words (const SgSettingInfo *info, const SgAsked *asked)
{
  const char *value = strchr (asked->as_written, '=');

  if (info->kind == SG_KIND_NUMBER && value != NULL)
    return g_strdup_printf ("%s%s%s", value + 1, info->unit != NULL ? " " : "",
                            info->unit != NULL ? info->unit : "");
  return sg_setting_words (info, asked->value, asked->text);
}

/* Open Without These: what is asked, but no more than the default. */
static gint64
without_asks (const SgSettingInfo *info, gint64 usual, gint64 asked)
{
  if (info->kind == SG_KIND_FLAGS)
    return asked & usual;
  if (info->kind != SG_KIND_CHOICE || sg_setting_within (info, usual, asked))
    return asked;
  return sg_setting_within (info, asked, usual) ? usual : sg_setting_closed (info);
}

static void
take_asked (SgGrant *grant, const SgDefaults *defaults, const SgSettingInfo *info,
            const SgProfile *profile)
{
  const SgAsked *asked = &profile->settings[info->id];
  gint64 usual = grant->value;
  g_autofree char *words = NULL;

  if (!asked->asked)
    return;
  words = asked_words (info, asked);
  if (defaults->without_asks
      && (info->id == SG_SETTING_OPEN || info->id == SG_SETTING_PROGRAM
          || without_asks (info, usual, asked->value) != asked->value))
    {
      grant->value = without_asks (info, usual, asked->value);
      sg_reason_by (&grant->reason, SG_BY_PERSON, _ ("opened without it"));
      sg_reason_asked (&grant->reason, words);
      return;
    }
  grant->value = asked->value;
  grant->text = g_strdup (asked->text);
  sg_reason_by_profile (&grant->reason, profile, asked->line, asked->as_written);
}

/* What the profile asked for is remembered when it is taken away from it. */
static void
remember_asked (SgGrant *grant, const SgSettingInfo *info, const SgProfile *profile)
{
  if (profile == NULL || !profile->settings[info->id].asked)
    return;
  g_autofree char *words = asked_words (info, &profile->settings[info->id]);
  sg_reason_asked (&grant->reason, words);
}

static void
fit_computer (SgGrant *grant, const SgDefaults *defaults, const SgSettingInfo *info,
              const SgProfile *profile)
{
  g_autofree char *note = NULL;
  gint64 value = CLAMP (grant->value, info->least, info->most);

  if (info->kind != SG_KIND_NUMBER || info->id == SG_SETTING_MAX_SANDBOXES)
    return;
  if (value > grant->value)
    note = g_strdup (_ ("raised: a sandbox cannot do with less"));
  else if (value < grant->value)
    note = g_strdup (_ ("lowered: there cannot be more"));
  if (info->id == SG_SETTING_MEMORY && defaults->memory_mb > 0)
    {
      gint64 most = MAX ((gint64)defaults->memory_mb - MEMORY_SPARE_MB, info->least);
      if (value > most)
        {
          g_free (note);
          note = g_strdup_printf (_ ("lowered: this computer has %u MB, and keeps some itself"),
                                  defaults->memory_mb);
          value = most;
        }
    }
  if (info->id == SG_SETTING_CPUS && defaults->cpus > 0 && value > defaults->cpus)
    {
      g_free (note);
      note = g_strdup_printf (_ ("lowered: this computer has %u"), defaults->cpus);
      value = defaults->cpus;
    }
  if (note == NULL)
    return;
  grant->value = value;
  sg_reason_by (&grant->reason, SG_BY_COMPUTER, note);
  remember_asked (grant, info, profile);
}

/* What this computer has not got is off, and says why: nobody is to think that it was given. */
static void
need_computer (SgGrant *grant, const SgDefaults *defaults, const SgSettingInfo *info,
               const SgProfile *profile)
{
  const char *why_not = info->id == SG_SETTING_VGPU       ? defaults->no_vgpu
                        : info->id == SG_SETTING_PRINTERS ? defaults->no_printers
                                                          : NULL;
  g_autofree char *note = NULL;

  /* Programs then speak English, which is no reason to take it away. */
  if (info->id == SG_SETTING_LOCALE && grant->text != NULL && grant->reason.note == NULL)
    grant->reason.note = g_strdup (defaults->no_locale);
  if (why_not == NULL || grant->value == 0)
    return;
  note = g_strdup_printf (_ ("not possible here: %s"), why_not);
  grant->value = 0;
  sg_reason_by (&grant->reason, SG_BY_COMPUTER, note);
  remember_asked (grant, info, profile);
}

static void
narrow (SgGrant *grant, const SgSettingInfo *info, const SgProfile *profile, const SgPolicy *policy)
{
  const SgPolicyRule *rule;

  while ((rule = sg_rules_refuse_value (policy, info->id, grant->value)) != NULL)
    {
      gint64 less
          = info->kind == SG_KIND_NUMBER ? rule->number : sg_setting_narrower (info, grant->value);

      sg_reason_by_rule (&grant->reason, rule);
      remember_asked (grant, info, profile);
      if (less == grant->value)
        break; /* the least there is: cannot happen with the tables as they are */
      grant->value = less;
    }
  if (sg_policy_closed (policy) && sg_setting_has_policy (info)
      && grant->value != sg_setting_closed (info))
    {
      grant->value = sg_setting_closed (info);
      sg_reason_by_problem (&grant->reason, policy);
      remember_asked (grant, info, profile);
    }
}

static void
decide (SgGrants *grants, SgSetting setting, const SgDefaults *defaults, const SgProfile *profile,
        const SgPolicy *policy)
{
  const SgSettingInfo *info = sg_setting_info (setting);
  SgGrant *grant = &grants->settings[setting];

  grant->setting = setting;
  grant->value = info->kind != SG_KIND_TEXT ? default_value (defaults, info) : 0;
  if (profile != NULL)
    take_asked (grant, defaults, info, profile);
  fit_computer (grant, defaults, info, profile);
  if (setting == SG_SETTING_PROTECTED_CLIENT && grant->value == 0)
    {
      grant->value = 1;
      sg_reason_by (&grant->reason, SG_BY_PRODUCT, _ ("the window is always confined"));
      remember_asked (grant, info, profile);
    }
  narrow (grant, info, profile, policy);
  need_computer (grant, defaults, info, profile);
}

/* ---- may it run at all */

static const char *
base_name (const char *path)
{
  const char *slash = strrchr (path, '/');

  return slash != NULL ? slash + 1 : path;
}

static void
decide_run (SgGrants *grants, const SgProfile *profile, const SgPolicy *policy)
{
  const SgPolicyRule *rule = sg_rules_refuse_profile (policy, profile);

  grants->may_run = FALSE;
  if (sg_policy_closed (policy))
    {
      g_autofree char *problems = sg_policy_problems_text (policy);
      grants->refusal = g_strdup_printf (
          _ ("The rules of this computer's administrator cannot be relied on, so no "
             "sandbox opens until they are mended. For the administrator:\n%s"),
          g_strchomp (problems));
      sg_reason_by_problem (&grants->refusal_reason, policy);
    }
  else if (rule != NULL)
    {
      grants->refusal = g_strdup_printf (
          profile == NULL || profile->sha256 == NULL
              ? _ ("Your administrator allows only certain saved sandboxes, and one without a "
                   "profile is none of them (%s, line %u). Open one of those, or ask your "
                   "administrator for it.")
          : profile->altered
              ? _ ("Your administrator allows only certain saved sandboxes, and one with settings "
                   "of your own is none of them (%s, line %u). Open one of those, or ask your "
                   "administrator for it.")
              : _ ("Your administrator allows only certain saved sandboxes, and this is none of "
                   "them (%s, line %u). Open one of those, or ask your administrator for it."),
          base_name (rule->file), rule->line);
      sg_reason_by_rule (&grants->refusal_reason, rule);
    }
  else if (profile != NULL && sg_profile_has_errors (profile))
    {
      grants->refusal
          = g_strdup_printf (_ ("Something in %s is not understood, and a guess could give "
                                "more than was meant. Correct what is marked as wrong."),
                             profile->name);
      sg_reason_by_profile (&grants->refusal_reason, profile, 0, NULL);
    }
  else
    grants->may_run = TRUE;
}

static void
folder_free (SgGrantedFolder *folder)
{
  g_free (folder->host_path);
  g_free (folder->sandbox_path);
  sg_reason_clear (&folder->reason);
  g_free (folder);
}

static void
command_free (SgGrantedCommand *command)
{
  g_free (command->command);
  sg_reason_clear (&command->reason);
  g_free (command);
}

SgGrants *
sg_grants_new (const SgDefaults *defaults, const SgProfile *profile, const SgPolicy *policy)
{
  SgGrants *grants = g_new0 (SgGrants, 1);

  grants->folders = g_ptr_array_new_with_free_func ((GDestroyNotify)folder_free);
  grants->commands = g_ptr_array_new_with_free_func ((GDestroyNotify)command_free);
  for (SgSetting i = 0; i < SG_SETTING_MAX; i++)
    decide (grants, i, defaults, profile, policy);
  sg_grants_hosts (grants, profile, policy);
  sg_grants_places (grants, defaults, profile, policy);
  sg_grants_folders (grants, defaults, profile, policy);
  sg_grants_commands (grants, defaults, profile, policy);
  decide_run (grants, profile, policy);
  return grants;
}

void
sg_grants_free (SgGrants *grants)
{
  if (grants == NULL)
    return;
  g_free (grants->refusal);
  sg_reason_clear (&grants->refusal_reason);
  for (SgSetting i = 0; i < SG_SETTING_MAX; i++)
    {
      g_free (grants->settings[i].text);
      sg_reason_clear (&grants->settings[i].reason);
    }
  g_ptr_array_unref (grants->folders);
  g_ptr_array_unref (grants->commands);
  g_strfreev (grants->hosts);
  sg_reason_clear (&grants->hosts_reason);
  g_strfreev (grants->company_networks);
  g_strfreev (grants->company_domains);
  sg_reason_clear (&grants->company_reason);
  g_free (grants);
}

gint64
sg_grants_number (const SgGrants *grants, SgSetting setting)
{
  g_return_val_if_fail (setting < SG_SETTING_MAX, 0);
  return grants->settings[setting].value;
}

const char *
sg_grants_text (const SgGrants *grants, SgSetting setting)
{
  g_return_val_if_fail (setting < SG_SETTING_MAX, NULL);
  return grants->settings[setting].text;
}
