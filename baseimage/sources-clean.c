/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "baseimage/sources-clean.h"

#include "baseimage/rules.h"

#include <string.h>

/* ---- /etc/environment ---- */

static gboolean
keeps_environment (const char *line)
{
  static const char *const names[] = { "PATH=", "LANG=", "LANGUAGE=", "LC_", "TZ=" };

  line += strspn (line, " \t");
  if (g_str_has_prefix (line, "export "))
    line += strlen ("export ");
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_has_prefix (line, names[i]))
      return TRUE;
  return FALSE;
}

/* ---- lists of package sources ---- */

/* Names of what a key, a certificate or a password stands behind (apt, dnf, zypper). */
static gboolean
keeps_source (const char *line)
{
  static const char *const names[]
      = { "username",       "password",       "sslclientkey", "sslclientcert",
          "proxy_password", "proxy_username", "proxy" };
  gsize len = strlen (line);

  const char *address = strstr (line, "://");

  if (sg_rules_holds_secret (line, len))
    return FALSE;
  /* "user@host" without a password is somebody's name. */
  if (address != NULL && memchr (address, '@', strcspn (address, " \t")) != NULL)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_ascii_strncasecmp (line, names[i], strlen (names[i])) == 0
        && strchr (" \t=", line[strlen (names[i])]) != NULL)
      return FALSE;
  return TRUE;
}

/* ---- */

typedef enum
{
  BLOCK_LINE,      /* each line stands for itself */
  BLOCK_PARAGRAPH, /* deb822: paragraphs with an empty line between */
  BLOCK_SECTION    /* key file: from one "[name]" to the next */
} Block;

static gboolean
begins_block (Block block, const char *line, const char *before)
{
  switch (block)
    {
    case BLOCK_PARAGRAPH:
      return before != NULL && before[0] == '\0';
    case BLOCK_SECTION:
      return line[0] == '[';
    case BLOCK_LINE:
    default:
      return TRUE;
    }
}

/* Keeps the blocks of which KEEPS likes every line: half a source would be an error inside. */
static GBytes *
keep_blocks (GBytes *raw, Block block, gboolean (*keeps) (const char *line))
{
  gsize len;
  const char *data = g_bytes_get_data (raw, &len);
  g_autofree char *text = g_strndup (data, len);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GString) pending = g_string_new (NULL);
  GString *kept = g_string_new (NULL);
  gboolean good = TRUE;

  for (char **line = lines; *line != NULL; line++)
    {
      if (begins_block (block, *line, line > lines ? line[-1] : NULL))
        {
          g_string_append_len (kept, pending->str, good ? (gssize)pending->len : 0);
          g_string_truncate (pending, 0);
          good = TRUE;
        }
      good = good && keeps (*line);
      g_string_append (pending, *line);
      if (line[1] != NULL)
        g_string_append_c (pending, '\n');
    }
  g_string_append_len (kept, pending->str, good ? (gssize)pending->len : 0);
  return g_string_free_to_bytes (kept);
}

GBytes *
sg_clean (const char *path, GBytes *raw)
{
  Block block = g_str_has_suffix (path, ".sources") ? BLOCK_PARAGRAPH
                : g_str_has_suffix (path, ".repo")  ? BLOCK_SECTION
                                                    : BLOCK_LINE;

  if (strcmp (path, "/etc/environment") == 0)
    return keep_blocks (raw, BLOCK_LINE, keeps_environment);
  if (sg_rules_match (sg_rules_get ("etc-repositories")->where, path))
    return keep_blocks (raw, block, keeps_source);
  return NULL;
}
