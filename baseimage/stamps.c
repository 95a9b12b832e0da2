/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "baseimage/stamps.h"

#include <string.h>
#include <sys/stat.h>

static char *
stamp_of (const char *root, const char *path)
{
  g_autofree char *full = g_build_filename (root, path, NULL);
  struct stat st;

  if (stat (full, &st) < 0)
    return g_strdup_printf ("%s\tnone", path);
  return g_strdup_printf (
      "%s\t%" G_GUINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT ".%09ld", path,
      (guint64)st.st_ino, (gint64)st.st_size, (gint64)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

char **
sg_stamps_take (const char *root, const char *const *paths)
{
  g_autoptr (GPtrArray) stamps = g_ptr_array_new ();

  for (; *paths != NULL; paths++)
    g_ptr_array_add (stamps, stamp_of (root, *paths));
  g_ptr_array_add (stamps, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&stamps), FALSE);
}

char *
sg_stamps_changed (const char *root, char **stamps)
{
  for (; *stamps != NULL; stamps++)
    {
      const char *tab = strchr (*stamps, '\t');
      g_autofree char *path = g_strndup (*stamps, tab != NULL ? (gsize)(tab - *stamps) : 0);
      g_autofree char *now = stamp_of (root, path);
      if (strcmp (now, *stamps) != 0)
        return g_steal_pointer (&path);
    }
  return NULL;
}
