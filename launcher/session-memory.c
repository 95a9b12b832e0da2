/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/session-memory.h"

#include <stdio.h>
#include <string.h>

/* One process: lines "Name:   NUMBER kB". */
static gboolean
add_process (pid_t pid, SgMemory *memory)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/smaps_rollup", (int)pid);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      char name[32];
      guint64 kib;

      if (sscanf (*line, "%31[^:]: %" G_GUINT64_FORMAT " kB", name, &kib) != 2)
        continue;
      if (g_str_has_prefix (name, "Private_"))
        memory->private_bytes += kib * 1024;
      else if (g_str_has_prefix (name, "Shared_"))
        memory->shared_bytes += kib * 1024;
      else if (strcmp (name, "Pss") == 0)
        memory->proportional_bytes += kib * 1024;
    }
  return TRUE;
}

static guint
add_children (pid_t pid, SgMemory *memory, guint depth)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/task/%d/children", (int)pid, (int)pid);
  g_autofree char *text = NULL;
  g_auto (GStrv) words = NULL;
  guint n = 0;

  if (depth > 8 || !g_file_get_contents (path, &text, NULL, NULL))
    return 0;
  words = g_strsplit (text, " ", -1);
  for (char **word = words; *word != NULL; word++)
    {
      pid_t child = (pid_t)g_ascii_strtoll (*word, NULL, 10);

      if (child > 0)
        n += add_process (child, memory) + add_children (child, memory, depth + 1);
    }
  return n;
}

gboolean
sg_memory_of_descendants (pid_t pid, SgMemory *ret_memory, GError **error)
{
  SgMemory memory = { 0 };

  if (add_children (pid, &memory, 0) == 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                   "This computer's kernel does not tell how much memory the sandbox takes");
      return FALSE;
    }
  *ret_memory = memory;
  return TRUE;
}
