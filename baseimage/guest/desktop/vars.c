/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vars.h"

#include <string.h>
#include <sys/stat.h>

#define FILE_MAX (64 * 1024)

static void
add_line (GHashTable *vars, const char *line)
{
  g_auto (GStrv) words = NULL;
  const char *equals;
  int n;

  /* The shell's own rules for quotes and comments; NAME="a b" is one word of it. */
  if (!g_shell_parse_argv (line, &n, &words, NULL))
    return;
  for (int i = 0; i < n; i++)
    if ((equals = strchr (words[i], '=')) && equals > words[i])
      g_hash_table_replace (vars, g_strndup (words[i], (gsize)(equals - words[i])),
                            g_strdup (equals + 1));
}

GHashTable *
sg_vars_read (const char *path)
{
  GHashTable *vars = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  struct stat st;

  if (stat (path, &st) != 0 || !S_ISREG (st.st_mode) || st.st_size > FILE_MAX
      || !g_file_get_contents (path, &text, NULL, NULL) || !g_utf8_validate (text, -1, NULL))
    return vars;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i]; i++)
    add_line (vars, lines[i]);
  return vars;
}
