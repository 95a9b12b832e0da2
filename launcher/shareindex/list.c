/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A path is resolved below the folder, by no link (openat2): what a guest names is in the folder or
 * does not exist. */
#include "launcher/shareindex/internal.h"

#include "common/fd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

int
share_open (int folder, const char *path, int flags)
{
  struct open_how how
      = { .flags = (guint64)(flags | O_CLOEXEC | O_NOFOLLOW),
          .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS };

  return (int)syscall (SYS_openat2, folder, *path != '\0' ? path : ".", &how, sizeof how);
}

static SgShareAttr
attr_of (const struct stat *st)
{
  return (SgShareAttr){
    .ino = st->st_ino,
    .size = (guint64)st->st_size,
    .blocks = (guint64)st->st_blocks,
    .atime = st->st_atim.tv_sec,
    .mtime = st->st_mtim.tv_sec,
    .ctime = st->st_ctim.tv_sec,
    .atime_ns = (guint32)st->st_atim.tv_nsec,
    .mtime_ns = (guint32)st->st_mtim.tv_nsec,
    .ctime_ns = (guint32)st->st_ctim.tv_nsec,
    .mode = st->st_mode,
    .nlink = (guint32)st->st_nlink,
    .uid = st->st_uid,
    .gid = st->st_gid,
    .rdev = makedev (major (st->st_rdev), minor (st->st_rdev)) & G_MAXUINT32,
    .blksize = (guint32)st->st_blksize,
  };
}

int
share_stat (int folder, const char *path, GByteArray *into)
{
  sg_fd int fd = share_open (folder, path, O_PATH);
  struct stat st;
  SgShareAttr attr;

  if (fd < 0 || fstat (fd, &st) < 0)
    return errno;
  attr = attr_of (&st);
  g_byte_array_append (into, (const guint8 *)&attr, sizeof attr);
  return 0;
}

static void
add_entry (GByteArray *into, const struct stat *st, const char *name)
{
  SgShareAttr attr = attr_of (st);
  guint16 length = (guint16)strlen (name);

  g_byte_array_append (into, (const guint8 *)&attr, sizeof attr);
  g_byte_array_append (into, (const guint8 *)&length, sizeof length);
  g_byte_array_append (into, (const guint8 *)name, length);
}

/* O_NOATIME would need to own it. */
int
share_list (int directory, GByteArray *into)
{
  DIR *dir = fdopendir (directory);
  const struct dirent *entry;
  guint n = 0;

  if (dir == NULL)
    {
      close (directory);
      return errno;
    }
  while ((entry = readdir (dir)) != NULL)
    {
      struct stat st;

      if (g_str_equal (entry->d_name, ".") || g_str_equal (entry->d_name, "..")
          || fstatat (dirfd (dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        continue;
      if (++n > SG_SHARE_ENTRIES_MOST)
        {
          closedir (dir);
          return E2BIG;
        }
      add_entry (into, &st, entry->d_name);
    }
  closedir (dir);
  return 0;
}
