/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each kind of rule refuses.
 *
 * Every rule is a question about one value: does it refuse it?  A value is given when no rule does.
 * So rules can only narrow, in whatever order they come. */
#include "policies/grants-internal.h"
#include "policies/paths.h"

#include <fnmatch.h>
#include <string.h>

gint64
sg_setting_closed (const SgSettingInfo *info)
{
  gint64 value, next;

  if (info->kind == SG_KIND_NUMBER)
    return info->least;
  if (info->kind != SG_KIND_CHOICE)
    return 0;
  for (value = info->choices[0].value; (next = sg_setting_narrower (info, value)) != value;)
    value = next;
  return value;
}

gboolean
sg_setting_has_policy (const SgSettingInfo *info)
{
  return info->policies[0] != SG_POLICY_NONE;
}

/* A mode is given when it, or one that holds more, is listed: who may use the internet may use a
 * part of it, or none. */
static gboolean
modes_refuse (gint64 listed, gint64 mode)
{
  const SgSettingInfo *info = sg_setting_info (SG_SETTING_NETWORK);

  for (gint64 one = SG_NETWORK_NONE; one <= SG_NETWORK_LAN; one++)
    if ((listed & ((gint64)1 << one)) != 0 && sg_setting_within (info, one, mode))
      return FALSE;
  return mode != SG_NETWORK_NONE;
}

static gboolean
words_refuse (const SgPolicyRule *rule, SgSetting setting, gint64 value)
{
  if (setting == SG_SETTING_NETWORK)
    return modes_refuse (rule->number, value);
  /* ClipboardDirections: "none in out" */
  return value != SG_CLIPBOARD_OFF
         && (rule->number & (setting == SG_SETTING_CLIPBOARD_IN ? 2 : 4)) == 0;
}

static gboolean
refuses (const SgPolicyRule *rule, const SgSettingInfo *info, gint64 value)
{
  switch (sg_policy_key_info (rule->key)->kind)
    {
    case SG_POLICY_KIND_ALLOW:
      return rule->number == 0 && value != sg_setting_closed (info);
    case SG_POLICY_KIND_REQUIRE:
      return rule->number != 0 && value == 0;
    case SG_POLICY_KIND_MOST:
      return value > rule->number || value == 0; /* 0: no limit */
    case SG_POLICY_KIND_WORDS:
      return words_refuse (rule, info->id, value);
    case SG_POLICY_KIND_HOSTS:
      /* Which hosts is another question; here, only a list can be kept to. */
      return value != SG_NETWORK_NONE && value != SG_NETWORK_ALLOWLIST;
    default:
      return FALSE;
    }
}

const SgPolicyRule *
sg_rules_refuse_value (const SgPolicy *policy, SgSetting setting, gint64 value)
{
  const SgSettingInfo *info = sg_setting_info (setting);

  for (guint i = 0; policy != NULL && i < policy->rules->len; i++)
    {
      const SgPolicyRule *rule = policy->rules->pdata[i];

      for (guint j = 0; j < SG_SETTING_POLICIES && info->policies[j] != SG_POLICY_NONE; j++)
        if (rule->key == info->policies[j] && refuses (rule, info, value))
          return rule;
    }
  return NULL;
}

static gboolean
folder_refused (const SgPolicyRule *rule, const char *path, gboolean writable)
{
  switch (rule->key)
    {
    case SG_POLICY_ALLOW_MAPPED_FOLDERS:
      return rule->number == 0;
    case SG_POLICY_ALLOW_WRITE_TO_MAPPED_FOLDERS:
      return rule->number == 0 && writable;
    case SG_POLICY_MAPPED_FOLDERS_ALLOWED:
      for (char **glob = rule->list; *glob != NULL; glob++)
        if (sg_path_under_glob (path, *glob))
          return FALSE;
      return TRUE;
    case SG_POLICY_MAPPED_FOLDERS_DENIED:
      for (char **glob = rule->list; *glob != NULL; glob++)
        if (sg_path_under_glob (path, *glob) || sg_path_above_glob (path, *glob))
          return TRUE;
      return FALSE;
    default:
      return FALSE;
    }
}

const SgPolicyRule *
sg_rules_refuse_folder (const SgPolicy *policy, const char *path, gboolean writable)
{
  for (guint i = 0; policy != NULL && i < policy->rules->len; i++)
    if (folder_refused (policy->rules->pdata[i], path, writable))
      return policy->rules->pdata[i];
  return NULL;
}

/* A profile that was added to is no longer the one that the administrator has looked at. */
static gboolean
profile_listed (const SgPolicyRule *rule, const SgProfile *profile)
{
  gboolean none = profile == NULL || profile->sha256 == NULL || profile->altered;

  for (char **one = rule->list; *one != NULL; one++)
    {
      if (strcmp (*one, "none") == 0)
        {
          if (none)
            return TRUE;
        }
      else if (none)
        continue;
      else if (g_str_has_prefix (*one, "sha256:"))
        {
          if (g_ascii_strcasecmp (*one + strlen ("sha256:"), profile->sha256) == 0)
            return TRUE;
        }
      else if (profile->path != NULL && fnmatch (*one, profile->path, FNM_PATHNAME) == 0)
        return TRUE;
    }
  return FALSE;
}

const SgPolicyRule *
sg_rules_refuse_profile (const SgPolicy *policy, const SgProfile *profile)
{
  for (guint i = 0; policy != NULL && i < policy->rules->len; i++)
    {
      const SgPolicyRule *rule = policy->rules->pdata[i];
      if (rule->key == SG_POLICY_PROFILES && !profile_listed (rule, profile))
        return rule;
    }
  return NULL;
}

/* ---- for switches while a sandbox runs */

gboolean
sg_policy_would_allow (const SgPolicy *policy, SgSetting setting, gint64 value,
                       SgReason *ret_reason)
{
  const SgSettingInfo *info = sg_setting_info (setting);
  const SgPolicyRule *rule = sg_rules_refuse_value (policy, setting, value);
  gboolean closed = sg_policy_closed (policy) && sg_setting_has_policy (info)
                    && value != sg_setting_closed (info);

  if (ret_reason != NULL)
    *ret_reason = (SgReason){ SG_BY_DEFAULT };
  if (ret_reason != NULL && rule != NULL)
    sg_reason_by_rule (ret_reason, rule);
  else if (ret_reason != NULL && closed)
    sg_reason_by_problem (ret_reason, policy);
  return rule == NULL && !closed;
}

gboolean
sg_policy_would_allow_folder (const SgPolicy *policy, const char *host_path, gboolean writable,
                              SgReason *ret_reason)
{
  const SgPolicyRule *rule = sg_rules_refuse_folder (policy, host_path, writable);

  if (ret_reason != NULL)
    *ret_reason = (SgReason){ SG_BY_DEFAULT };
  if (ret_reason != NULL && rule != NULL)
    sg_reason_by_rule (ret_reason, rule);
  else if (ret_reason != NULL && sg_policy_closed (policy))
    sg_reason_by_problem (ret_reason, policy);
  return rule == NULL && !sg_policy_closed (policy);
}
