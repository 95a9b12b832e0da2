/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "baseimage/accounts.h"

#include <string.h>

#define FIRST_PERSON SG_USUAL_UID /* login.defs(5): UID_MIN of every distribution of the last decade */
#define NOBODY 65534
#define PASSWD_FIELDS 7
#define GROUP_FIELDS 4

/* 2000-01-01 in days: when all passwords "were changed". */
#define CHANGED_DAY "10957"

/* Groups that give a person at the screen what belongs to the screen, or the administrator's
 * rights; where the host has them. */
static const char *const joined[] = { "sudo",    "wheel",  "audio", "video", "input",  "render",
                                      "plugdev", "netdev", "users", "cdrom", "dialout" };

static gboolean
is_system_id (guint64 id)
{
  return id < FIRST_PERSON || id == NOBODY;
}

void
sg_accounts_choose (uid_t uid, gid_t gid, uid_t *ret_uid, gid_t *ret_gid)
{
  *ret_uid = is_system_id (uid) ? FIRST_PERSON : uid;
  /* Some distributions give all people one group of the system ("users", 100). */
  gboolean own_group = gid == 0 || gid == NOBODY || is_system_id (uid);
  *ret_gid = own_group ? *ret_uid : gid;
}

/* The fields of one line of N, or NULL where it is none.  Free with g_strfreev(). */
static char **
split (const char *line, guint n)
{
  char **fields = g_strsplit (line, ":", -1);

  if (g_strv_length (fields) == n && fields[0][0] != '\0' && g_ascii_isdigit (fields[2][0]))
    return fields;
  g_strfreev (fields);
  return NULL;
}

/* Calls FUNC for each line of TEXT that is an account or group of the system (or, with PEOPLE, of
 * the others). */
static void
each_line (const char *text, guint n_fields, gboolean people,
           void (*func) (char **fields, gpointer data), gpointer data)
{
  g_auto (GStrv) lines = g_strsplit (text != NULL ? text : "", "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    {
      g_auto (GStrv) fields = split (*line, n_fields);
      if (fields == NULL || strcmp (fields[0], SG_USER_NAME) == 0)
        continue;
      gboolean system = is_system_id (g_ascii_strtoull (fields[2], NULL, 10));
      if (system != people)
        func (fields, data);
    }
}

/* ---- passwd, shadow ---- */

typedef struct
{
  GString *names, *secrets; /* passwd and shadow, or group and gshadow */
  GHashTable *kept;         /* accounts of the system */
  guint64 gid;
  gboolean gid_met;
} Out;

static void
add_account (char **fields, gpointer data)
{
  Out *out = data;

  if (!g_hash_table_add (out->kept, g_strdup (fields[0])))
    return;
  g_string_append_printf (out->names, "%s:x:%s:%s:%s:%s:%s\n", fields[0], fields[2], fields[3],
                          fields[4], fields[5], fields[6]);
  g_string_append_printf (out->secrets, "%s:*:" CHANGED_DAY ":0:99999:7:::\n", fields[0]);
}

static void
add_accounts (Out *out, const char *passwd, uid_t uid, gid_t gid, const char *shell)
{
  each_line (passwd, PASSWD_FIELDS, FALSE, add_account, out);
  if (!g_hash_table_contains (out->kept, "root"))
    {
      char *root[] = { "root", "x", "0", "0", "root", "/root", "/bin/sh" };
      add_account (root, out);
    }
  g_string_append_printf (out->names, SG_USER_NAME ":x:%u:%u:Sandbox:/home/" SG_USER_NAME ":%s\n",
                          uid, gid, shell);
  g_string_append (out->secrets, SG_USER_NAME ":!:" CHANGED_DAY ":0:99999:7:::\n");
}

/* ---- group, gshadow ---- */

static gboolean
is_joined (const char *group)
{
  for (gsize i = 0; i < G_N_ELEMENTS (joined); i++)
    if (strcmp (joined[i], group) == 0)
      return TRUE;
  return FALSE;
}

