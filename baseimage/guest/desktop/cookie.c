/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A clone wakes with its template's cookie, and every sibling has the same one.  `recookie` writes
 * two files: the server's (read again at the next connection, because it is newer) and the user's.
 * Programs that are connected stay so; nothing restarts.  The entry is of the wild family, because
 * the host name changes with the clone. */
#include "cookie.h"

#include "common/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define FAMILY_WILD 65535
static const char protocol[] = "MIT-MAGIC-COOKIE-1";

static gboolean
fail (GError **error, const char *what, const char *path)
{
  int code = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s %s: %s", what, path,
               g_strerror (code));
  return FALSE;
}

gboolean
sg_cookie_new (guint8 cookie[SG_COOKIE_BYTES], GError **error)
{
  if (getrandom (cookie, SG_COOKIE_BYTES, 0) == SG_COOKIE_BYTES)
    return TRUE;
  return fail (error, "Asking the kernel for", "random bytes");
}

static void
add_counted (GByteArray *out, const void *data, guint16 length)
{
  guint16 big = GUINT16_TO_BE (length);

  g_byte_array_append (out, (const guint8 *)&big, 2);
  if (length)
    g_byte_array_append (out, data, length);
}

GBytes *
sg_cookie_file (const guint8 cookie[SG_COOKIE_BYTES])
{
  GByteArray *out = g_byte_array_new ();
  guint16 family = GUINT16_TO_BE (FAMILY_WILD);

  g_byte_array_append (out, (const guint8 *)&family, 2);
  add_counted (out, NULL, 0); /* address */
  add_counted (out, NULL, 0); /* display number */
  add_counted (out, protocol, sizeof protocol - 1);
  add_counted (out, cookie, SG_COOKIE_BYTES);
  return g_byte_array_free_to_bytes (out);
}

gboolean
sg_cookie_write (const char *path, GBytes *contents, uid_t uid, gid_t gid, GError **error)
{
  g_autofree char *aside = g_strconcat (path, ".new", NULL);
  struct timespec times[2];
  struct stat before;
  gsize length;
  const void *data = g_bytes_get_data (contents, &length);

  if (unlink (aside) != 0 && errno != ENOENT)
    return fail (error, "Removing", aside);
  sg_fd int fd
      = sg_open_at (AT_FDCWD, aside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600, error);
  if (fd < 0 || !sg_write_all (fd, data, length, error))
    return FALSE;
  if (fchown (fd, uid, gid) != 0)
    return fail (error, "Giving away", aside);
  clock_gettime (CLOCK_REALTIME, &times[0]);
  if (stat (path, &before) == 0 && before.st_mtim.tv_sec >= times[0].tv_sec)
    times[0].tv_sec = before.st_mtim.tv_sec + 1;
  times[1] = times[0];
  if (futimens (fd, times) != 0)
    return fail (error, "Dating", aside);
  if (rename (aside, path) != 0)
    return fail (error, "Renaming", aside);
  return TRUE;
}
