/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/netgate/address.h"

#include <arpa/inet.h>

static const guint8 mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

SgAddress
sg_address_v4 (const guint8 bytes[4])
{
  SgAddress address;

  memcpy (address.bytes, mapped, 12);
  memcpy (address.bytes + 12, bytes, 4);
  return address;
}

SgAddress
sg_address_v6 (const guint8 bytes[16])
{
  SgAddress address;

  memcpy (address.bytes, bytes, 16);
  return address;
}

gboolean
sg_address_is_v4 (const SgAddress *address)
{
  return memcmp (address->bytes, mapped, 12) == 0;
}

gboolean
sg_address_parse (const char *text, SgAddress *ret_address)
{
  guint8 bytes[16];

  if (inet_pton (AF_INET, text, bytes) == 1)
    *ret_address = sg_address_v4 (bytes);
  else if (inet_pton (AF_INET6, text, bytes) == 1)
    *ret_address = sg_address_v6 (bytes);
  else
    return FALSE;
  return TRUE;
}

const char *
sg_address_format (const SgAddress *address, char into[SG_ADDRESS_TEXT])
{
  if (sg_address_is_v4 (address))
    inet_ntop (AF_INET, address->bytes + 12, into, SG_ADDRESS_TEXT);
  else
    inet_ntop (AF_INET6, address->bytes, into, SG_ADDRESS_TEXT);
  return into;
}

gboolean
sg_prefix_contains (const SgPrefix *prefix, const SgAddress *address)
{
  guint whole = prefix->length / 8, rest = prefix->length % 8;

  if (memcmp (prefix->address.bytes, address->bytes, whole) != 0)
    return FALSE;
  return rest == 0
         || (prefix->address.bytes[whole] >> (8 - rest)) == (address->bytes[whole] >> (8 - rest));
}

static gboolean
rest_is_zero (const SgPrefix *prefix)
{
  for (guint bit = prefix->length; bit < 128; bit++)
    if ((prefix->address.bytes[bit / 8] & (0x80 >> (bit % 8))) != 0)
      return FALSE;
  return TRUE;
}

gboolean
sg_prefix_parse (const char *text, SgPrefix *ret_prefix)
{
  const char *slash = strchr (text, '/');
  g_autofree char *address = slash ? g_strndup (text, (gsize)(slash - text)) : g_strdup (text);
  guint offset;
  guint64 length;

  if (!sg_address_parse (address, &ret_prefix->address))
    return FALSE;
  offset = strchr (address, ':') == NULL ? 96 : 0;
  length = 128 - offset;
  if (slash != NULL && !g_ascii_string_to_unsigned (slash + 1, 10, 0, 128 - offset, &length, NULL))
    return FALSE;
  ret_prefix->length = (guint8)(offset + length);
  return rest_is_zero (ret_prefix);
}

gboolean
sg_address_parse_port (const char *text, SgAddress *ret_address, guint16 *ret_port)
{
  const char *colon = strrchr (text, ':');
  g_autofree char *host = NULL;
  guint64 port;
  gsize len;

  if (colon == NULL || !g_ascii_string_to_unsigned (colon + 1, 10, 1, 65535, &port, NULL))
    return FALSE;
  len = (gsize)(colon - text);
  if (len > 2 && text[0] == '[' && text[len - 1] == ']')
    host = g_strndup (text + 1, len - 2);
  else
    host = g_strndup (text, len);
  *ret_port = (guint16)port;
  return (strchr (host, ':') != NULL) == (text[0] == '[') && sg_address_parse (host, ret_address);
}

gboolean
sg_mac_parse (const char *text, guint8 ret_mac[6])
{
  for (int i = 0; i < 6; i++, text += 3)
    {
      if (!g_ascii_isxdigit (text[0]) || !g_ascii_isxdigit (text[1])
          || text[2] != (i == 5 ? '\0' : ':'))
        return FALSE;
      ret_mac[i] = (guint8)(g_ascii_xdigit_value (text[0]) * 16 + g_ascii_xdigit_value (text[1]));
    }
  return TRUE;
}
