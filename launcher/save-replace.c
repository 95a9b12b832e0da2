/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order, with the names that stand after each step (O: the original, N: the new file):
 *
 *   start                                            NAME=O
 *   1  the new file gets mode, owner, attributes     NAME=O
 *   2  link the original                             NAME=O  before=O
 *   3  name the new file                             NAME=O  before=O  edited=N
 *   4  exchange                                      NAME=N  before=O  edited=O
 *   5  look what came out of 4; drop it              NAME=N  before=O
 *   6  to the Trash                                  NAME=N
 *
 * Step 4 is an exchange and not a rename, because between a look and a rename another program could
 * save its own version, which would be lost: with the exchange it is in our hand, and goes back.
 * Where the file system knows no links, the original is copied in step 2; where it knows no
 * exchange, step 4 is a look and a rename. */
#include "launcher/save-replace.h"

#include "common/fd.h"
#include "launcher/save-name.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/xattr.h>
#include <unistd.h>

#define MOST_TRIES 999
#define XATTRS_MAX (64 * 1024)
#define CHUNK (4 * 1024 * 1024)
#define ACL "system.posix_acl_access"

gboolean
sg_original_look (int fd, SgOriginal *ret_original, GError **error)
{
  struct stat about;

  if (fstat (fd, &about) < 0)
    return sg_errno (error, "The file cannot be read");
  *ret_original = (SgOriginal){
    .dev = about.st_dev, .ino = about.st_ino, .size = about.st_size, .mtime = about.st_mtim
  };
  return TRUE;
}

void
sg_replaced_clear (SgReplaced *replaced)
{
  g_clear_pointer (&replaced->name, g_free);
  g_clear_pointer (&replaced->before, g_free);
  g_clear_pointer (&replaced->why, g_free);
}

static gboolean
is_same (const struct stat *about, const SgOriginal *original)
{
  return about->st_dev == original->dev && about->st_ino == original->ino
         && about->st_size == original->size && about->st_mtim.tv_sec == original->mtime.tv_sec
         && about->st_mtim.tv_nsec == original->mtime.tv_nsec;
}

static gboolean
is_still (int dirfd, const char *name, const SgOriginal *original)
{
  struct stat about;

  return fstatat (dirfd, name, &about, AT_SYMLINK_NOFOLLOW) == 0 && is_same (&about, original);
}

/* --- what the new file takes over ---------------------------------------------------------------
 */

/* As far as it goes: a mark that the file system does not take is no reason to lose the work. */
static void
copy_attributes (int from, int to)
{
  g_autofree char *names = g_malloc (XATTRS_MAX), *value = g_malloc (XATTRS_MAX);
  ssize_t len = flistxattr (from, names, XATTRS_MAX);

  for (ssize_t at = 0; at < len; at += (ssize_t)strlen (names + at) + 1)
    {
      ssize_t n = g_str_has_prefix (names + at, "user.")
                      ? fgetxattr (from, names + at, value, XATTRS_MAX)
                      : -1;

      if (n >= 0)
        fsetxattr (to, names + at, value, (size_t)n, 0);
    }
}

/* Where the original has none, the folder may have given one to the new file: its default ACL. */
static gboolean
copy_acl (int from, int to)
{
  g_autofree char *value = g_malloc (XATTRS_MAX);
  ssize_t n = fgetxattr (from, ACL, value, XATTRS_MAX);

  if (n >= 0)
    return fsetxattr (to, ACL, value, (size_t)n, 0) == 0;
  if (errno == EOPNOTSUPP)
    return TRUE;
  return errno == ENODATA
         && (fremovexattr (to, ACL) == 0 || errno == ENODATA || errno == EOPNOTSUPP);
}

/* NULL, or why the new file cannot be what the original is.  The mode comes last, for its bits of
 * the group mean another thing where there is an ACL. */
static const char *
copy_rights (int from, int to, const struct stat *about, mode_t most)
{
  struct stat ours;

  if (fstat (to, &ours) < 0)
    return "It cannot be looked at.";
  if ((ours.st_uid != about->st_uid || ours.st_gid != about->st_gid)
      && fchown (to, about->st_uid, about->st_gid) < 0
      && (ours.st_uid != about->st_uid || fchown (to, (uid_t)-1, about->st_gid) < 0))
    return "The original belongs to somebody else, so it was left as it is.";
  if (!copy_acl (from, to) || fchmod (to, about->st_mode & most) < 0)
    return "The new file cannot be given the rights of the original.";
  return NULL;
}

static const char *
take_over (int from, int to, const struct stat *about)
{
  const char *why = copy_rights (from, to, about, 0777);

  if (why == NULL)
    copy_attributes (from, to);
  return why;
}

void
sg_save_take_rights (SgSaveFile *file, int original, mode_t most)
{
  int fd = sg_save_file_fd (file);
  struct stat about;

  if (fstat (original, &about) < 0 || copy_rights (original, fd, &about, most) != NULL)
    fchmod (fd, 0600);
}

/* --- names beside the original ------------------------------------------------------------------
 */

char *
sg_save_beside (SgSaveFile *file, const char *name, GError **error)
{
  for (guint n = 1; n <= MOST_TRIES; n++)
    {
      g_autofree char *candidate = sg_save_name_with (name, "edited in sandbox", n);
      g_autoptr (GError) local = NULL;

      if (sg_save_file_link_exactly (file, candidate, &local))
        return g_steal_pointer (&candidate);
      if (!g_error_matches (local, G_IO_ERROR, G_IO_ERROR_EXISTS))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS, "There are too many files of this name");
  return NULL;
}

