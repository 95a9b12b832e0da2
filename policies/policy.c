/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a text to rules.
 *
 * GKeyFile reads the file.  It knows no line numbers and forgets a key that is there twice, and
 * both are needed: a reason names the line, and of two contradicting lines neither may win.  So the
 * lines are looked through once more, for one thing only: where in a group a key stands that
 * GKeyFile has found there. */
#include "policies/hosts.h"
#include "policies/policy-internal.h"
#include "policies/settings.h"

#include <gio/gio.h>
#include <string.h>

#define LIST_MAX 1000
#define RULE_MAX 200

static void
rule_free (SgPolicyRule *rule)
{
  g_free (rule->file);
  g_free (rule->rule);
  g_strfreev (rule->list);
  g_free (rule);
}

static void
problem_free (SgPolicyProblem *problem)
{
  g_free (problem->file);
  g_free (problem->message);
  g_free (problem);
}

SgPolicy *
sg_policy_new (void)
{
  SgPolicy *policy = g_new0 (SgPolicy, 1);

  policy->rules = g_ptr_array_new_with_free_func ((GDestroyNotify)rule_free);
  policy->problems = g_ptr_array_new_with_free_func ((GDestroyNotify)problem_free);
  policy->files = g_ptr_array_new_with_free_func (g_free);
  return policy;
}

void
sg_policy_free (SgPolicy *policy)
{
  if (policy == NULL)
    return;
  g_ptr_array_unref (policy->rules);
  g_ptr_array_unref (policy->problems);
  g_ptr_array_unref (policy->files);
  g_free (policy);
}

void
sg_policy_add_problem (SgPolicy *policy, const char *file, guint line, const char *format, ...)
{
  SgPolicyProblem *problem = g_new0 (SgPolicyProblem, 1);
  va_list args;

  va_start (args, format);
  g_autofree char *message = g_strdup_vprintf (format, args);
  va_end (args);
  problem->file = g_strdup (file);
  problem->line = line;
  problem->message = g_utf8_make_valid (message, -1);
  g_ptr_array_add (policy->problems, problem);
}

/* ---- where a key stands */

/* The line of KEY in GROUP; *RET_COUNT: how often it is there. */
static guint
find_line (char *const *lines, const char *group, const char *key, guint *ret_count)
{
  gsize key_len = strlen (key), group_len = strlen (group);
  gboolean inside = FALSE;
  guint found = 0;

  *ret_count = 0;
  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *line = lines[i];

      while (g_ascii_isspace (*line))
        line++;
      if (*line == '[')
        inside = strncmp (line + 1, group, group_len) == 0 && line[1 + group_len] == ']';
      else if (inside && strncmp (line, key, key_len) == 0)
        {
          const char *rest = line + key_len;

          while (*rest == ' ' || *rest == '\t')
            rest++;
          if (*rest != '=')
            continue;
          if ((*ret_count)++ == 0)
            found = i + 1;
        }
    }
  return found;
}

/* ---- values */

typedef struct
{
  SgPolicy *policy;
  const SgPolicyKeyInfo *info;
  SgPolicyRule *rule;
  const char *value;
} Entry;

static gboolean bad (Entry *entry, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
bad (Entry *entry, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *what = g_strdup_vprintf (format, args);
  va_end (args);
  sg_policy_add_problem (entry->policy, entry->rule->file, entry->rule->line,
                         "'%s' is not understood: %s", entry->rule->rule, what);
  return FALSE;
}

static gboolean
take_switch (Entry *entry)
{
  return sg_setting_parse_choice (sg_setting_info (SG_SETTING_VGPU), entry->value,
                                  &entry->rule->number)
         || bad (entry, "write true or false");
}

static gboolean
take_most (Entry *entry)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (entry->value, 10, (guint64)entry->info->least,
                                   (guint64)entry->info->most, &number, NULL))
    return bad (entry, "write a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                entry->info->least, entry->info->most);
  entry->rule->number = (gint64)number;
  return TRUE;
}

