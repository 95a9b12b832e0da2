/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/enforce-host.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Devices upon devices: more is a circle. */
#define DEPTH_MOST 8

/* --- encrypted swap -----------------------------------------------------------------------------
 */

static char *
fact (const char *block, const char *name)
{
  g_autofree char *path = g_build_filename (block, name, NULL);
  char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) ? g_strstrip (text) : NULL;
}

static gboolean is_encrypted (const char *block, guint depth);

/* All of what a device is made of, and something. */
static gboolean
below_is_encrypted (const char *block, guint depth)
{
  g_autofree char *path = g_build_filename (block, "slaves", NULL);
  g_autoptr (GDir) slaves = g_dir_open (path, 0, NULL);
  const char *name;
  guint n = 0;

  while (slaves != NULL && (name = g_dir_read_name (slaves)) != NULL)
    {
      g_autofree char *slave = g_build_filename (path, name, NULL);

      if (!is_encrypted (slave, depth + 1))
        return FALSE;
      n++;
    }
  return n > 0;
}

/* BLOCK: a device's directory in sysfs. */
static gboolean
is_encrypted (const char *block, guint depth)
{
  g_autofree char *uuid = fact (block, "dm/uuid"), *size = fact (block, "disksize");
  g_autofree char *backing = fact (block, "backing_dev");

  if (depth > DEPTH_MOST)
    return FALSE;
  if (uuid != NULL && g_str_has_prefix (uuid, "CRYPT-"))
    return TRUE;
  if (size != NULL) /* zram: memory, unless it may write to a disk */
    return backing == NULL || g_str_equal (backing, "none");
  return below_is_encrypted (block, depth);
}

/* The directory in sysfs of the device that a swap is, or lies on. */
static char *
block_of (const char *root, const char *path, gboolean is_file)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *by_name = g_build_filename (root, "sys/class/block", name, NULL);
  g_autofree char *here = g_build_filename (root, path, NULL);
  g_autofree char *number = NULL;
  struct stat st;
  dev_t device;

  if (!is_file && g_file_test (by_name, G_FILE_TEST_IS_DIR))
    return g_steal_pointer (&by_name);
  if (stat (here, &st) < 0)
    return NULL;
  device = is_file ? st.st_dev : st.st_rdev;
  number = g_strdup_printf ("%u:%u", major (device), minor (device));
  return g_build_filename (root, "sys/dev/block", number, NULL);
}

/* The swap of a line of /proc/swaps, where it is plain. */
static char *
plain_swap_of (const char *root, const char *line)
{
  g_auto (GStrv) words = g_strsplit_set (line, " \t", -1);
  g_autofree char *swap = words[0] != NULL ? g_strcompress (words[0]) : NULL;
  g_autofree char *block = NULL;
  gboolean is_file = FALSE;

  if (swap == NULL || *swap == '\0')
    return NULL;
  for (char **word = words + 1; *word != NULL; word++)
    is_file |= g_str_equal (*word, "file");
  block = block_of (root, swap, is_file);
  return block != NULL && is_encrypted (block, 0) ? NULL : g_steal_pointer (&swap);
}

char **
sg_plain_swaps (const char *root, gboolean *ret_any, GError **error)
{
  g_autofree char *path = g_build_filename (root, "proc/swaps", NULL), *text = NULL;
  g_autoptr (GStrvBuilder) plain = g_strv_builder_new ();
  g_autoptr (GError) local = NULL;
  g_auto (GStrv) lines = NULL;

  *ret_any = FALSE;
  if (!g_file_get_contents (path, &text, NULL, &local)
      && !g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  /* No such file: a kernel without swap. */
  lines = g_strsplit (text != NULL ? text : "", "\n", -1);
  for (guint i = 1; lines[0] != NULL && lines[i] != NULL; i++)
    {
      g_autofree char *swap = plain_swap_of (root, lines[i]);

      *ret_any |= *lines[i] != '\0';
      if (swap != NULL)
        g_strv_builder_add (plain, swap);
    }
  return g_strv_builder_end (plain);
}

gboolean
sg_enforce_encryption (const char *root, GError **error)
{
  gboolean any;
  g_auto (GStrv) plain = sg_plain_swaps (root, &any, error);

  if (plain == NULL)
    return FALSE;
  if (plain[0] == NULL)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
               _ ("Sandboxes open on this computer only where nothing of their memory can be "
                  "written to a disk in the clear, and the swap %s is not encrypted. Encrypt it, or "
                  "turn it off: sudo swapoff %s"),
               plain[0], plain[0]);
  return FALSE;
}

/* --- how many -----------------------------------------------------------------------------------
 */

guint
sg_enforce_count (const char *runtime)
{
  g_autoptr (GDir) dir = g_dir_open (runtime, 0, NULL);
  const char *name;
  guint n = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *control = g_build_filename (runtime, name, "control", NULL);
      struct stat st;

      n += lstat (control, &st) == 0 && S_ISSOCK (st.st_mode) ? 1 : 0;
    }
  return n;
}