static gboolean
copy_all (int from, int to, GError **error)
{
  off_t at = 0;
  ssize_t n;

  while ((n = sendfile (to, from, &at, CHUNK)) > 0)
    ;
  return n == 0 || sg_errno (error, "The original cannot be copied");
}

static char *
copy_original (int dirfd, int fd, const char *name, GError **error)
{
  g_autoptr (SgSaveFile) copy = sg_save_file_new (dirfd, error);
  struct timespec times[2];
  struct stat about;

  if (copy == NULL || !copy_all (fd, sg_save_file_fd (copy), error))
    return NULL;
  if (fstat (fd, &about) == 0)
    {
      times[0] = about.st_atim;
      times[1] = about.st_mtim;
      sg_save_take_rights (copy, fd, 0777);
      futimens (sg_save_file_fd (copy), times);
    }
  for (guint n = 1; n <= MOST_TRIES; n++)
    {
      g_autofree char *candidate = sg_save_name_with (name, "before sandbox", n);
      g_autoptr (GError) local = NULL;

      if (sg_save_file_link_exactly (copy, candidate, &local))
        return g_steal_pointer (&candidate);
      if (!g_error_matches (local, G_IO_ERROR, G_IO_ERROR_EXISTS) || n == MOST_TRIES)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
    }
  return NULL;
}

/* A second name for exactly the file that FD is. */
static char *
keep_original (int dirfd, int fd, const char *name, GError **error)
{
  char path[64];

  g_snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
  for (guint n = 1; n <= MOST_TRIES; n++)
    {
      g_autofree char *candidate = sg_save_name_with (name, "before sandbox", n);

      if (linkat (AT_FDCWD, path, dirfd, candidate, AT_SYMLINK_FOLLOW) == 0)
        return g_steal_pointer (&candidate);
      if (errno != EEXIST)
        break;
    }
  return copy_original (dirfd, fd, name, error);
}

/* --- the exchange -------------------------------------------------------------------------------
 */

static gboolean
keep_both (SgSaveFile *file, const char *name, const char *why, SgReplaced *replaced,
           GError **error)
{
  replaced->name = sg_save_beside (file, name, error);
  if (replaced->name == NULL)
    return FALSE;
  replaced->kept_both = TRUE;
  replaced->why = g_strdup (why);
  return TRUE;
}

static const char changed_words[] = "The original was changed or moved meanwhile.";

/* EDITED is the new file's name.  TRUE: NAME is the new one; FALSE: NAME is what it was, and
 * EDITED still the new one. */
static gboolean
exchange (int dirfd, const char *edited, const char *name, const SgOriginal *original)
{
  if (renameat2 (dirfd, edited, dirfd, name, RENAME_EXCHANGE) < 0)
    return (errno == EINVAL || errno == ENOSYS) && is_still (dirfd, name, original)
           && renameat (dirfd, edited, dirfd, name) == 0;
  if (!is_still (dirfd, edited, original))
    {
      /* Somebody else's version: back with it.  Should that fail, both are there all the same. */
      renameat2 (dirfd, edited, dirfd, name, RENAME_EXCHANGE);
      return FALSE;
    }
  unlinkat (dirfd, edited, 0);
  return TRUE;
}

static void
put_in_trash (const char *dir, SgReplaced *replaced)
{
  g_autoptr (GFile) file = g_file_new_build_filename (dir, replaced->before, NULL);

  replaced->trashed = g_file_trash (file, NULL, NULL);
  if (replaced->trashed)
    g_clear_pointer (&replaced->before, g_free);
}

/* Without NAME nothing is there that could be lost; as a link it is something else now. */
static int
open_original (int dirfd, const char *name, const SgOriginal *original, struct stat *ret_about)
{
  sg_fd int fd = openat (dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

  if (fd < 0 || fstat (fd, ret_about) < 0 || !is_same (ret_about, original))
    return -1;
  return sg_fd_steal (&fd);
}

gboolean
sg_replace_original (SgSaveFile *file, int dirfd, const char *dir, const char *name,
                     const SgOriginal *original, SgReplaced *ret_replaced, GError **error)
{
  struct stat about;
  sg_fd int fd = open_original (dirfd, name, original, &about);
  SgReplaced replaced = { 0 };
  const char *why = fd < 0 ? changed_words : take_over (fd, sg_save_file_fd (file), &about);

  if (why == NULL)
    {
      replaced.before = keep_original (dirfd, fd, name, error);
      if (replaced.before == NULL)
        return FALSE;
      replaced.name = sg_save_beside (file, name, error);
      if (replaced.name == NULL)
        {
          unlinkat (dirfd, replaced.before, 0);
          sg_replaced_clear (&replaced);
          return FALSE;
        }
      if (exchange (dirfd, replaced.name, name, original))
        {
          g_free (replaced.name);
          replaced.name = g_strdup (name);
          fsync (dirfd);
          put_in_trash (dir, &replaced);
        }
      else
        {
          replaced.kept_both = TRUE;
          replaced.why = g_strdup (changed_words);
          /* Our second name of the original; where it was replaced, this was somebody's will. */
          unlinkat (dirfd, replaced.before, 0);
          g_clear_pointer (&replaced.before, g_free);
        }
    }
  else if (!keep_both (file, name, why, &replaced, error))
    return FALSE;
  *ret_replaced = replaced;
  return TRUE;
}