static gboolean
take_words (Entry *entry)
{
  g_auto (GStrv) known = g_strsplit (entry->info->words, " ", -1);

  for (char **word = entry->rule->list; *word != NULL; word++)
    {
      guint bit = 0;

      while (known[bit] != NULL && g_ascii_strcasecmp (known[bit], *word) != 0)
        bit++;
      if (known[bit] == NULL && g_ascii_strcasecmp (*word, "off") == 0)
        bit = 0; /* the first word is "none" */
      if (known[bit] == NULL)
        return bad (entry, "there is no '%s'; the words are %s, with ; between them", *word,
                    entry->info->words);
      entry->rule->number |= (gint64)1 << bit;
    }
  return TRUE;
}

static gboolean
take_hosts (Entry *entry)
{
  for (char **host = entry->rule->list; *host != NULL; host++)
    {
      char *normal = sg_host_normalise (*host);

      if (normal == NULL)
        return bad (entry,
                    "'%s' is no host; write names such as example.org or *.example.org, or "
                    "addresses, with ; between them",
                    *host);
      g_free (*host);
      *host = normal;
    }
  return TRUE;
}

static gboolean
is_prefix (const char *text)
{
  g_autoptr (GInetAddressMask) mask = g_inet_address_mask_new_from_string (text, NULL);

  return mask != NULL;
}

/* Networks alone, or names alone. */
static gboolean
take_places (Entry *entry, gboolean networks)
{
  if (!take_hosts (entry))
    return FALSE;
  for (char **host = entry->rule->list; *host != NULL; host++)
    {
      if (networks && !is_prefix (*host))
        return bad (entry, "'%s' is no network; write 10.8.0.0/16 or an address", *host);
      if (!networks && (is_prefix (*host) || strchr (*host, '*') != NULL))
        return bad (entry, "'%s' is no domain; write corp.example", *host);
    }
  return TRUE;
}

static gboolean
is_digest (const char *text)
{
  return g_str_has_prefix (text, "sha256:") && strlen (text) == strlen ("sha256:") + 64
         && text[strspn (text + 7, "0123456789abcdefABCDEF") + 7] == '\0';
}

static gboolean
take_globs (Entry *entry)
{
  gboolean profiles = entry->info->kind == SG_POLICY_KIND_PROFILES;

  if (entry->rule->list[0] == NULL && entry->info->kind == SG_POLICY_KIND_DENIED)
    return bad (entry, "it denies nothing; name a folder, or take the line away");
  for (char **glob = entry->rule->list; *glob != NULL; glob++)
    {
      gsize len = strlen (*glob);

      if (profiles && (is_digest (*glob) || strcmp (*glob, "none") == 0))
        continue;
      if ((*glob)[0] != '/' || strstr (*glob, "//") != NULL || strstr (*glob, "/../") != NULL
          || strstr (*glob, "/./") != NULL || g_str_has_suffix (*glob, "/..")
          || g_str_has_suffix (*glob, "/."))
        return bad (entry, "'%s' must be a whole path that begins with / (for every user: /home/*)",
                    *glob);
      if (len > 1 && (*glob)[len - 1] == '/')
        (*glob)[len - 1] = '\0';
    }
  return TRUE;
}

static gboolean
take_one (Entry *entry)
{
  gboolean path = entry->info->kind == SG_POLICY_KIND_PATH;

  entry->rule->list = g_new0 (char *, 2);
  entry->rule->list[0] = g_strdup (entry->value);
  if (path && !g_path_is_absolute (entry->value))
    return bad (entry, "write a whole path that begins with /");
  if (entry->value[0] == '\0' || (!path && strpbrk (entry->value, " \t;") != NULL))
    return bad (entry, "write one word");
  return TRUE;
}

