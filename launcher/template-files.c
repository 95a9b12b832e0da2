/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/template-files.h"

#include "baseimage/crc32c.h"
#include "common/fd.h"
#include "common/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE 4096
#define STRETCH (256 * PAGE)

const char *const sg_template_file_names[SG_TEMPLATE_N_FILES] = { "ram", "state", "disk" };

char *
sg_template_root (const char *cache)
{
  g_autofree char *own = cache == NULL ? sg_paths_cache () : NULL;

  return g_build_filename (cache != NULL ? cache : own, "templates", NULL);
}

static gint64
nanoseconds (const struct timespec *t)
{
  return (gint64)t->tv_sec * 1000000000 + t->tv_nsec;
}

gboolean
sg_template_file_look (int fd, SgTemplateFile *ret_file, GError **error)
{
  struct stat st;

  if (fstat (fd, &st) < 0)
    return sg_errno (error, "Cannot look at a file of the template");
  ret_file->size = st.st_size;
  ret_file->mtime = nanoseconds (&st.st_mtim);
  ret_file->ctime = nanoseconds (&st.st_ctim);
  return TRUE;
}

static guint32
sum_pages (guint32 sum, const guint8 *data, gsize length, guint64 at)
{
  static const guint8 zero[PAGE];

  for (gsize i = 0; i < length; i += PAGE)
    {
      gsize n = MIN (PAGE, length - i);
      guint64 place = GUINT64_TO_LE (at + i);

      if (memcmp (data + i, zero, n) == 0)
        continue;
      sum = sg_crc32c (sum, &place, sizeof place);
      sum = sg_crc32c (sum, data + i, n);
    }
  return sum;
}

gboolean
sg_template_file_sum (int fd, guint32 *ret_sum, GCancellable *cancellable, GError **error)
{
  g_autofree guint8 *data = g_malloc (STRETCH);
  guint32 sum = SG_CRC32C_INIT;
  off_t at = 0;
  gssize n = STRETCH;

  while (n == STRETCH && (at = lseek (fd, at, SEEK_DATA)) >= 0)
    {
      at -= at % PAGE;
      n = sg_pread_all (fd, data, STRETCH, at, error);
      if (n < 0 || g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      sum = sum_pages (sum, data, (gsize)n, (guint64)at);
      at += n;
    }
  if (at < 0 && errno != ENXIO)
    return sg_errno (error, "Cannot read a file of the template");
  *ret_sum = sum;
  return TRUE;
}

void
sg_template_dir_remove (const char *root, const char *name)
{
  g_autofree char *from = g_build_filename (root, name, NULL);
  g_autofree char *aside = g_strdup_printf ("%s/" SG_TEMPLATE_OLD "%08x", root, g_random_int ());
  g_autofree char *info = NULL, *verified = NULL;

  if (g_str_has_prefix (name, SG_TEMPLATE_OLD) || g_rename (from, aside) < 0)
    {
      g_free (aside);
      aside = g_strdup (from);
    }
  for (guint i = 0; i < SG_TEMPLATE_N_FILES; i++)
    {
      g_autofree char *path = g_build_filename (aside, sg_template_file_names[i], NULL);
      g_unlink (path);
    }
  info = g_build_filename (aside, SG_TEMPLATE_INFO, NULL);
  verified = g_build_filename (aside, SG_TEMPLATE_VERIFIED, NULL);
  g_unlink (info);
  g_unlink (verified);
  g_rmdir (aside);
}

/* --- pruning ------------------------------------------------------------------------------------
 */

static gboolean
is_used (const char *root, const char *name)
{
  g_autofree char *path = g_build_filename (root, name, SG_TEMPLATE_INFO, NULL);
  sg_fd int fd = sg_open_at (AT_FDCWD, path, O_RDONLY | O_NOFOLLOW, 0, NULL);

  return fd >= 0 && flock (fd, LOCK_EX | LOCK_NB) < 0;
}

gboolean
sg_template_any (const char *cache)
{
  g_autofree char *root = sg_template_root (cache);
  g_autoptr (GDir) dir = g_dir_open (root, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (!g_str_equal (name, SG_TEMPLATE_LOCK) && !g_str_has_prefix (name, SG_TEMPLATE_NEW)
        && !g_str_has_prefix (name, SG_TEMPLATE_OLD))
      return TRUE;
  return FALSE;
}

gboolean
sg_template_is_being_made (const char *cache)
{
  g_autofree char *root = sg_template_root (cache);
  g_autofree char *lock = g_build_filename (root, SG_TEMPLATE_LOCK, NULL);
  sg_fd int fd = sg_open_at (AT_FDCWD, lock, O_RDWR, 0, NULL);

  return fd >= 0 && flock (fd, LOCK_EX | LOCK_NB) < 0;
}

void
sg_template_drop (const char *cache, const char *key)
{
  g_autofree char *root = sg_template_root (cache);

  if (!is_used (root, key))
    sg_template_dir_remove (root, key);
}

void
sg_template_prune (const char *cache, const char *keep)
{
  g_autofree char *root = sg_template_root (cache);
  gboolean building = sg_template_is_being_made (cache);
  g_autoptr (GDir) dir = g_dir_open (root, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      if (g_str_equal (name, SG_TEMPLATE_LOCK) || g_strcmp0 (name, keep) == 0
          || (building && g_str_has_prefix (name, SG_TEMPLATE_NEW)) || is_used (root, name))
        continue;
      sg_template_dir_remove (root, name);
    }
}
