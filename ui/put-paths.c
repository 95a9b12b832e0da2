/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/put.h"

#include "ui/keeper-serve.h"

#include <stdlib.h>
#include <string.h>

char **
sg_put_read_paths (const char *bytes, gsize length)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  const char *end = bytes + length;

  if (length == 0 || length > SG_KEEPER_PATHS_MAX || bytes[length - 1] != '\0')
    return NULL;
  for (const char *p = bytes; p < end; p += strlen (p) + 1)
    {
      char *resolved = *p == '/' ? realpath (p, NULL) : NULL;
      char *path = g_strdup (resolved != NULL ? resolved : p);

      free (resolved);
      if (*path != '/' || paths->len >= SG_KEEPER_FILES_MAX)
        {
          g_free (path);
          return NULL;
        }
      if (g_hash_table_contains (seen, path))
        {
          g_free (path);
          continue;
        }
      g_hash_table_add (seen, path);
      g_ptr_array_add (paths, path);
    }
  g_ptr_array_add (paths, NULL);
  g_ptr_array_set_free_func (paths, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&paths), FALSE);
}