static void
add_group (char **fields, gpointer data)
{
  Out *out = data;
  g_auto (GStrv) members = g_strsplit (fields[3], ",", -1);
  g_autoptr (GString) kept = g_string_new (NULL);

  for (char **member = members; *member != NULL; member++)
    if (g_hash_table_contains (out->kept, *member))
      g_string_append_printf (kept, "%s%s", kept->len > 0 ? "," : "", *member);
  if (is_joined (fields[0]))
    g_string_append_printf (kept, "%s" SG_USER_NAME, kept->len > 0 ? "," : "");
  if (g_ascii_strtoull (fields[2], NULL, 10) == out->gid)
    out->gid_met = TRUE;
  g_string_append_printf (out->names, "%s:x:%s:%s\n", fields[0], fields[2], kept->str);
  g_string_append_printf (out->secrets, "%s:*::%s\n", fields[0], kept->str);
}

static void
add_groups (Out *out, const char *group, gid_t gid)
{
  out->gid = gid;
  each_line (group, GROUP_FIELDS, FALSE, add_group, out);
  if (out->names->len == 0)
    {
      char *root[] = { "root", "x", "0", "" };
      add_group (root, out);
    }
  if (out->gid_met)
    return;
  g_string_append_printf (out->names, SG_USER_NAME ":x:%u:\n", gid);
  g_string_append (out->secrets, SG_USER_NAME ":!::\n");
}

/* ---- all ---- */

/* The group that may read shadow, 0 where there is none. */
static gid_t
shadow_group (const char *groups)
{
  g_auto (GStrv) lines = g_strsplit (groups, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    if (g_str_has_prefix (*line, "shadow:x:"))
      return (gid_t)g_ascii_strtoull (*line + strlen ("shadow:x:"), NULL, 10);
  return 0;
}

static void
put_pair (SgTree *tree, const char *names, const char *secrets, const Out *out, gid_t shadow)
{
  sg_tree_put_file (tree, names, 0644, 0, 0, out->names->str, out->names->len);
  sg_tree_put_file (tree, secrets, shadow != 0 ? 0640 : 0600, 0, shadow, out->secrets->str,
                    out->secrets->len);
}

void
sg_accounts_add (SgTree *tree, const SgHostAccounts *host, uid_t uid, gid_t gid, const char *shell)
{
  g_autoptr (GHashTable) kept = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GString) passwd = g_string_new (NULL), shadow = g_string_new (NULL);
  g_autoptr (GString) group = g_string_new (NULL), gshadow = g_string_new (NULL);
  Out people = { .names = passwd, .secrets = shadow, .kept = kept };
  Out groups = { .names = group, .secrets = gshadow, .kept = kept };

  add_accounts (&people, host->passwd, uid, gid, shell);
  add_groups (&groups, host->group, gid);
  gid_t may_read = shadow_group (group->str);
  put_pair (tree, "/etc/passwd", "/etc/shadow", &people, may_read);
  put_pair (tree, "/etc/group", "/etc/gshadow", &groups, may_read);
  /* Containers inside the sandbox get the numbers above. */
  static const char subordinate[] = SG_USER_NAME ":100000:65536\n";
  sg_tree_put_file (tree, "/etc/subuid", 0644, 0, 0, subordinate, sizeof subordinate - 1);
  sg_tree_put_file (tree, "/etc/subgid", 0644, 0, 0, subordinate, sizeof subordinate - 1);
}

static void
add_person (char **fields, gpointer data)
{
  g_string_append_printf (data, "%s\n", fields[0]);
}

char *
sg_accounts_people (const char *passwd)
{
  GString *names = g_string_new (NULL);

  each_line (passwd, PASSWD_FIELDS, TRUE, add_person, names);
  return g_string_free (names, FALSE);
}
