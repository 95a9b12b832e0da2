/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loaded into QEMU before 8.2 when it wakes a clone (LD_PRELOAD, set by its confinement).
 *
 * Such a QEMU opens the file of its memory for writing even when it maps it privately, and gives up
 * where it may not.  But may it write, a QEMU taken over by its guest can write into the memory of
 * all siblings.  So the file is bound read-only, and here the open that was refused for that reason
 * is tried again for reading: a private mapping needs no more.
 *
 * For that one path only.  Nothing else of QEMU's changes. */
#include "launcher/ram-preload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int __open_2 (const char *path, int flags);
int __open64_2 (const char *path, int flags);

/* The C library's own functions are these system calls, and nothing they add matters here. */
static int
open_ram (const char *path, int flags, mode_t mode)
{
  int fd = (int)syscall (SYS_openat, AT_FDCWD, path, flags | O_LARGEFILE, mode);

  if (fd < 0 && (errno == EROFS || errno == EACCES) && (flags & O_ACCMODE) == O_RDWR
      && strcmp (path, SG_INSIDE_RAM) == 0)
    fd = (int)syscall (SYS_openat, AT_FDCWD, path, (flags & ~(O_ACCMODE | O_CREAT)) | O_RDONLY, 0);
  return fd;
}

#define OPEN_WITH_MODE(name)                                                                       \
  __attribute__ ((visibility ("default"))) int name (const char *path, int flags, ...)             \
  {                                                                                                \
    mode_t mode = 0;                                                                               \
    va_list args;                                                                                  \
                                                                                                   \
    if (flags & (O_CREAT | O_TMPFILE))                                                             \
      {                                                                                            \
        va_start (args, flags);                                                                    \
        mode = (mode_t)va_arg (args, unsigned);                                                    \
        va_end (args);                                                                             \
      }                                                                                            \
    return open_ram (path, flags, mode);                                                           \
  }

OPEN_WITH_MODE (open)
OPEN_WITH_MODE (open64)

/* What _FORTIFY_SOURCE makes of an open() whose flags are not constant. */
__attribute__ ((visibility ("default"))) int
__open_2 (const char *path, int flags)
{
  return open_ram (path, flags, 0);
}

__attribute__ ((visibility ("default"))) int
__open64_2 (const char *path, int flags)
{
  return open_ram (path, flags, 0);
}
