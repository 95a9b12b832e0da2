/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IP addresses of both families in one form, and prefixes of them.
 *
 * IPv4 is kept as ::ffff:a.b.c.d.  The packet parser refuses that form on the wire, so an address
 * of this type says without doubt which family it came from. */
#pragma once

#include <glib.h>
#include <string.h>

typedef struct
{
  guint8 bytes[16];
} SgAddress;

typedef struct
{
  SgAddress address;
  guint8 length; /* in bits of the 128: an IPv4 /24 has 120 */
} SgPrefix;

#define SG_ADDRESS_TEXT 46

static inline gboolean
sg_address_equal (const SgAddress *a, const SgAddress *b)
{
  return memcmp (a->bytes, b->bytes, 16) == 0;
}

/* The form above from 4 or 16 bytes of a packet. */
SgAddress sg_address_v4 (const guint8 bytes[4]);
SgAddress sg_address_v6 (const guint8 bytes[16]);

gboolean sg_address_is_v4 (const SgAddress *address);

/* "192.0.2.1" or "2001:db8::1"; FALSE for anything else, names too. */
gboolean sg_address_parse (const char *text, SgAddress *ret_address);

/* Writes the usual notation; returns INTO. */
const char *sg_address_format (const SgAddress *address, char into[SG_ADDRESS_TEXT]);

/* "192.0.2.0/24", "2001:db8::/32", or an address alone; FALSE where bits behind the length are set.
 */
gboolean sg_prefix_parse (const char *text, SgPrefix *ret_prefix);

gboolean sg_prefix_contains (const SgPrefix *prefix, const SgAddress *address);

/* "192.0.2.1:3128" or "[2001:db8::1]:3128". */
gboolean sg_address_parse_port (const char *text, SgAddress *ret_address, guint16 *ret_port);

/* "52:54:00:12:34:56" into six bytes. */
gboolean sg_mac_parse (const char *text, guint8 ret_mac[6]);
