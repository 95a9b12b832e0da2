/* SPDX-License-Identifier: GPL-2.0-or-later */
/* File descriptors that close themselves, and whole reads and writes.
 *
 *   sg_fd int fd = sg_open_at (AT_FDCWD, path, O_RDONLY, 0, error);
 *   if (fd < 0) return FALSE;
 *   ...
 *   return sg_fd_steal (&fd);
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* Closes *fd when it is not negative and sets it to -1; errno is kept. */
void sg_fd_clear (int *fd);

/* An int that is closed at the end of its scope; initialise it (with -1 or a descriptor). */
#define sg_fd __attribute__ ((cleanup (sg_fd_clear)))

/* Hands the descriptor on: returns it and leaves -1 behind. */
static inline int
sg_fd_steal (int *fd)
{
  int taken = *fd;
  *fd = -1;
  return taken;
}

/* openat() with O_CLOEXEC, retried on EINTR.  Returns the descriptor, or -1 with a GIOError that
 * names the path. */
int sg_open_at (int dirfd, const char *path, int flags, mode_t mode, GError **error);

/* Writes all of LEN bytes, over EINTR and short writes.  FALSE with a GIOError otherwise. */
gboolean sg_write_all (int fd, const void *data, gsize len, GError **error);

/* Reads until LEN bytes or end of file.  Returns the number read (short only at the end), -1 on
 * error. */
gssize sg_read_all (int fd, void *data, gsize len, GError **error);

/* Like sg_read_all() at an offset (pread). */
gssize sg_pread_all (int fd, void *data, gsize len, off_t offset, GError **error);

/* Sets GError from errno: "MESSAGE: strerror".  Always returns FALSE, so that `return sg_errno
 * (...)` reads well. */
gboolean sg_errno (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* A connected pair of Unix stream sockets, close-on-exec. */
gboolean sg_socketpair (int *ret_a, int *ret_b, GError **error);
