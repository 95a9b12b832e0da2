/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/save-file.h"

#include "common/fd.h"
#include "launcher/save-name.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define MOST_TRIES 999

struct SgSaveFile
{
  int dirfd, fd; /* owned */
  char *part;    /* owned: its name for the time being; NULL: it has none */
};

static int
open_part (SgSaveFile *file)
{
  guint64 random;
  int fd = -1;

  for (int i = 0; i < 16 && fd < 0; i++)
    {
      if (getrandom (&random, sizeof random, 0) != sizeof random)
        return -1;
      g_free (file->part);
      file->part = g_strdup_printf (".sandglass-%016" G_GINT64_MODIFIER "x.part", random);
      fd = openat (file->dirfd, file->part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                   0600);
      if (fd < 0 && errno != EEXIST)
        break;
    }
  if (fd < 0)
    g_clear_pointer (&file->part, g_free);
  return fd;
}

SgSaveFile *
sg_save_file_new (int dirfd, GError **error)
{
  g_autoptr (SgSaveFile) file = g_new0 (SgSaveFile, 1);

  file->fd = -1;
  file->dirfd = fcntl (dirfd, F_DUPFD_CLOEXEC, 3);
  if (file->dirfd >= 0)
    file->fd = openat (file->dirfd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file->fd < 0
      && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL || errno == ENOENT
          || errno == ENOSYS))
    file->fd = open_part (file);
  if (file->fd >= 0)
    return g_steal_pointer (&file);
  sg_errno (error, "Nothing can be saved in this folder");
  return NULL;
}

int
sg_save_file_fd (SgSaveFile *file)
{
  return file->fd;
}

/* rename() that does not overwrite, also where the file system knows neither that nor links: there
 * the name is taken first, by an empty file. */
static int
rename_part (SgSaveFile *file, int dirfd, const char *name)
{
  int taken;

  if (renameat2 (file->dirfd, file->part, dirfd, name, RENAME_NOREPLACE) == 0)
    return 0;
  if (errno != EINVAL && errno != ENOSYS)
    return -1;
  taken = openat (dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (taken < 0)
    return -1;
  close (taken);
  if (renameat (file->dirfd, file->part, dirfd, name) == 0)
    return 0;
  taken = errno;
  unlinkat (dirfd, name, 0);
  errno = taken;
  return -1;
}

static int
link_once (SgSaveFile *file, int dirfd, const char *name)
{
  char path[64];

  if (file->part == NULL)
    {
      g_snprintf (path, sizeof path, "/proc/self/fd/%d", file->fd);
      return linkat (AT_FDCWD, path, dirfd, name, AT_SYMLINK_FOLLOW);
    }
  if (rename_part (file, dirfd, name) < 0)
    return -1;
  g_clear_pointer (&file->part, g_free);
  return 0;
}

static gboolean
sync_file (SgSaveFile *file, GError **error)
{
  return fsync (file->fd) == 0 || sg_errno (error, "It cannot be written to this computer's disk");
}

gboolean
sg_save_file_link_exactly (SgSaveFile *file, const char *name, GError **error)
{
  if (!sync_file (file, error))
    return FALSE;
  if (link_once (file, file->dirfd, name) == 0)
    {
      fsync (file->dirfd);
      return TRUE;
    }
  return sg_errno (error, "The name cannot be given to the file");
}

char *
sg_save_file_link_into (SgSaveFile *file, int dirfd, const char *name, GError **error)
{
  if (!sync_file (file, error))
    return NULL;
  for (guint n = 1; n <= MOST_TRIES; n++)
    {
      g_autofree char *candidate = sg_save_name_numbered (name, n);

      if (link_once (file, dirfd, candidate) == 0)
        {
          fsync (dirfd);
          return g_steal_pointer (&candidate);
        }
      if (errno != EEXIST)
        break;
    }
  sg_errno (error, "The name cannot be given to the file");
  return NULL;
}

char *
sg_save_file_link (SgSaveFile *file, const char *name, GError **error)
{
  return sg_save_file_link_into (file, file->dirfd, name, error);
}

void
sg_save_file_free (SgSaveFile *file)
{
  if (file == NULL)
    return;
  if (file->part != NULL)
    unlinkat (file->dirfd, file->part, 0);
  g_free (file->part);
  sg_fd_clear (&file->fd);
  sg_fd_clear (&file->dirfd);
  g_free (file);
}