static gboolean
take_value (Entry *entry)
{
  switch (entry->info->kind)
    {
    case SG_POLICY_KIND_ALLOW:
    case SG_POLICY_KIND_REQUIRE:
      return take_switch (entry);
    case SG_POLICY_KIND_MOST:
      return take_most (entry);
    case SG_POLICY_KIND_WORDS:
      return take_words (entry);
    case SG_POLICY_KIND_HOSTS:
      return take_hosts (entry);
    case SG_POLICY_KIND_NETWORKS:
    case SG_POLICY_KIND_DOMAINS:
      return take_places (entry, entry->info->kind == SG_POLICY_KIND_NETWORKS);
    case SG_POLICY_KIND_ALLOWED:
    case SG_POLICY_KIND_DENIED:
    case SG_POLICY_KIND_PROFILES:
      return take_globs (entry);
    case SG_POLICY_KIND_PATH:
    case SG_POLICY_KIND_TEXT:
      return take_one (entry);
    }
  return FALSE;
}

static gboolean
is_list (SgPolicyKind kind)
{
  return kind == SG_POLICY_KIND_WORDS || kind == SG_POLICY_KIND_HOSTS
         || kind == SG_POLICY_KIND_ALLOWED || kind == SG_POLICY_KIND_DENIED
         || kind == SG_POLICY_KIND_PROFILES || kind == SG_POLICY_KIND_NETWORKS
         || kind == SG_POLICY_KIND_DOMAINS;
}

/* The list without blanks and empty entries; FALSE: too long. */
static gboolean
read_list (Entry *entry, GKeyFile *keys, const char *group, const char *name)
{
  gsize n = 0, kept = 0;
  char **list = g_key_file_get_string_list (keys, group, name, &n, NULL);

  entry->rule->list = list != NULL ? list : g_new0 (char *, 1);
  if (list == NULL && entry->value[0] != '\0')
    return bad (entry, "it is no list of words with ; between them");
  for (gsize i = 0; i < n; i++)
    {
      char *word = g_strstrip (list[i]);

      if (*word == '\0')
        g_free (word);
      else
        list[kept++] = word;
    }
  if (list != NULL)
    memset (list + kept, 0, (n - kept + 1) * sizeof *list);
  return kept <= LIST_MAX || bad (entry, "more than %d words", LIST_MAX);
}

/* ---- keys, groups, files */

static void
add_key (SgPolicy *policy, const char *file, GKeyFile *keys, char *const *lines, const char *group,
         const char *name)
{
  guint count, line = find_line (lines, group, name, &count);
  SgPolicyKey key = sg_policy_key_by_name (group, name);
  g_autofree char *raw = g_key_file_get_value (keys, group, name, NULL);
  g_autofree char *value = g_key_file_get_string (keys, group, name, NULL);

  if (key == SG_POLICY_NONE)
    {
      const char *near = sg_policy_key_near (group, name);
      sg_policy_add_problem (policy, file, line, "there is no key '%.100s' in [%s]%s%s%s", name,
                             group, near != NULL ? "; did you mean '" : "",
                             near != NULL ? near : "", near != NULL ? "'?" : "");
      return;
    }
  if (count != 1)
    {
      sg_policy_add_problem (policy, file, line,
                             "'%s' is there %u times in this file; keep one of them", name, count);
      return;
    }
  if (value != NULL)
    g_strchomp (value); /* GKeyFile leaves blanks at the end */
  if (raw != NULL)
    g_strchomp (raw);
  SgPolicyRule *rule = g_new0 (SgPolicyRule, 1);
  Entry entry = { policy, sg_policy_key_info (key), rule, value };

  rule->key = key;
  rule->file = g_strdup (file);
  rule->line = line;
  g_autofree char *written = g_strdup_printf ("%s=%.*s", name, RULE_MAX, raw != NULL ? raw : "");
  rule->rule = g_utf8_make_valid (written, -1);
  if (value == NULL)
    bad (&entry, "it is no text");
  else if ((!is_list (entry.info->kind) || read_list (&entry, keys, group, name))
           && take_value (&entry))
    {
      g_ptr_array_add (policy->rules, rule);
      return;
    }
  rule_free (rule);
}

