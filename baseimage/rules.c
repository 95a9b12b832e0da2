/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the table is asked.  First what an entry is (special, unreadable), which holds everywhere;
 * then the zone's own rows. */
#include "baseimage/rules.h"

#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>

static const SgRule rules[] = {
#include "baseimage/rules-table.h"
};

#define FILE_PERM_OTHERS S_IROTH
#define DIR_PERM_OTHERS (S_IROTH | S_IXOTH)

const SgRule *
sg_rules_all (gsize *ret_n)
{
  *ret_n = G_N_ELEMENTS (rules);
  return rules;
}

const SgRule *
sg_rules_get (const char *id)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rules); i++)
    if (strcmp (rules[i].id, id) == 0)
      return &rules[i];
  g_error ("no rule '%s'", id);
}

/* ---- patterns ---- */

static gboolean
is_wildcard (char letter)
{
  return letter == '*' || letter == '?' || letter == '[' || letter == '\\';
}

/* PATTERN has LEN bytes.  "/x/" names /x itself and all below it; the part before the last '/' may
 * have wildcards.  Most have none, and most paths begin otherwise: fnmatch(), which is slow where
 * the locale's letters have several bytes, is asked last. */
static gboolean
match_one (const char *pattern, gsize len, const char *path)
{
  gboolean below = len > 0 && pattern[len - 1] == '/';
  gsize named = below ? len - 1 : len, plain = 0;
  char text[512];

  for (; plain < named && !is_wildcard (pattern[plain]); plain++)
    if (path[plain] != pattern[plain])
      return FALSE;
  if (len == 0 || named >= sizeof text)
    return FALSE;
  if (plain == named)
    return path[named] == '\0' || (below && path[named] == '/');
  memcpy (text, pattern, named);
  text[named] = '\0';
  return fnmatch (text, path, below ? FNM_PATHNAME | FNM_LEADING_DIR : FNM_PATHNAME) == 0;
}

gboolean
sg_rules_match (const char *patterns, const char *path)
{
  for (const char *at = patterns; *at != '\0'; at += strspn (at, " "))
    {
      gsize len = strcspn (at, " ");
      if (match_one (at, len, path))
        return TRUE;
      at += len;
    }
  return FALSE;
}

/* ---- what gives a secret away ---- */

