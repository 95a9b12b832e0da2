/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes in any number: hosts, folders, commands. */
#include "policies/grants-internal.h"
#include "policies/hosts.h"
#include "policies/paths.h"

#include <glib/gi18n.h>
#include <string.h>

/* ---- hosts */

/* What all rules about hosts leave; NULL: there is none.  *RET_RULE: the last of them. */
static char **
hosts_of_policy (const SgPolicy *policy, const SgPolicyRule **ret_rule)
{
  char **hosts = NULL;

  for (guint i = 0; policy != NULL && i < policy->rules->len; i++)
    {
      const SgPolicyRule *rule = policy->rules->pdata[i];
      char **narrowed;

      if (rule->key != SG_POLICY_ALLOWED_HOSTS)
        continue;
      narrowed = hosts == NULL ? g_strdupv (rule->list) : sg_hosts_intersect (hosts, rule->list);
      g_strfreev (hosts);
      hosts = narrowed;
      *ret_rule = rule;
    }
  return hosts;
}

static char **
hosts_asked (const SgProfile *profile)
{
  GPtrArray *hosts = g_ptr_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; profile != NULL && i < profile->hosts->len; i++)
    {
      const SgAskedHost *asked = profile->hosts->pdata[i];
      if (g_hash_table_add (seen, asked->host))
        g_ptr_array_add (hosts, g_strdup (asked->host));
    }
  g_ptr_array_add (hosts, NULL);
  return (char **)g_ptr_array_free (hosts, FALSE);
}

static void
say_hosts_asked (SgReason *reason, char **asked)
{
  g_autofree char *words = g_strjoinv (", ", asked);

  if (asked[0] != NULL)
    sg_reason_asked (reason, words);
}

/* A list with nobody on it is no network. */
static void
close_network (SgGrants *grants, const SgPolicyRule *rule, const char *note)
{
  SgGrant *network = &grants->settings[SG_SETTING_NETWORK];
  g_autofree char *was
      = sg_setting_words (sg_setting_info (SG_SETTING_NETWORK), network->value, NULL);

  network->value = SG_NETWORK_NONE;
  if (network->reason.who == SG_BY_PROFILE)
    sg_reason_asked (&network->reason, was);
  if (rule != NULL)
    sg_reason_by_rule (&network->reason, rule);
  g_free (network->reason.note);
  network->reason.note = g_strdup (note);
}

void
sg_grants_hosts (SgGrants *grants, const SgProfile *profile, const SgPolicy *policy)
{
  const SgGrant *network = &grants->settings[SG_SETTING_NETWORK];
  const SgPolicyRule *rule = NULL;
  g_auto (GStrv) allowed = hosts_of_policy (policy, &rule);
  g_auto (GStrv) asked = hosts_asked (profile);

  grants->hosts = g_new0 (char *, 1);
  if (network->value != SG_NETWORK_ALLOWLIST)
    return;
  if (allowed == NULL && asked[0] == NULL)
    {
      close_network (grants, NULL, _ ("no host is listed"));
      return;
    }
  g_free (grants->hosts);
  if (allowed == NULL || asked[0] == NULL)
    grants->hosts = g_strdupv (allowed == NULL ? asked : allowed);
  else
    grants->hosts = sg_hosts_intersect (asked, allowed);
  if (grants->hosts[0] == NULL)
    {
      close_network (grants, rule, _ ("none of the hosts asked for is allowed"));
      say_hosts_asked (&grants->hosts_reason, asked);
    }
  if (rule != NULL)
    {
      sg_reason_by_rule (&grants->hosts_reason, rule);
      say_hosts_asked (&grants->hosts_reason, asked);
    }
  else
    sg_reason_by_profile (&grants->hosts_reason, profile,
                          ((const SgAskedHost *)profile->hosts->pdata[0])->line, "AllowedHosts");
}

/* ---- a company's networks */

static char **
places_asked (const SgProfile *profile, gboolean networks)
{
  g_autoptr (GStrvBuilder) places = g_strv_builder_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; profile != NULL && i < profile->places->len; i++)
    {
      const SgAskedHost *asked = profile->places->pdata[i];

      if (sg_host_is_network (asked->host) == networks && g_hash_table_add (seen, asked->host))
        g_strv_builder_add (places, asked->host);
    }
  return g_strv_builder_end (places);
}

