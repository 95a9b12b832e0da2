/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "baseimage/identity.h"

#include "baseimage/map-format.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

gboolean
sg_identity_of_fd (int fd, SgIdentity *ret_identity, mode_t *ret_mode)
{
  struct statx sx;

  if (statx (fd, "", AT_EMPTY_PATH | AT_STATX_SYNC_AS_STAT, STATX_BASIC_STATS | STATX_BTIME, &sx)
      < 0)
    return FALSE;
  memset (ret_identity, 0, sizeof *ret_identity);
  ret_identity->dev = makedev (sx.stx_dev_major, sx.stx_dev_minor);
  ret_identity->ino = sx.stx_ino;
  ret_identity->size = sx.stx_size;
  ret_identity->mtime_sec = sx.stx_mtime.tv_sec;
  ret_identity->mtime_nsec = sx.stx_mtime.tv_nsec;
  if (sx.stx_mask & STATX_BTIME)
    {
      ret_identity->btime_sec = sx.stx_btime.tv_sec;
      ret_identity->btime_nsec = sx.stx_btime.tv_nsec;
    }
  if (ret_mode != NULL)
    *ret_mode = sx.stx_mode;
  return TRUE;
}

gboolean
sg_identity_same_file (const SgIdentity *a, const SgIdentity *b)
{
  /* Compared as the link map stores them. */
  return a->ino == b->ino && a->size == b->size
         && SG_MAP_TIME (a->mtime_sec, a->mtime_nsec) == SG_MAP_TIME (b->mtime_sec, b->mtime_nsec)
         && SG_MAP_TIME (a->btime_sec, a->btime_nsec) == SG_MAP_TIME (b->btime_sec, b->btime_nsec);
}

int
sg_open_below (int rootfd, const char *path, int flags)
{
  struct open_how how = {
    .flags = (guint64)flags | O_CLOEXEC | (flags & O_PATH ? 0 : O_NONBLOCK | O_NOCTTY),
    .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
  };
  long fd;

  do
    fd = syscall (SYS_openat2, rootfd, path, &how, sizeof how);
  while (fd < 0 && (errno == EINTR || errno == EAGAIN));
  return (int)fd;
}
