/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/netgate/dns.h"
#include "launcher/netgate/packet.h"

#define HEADER 12
#define RECORDS_MAX 256
#define WIRE_NAME_MAX 255
#define ALIASES_MAX 16

/* --- names ---------------------------------------------------------------------------------------
 */

static gsize
write_label (const guint8 *label, gsize len, char *into)
{
  gsize out = 0;

  for (gsize i = 0; i < len; i++)
    {
      guint8 c = label[i];

      if (g_ascii_isalnum (c) || c == '-' || c == '_')
        into[out++] = g_ascii_tolower ((char)c);
      else
        {
          into[out++] = '\\';
          into[out++] = (char)('0' + c / 100);
          into[out++] = (char)('0' + c / 10 % 10);
          into[out++] = (char)('0' + c % 10);
        }
    }
  return out;
}

/* A pointer must point to before everything read so far, so each jump shortens what is left to read
 * and no name can be circular.  The text fits: 255 bytes on the wire, each at most four. */
gsize
sg_dns_name (const guint8 *bytes, gsize len, gsize at, char into[SG_DNS_NAME_TEXT])
{
  gsize end = 0, lowest = at, wire = 1, out = 0;

  for (;;)
    {
      guint8 size;

      if (at >= len)
        return 0;
      size = bytes[at];
      if (size == 0)
        break;
      if ((size & 0xc0) == 0xc0)
        {
          gsize target;

          if (at + 2 > len)
            return 0;
          target = sg_get16 (bytes + at) & 0x3fff;
          if (end == 0)
            end = at + 2;
          if (target >= lowest || target < HEADER)
            return 0;
          at = lowest = target;
          continue;
        }
      if (size > 63 || at + 1 + size > len)
        return 0;
      wire += size + 1u;
      if (wire > WIRE_NAME_MAX)
        return 0;
      if (out > 0)
        into[out++] = '.';
      out += write_label (bytes + at + 1, size, into + out);
      at += size + 1u;
    }
  into[out] = '\0';
  return end != 0 ? end : at + 1;
}

/* --- the records of an answer
 * ----------------------------------------------------------------------- */

typedef struct
{
  char owner[SG_DNS_NAME_TEXT];
  guint16 type, class;
  guint32 ttl;
  gsize data, data_len;
} Record;

static gsize
read_record (const guint8 *bytes, gsize len, gsize at, Record *record)
{
  at = sg_dns_name (bytes, len, at, record->owner);
  if (at == 0 || at + 10 > len)
    return 0;
  record->type = sg_get16 (bytes + at);
  record->class = sg_get16 (bytes + at + 2);
  record->ttl = sg_get32 (bytes + at + 4);
  record->data_len = sg_get16 (bytes + at + 8);
  record->data = at + 10;
  /* RFC 2181, 8: the sign bit set is zero */
  if (record->ttl > G_MAXINT32)
    record->ttl = 0;
  return record->data_len > len - record->data ? 0 : record->data + record->data_len;
}

/* The names that the question's name leads to, each with the smallest TTL on the way. */
typedef struct
{
  char *names[ALIASES_MAX];
  guint32 ttls[ALIASES_MAX];
  gsize count;
} Aliases;

static void
aliases_add (Aliases *aliases, const char *name, guint32 ttl)
{
  if (aliases->count == ALIASES_MAX)
    return;
  aliases->names[aliases->count] = g_strdup (name);
  aliases->ttls[aliases->count++] = ttl;
}

static gssize
aliases_find (const Aliases *aliases, const char *name)
{
  for (gsize i = 0; i < aliases->count; i++)
    if (strcmp (aliases->names[i], name) == 0)
      return (gssize)i;
  return -1;
}

static gboolean
add_address (SgDnsMessage *message, SgAddress address, const Record *record, gssize alias,
             const Aliases *aliases)
{
  SgDnsAddress *slot;

  if (message->n_addresses == SG_DNS_ADDRESSES_MAX)
    return FALSE;
  slot = &message->addresses[message->n_addresses++];
  slot->address = address;
  slot->asked_for = alias >= 0;
  slot->ttl = alias >= 0 ? MIN (record->ttl, aliases->ttls[alias]) : record->ttl;
  return TRUE;
}

