/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/session-leftovers.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define ID_LENGTH 8

bool
sg_leftovers_is_id (const char *name)
{
  return strlen (name) == ID_LENGTH && strspn (name, "0123456789abcdef") == ID_LENGTH;
}

static int
open_dir (int parent_fd, const char *name)
{
  return openat (parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int
sg_leftovers_lock (int parent_fd, const char *id)
{
  struct stat held, named;
  int fd = open_dir (parent_fd, id);

  if (fd < 0)
    return -1;
  if (flock (fd, LOCK_EX | LOCK_NB) == 0 && fstat (fd, &held) == 0
      && fstatat (parent_fd, id, &named, AT_SYMLINK_NOFOLLOW) == 0 && held.st_dev == named.st_dev
      && held.st_ino == named.st_ino)
    return fd;
  close (fd);
  return -1;
}

/* Calls FUNC for each entry of DIR_FD but "." and "..". */
static void
for_each (int dir_fd, void (*func) (int dir_fd, const char *name))
{
  int fd = open_dir (dir_fd, ".");
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;
  struct dirent *entry;

  if (dir == NULL)
    {
      if (fd >= 0)
        close (fd);
      return;
    }
  while ((entry = readdir (dir)) != NULL)
    if (strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0)
      func (dir_fd, entry->d_name);
  closedir (dir);
}

static void
remove_entry (int dir_fd, const char *name)
{
  if (unlinkat (dir_fd, name, 0) < 0)
    unlinkat (dir_fd, name, AT_REMOVEDIR); /* where shared folders were put together: empty */
}

bool
sg_leftovers_remove (int parent_fd, const char *id)
{
  struct stat st;
  int fd = open_dir (parent_fd, id);

  if (fd >= 0)
    {
      for_each (fd, remove_entry);
      close (fd);
    }
  unlinkat (parent_fd, id, AT_REMOVEDIR);
  return fstatat (parent_fd, id, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT;
}

static void
clear_if_dead (int parent_fd, const char *name)
{
  int lock;

  if (!sg_leftovers_is_id (name))
    return;
  lock = sg_leftovers_lock (parent_fd, name);
  if (lock < 0)
    return;
  sg_leftovers_remove (parent_fd, name);
  close (lock);
}

void
sg_leftovers_clear (int parent_fd)
{
  for_each (parent_fd, clear_if_dead);
}