/* TEXT is one of WORDS; asked for every file, so that the first letter decides. */
static gboolean
is_word (const char *text, const char *const *words, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (text[0] == words[i][0] && strcmp (text, words[i]) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
ends_with_word (const char *text, const char *const *words, gsize n)
{
  gsize len = strlen (text);

  for (gsize i = 0; i < n; i++)
    {
      gsize word_len = strlen (words[i]);
      if (len >= word_len && text[len - 1] == words[i][word_len - 1]
          && memcmp (text + len - word_len, words[i], word_len) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_secret_name (const char *name)
{
  static const char *const names[]
      = { "id_rsa",     "id_dsa",   "id_ecdsa",         "id_ed25519",   ".netrc",  "_netrc",
          ".pgpass",    ".my.cnf",  ".git-credentials", ".npmrc",       ".pypirc", ".htpasswd",
          "shadow",     "gshadow",  "secring.gpg",      ".vault-token", ".env",    "credentials",
          ".dockercfg", "authinfo", ".authinfo",        "kubeconfig",   "npmrc",   "netrc" };
  static const char *const ends[]
      = { ".keytab", ".kdbx", ".p12", ".pfx", ".jks", ".ovpn", "_rsa", "_ed25519" };
  static const char *const dirs[] = { ".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker" };

  if (is_word (name, names, G_N_ELEMENTS (names)) || is_word (name, dirs, G_N_ELEMENTS (dirs))
      || ends_with_word (name, ends, G_N_ELEMENTS (ends)))
    return TRUE;
  return g_str_has_prefix (name, "ssh_host_") && g_str_has_suffix (name, "_key");
}

/* "scheme://name:password@host" */
static gboolean
has_address_with_password (const char *text, gsize len)
{
  const char *end = text + len, *at = text;

  while ((at = memmem (at, (gsize)(end - at), "://", 3)) != NULL)
    {
      const char *colon = NULL;
      for (at += 3; at < end && !g_ascii_isspace (*at) && *at != '/' && *at != '"'; at++)
        if (*at == ':' && colon == NULL)
          colon = at;
        else if (*at == '@' && colon != NULL && at > colon + 1)
          return TRUE;
    }
  return FALSE;
}

/* "API_TOKEN=abc": a name that ends so, a sign, and something behind it that is no variable. */
static gboolean
is_token_line (const char *line, gsize len)
{
  static const char *const words[]
      = { "token", "secret", "password", "passwd", "api_key", "apikey", "access_key", "_auth" };
  const char *sign = memchr (line, '=', len);

  if (sign == NULL || line[strspn (line, " \t")] == '#')
    return FALSE;
  gsize name_len = (gsize)(sign - line);
  const char *value = sign + 1;
  while (value < line + len && strchr ("\"' \t", *value) != NULL)
    value++;
  if (value >= line + len || *value == '$' || *value == '=')
    return FALSE;
  while (name_len > 0 && g_ascii_isspace (line[name_len - 1]))
    name_len--;
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    {
      gsize n = strlen (words[i]);
      if (name_len >= n && g_ascii_strncasecmp (line + name_len - n, words[i], n) == 0)
        return TRUE;
    }
  return FALSE;
}

gboolean
sg_rules_holds_secret (const char *text, gsize len)
{
  const char *end = text + len;

  if (memmem (text, len, "PRIVATE KEY-----", 16) != NULL
      || memmem (text, len, "PGP PRIVATE KEY", 15) != NULL || has_address_with_password (text, len))
    return TRUE;
  for (const char *line = text; line < end;)
    {
      const char *stop = memchr (line, '\n', (gsize)(end - line));
      gsize n = (gsize)((stop != NULL ? stop : end) - line);
      if (is_token_line (line, n))
        return TRUE;
      line += n + 1;
    }
  return FALSE;
}

/* ---- judging ---- */

static SgOwned
ask_owned (const SgRuleAsk *ask, const char *path)
{
  return ask->owned (path, ask->data);
}

static gboolean
has_owner (SgOwned owned)
{
  return owned != SG_OWNED_NO && owned != SG_OWNED_UNKNOWN;
}

/* What an entry is, before where it is; NULL when that decides nothing. */
static const SgRule *
judge_kind (const SgFacts *facts, const SgRuleAsk *ask)
{
  const char *name = strrchr (facts->path, '/') + 1;

  if (S_ISLNK (facts->mode))
    return NULL;
  if (!S_ISREG (facts->mode) && !S_ISDIR (facts->mode))
    return sg_rules_get ("special");
  if (is_secret_name (name) && !has_owner (ask_owned (ask, facts->path)))
    return sg_rules_get ("secret-name");
  if (S_ISDIR (facts->mode))
    return (facts->mode & DIR_PERM_OTHERS) == DIR_PERM_OTHERS ? NULL
                                                              : sg_rules_get ("closed-directory");
  if (facts->mode & FILE_PERM_OTHERS)
    return NULL;
  gboolean set_id = (facts->mode & (S_ISUID | S_ISGID)) != 0;
  return sg_rules_get (set_id && has_owner (ask_owned (ask, facts->path)) ? "set-id"
                                                                          : "unreadable");
}

static const SgRule *
judge_usr (const SgFacts *facts)
{
  static const SgRule *rewritten, *ours, *system;

  if (g_once_init_enter (&system))
    {
      rewritten = sg_rules_get ("rewritten");
      ours = sg_rules_get ("guest-programs");
      g_once_init_leave (&system, sg_rules_get ("system"));
    }
  if (sg_rules_match (ours->where, facts->path))
    return ours;
  gsize len = strlen (facts->path);
  /* Asked for each of some 200,000 files: the patterns all end in one of two words. */
  gboolean maybe = S_ISREG (facts->mode) && len > 9
                   && (strcmp (facts->path + len - 6, ".cache") == 0
                       || strcmp (facts->path + len - 9, ".compiled") == 0);
  return maybe && facts->size <= (1u << 20) && sg_rules_match (rewritten->where, facts->path)
             ? rewritten
             : system;
}

static const SgRule *
judge_local (const SgFacts *facts, const SgRuleAsk *ask)
{
  const SgRule *settings = sg_rules_get ("local-settings");

  if (sg_rules_match (settings->where, facts->path))
    return settings;
  return sg_rules_get (facts->uid == ask->owner || has_owner (ask_owned (ask, facts->path))
                           ? "local"
                           : "local-private");
}

static const SgRule *
judge_usr_etc (const SgFacts *facts, const SgRuleAsk *ask)
{
  SgOwned owned = ask_owned (ask, facts->path);
  gboolean in = S_ISDIR (facts->mode) || has_owner (owned)
                || (owned == SG_OWNED_UNKNOWN && facts->uid == ask->owner);

  return sg_rules_get (in ? "vendor-settings" : "vendor-settings-local");
}

/* The rows whose id begins with PREFIX and that name PATH by a pattern. */
static const SgRule *
match_rows (const char *prefix, const char *path)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rules); i++)
    if (rules[i].where[0] == '/' && g_str_has_prefix (rules[i].id, prefix)
        && sg_rules_match (rules[i].where, path))
      return &rules[i];
  return NULL;
}

static const SgRule *
judge_etc_rest (const SgFacts *facts, const SgRuleAsk *ask)
{
  gboolean is_pam = g_str_has_prefix (facts->path, "/etc/pam.d/");

  switch (ask_owned (ask, facts->path))
    {
    case SG_OWNED_INTACT:
      return sg_rules_get ("etc-intact");
    case SG_OWNED_YES:
      return sg_rules_get ("etc-package");
    case SG_OWNED_CHANGED:
      return sg_rules_get (is_pam ? "etc-login-changed" : "etc-changed");
    case SG_OWNED_UNKNOWN:
      return sg_rules_get (facts->uid == ask->owner ? "etc-readable" : "etc-unowned");
    case SG_OWNED_NO:
    default:
      /* A directory is entered; it goes again when nothing in it was taken. */
      return sg_rules_get (S_ISDIR (facts->mode) ? "etc-package" : "etc-unowned");
    }
}

/* Rows that speak of what this computer made of a setting, not of the setting itself: as its
 * package brought it, it is everybody's. */
static gboolean
spares_intact (const SgRule *row)
{
  return strcmp (row->id, "etc-network") == 0 || strcmp (row->id, "etc-machine") == 0;
}

static const SgRule *
judge_etc (const SgFacts *facts, const SgRuleAsk *ask)
{
  const SgRule *row = match_rows ("etc-", facts->path);

  if (row == NULL)
    return judge_etc_rest (facts, ask);
  if (!spares_intact (row))
    return row;
  SgOwned owned = ask_owned (ask, facts->path);
  gboolean spared = S_ISDIR (facts->mode) ? owned != SG_OWNED_UNKNOWN : owned == SG_OWNED_INTACT;
  return spared ? judge_etc_rest (facts, ask) : row;
}

/* Does one of PATTERNS name something below the directory PATH? */
static gboolean
leads_to_pattern (const char *patterns, const char *path)
{
  gsize len = strlen (path);

  for (const char *at = patterns; at != NULL; at = strchr (at, ' '))
    {
      at += strspn (at, " ");
      if (strncmp (at, path, len) == 0 && at[len] == '/')
        return TRUE;
    }
  return FALSE;
}

static const SgRule *
judge_var (const SgFacts *facts, const SgRuleAsk *ask)
{
  static const char *const ids[]
      = { "flatpak", "database-own", "database", "database-files", "shared-state" };

  for (gsize i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      const SgRule *rule = sg_rules_get (ids[i]);
      if (sg_rules_match (rule->where, facts->path))
        return rule;
      if (S_ISDIR (facts->mode) && leads_to_pattern (rule->where, facts->path))
        return sg_rules_get ("state-folder");
    }
  gboolean kept = S_ISDIR (facts->mode) && has_owner (ask_owned (ask, facts->path));
  return sg_rules_get (kept ? "skeleton" : "state");
}

/* What is ours or never goes in is that whatever it looks like on this computer. */
static gboolean
goes_before_kind (const SgRule *rule)
{
  return rule->verdict == SG_RULE_OURS || rule->verdict == SG_RULE_OUT;
}

const SgRule *
sg_rules_judge (SgZone zone, const SgFacts *facts, const SgRuleAsk *ask)
{
  const SgRule *row = zone == SG_ZONE_ETC ? judge_etc (facts, ask) : NULL;

  if (row != NULL && goes_before_kind (row) && strcmp (row->id, "etc-unowned") != 0)
    return row;
  const SgRule *kind = judge_kind (facts, ask);
  if (kind != NULL)
    return kind;
  switch (zone)
    {
    case SG_ZONE_ETC:
      return row;
    case SG_ZONE_USR_ETC:
      return judge_usr_etc (facts, ask);
    case SG_ZONE_LOCAL:
      return judge_local (facts, ask);
    case SG_ZONE_OPT:
      return sg_rules_get ("opt-package");
    case SG_ZONE_VAR:
      return judge_var (facts, ask);
    case SG_ZONE_FLATPAK:
      return sg_rules_get ("flatpak");
    case SG_ZONE_USR:
    default:
      return judge_usr (facts);
    }
}

SgZone
sg_rules_zone_below (SgZone zone, const char *path)
{
  if (zone == SG_ZONE_VAR && strcmp (path, "/var/lib/flatpak") == 0)
    return SG_ZONE_FLATPAK;
  if (zone != SG_ZONE_USR)
    return zone;
  if (strcmp (path, "/usr/local") == 0)
    return SG_ZONE_LOCAL;
  return strcmp (path, "/usr/etc") == 0 ? SG_ZONE_USR_ETC : SG_ZONE_USR;
}
