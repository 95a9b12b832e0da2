/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel says of the mounts of shared folders (share-mount.h): here, and in QEMU's namespace. */
#include "launcher/share-mount.h"

#include <stdio.h>
#include <string.h>

/* Calls FOUND for each mount: its number, and where it is (LENGTH bytes, as the kernel writes it).
 */
static void
each_mount (const char *mountinfo,
            void (*found) (guint64 number, const char *at, gsize length, gpointer data),
            gpointer data)
{
  g_auto (GStrv) lines = g_strsplit (mountinfo, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    {
      guint64 number;
      int from = 0, to = 0;

      if (sscanf (*line, "%" G_GUINT64_FORMAT " %*u %*s %*s %n%*s%n", &number, &from, &to) >= 1
          && to > from)
        found (number, *line + from, (gsize)(to - from), data);
    }
}

static void
is_it (guint64 number, const char *at, gsize length, gpointer data)
{
  guint64 *wanted = data;

  if (number == *wanted)
    *wanted = 0;
}

gboolean
sg_share_mount_has_source (const SgShareMount *mount, const char *mountinfo)
{
  guint64 wanted = mount->source_id;

  if (wanted != 0)
    each_mount (mountinfo, is_it, &wanted);
  return wanted == 0;
}

char *
sg_share_mount_root (const SgShareMount *mount, const char *mountinfo)
{
  g_auto (GStrv) lines = g_strsplit (mountinfo, "\n", -1);

  for (char **line = lines; *line != NULL && mount->id != 0; line++)
    {
      guint64 number;
      int from = 0, to = 0;

      if (sscanf (*line, "%" G_GUINT64_FORMAT " %*u %*s %n%*s%n", &number, &from, &to) >= 1
          && to > from && number == mount->id)
        return g_strndup (*line + from, (gsize)(to - from));
    }
  return NULL;
}

typedef struct
{
  const char *path;
  GArray *ids;
} Below;

static void
add_below (guint64 number, const char *at, gsize length, gpointer data)
{
  Below *below = data;
  gsize n = strlen (below->path);

  if (length >= n && strncmp (at, below->path, n) == 0 && (length == n || at[n] == '/'))
    g_array_append_val (below->ids, number);
}

GArray *
sg_share_mount_inside (const SgShareMount *mount, pid_t pid)
{
  g_autofree char *path
      = g_strdup_printf (SG_INSIDE_SHARES "/%s/%u", mount->writable ? "rw" : "ro", mount->slot);
  g_autofree char *file = g_strdup_printf ("/proc/%d/mountinfo", (int)pid);
  g_autofree char *text = NULL;
  Below below = { path, g_array_new (FALSE, FALSE, sizeof (guint64)) };

  if (g_file_get_contents (file, &text, NULL, NULL))
    each_mount (text, add_below, &below);
  return below.ids;
}

static gboolean
is_of_mount (pid_t pid, const char *number, const GArray *ids)
{
  g_autofree char *file = g_strdup_printf ("/proc/%d/fdinfo/%s", (int)pid, number);
  g_autofree char *text = NULL;
  const char *at;
  guint64 id;

  if (!g_file_get_contents (file, &text, NULL, NULL) || (at = strstr (text, "mnt_id:")) == NULL)
    return FALSE;
  id = g_ascii_strtoull (at + strlen ("mnt_id:"), NULL, 10);
  for (guint i = 0; i < ids->len; i++)
    if (g_array_index (ids, guint64, i) == id)
      return TRUE;
  return FALSE;
}

guint
sg_share_mounts_held (const GArray *inside, pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/fdinfo", (int)pid);
  g_autoptr (GDir) dir = inside->len > 0 ? g_dir_open (path, 0, NULL) : NULL;
  const char *name;
  guint n = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    n += is_of_mount (pid, name, inside);
  return n;
}
