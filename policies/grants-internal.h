/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files that make grants. */
#pragma once

#include "policies/grants.h"

/* --- grants-rules.c: one rule, one question */

/* The first rule that refuses this value, or NULL. */
const SgPolicyRule *sg_rules_refuse_value (const SgPolicy *policy, SgSetting setting, gint64 value);
const SgPolicyRule *
sg_rules_refuse_folder (const SgPolicy *policy, const char *path, gboolean writable);
const SgPolicyRule *sg_rules_refuse_profile (const SgPolicy *policy, const SgProfile *profile);

/* The value that gives least; what a closed policy leaves of a setting. */
gint64 sg_setting_closed (const SgSettingInfo *info);

/* Whether a policy can say anything about it. */
gboolean sg_setting_has_policy (const SgSettingInfo *info);

/* --- grants.c: reasons; each clears what was there but `asked` */

void sg_reason_by_rule (SgReason *reason, const SgPolicyRule *rule);
void sg_reason_by_problem (SgReason *reason, const SgPolicy *policy);
void
sg_reason_by_profile (SgReason *reason, const SgProfile *profile, guint line, const char *rule);
void sg_reason_by (SgReason *reason, SgDecider who, const char *note);
void sg_reason_asked (SgReason *reason, const char *asked);

/* --- grants-lists.c */

void sg_grants_hosts (SgGrants *grants, const SgProfile *profile, const SgPolicy *policy);
void sg_grants_places (SgGrants *grants, const SgDefaults *defaults, const SgProfile *profile,
                       const SgPolicy *policy);
void sg_grants_folders (SgGrants *grants, const SgDefaults *defaults, const SgProfile *profile,
                        const SgPolicy *policy);
void sg_grants_commands (SgGrants *grants, const SgDefaults *defaults, const SgProfile *profile,
                         const SgPolicy *policy);