/* Whether they are given; else by whom not, and what was asked, is in the reason. */
static gboolean
decide_places (SgGrants *grants, const SgDefaults *defaults, const SgProfile *profile,
               const SgPolicy *policy)
{
  const SgGrant *network = &grants->settings[SG_SETTING_NETWORK];
  const SgPolicyRule *rule = sg_rules_refuse_value (policy, SG_SETTING_NETWORK, SG_NETWORK_LAN);
  SgReason *reason = &grants->company_reason;

  if (rule != NULL)
    sg_reason_by_rule (reason, rule);
  else if (sg_policy_closed (policy))
    sg_reason_by_problem (reason, policy);
  else if (defaults->without_asks)
    sg_reason_by (reason, SG_BY_PERSON, _ ("opened without it"));
  else if (network->value != SG_NETWORK_INTERNET && network->value != SG_NETWORK_LAN)
    sg_reason_by (reason, network->reason.who, _ ("they are open with internet or lan only"));
  else
    {
      sg_reason_by_profile (reason, profile, ((const SgAskedHost *)profile->places->pdata[0])->line,
                            "CompanyNetworks");
      return TRUE;
    }
  return FALSE;
}

/* Who may not have the local network gets no part of it by a profile either; what the administrator
 * lists is open to all with internet, whatever a profile says. */
void
sg_grants_places (SgGrants *grants, const SgDefaults *defaults, const SgProfile *profile,
                  const SgPolicy *policy)
{
  g_auto (GStrv) networks = places_asked (profile, TRUE), domains = places_asked (profile, FALSE);
  g_autofree char *words = g_strjoinv (", ", networks);

  grants->company_asked = networks[0] != NULL || domains[0] != NULL;
  if (grants->company_asked && decide_places (grants, defaults, profile, policy))
    {
      grants->company_networks = g_steal_pointer (&networks);
      grants->company_domains = g_steal_pointer (&domains);
      return;
    }
  if (grants->company_asked)
    sg_reason_asked (&grants->company_reason, words);
  grants->company_networks = g_new0 (char *, 1);
  grants->company_domains = g_new0 (char *, 1);
}

/* ---- folders */

static gboolean
listed (const char *const *list, const char *path)
{
  return list != NULL && g_strv_contains (list, path);
}

static void
ask_rule (SgReason *reason, const SgProfile *profile, const SgAskedFolder *asked)
{
  sg_reason_by_profile (reason, profile, asked->line,
                        asked->access == SG_ACCESS_WRITABLE    ? "ReadOnly=false"
                        : asked->access == SG_ACCESS_READ_ONLY ? "ReadOnly=true"
                                                               : "HostFolder");
}

/* Refused: by whom.  FALSE: it is not. */
static gboolean
refuse_folder (SgGrantedFolder *folder, const SgDefaults *defaults, const SgAskedFolder *asked,
               const SgPolicy *policy)
{
  const char *kind = asked->access == SG_ACCESS_WRITABLE ? _ ("read and change") : _ ("read");
  const SgPolicyRule *rule
      = asked->host_path != NULL ? sg_rules_refuse_folder (policy, asked->host_path, FALSE) : NULL;

  if (asked->host_path == NULL)
    sg_reason_by (&folder->reason, SG_BY_COMPUTER, _ ("the path has no counterpart here"));
  else if (rule != NULL)
    sg_reason_by_rule (&folder->reason, rule);
  else if (sg_policy_closed (policy))
    sg_reason_by_problem (&folder->reason, policy);
  else if (defaults->without_asks)
    sg_reason_by (&folder->reason, SG_BY_PERSON, _ ("opened without it"));
  else
    return FALSE;
  sg_reason_asked (&folder->reason, kind);
  return TRUE;
}

static void
decide_access (SgGrantedFolder *folder, const SgDefaults *defaults, const SgProfile *profile,
               const SgAskedFolder *asked, const SgPolicy *policy)
{
  const SgPolicyRule *rule = sg_rules_refuse_folder (policy, asked->host_path, TRUE);

  folder->granted = TRUE;
  ask_rule (&folder->reason, profile, asked);
  if (asked->access == SG_ACCESS_READ_ONLY)
    return;
  if (rule != NULL)
    {
      sg_reason_by_rule (&folder->reason, rule);
      if (asked->access == SG_ACCESS_WRITABLE)
        sg_reason_asked (&folder->reason, _ ("read and change"));
      return;
    }
  folder->writable
      = asked->access == SG_ACCESS_WRITABLE || listed (defaults->writable, asked->host_path);
  if (asked->access != SG_ACCESS_UNSAID)
    return;
  if (folder->writable)
    sg_reason_by (&folder->reason, SG_BY_PERSON, _ ("changes were allowed"));
  else
    {
      folder->ask_write = TRUE;
      folder->reason.note = g_strdup (_ ("ReadOnly is left out, so it is asked; read-only until then"));
    }
}

