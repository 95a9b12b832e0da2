/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/netgate/hello.h"
#include "launcher/netgate/packet.h"

#define HEADERS (5 + 4) /* of the record, and of the handshake message */

/* A window on the bytes that are left; every step checks first. */
typedef struct
{
  const guint8 *at;
  gsize left;
} Cursor;

static gboolean
skip (Cursor *cursor, gsize count)
{
  if (count > cursor->left)
    return FALSE;
  cursor->at += count;
  cursor->left -= count;
  return TRUE;
}

/* Skips a vector whose length is in its first SIZE (1 or 2) bytes. */
static gboolean
skip_vector (Cursor *cursor, gsize size)
{
  gsize len;

  if (cursor->left < size)
    return FALSE;
  len = size == 1 ? cursor->at[0] : sg_get16 (cursor->at);
  return skip (cursor, size + len);
}

static gboolean
read_server_name (const guint8 *data, gsize len, char *ret_name)
{
  gsize name;

  /* list length, type 0 (host name), name length */
  if (len < 5 || data[2] != 0)
    return FALSE;
  name = sg_get16 (data + 3);
  if (name == 0 || name > len - 5 || name >= SG_HELLO_NAME_MAX)
    return FALSE;
  for (gsize i = 0; i < name; i++)
    {
      char c = g_ascii_tolower ((char)data[5 + i]);

      if (!g_ascii_isalnum (c) && c != '-' && c != '_' && c != '.')
        return FALSE;
      ret_name[i] = c;
    }
  ret_name[name] = '\0';
  return TRUE;
}

SgHello
sg_hello_parse (const guint8 *bytes, gsize len, char ret_name[SG_HELLO_NAME_MAX])
{
  static const int first[]
      = { 22, 3, -1, -1, -1, 1 }; /* record: handshake, version, length; hello */
  Cursor cursor = { bytes, len };
  gsize record, hello;

  for (gsize i = 0; i < MIN (len, G_N_ELEMENTS (first)); i++)
    if (first[i] >= 0 && bytes[i] != first[i])
      return SG_HELLO_NOT_TLS;
  if (len < HEADERS)
    return SG_HELLO_CUT;
  record = sg_get16 (bytes + 3);
  hello = (gsize)bytes[6] << 16 | sg_get16 (bytes + 7);
  if (hello > len - HEADERS || HEADERS - 5 + hello > record)
    return SG_HELLO_CUT;
  /* What is behind the hello is none of it. */
  cursor.left = HEADERS + hello;
  /* record header, handshake header, version, random */
  if (!skip (&cursor, 5 + 4 + 2 + 32) || !skip_vector (&cursor, 1) /* session */
      || !skip_vector (&cursor, 2)                                 /* cipher suites */
      || !skip_vector (&cursor, 1)                                 /* compression */
      || !skip (&cursor, 2))                                       /* length of the extensions */
    return SG_HELLO_NO_NAME;
  while (cursor.left >= 4)
    {
      guint16 type = sg_get16 (cursor.at), size = sg_get16 (cursor.at + 2);

      if (size > cursor.left - 4)
        break;
      if (type == 0)
        return read_server_name (cursor.at + 4, size, ret_name) ? SG_HELLO_NAME : SG_HELLO_NO_NAME;
      skip (&cursor, 4u + size);
    }
  return SG_HELLO_NO_NAME;
}
