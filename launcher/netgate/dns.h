/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DNS messages as the gate needs them: the question, and the addresses that an answer gives for it.
 *
 * Names are lower-cased text without the last dot; a byte that is not a letter, digit, '-' or '_'
 * is written \DDD, so that a dot inside a label is never taken for a border between labels. */
#pragma once

#include "launcher/netgate/address.h"

#define SG_DNS_NAME_TEXT 1024
#define SG_DNS_ADDRESSES_MAX 64

enum
{
  SG_DNS_A = 1,
  SG_DNS_CNAME = 5,
  SG_DNS_PTR = 12,
  SG_DNS_AAAA = 28,
  SG_DNS_DNAME = 39,
  SG_DNS_SVCB = 64,
  SG_DNS_HTTPS = 65,
};

enum
{
  SG_DNS_SERVFAIL = 2,
  SG_DNS_NXDOMAIN = 3,
  SG_DNS_REFUSED = 5,
};

typedef struct
{
  SgAddress address;
  guint32 ttl;        /* the smallest on the way from the question's name */
  gboolean asked_for; /* reached from the question's name over aliases; else only mentioned */
} SgDnsAddress;

typedef struct
{
  guint16 id;
  gboolean answer;
  guint8 rcode;
  char name[SG_DNS_NAME_TEXT]; /* of the one question; "" is the root */
  guint16 type;
  gsize question_end; /* offset behind the question */

  SgDnsAddress addresses[SG_DNS_ADDRESSES_MAX];
  gsize n_addresses;
} SgDnsMessage;

/* Reads a whole message; FALSE when it is malformed, has not exactly one question, is no ordinary
 * lookup, or gives more addresses than fit (then nothing may be concluded from it). */
gboolean sg_dns_parse (SgDnsMessage *message, const guint8 *bytes, gsize len);

/* Makes the answer that the gate gives itself to the question at BYTES (a message that was parsed):
 * header and question with RCODE.  INTO has room for question_end bytes; returns their number. */
gsize sg_dns_answer (const SgDnsMessage *message, const guint8 *bytes, guint8 rcode, guint8 *into);

/* Reads one name at AT; returns the offset behind it, 0 when malformed (loops, too long). */
gsize sg_dns_name (const guint8 *bytes, gsize len, gsize at, char into[SG_DNS_NAME_TEXT]);
