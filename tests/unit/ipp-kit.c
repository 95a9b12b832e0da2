/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/ipp-kit.h"

#include <string.h>

static void
put_two (GByteArray *out, gsize value)
{
  guint8 bytes[] = { (guint8)(value >> 8), (guint8)value };

  g_byte_array_append (out, bytes, 2);
}

static void
put (GByteArray *out, const void *bytes, gsize len)
{
  g_byte_array_append (out, bytes, (guint)len);
}

static void
put_attribute (GByteArray *out, const IppAttribute *a)
{
  guint32 number = GUINT32_TO_BE ((guint32)a->number);
  const void *value = a->text != NULL ? (const void *)a->text : &number;
  gsize len = a->text != NULL ? strlen (a->text) : sizeof number;

  if (a->tag == 0)
    {
      put (out, a->text, 1);
      return;
    }
  put (out, &a->tag, 1);
  put_two (out, strlen (a->name));
  put (out, a->name, strlen (a->name));
  put_two (out, len);
  put (out, value, len);
}

GByteArray *
ipp_request (guint operation, const IppAttribute *attributes)
{
  static const IppAttribute first[] = { { 0, NULL, "\1", 0 },
                                        { 0x47, "attributes-charset", "utf-8", 0 },
                                        { 0x48, "attributes-natural-language", "en", 0 } };
  GByteArray *out = g_byte_array_new ();

  put (out, "\2\0", 2);
  put_two (out, operation);
  put (out, "\0\0\0\7", 4);
  for (gsize i = 0; i < G_N_ELEMENTS (first); i++)
    put_attribute (out, &first[i]);
  for (; attributes->tag != 0 || attributes->text != NULL; attributes++)
    put_attribute (out, attributes);
  put (out, "\3", 1);
  return out;
}

GByteArray *
ipp_post (const char *path, const GByteArray *request, const char *document, gboolean chunked)
{
  gsize more = document != NULL ? strlen (document) : 0;
  g_autofree char *length
      = chunked ? g_strdup ("Transfer-Encoding: chunked")
                : g_strdup_printf ("Content-Length: %" G_GSIZE_FORMAT, request->len + more);
  g_autofree char *head = g_strdup_printf ("POST %s HTTP/1.1\r\nHost: localhost\r\n"
                                           "Content-Type: application/ipp\r\n%s\r\n"
                                           "Authorization: Basic cm9vdDpyb290\r\n\r\n",
                                           path, length);
  g_autoptr (GByteArray) body = g_byte_array_new ();
  GByteArray *out = g_byte_array_new ();

  put (body, request->data, request->len);
  put (body, document != NULL ? document : "", more);
  put (out, head, strlen (head));
  for (gsize at = 0; at < body->len;)
    {
      gsize n = MIN (body->len - at, chunked ? 7 : body->len);
      g_autofree char *size = g_strdup_printf ("%" G_GSIZE_MODIFIER "x\r\n", n);

      if (chunked)
        put (out, size, strlen (size));
      put (out, body->data + at, n);
      if (chunked)
        put (out, "\r\n", 2);
      at += n;
    }
  if (chunked)
    put (out, "0\r\n\r\n", 5);
  return out;
}
