/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <sys/socket.h>
#include <unistd.h>

void
sg_fd_clear (int *fd)
{
  int saved = errno;

  if (*fd >= 0)
    close (*fd);
  *fd = -1;
  errno = saved;
}

gboolean
sg_errno (GError **error, const char *format, ...)
{
  int saved = errno;
  va_list args;

  va_start (args, format);
  g_autofree char *what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved), "%s: %s", what,
               g_strerror (saved));
  return FALSE;
}

int
sg_open_at (int dirfd, const char *path, int flags, mode_t mode, GError **error)
{
  int fd;

  do
    fd = openat (dirfd, path, flags | O_CLOEXEC, mode);
  while (fd < 0 && errno == EINTR);
  if (fd < 0)
    {
      g_autofree char *shown = g_filename_display_name (path);
      sg_errno (error, "Cannot open %s", shown);
    }
  return fd;
}

gboolean
sg_write_all (int fd, const void *data, gsize len, GError **error)
{
  const char *at = data;

  while (len > 0)
    {
      ssize_t n = write (fd, at, len);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return sg_errno (error, "Cannot write");
      at += n;
      len -= (gsize)n;
    }
  return TRUE;
}

gssize
sg_read_all (int fd, void *data, gsize len, GError **error)
{
  gsize done = 0;

  while (done < len)
    {
      ssize_t n = read (fd, (char *)data + done, len - done);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          sg_errno (error, "Cannot read");
          return -1;
        }
      if (n == 0)
        break;
      done += (gsize)n;
    }
  return (gssize)done;
}

gssize
sg_pread_all (int fd, void *data, gsize len, off_t offset, GError **error)
{
  gsize done = 0;

  while (done < len)
    {
      ssize_t n = pread (fd, (char *)data + done, len - done, offset + (off_t)done);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          sg_errno (error, "Cannot read");
          return -1;
        }
      if (n == 0)
        break;
      done += (gsize)n;
    }
  return (gssize)done;
}

gboolean
sg_socketpair (int *ret_a, int *ret_b, GError **error)
{
  int pair[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
    return sg_errno (error, "Cannot create a socket pair");
  *ret_a = pair[0];
  *ret_b = pair[1];
  return TRUE;
}