static void
add_group (SgPolicy *policy, const char *file, GKeyFile *keys, char *const *lines,
           const char *group)
{
  g_auto (GStrv) names = NULL;

  if (strcmp (group, "policy") != 0 && strcmp (group, "kiosk") != 0
      && strcmp (group, "network") != 0)
    {
      sg_policy_add_problem (
          policy, file, 0,
          "there is no group [%.60s]; the groups are [policy], [kiosk] and [network]", group);
      return;
    }
  names = g_key_file_get_keys (keys, group, NULL, NULL);
  for (char **name = names; name != NULL && *name != NULL; name++)
    add_key (policy, file, keys, lines, group, *name);
}

void
sg_policy_add_text (SgPolicy *policy, const char *file, const char *text, gsize len)
{
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *copy = NULL;
  g_auto (GStrv) lines = NULL, groups = NULL;

  if (memchr (text, '\0', len) != NULL || !g_utf8_validate_len (text, len, NULL))
    {
      sg_policy_add_problem (policy, file, 0, "it is no text in UTF-8");
      return;
    }
  copy = g_strndup (text, len);
  /* Without the flag, GKeyFile would drop "Key[de]" silently. */
  if (!g_key_file_load_from_data (keys, copy, len, G_KEY_FILE_KEEP_TRANSLATIONS, &error)
      && !g_error_matches (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_NOT_FOUND))
    {
      sg_policy_add_problem (policy, file, 0, "it is not understood: %s", error->message);
      return;
    }
  lines = g_strsplit (copy, "\n", -1);
  groups = g_key_file_get_groups (keys, NULL);
  for (char **group = groups; *group != NULL; group++)
    add_group (policy, file, keys, lines, *group);
}

/* ---- questions */

gboolean
sg_policy_closed (const SgPolicy *policy)
{
  return policy != NULL && policy->problems->len > 0;
}

char *
sg_policy_problems_text (const SgPolicy *policy)
{
  g_autoptr (GString) out = g_string_new (NULL);

  if (!sg_policy_closed (policy))
    return NULL;
  for (guint i = 0; i < policy->problems->len; i++)
    {
      const SgPolicyProblem *problem = policy->problems->pdata[i];

      g_string_append (out, problem->file);
      if (problem->line > 0)
        g_string_append_printf (out, ":%u", problem->line);
      g_string_append_printf (out, ": %s\n", problem->message);
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

gint64
sg_policy_lowest (const SgPolicy *policy, SgPolicyKey key)
{
  gint64 lowest = -1;

  for (guint i = 0; policy != NULL && i < policy->rules->len; i++)
    {
      const SgPolicyRule *rule = policy->rules->pdata[i];
      if (rule->key == key && (lowest < 0 || rule->number < lowest))
        lowest = rule->number;
    }
  return lowest;
}

const SgPolicyRule *
sg_policy_first (const SgPolicy *policy, SgPolicyKey key)
{
  for (guint i = 0; policy != NULL && i < policy->rules->len; i++)
    if (((const SgPolicyRule *)policy->rules->pdata[i])->key == key)
      return policy->rules->pdata[i];
  return NULL;
}

char **
sg_policy_words (const SgPolicy *policy, SgPolicyKey key)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();

  for (guint i = 0; policy != NULL && i < policy->rules->len; i++)
    {
      const SgPolicyRule *rule = policy->rules->pdata[i];

      for (char **word = rule->key == key ? rule->list : NULL; word != NULL && *word != NULL; word++)
        g_ptr_array_add (words, g_strdup (*word));
    }
  g_ptr_array_add (words, NULL);
  return (char **)g_ptr_array_steal (words, NULL);
}
