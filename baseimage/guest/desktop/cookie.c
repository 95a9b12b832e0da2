/* SPDX-License-Identifier: GPL-2.0-or-later */
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
sg_cookie_write (const char *path, GBytes *contents, GError **error)
{
  gsize length;
  const char *data = g_bytes_get_data (contents, &length);

  return g_file_set_contents_full (path, data, (gssize)length, G_FILE_SET_CONTENTS_CONSISTENT, 0600,
                                   error);
}
