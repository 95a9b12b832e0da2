/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "baseimage/store.h"

#include "common/fd.h"
#include "common/paths.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FRESH_PREFIX "new-"
#define OLD_PREFIX "old-"

char *
sg_store_dir (const char *cache)
{
  g_autofree char *standard = cache == NULL ? sg_paths_cache () : NULL;

  return g_build_filename (cache != NULL ? cache : standard, "bases", NULL);
}

gboolean
sg_store_is_digest (const char *text)
{
  return strlen (text) == SG_DIGEST_LEN && strspn (text, "0123456789abcdef") == SG_DIGEST_LEN;
}

int
sg_store_lock (const char *store, GError **error)
{
  if (g_mkdir_with_parents (store, 0700) < 0)
    {
      sg_errno (error, "Cannot create %s", store);
      return -1;
    }
  g_autofree char *path = g_build_filename (store, "lock", NULL);
  sg_fd int fd = sg_open_at (AT_FDCWD, path, O_RDWR | O_CREAT, 0600, error);
  if (fd < 0)
    return -1;
  if (flock (fd, LOCK_EX | LOCK_NB) == 0)
    return sg_fd_steal (&fd);
  if (errno == EWOULDBLOCK)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY,
                 "The copy of this computer is being made or removed already; wait until that is "
                 "done");
  else
    sg_errno (error, "Cannot lock %s", path);
  return -1;
}

char *
sg_store_current (const char *store, GError **error)
{
  g_autofree char *path = g_build_filename (store, "current", NULL);
  char target[SG_DIGEST_LEN + 2] = { 0 };
  ssize_t n = readlink (path, target, sizeof target - 1);

  if (n < 0 && errno != ENOENT && errno != ENOTDIR && errno != EINVAL)
    {
      sg_errno (error, "Cannot read %s", path);
      return NULL;
    }
  if (n < 0 || !sg_store_is_digest (target))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                   "There is no copy of this computer yet; make it with `sandglass base build`");
      return NULL;
    }
  return g_strdup (target);
}

char *
sg_store_begin (const char *store, GError **error)
{
  g_autofree char *dir = g_build_filename (store, FRESH_PREFIX "XXXXXX", NULL);

  if (g_mkdtemp_full (dir, 0700) == NULL)
    {
      sg_errno (error, "Cannot create a directory in %s", store);
      return NULL;
    }
  return g_steal_pointer (&dir);
}

void
sg_store_discard (const char *dir)
{
  DIR *listing = opendir (dir);
  struct dirent *entry;

  while (listing != NULL && (entry = readdir (listing)) != NULL)
    unlinkat (dirfd (listing), entry->d_name, 0);
  if (listing != NULL)
    closedir (listing);
  rmdir (dir);
}

/* ---- making current ---- */

static gboolean
sync_path (const char *path, GError **error)
{
  sg_fd int fd = sg_open_at (AT_FDCWD, path, O_RDONLY, 0, error);

  if (fd < 0)
    return FALSE;
  if (fsync (fd) < 0)
    return sg_errno (error, "Cannot write %s to the disk", path);
  return TRUE;
}

static gboolean
sync_files (const char *dir, GError **error)
{
  g_autoptr (GDir) listing = g_dir_open (dir, 0, error);
  const char *name;

  if (listing == NULL)
    return FALSE;
  while ((name = g_dir_read_name (listing)) != NULL)
    {
      g_autofree char *path = g_build_filename (dir, name, NULL);
      if (!sync_path (path, error))
        return FALSE;
    }
  return sync_path (dir, error);
}

/* Moves what lies at DIR out of the way, to be removed. */
static void
move_away (const char *store, const char *dir)
{
  g_autofree char *aside = g_build_filename (store, OLD_PREFIX "XXXXXX", NULL);

  if (g_mkdtemp_full (aside, 0700) != NULL && rename (dir, aside) == 0)
    sg_store_discard (aside);
}

gboolean
sg_store_make_current (const char *store, const char *digest, GError **error)
{
  g_autofree char *link = g_build_filename (store, "current", NULL);
  g_autofree char *fresh = g_build_filename (store, FRESH_PREFIX "current", NULL);

  unlink (fresh);
  if (symlink (digest, fresh) < 0 || rename (fresh, link) < 0)
    {
      sg_errno (error, "Cannot make the new copy current");
      unlink (fresh);
      return FALSE;
    }
  return sync_path (store, error);
}

gboolean
sg_store_publish (const char *store, const char *fresh, const char *digest, gboolean keep,
                  GError **error)
{
  g_autofree char *final = g_build_filename (store, digest, NULL);

  if (keep)
    {
      sg_store_discard (fresh);
      return TRUE;
    }
  if (!sync_files (fresh, error))
    return FALSE;
  move_away (store, final);
  if (rename (fresh, final) < 0)
    return sg_errno (error, "Cannot put the new copy in its place");
  return sync_path (store, error);
}

/* ---- taking away ---- */

/* Nobody holds its shared lock: then it is moved away before anybody else finds it. */
static gboolean
remove_unused (const char *store, const char *base)
{
  g_autofree char *info = g_build_filename (base, "info", NULL);
  sg_fd int fd = open (info, O_RDONLY | O_CLOEXEC);

  if (fd >= 0 && flock (fd, LOCK_EX | LOCK_NB) < 0)
    return FALSE;
  move_away (store, base);
  return TRUE;
}

guint
sg_store_prune (const char *store, const char *keep)
{
  g_autoptr (GDir) listing = g_dir_open (store, 0, NULL);
  const char *name;
  guint in_use = 0;

  while (listing != NULL && (name = g_dir_read_name (listing)) != NULL)
    {
      g_autofree char *path = g_build_filename (store, name, NULL);
      if (g_str_has_prefix (name, FRESH_PREFIX) || g_str_has_prefix (name, OLD_PREFIX))
        {
          unlink (path);
          sg_store_discard (path);
        }
      else if (sg_store_is_digest (name) && g_strcmp0 (name, keep) != 0 && !remove_unused (store, path))
        in_use++;
    }
  return in_use;
}

void
sg_store_drop (const char *store, const char *digest)
{
  g_autofree char *base = g_build_filename (store, digest, NULL);

  remove_unused (store, base);
}

int
sg_store_use (const char *base, GError **error)
{
  g_autofree char *path = g_build_filename (base, "info", NULL);
  struct stat here, there;
  sg_fd int fd = sg_open_at (AT_FDCWD, path, O_RDONLY, 0, error);

  if (fd < 0)
    return -1;
  if (flock (fd, LOCK_SH | LOCK_NB) == 0 && fstat (fd, &here) == 0 && stat (path, &there) == 0
      && here.st_ino == there.st_ino && here.st_dev == there.st_dev)
    return sg_fd_steal (&fd);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
               "The copy of this computer was removed just now; make it again with `sandglass base "
               "build`");
  return -1;
}
