/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Preloaded into a session by a test on a computer without USB: one regular file, whose path is in
 * $MADE_UP_NODE when the program starts, is the device node 001/002.  (Only fstat() says so, which
 * is what a session asks of a node that it is handed.) */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static bool known;
static dev_t device;
static ino_t inode;

__attribute__ ((constructor)) static void
begin (void)
{
  const char *path = getenv ("MADE_UP_NODE");
  struct stat st;

  known = path != NULL && stat (path, &st) == 0;
  if (known)
    {
      device = st.st_dev;
      inode = st.st_ino;
    }
}

/* By both names that the C library has for it; on x86-64 they are the same. */
int fstat (int fd, struct stat *st);
int fstat64 (int fd, struct stat64 *st);

__attribute__ ((visibility ("default"))) int
fstat64 (int fd, struct stat64 *st)
{
  int (*next) (int, struct stat64 *)
      = (int (*) (int, struct stat64 *))dlsym (RTLD_NEXT, "fstat64");
  int failed = next (fd, st);

  if (failed == 0 && known && st->st_dev == device && st->st_ino == inode)
    {
      st->st_mode = S_IFCHR | (st->st_mode & 07777);
      st->st_rdev = makedev (189, 1);
    }
  return failed;
}

__attribute__ ((visibility ("default"))) int
fstat (int fd, struct stat *st)
{
  return fstat64 (fd, (struct stat64 *)st);
}
