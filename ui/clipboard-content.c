/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/clipboard-content.h"

#include <gio/gio.h>
#include <string.h>

#define PREVIEW_CHARS 100
#define PIECE 4096

/* A control character (of ASCII or of Latin-1: U+0080 to U+009F) begins here, and it does more than
 * part lines or columns. */
static gboolean
is_control (const char *p)
{
  const guchar *c = (const guchar *)p;

  if (c[0] < 0x20 || c[0] == 0x7f)
    return c[0] != '\n' && c[0] != '\t' && c[0] != '\r';
  return c[0] == 0xc2 && c[1] < 0xa0;
}

char *
sg_clip_clean_text (const void *data, gsize length)
{
  const char *bytes = data;
  g_autofree char *valid = NULL;
  GString *clean;

  while (length > 0 && bytes[length - 1] == '\0')
    length--;
  valid = g_utf8_make_valid (bytes, (gssize)length);
  /* g_utf8_make_valid() replaces an embedded NUL too, so this sees all of it. */
  clean = g_string_sized_new (length);
  /* In runs: as much as may pass at all is looked at within the main loop. */
  for (const char *p = valid; *p != '\0';)
    {
      const char *run = p;

      while (*p != '\0' && !is_control (p))
        p++;
      g_string_append_len (clean, run, p - run);
      if (*p != '\0')
        p = g_utf8_next_char (p);
    }
  return g_string_free (clean, FALSE);
}

/* What a person cannot see, or what turns the direction of what follows. */
static gboolean
is_hidden (gunichar c)
{
  switch (g_unichar_type (c))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_UNASSIGNED:
      return TRUE;
    default:
      return FALSE;
    }
}

char *
sg_clip_preview (const char *text)
{
  GString *preview = g_string_new (NULL);
  guint n = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      if (n++ == PREVIEW_CHARS)
        {
          g_string_append (preview, "…");
          break;
        }
      if (c == '\n')
        g_string_append (preview, "↵");
      else if (c == '\t' || c == '\r' || g_unichar_isspace (c))
        g_string_append_c (preview, ' ');
      else if (is_hidden (c))
        g_string_append (preview, "·");
      else
        g_string_append_unichar (preview, c);
    }
  return g_string_free (preview, FALSE);
}

static void
on_size (GdkPixbufLoader *loader, int width, int height, gpointer data)
{
  gboolean *too_large = data;

  *too_large = width < 1 || height < 1 || width > SG_CLIP_SIDE_MAX || height > SG_CLIP_SIDE_MAX
               || (gint64)width * height > SG_CLIP_PIXELS_MAX;
  if (*too_large)
    gdk_pixbuf_loader_set_size (loader, 0, 0); /* refused before memory is taken for it */
}

GdkPixbuf *
sg_clip_read_png (const void *data, gsize length, GError **error)
{
  g_autoptr (GdkPixbufLoader) loader = gdk_pixbuf_loader_new_with_type ("png", error);
  gboolean too_large = FALSE, good = TRUE;
  const guchar *bytes = data;
  GdkPixbuf *picture;

  if (loader == NULL)
    return NULL;
  g_signal_connect (loader, "size-prepared", G_CALLBACK (on_size), &too_large);
  /* In pieces, so that one that says it is too large is not unpacked. */
  for (gsize at = 0; good && !too_large && at < length; at += PIECE)
    good = gdk_pixbuf_loader_write (loader, bytes + at, MIN (length - at, PIECE), NULL);
  good = gdk_pixbuf_loader_close (loader, NULL) && good && !too_large;
  picture = good ? gdk_pixbuf_loader_get_pixbuf (loader) : NULL;
  if (picture != NULL)
    return g_object_ref (picture);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                       too_large ? "The picture is too large" : "This is no picture");
  return NULL;
}

char *
sg_clip_write_png (GdkPixbuf *picture, gsize *length, GError **error)
{
  char *png = NULL;

  /* Pixels only: what a file says about itself (where, by whom) is an option of the pixbuf, which
   * is not written. */
  return gdk_pixbuf_save_to_buffer (picture, &png, length, "png", error, NULL) ? png : NULL;
}
