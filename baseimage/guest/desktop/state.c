/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "state.h"

#include "common/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

gboolean
sg_state_write (const char *name, const char *text, GError **error)
{
  g_autofree char *aside = g_strconcat (name, ".new", NULL);
  sg_fd int dir
      = sg_open_at (AT_FDCWD, SG_STATE_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, error);

  if (dir < 0)
    return FALSE;
  unlinkat (dir, aside, 0);
  sg_fd int fd = sg_open_at (dir, aside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644, error);
  if (fd < 0 || !sg_write_all (fd, text, strlen (text), error))
    return FALSE;
  fchmod (fd, 0644);
  if (renameat (dir, aside, dir, name) == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "Renaming %s: %s", name,
               g_strerror (errno));
  return FALSE;
}

void
sg_state_remove (const char *name)
{
  g_autofree char *path = g_build_filename (SG_STATE_DIR, name, NULL);

  unlink (path);
}

void
sg_state_notify (const char *text)
{
  const char *path = g_getenv ("NOTIFY_SOCKET");
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  gsize length = path ? strlen (path) : 0;

  if (length < 2 || length >= sizeof address.sun_path)
    return;
  memcpy (address.sun_path, path, length);
  if (path[0] == '@')
    address.sun_path[0] = '\0';
  sg_fd int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd >= 0)
    (void)!sendto (fd, text, strlen (text), MSG_NOSIGNAL, (struct sockaddr *)&address,
                   (socklen_t)(offsetof (struct sockaddr_un, sun_path) + length));
}
