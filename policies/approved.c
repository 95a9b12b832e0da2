/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policies/approved.h"

#include "common/fd.h"
#include "common/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define ENTRIES_MAX 1000
#define FOLDERS "Folders"   /* what the profile's folders meant, a digest */
#define WRITABLE "Writable" /* where changes were allowed */
#define WHEN "When"         /* seconds since 1970 */

char *
sg_approved_file (void)
{
  g_autofree char *dir = sg_paths_config ();

  return g_build_filename (dir, "approved", NULL);
}

/* What this profile would give, beyond its bytes. */
static char *
meaning (const SgProfile *profile)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  const SgAsked *open = &profile->settings[SG_SETTING_OPEN];

  for (guint i = 0; i < profile->folders->len; i++)
    {
      const SgAskedFolder *folder = profile->folders->pdata[i];
      const char *path = folder->host_path != NULL ? folder->host_path : "";

      g_checksum_update (sum, (const guchar *)path, (gssize)strlen (path) + 1);
    }
  if (open->text != NULL)
    g_checksum_update (sum, (const guchar *)open->text, -1);
  return g_strdup (g_checksum_get_string (sum));
}

gboolean
sg_approved_has (const char *file, const SgProfile *profile, char ***ret_writable)
{
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  g_autofree char *mine = NULL, *theirs = NULL;

  if (ret_writable != NULL)
    *ret_writable = NULL;
  if (profile->sha256 == NULL || !g_key_file_load_from_file (keys, file, G_KEY_FILE_NONE, NULL))
    return FALSE;
  mine = meaning (profile);
  theirs = g_key_file_get_string (keys, profile->sha256, FOLDERS, NULL);
  if (g_strcmp0 (mine, theirs) != 0)
    return FALSE;
  if (ret_writable != NULL)
    {
      *ret_writable = g_key_file_get_string_list (keys, profile->sha256, WRITABLE, NULL, NULL);
      if (*ret_writable == NULL)
        *ret_writable = g_new0 (char *, 1);
    }
  return TRUE;
}

/* ---- writing */

static void
forget_oldest (GKeyFile *keys)
{
  gsize n;
  g_auto (GStrv) groups = g_key_file_get_groups (keys, &n);

  for (; n > ENTRIES_MAX; n--)
    {
      const char *oldest = NULL;
      gint64 when = G_MAXINT64;

      for (char **group = groups; *group != NULL; group++)
        {
          gint64 its = g_key_file_get_int64 (keys, *group, WHEN, NULL);
          if (g_key_file_has_group (keys, *group) && its < when)
            {
              when = its;
              oldest = *group;
            }
        }
      if (oldest != NULL)
        g_key_file_remove_group (keys, oldest, NULL);
    }
}

/* The lock is a file of its own: the list is replaced by every write. */
static int
lock (const char *file, GError **error)
{
  g_autofree char *dir = g_path_get_dirname (file);
  g_autofree char *path = g_strconcat (file, ".lock", NULL);
  sg_fd int fd = -1;

  if (g_mkdir_with_parents (dir, 0700) < 0)
    {
      sg_errno (error, "%s", dir);
      return -1;
    }
  fd = sg_open_at (AT_FDCWD, path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600, error);
  while (fd >= 0 && flock (fd, LOCK_EX) < 0)
    if (errno != EINTR)
      {
        sg_errno (error, "%s", path);
        return -1;
      }
  return sg_fd_steal (&fd);
}

static gboolean
load (GKeyFile *keys, const char *file, GError **error)
{
  g_autoptr (GError) problem = NULL;

  if (g_key_file_load_from_file (keys, file, G_KEY_FILE_NONE, &problem)
      || g_error_matches (problem, G_FILE_ERROR, G_FILE_ERROR_NOENT)
      || g_error_matches (problem, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_NOT_FOUND))
    return TRUE;
  /* Unreadable text approves nothing and is replaced; a disk that fails is told. */
  if (problem->domain == G_KEY_FILE_ERROR)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

static gboolean
store (GKeyFile *keys, const char *file, GError **error)
{
  gsize len;
  g_autofree char *text = g_key_file_to_data (keys, &len, NULL);

  return g_file_set_contents_full (file, text, (gssize)len, G_FILE_SET_CONTENTS_CONSISTENT, 0600,
                                   error);
}

gboolean
sg_approved_add (const char *file, const SgProfile *profile, const char *const *writable,
                 GError **error)
{
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  g_autofree char *folders = meaning (profile);

  g_return_val_if_fail (profile->sha256 != NULL, FALSE);
  sg_fd int held = lock (file, error);
  if (held < 0 || !load (keys, file, error))
    return FALSE;
  g_key_file_remove_group (keys, profile->sha256, NULL);
  g_key_file_set_string (keys, profile->sha256, FOLDERS, folders);
  g_key_file_set_int64 (keys, profile->sha256, WHEN, g_get_real_time () / G_USEC_PER_SEC);
  if (writable != NULL && writable[0] != NULL)
    g_key_file_set_string_list (keys, profile->sha256, WRITABLE, writable,
                                g_strv_length ((char **)writable));
  forget_oldest (keys);
  return store (keys, file, error);
}

gboolean
sg_approved_remove (const char *file, const SgProfile *profile, GError **error)
{
  g_autoptr (GKeyFile) keys = g_key_file_new ();

  g_return_val_if_fail (profile->sha256 != NULL, FALSE);
  sg_fd int held = lock (file, error);
  if (held < 0 || !load (keys, file, error))
    return FALSE;
  if (!g_key_file_has_group (keys, profile->sha256))
    return TRUE;
  g_key_file_remove_group (keys, profile->sha256, NULL);
  return store (keys, file, error);
}
