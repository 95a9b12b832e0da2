/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Translators from IPv6 to IPv4 (NAT64) under a prefix of the network's own: to the routes they are
 * the internet, and behind them may be the network's private IPv4 addresses.
 *
 * The network's name server tells the prefix in its answer for a name that has IPv4 addresses alone
 * (RFC 7050), so the gate asks it that; an address below the prefix is then judged by the IPv4
 * address in it (RFC 6052) too.  What is told here closes more, and never opens anything. */
#include "launcher/netgate/gate-internal.h"

#define NAME "ipv4only.arpa"
#define TRIES 3
#define AGAIN_USEC (2 * G_USEC_PER_SEC)

/* RFC 6052, 2.2: where the four bytes are, by the prefix's length; byte 8 stays free. */
static const struct
{
  guint8 length, at[4];
} forms[] = {
  { 96, { 12, 13, 14, 15 } }, { 64, { 9, 10, 11, 12 } }, { 56, { 7, 9, 10, 11 } },
  { 48, { 6, 7, 9, 10 } },    { 40, { 5, 6, 7, 9 } },    { 32, { 4, 5, 6, 7 } },
};

static SgAddress
inner_of (const SgAddress *address, gsize form)
{
  guint8 bytes[4];

  for (gsize i = 0; i < 4; i++)
    bytes[i] = address->bytes[forms[form].at[i]];
  return sg_address_v4 (bytes);
}

gboolean
sg_gate_translated (SgGate *gate, const SgAddress *address, SgAddress *ret_inner)
{
  for (guint i = 0; i < gate->n_translators; i++)
    if (sg_prefix_contains (&gate->translators[i], address))
      for (gsize form = 0; form < G_N_ELEMENTS (forms); form++)
        if (forms[form].length == gate->translators[i].length)
          {
            *ret_inner = inner_of (address, form);
            return TRUE;
          }
  return FALSE;
}

/* --- asking
 * ---------------------------------------------------------------------------------------- */

void
sg_gate_ask_translators (SgGate *gate)
{
  static const guint8 question[] = "\0\0\1\0\0\1\0\0\0\0\0\0\10ipv4only\4arpa\0\0\34\0\1";
  guint8 message[sizeof question - 1];

  if (gate->translator_tries == 0 || gate->now < gate->translator_next
      || gate->rules->mode == SG_GATE_PRIVATE)
    return;
  memcpy (message, question, sizeof message);
  gate->translator_next = gate->now + AGAIN_USEC;
  if (sg_gate_ask_own (gate, message, sizeof message, NAME, SG_DNS_AAAA))
    gate->translator_tries--;
}

void
sg_gate_forget_translators (SgGate *gate)
{
  gate->translator_tries = TRIES;
  gate->translator_next = 0;
}

/* A network has one or two; of more than there is room for, the last ones are kept. */
static void
add_translator (SgGate *gate, const SgAddress *address, guint8 length)
{
  SgPrefix prefix = { *address, length };

  memset (prefix.address.bytes + length / 8, 0, 16 - length / 8);
  for (guint i = 0; i < gate->n_translators; i++)
    if (gate->translators[i].length == length
        && sg_address_equal (&gate->translators[i].address, &prefix.address))
      return;
  if (gate->n_translators == SG_TRANSLATORS_MAX)
    memmove (gate->translators, gate->translators + 1,
             --gate->n_translators * sizeof *gate->translators);
  gate->translators[gate->n_translators++] = prefix;
}

void
sg_gate_take_translators (SgGate *gate, const SgDnsMessage *dns)
{
  static const guint8 known[2][4] = { { 192, 0, 0, 170 }, { 192, 0, 0, 171 } };
  SgAddress known4[2] = { sg_address_v4 (known[0]), sg_address_v4 (known[1]) };
  guint before = gate->n_translators;

  gate->translator_tries = 0;
  for (gsize i = 0; i < dns->n_addresses; i++)
    for (gsize form = 0; form < G_N_ELEMENTS (forms); form++)
      {
        const SgAddress *address = &dns->addresses[i].address;
        SgAddress inner = inner_of (address, form);

        if (!sg_address_is_v4 (address)
            && (sg_address_equal (&inner, &known4[0]) || sg_address_equal (&inner, &known4[1])))
          add_translator (gate, address, forms[form].length);
      }
  if (gate->n_translators != before)
    sg_gate_review_flows (gate);
}
