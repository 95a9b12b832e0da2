/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "baseimage/stamps.h"

#include "common/paths.h"

#include <fts.h>
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

/* One line for all files of the guest's payload: a new version of Sandglass is a change, too. */
static char *
stamp_of_own (void)
{
  g_autofree char *guest = sg_paths_guest (NULL);
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  char *const roots[] = { guest, NULL };
  FTS *walk = guest != NULL ? fts_open (roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL) : NULL;
  FTSENT *entry;

  g_checksum_update (sum, (const guchar *)SG_VERSION, -1);
  while (walk != NULL && (entry = fts_read (walk)) != NULL)
    if (entry->fts_info == FTS_F)
      {
        g_autofree char *line = stamp_of ("/", entry->fts_path);
        g_checksum_update (sum, (const guchar *)line, -1);
      }
  if (walk != NULL)
    fts_close (walk);
  return g_strdup_printf (SG_STAMP_OWN "\t%s", g_checksum_get_string (sum));
}

char **
sg_stamps_take (const char *root, const char *const *paths)
{
  g_autoptr (GPtrArray) stamps = g_ptr_array_new ();

  for (; *paths != NULL; paths++)
    g_ptr_array_add (stamps, stamp_of (root, *paths));
  g_ptr_array_add (stamps, stamp_of_own ());
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
      gboolean own = strcmp (path, SG_STAMP_OWN) == 0;
      g_autofree char *now = own ? stamp_of_own () : stamp_of (root, path);
      if (strcmp (now, *stamps) != 0)
        return g_steal_pointer (&path);
    }
  return NULL;
}
