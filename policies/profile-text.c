/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A profile's bytes become UTF-8, or a place where they stop being text. */
#include "policies/profile-internal.h"

#include <gio/gio.h>
#include <string.h>

void
sg_place_advance (SgPlace *place, const char *text, gsize len)
{
  for (gsize i = 0; i < len; i++)
    if (text[i] == '\n')
      {
        place->line++;
        place->column = 1;
      }
    else if (((guchar)text[i] & 0xc0) != 0x80) /* no continuation byte */
      place->column++;
}

static char *
refuse_at (const char *text, gsize before, const char *what, GError **error)
{
  SgPlace place = { 1, 1 };

  sg_place_advance (&place, text, before);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%u:%u: %s", place.line, place.column,
               what);
  return NULL;
}

static char *
from_utf8 (const char *text, gsize len, gsize *ret_len, GError **error)
{
  const char *end;
  const char *zero = memchr (text, '\0', len);

  if (!g_utf8_validate_len (text, zero != NULL ? (gsize)(zero - text) : len, &end))
    return refuse_at (text, (gsize)(end - text),
                      "there is a byte that is not UTF-8 text; save the file as UTF-8", error);
  if (zero != NULL)
    return refuse_at (text, (gsize)(zero - text), "there is a zero byte; this is no text file",
                      error);
  *ret_len = len;
  return g_strndup (text, len);
}

static char *
from_utf16 (const char *data, gsize len, const char *encoding, gsize *ret_len, GError **error)
{
  gsize used = 0, got = 0;
  g_autofree char *text = g_convert (data, (gssize)len, "UTF-8", encoding, &used, &got, NULL);

  if (text == NULL || used != len)
    {
      /* What came before it, to say where. */
      g_autofree char *before
          = text != NULL ? g_steal_pointer (&text)
                         : g_convert (data, (gssize)used, "UTF-8", encoding, NULL, &got, NULL);
      return refuse_at (before != NULL ? before : "", before != NULL ? got : 0,
                        "there is something that is not UTF-16 text, or the file ends in the "
                        "middle of a character",
                        error);
    }
  return from_utf8 (text, got, ret_len, error);
}

char *
sg_profile_decode (const guint8 *data, gsize len, gsize *ret_len, GError **error)
{
  const char *text = (const char *)data;

  if (len >= 3 && memcmp (data, "\xef\xbb\xbf", 3) == 0)
    return from_utf8 (text + 3, len - 3, ret_len, error);
  if (len >= 2 && data[0] == 0xff && data[1] == 0xfe)
    return from_utf16 (text + 2, len - 2, "UTF-16LE", ret_len, error);
  if (len >= 2 && data[0] == 0xfe && data[1] == 0xff)
    return from_utf16 (text + 2, len - 2, "UTF-16BE", ret_len, error);
  if (len >= 2 && data[0] != 0 && data[1] == 0)
    return from_utf16 (text, len, "UTF-16LE", ret_len, error);
  if (len >= 2 && data[0] == 0 && data[1] != 0)
    return from_utf16 (text, len, "UTF-16BE", ret_len, error);
  return from_utf8 (text, len, ret_len, error);
}