typedef struct
{
  GHashTable *used;  /* place inside -> SgGrantedFolder */
  GHashTable *named; /* last part -> how many have it, for "x (2)" */
  GHashTable *homes; /* host folder -> its place on the Desktop */
} Places;

/* On the Desktop under its own name, or the first free "NAME (N)"; the same folder at the same. */
static char *
place_on_desktop (Places *places, const SgGrantedFolder *folder)
{
  const char *before = g_hash_table_lookup (places->homes, folder->host_path);
  g_autofree char *name = g_path_get_basename (folder->host_path);
  const char *word = strcmp (name, "/") == 0 ? "files" : name;
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (places->named, word));
  char *path = NULL;

  if (before != NULL)
    return g_strdup (before);
  do
    {
      g_free (path);
      path = n == 0 ? g_build_filename (SG_SANDBOX_DESKTOP, word, NULL)
                    : g_strdup_printf ("%s/%s (%u)", SG_SANDBOX_DESKTOP, word, n + 1);
      n++;
    }
  while (g_hash_table_contains (places->used, path));
  g_hash_table_insert (places->named, g_strdup (word), GUINT_TO_POINTER (n));
  g_hash_table_insert (places->homes, folder->host_path, g_strdup (path));
  return path;
}

/* One place, one folder.  The same folder twice has the narrower access. */
static void
settle_place (Places *places, SgGrantedFolder *folder)
{
  SgGrantedFolder *there = g_hash_table_lookup (places->used, folder->sandbox_path);

  if (there == NULL)
    {
      g_hash_table_insert (places->used, folder->sandbox_path, folder);
      return;
    }
  if (strcmp (there->host_path, folder->host_path) == 0)
    {
      there->writable &= folder->writable;
      there->ask_write &= folder->ask_write || folder->writable;
      sg_reason_by (&folder->reason, SG_BY_COMPUTER, _ ("it is there already; the narrower counts"));
    }
  else
    sg_reason_by (&folder->reason, SG_BY_COMPUTER, _ ("another folder is at that place already"));
  folder->granted = folder->writable = folder->ask_write = FALSE;
}

void
sg_grants_folders (SgGrants *grants, const SgDefaults *defaults, const SgProfile *profile,
                   const SgPolicy *policy)
{
  g_autoptr (GHashTable) used = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) named = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) homes = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  Places places = { used, named, homes };

  for (guint i = 0; profile != NULL && i < profile->folders->len; i++)
    {
      const SgAskedFolder *asked = profile->folders->pdata[i];
      SgGrantedFolder *folder = g_new0 (SgGrantedFolder, 1);

      g_ptr_array_add (grants->folders, folder);
      folder->host_path
          = g_strdup (asked->host_path != NULL ? asked->host_path : asked->host_as_written);
      folder->sandbox_path = g_strdup (asked->sandbox_path);
      if (refuse_folder (folder, defaults, asked, policy))
        continue;
      decide_access (folder, defaults, profile, asked, policy);
      if (folder->sandbox_path == NULL)
        folder->sandbox_path = place_on_desktop (&places, folder);
      settle_place (&places, folder);
    }
}

/* ---- commands */

void
sg_grants_commands (SgGrants *grants, const SgDefaults *defaults, const SgProfile *profile,
                    const SgPolicy *policy)
{
  const SgPolicyRule *rule = sg_rules_refuse_value (policy, SG_SETTING_ADMINISTRATOR, 1);

  for (guint i = 0; profile != NULL && i < profile->commands->len; i++)
    {
      const SgAskedCommand *asked = profile->commands->pdata[i];
      SgGrantedCommand *command = g_new0 (SgGrantedCommand, 1);

      g_ptr_array_add (grants->commands, command);
      command->command = g_strdup (asked->command);
      command->root = asked->root;
      if (defaults->without_asks)
        sg_reason_by (&command->reason, SG_BY_PERSON, _ ("opened without it"));
      else if (asked->root && rule != NULL)
        sg_reason_by_rule (&command->reason, rule);
      else if (sg_policy_closed (policy))
        sg_reason_by_problem (&command->reason, policy);
      else
        {
          command->granted = TRUE;
          sg_reason_by_profile (&command->reason, profile, asked->line, "LogonCommand");
        }
    }
}