/* SVCB and HTTPS carry address hints (RFC 9460): mentioned, never learned. */
static gboolean
read_service (SgDnsMessage *message, const guint8 *bytes, const Record *record)
{
  char target[SG_DNS_NAME_TEXT];
  gsize end = record->data + record->data_len, at;

  if (record->data_len < 3)
    return FALSE;
  at = sg_dns_name (bytes, end, record->data + 2, target);
  if (at == 0)
    return FALSE;
  while (at < end)
    {
      guint16 key, len;

      if (at + 4 > end)
        return FALSE;
      key = sg_get16 (bytes + at);
      len = sg_get16 (bytes + at + 2);
      at += 4;
      if (len > end - at)
        return FALSE;
      if ((key == 4 && len % 4 != 0) || (key == 6 && len % 16 != 0))
        return FALSE;
      if (key == 4 || key == 6)
        for (gsize i = 0; i < len; i += key == 4 ? 4 : 16)
          if (!add_address (message,
                            key == 4 ? sg_address_v4 (bytes + at + i)
                                     : sg_address_v6 (bytes + at + i),
                            record, -1, NULL))
            return FALSE;
      at += len;
    }
  return TRUE;
}

static gboolean
read_data (SgDnsMessage *message, const guint8 *bytes, gsize len, const Record *record,
           Aliases *aliases, gboolean in_answer)
{
  gssize alias = in_answer ? aliases_find (aliases, record->owner) : -1;
  char target[SG_DNS_NAME_TEXT];

  if (record->class != 1)
    return TRUE;
  switch (record->type)
    {
    case SG_DNS_A:
      return record->data_len == 4
             && add_address (message, sg_address_v4 (bytes + record->data), record, alias, aliases);
    case SG_DNS_AAAA:
      return record->data_len == 16
             && add_address (message, sg_address_v6 (bytes + record->data), record, alias, aliases);
    case SG_DNS_CNAME:
      if (sg_dns_name (bytes, len, record->data, target) != record->data + record->data_len)
        return FALSE;
      if (alias >= 0)
        aliases_add (aliases, target, MIN (record->ttl, aliases->ttls[alias]));
      return TRUE;
    case SG_DNS_SVCB:
    case SG_DNS_HTTPS:
      return read_service (message, bytes, record);
    default:
      return TRUE;
    }
}

static gboolean
read_records (SgDnsMessage *message, const guint8 *bytes, gsize len)
{
  guint answers = sg_get16 (bytes + 6);
  guint all = answers + sg_get16 (bytes + 8) + sg_get16 (bytes + 10);
  Aliases aliases = { 0 };
  gsize at = message->question_end;
  gboolean ok = all <= RECORDS_MAX;
  Record record;

  aliases_add (&aliases, message->name, G_MAXINT32);
  for (guint i = 0; i < all && ok; i++)
    {
      at = read_record (bytes, len, at, &record);
      ok = at != 0 && read_data (message, bytes, len, &record, &aliases, i < answers);
    }
  for (gsize i = 0; i < aliases.count; i++)
    g_free (aliases.names[i]);
  return ok && at == len;
}

/* --- messages
 * ------------------------------------------------------------------------------------- */

gboolean
sg_dns_parse (SgDnsMessage *message, const guint8 *bytes, gsize len)
{
  gsize at;

  message->n_addresses = 0;
  message->name[0] = '\0';
  if (len < HEADER + 5)
    return FALSE;
  message->id = sg_get16 (bytes);
  message->answer = (bytes[2] & 0x80) != 0;
  message->rcode = bytes[3] & 0xf;
  if ((bytes[2] & 0x78) != 0 || sg_get16 (bytes + 4) != 1)
    return FALSE;
  at = sg_dns_name (bytes, len, HEADER, message->name);
  if (at == 0 || at + 4 > len)
    return FALSE;
  message->type = sg_get16 (bytes + at);
  message->question_end = at + 4;
  if (sg_get16 (bytes + at + 2) != 1)
    return FALSE;
  return read_records (message, bytes, len);
}

gsize
sg_dns_answer (const SgDnsMessage *message, const guint8 *bytes, guint8 rcode, guint8 *into)
{
  memcpy (into, bytes, message->question_end);
  into[2] = (guint8)(0x80 | (bytes[2] & 0x01)); /* an answer; recursion desired as it was asked */
  into[3] = (guint8)(0x80 | rcode);
  memset (into + 6, 0, 6);
  return message->question_end;
}
