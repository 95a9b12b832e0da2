/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/memory.h"

#include <string.h>

guint64
sg_memory_available_at (const char *root)
{
  static const char name[] = "\nMemAvailable:";
  g_autofree char *path = g_build_filename (root, "proc/meminfo", NULL);
  g_autofree char *text = NULL;
  const char *at = NULL;

  if (g_file_get_contents (path, &text, NULL, NULL))
    at = strstr (text, name);
  return at != NULL ? g_ascii_strtoull (at + strlen (name), NULL, 10) * 1024 : 0;
}

guint64
sg_memory_available (void)
{
  return sg_memory_available_at ("/");
}
