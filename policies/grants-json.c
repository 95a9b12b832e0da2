/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policies/grants-internal.h"

#include "common/json-members.h"

#include <json-glib/json-glib.h>

static void
add_line (JsonBuilder *builder, const char *name, guint line)
{
  json_builder_set_member_name (builder, name);
  if (line > 0)
    json_builder_add_int_value (builder, line);
  else
    json_builder_add_null_value (builder);
}

static void
begin_list (JsonBuilder *builder, const char *name)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
}

static void
add_reason (JsonBuilder *builder, const char *name, const SgReason *reason)
{
  static const char *const deciders[]
      = { "default", "profile", "policy", "computer", "person", "product" };

  json_builder_set_member_name (builder, name);
  json_builder_begin_object (builder);
  sg_json_text (builder, "by", deciders[reason->who]);
  sg_json_text (builder, "file", reason->file);
  add_line (builder, "line", reason->line);
  sg_json_text (builder, "rule", reason->rule);
  sg_json_text (builder, "asked", reason->asked);
  sg_json_text (builder, "note", reason->note);
  json_builder_end_object (builder);
}

static void
add_value (JsonBuilder *builder, const SgSettingInfo *info, const SgGrant *grant)
{
  g_autofree char *words = NULL;

  if (info->kind == SG_KIND_TEXT)
    {
      sg_json_text (builder, "value", grant->text);
      return;
    }
  json_builder_set_member_name (builder, "value");
  switch (info->kind)
    {
    case SG_KIND_NUMBER:
      json_builder_add_int_value (builder, grant->value);
      return;
    case SG_KIND_FLAGS:
      json_builder_begin_array (builder);
      for (const SgChoice *c = info->choices; c->word != NULL; c++)
        if (grant->value & c->value)
          json_builder_add_string_value (builder, c->word);
      json_builder_end_array (builder);
      return;
    case SG_KIND_TEXT:
    case SG_KIND_CHOICE:
      words = sg_setting_words (info, grant->value, NULL);
      json_builder_add_string_value (builder, words);
      return;
    }
}

static void
add_settings (JsonBuilder *builder, const SgGrants *grants)
{
  json_builder_set_member_name (builder, "settings");
  json_builder_begin_object (builder);
  for (SgSetting i = 0; i < SG_SETTING_MAX; i++)
    {
      const SgSettingInfo *info = sg_setting_info (i);

      json_builder_set_member_name (builder, info->name);
      json_builder_begin_object (builder);
      add_value (builder, info, &grants->settings[i]);
      add_reason (builder, "reason", &grants->settings[i].reason);
      json_builder_end_object (builder);
    }
  json_builder_end_object (builder);
}

static void
add_words (JsonBuilder *builder, const char *name, char *const *words)
{
  begin_list (builder, name);
  for (; *words != NULL; words++)
    json_builder_add_string_value (builder, *words);
  json_builder_end_array (builder);
}

static void
add_lists (JsonBuilder *builder, const SgGrants *grants)
{
  add_words (builder, "allowed-hosts", grants->hosts);
  add_words (builder, "company-networks", grants->company_networks);
  add_words (builder, "company-domains", grants->company_domains);
  if (grants->company_asked)
    add_reason (builder, "company-networks-reason", &grants->company_reason);
  begin_list (builder, "folders");
  for (guint i = 0; i < grants->folders->len; i++)
    {
      const SgGrantedFolder *folder = grants->folders->pdata[i];

      json_builder_begin_object (builder);
      sg_json_text (builder, "host", folder->host_path);
      sg_json_text (builder, "sandbox", folder->sandbox_path);
      sg_json_flag (builder, "granted", folder->granted);
      sg_json_flag (builder, "writable", folder->writable);
      sg_json_flag (builder, "ask-write", folder->ask_write);
      add_reason (builder, "reason", &folder->reason);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  begin_list (builder, "commands");
  for (guint i = 0; i < grants->commands->len; i++)
    {
      const SgGrantedCommand *command = grants->commands->pdata[i];

      json_builder_begin_object (builder);
      sg_json_text (builder, "command", command->command);
      sg_json_flag (builder, "root", command->root);
      sg_json_flag (builder, "granted", command->granted);
      add_reason (builder, "reason", &command->reason);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_notes (JsonBuilder *builder, const SgProfile *profile)
{
  static const char *const kinds[] = { "ignored", "changed", "error" };

  begin_list (builder, "notes");
  for (guint i = 0; profile != NULL && i < profile->notes->len; i++)
    {
      const SgNote *note = profile->notes->pdata[i];

      json_builder_begin_object (builder);
      sg_json_text (builder, "kind", kinds[note->kind]);
      add_line (builder, "line", note->line);
      add_line (builder, "column", note->column);
      sg_json_text (builder, "message", note->message);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_policy (JsonBuilder *builder, const SgPolicy *policy)
{
  begin_list (builder, "policy-files");
  for (guint i = 0; policy != NULL && i < policy->files->len; i++)
    {
      g_autofree char *file = g_utf8_make_valid (policy->files->pdata[i], -1);
      json_builder_add_string_value (builder, file);
    }
  json_builder_end_array (builder);
  begin_list (builder, "policy-problems");
  for (guint i = 0; policy != NULL && i < policy->problems->len; i++)
    {
      const SgPolicyProblem *problem = policy->problems->pdata[i];

      json_builder_begin_object (builder);
      sg_json_text (builder, "file", problem->file);
      add_line (builder, "line", problem->line);
      sg_json_text (builder, "message", problem->message);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

char *
sg_grants_json (const SgGrants *grants, const SgProfile *profile, const SgPolicy *policy)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  sg_json_text (builder, "profile", profile != NULL ? profile->name : NULL);
  sg_json_text (builder, "sha256", profile != NULL ? profile->sha256 : NULL);
  sg_json_flag (builder, "may-run", grants->may_run);
  sg_json_text (builder, "refusal", grants->refusal);
  add_settings (builder, grants);
  add_lists (builder, grants);
  add_notes (builder, profile);
  add_policy (builder, policy);
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  return json_to_string (root, TRUE);
}
