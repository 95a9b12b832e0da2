/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Name lookups end at the gate: which may be asked, and what an answer may tell.
 *
 * The gate asks the host's own name server itself, over sockets that the supervisor connected, so
 * that it works the same whatever passt's version is and also where the server listens on the
 * host's loopback (systemd-resolved), which must stay out of the guest's reach.  Each question gets
 * a number of the gate's own; an answer must have that number, the same name and type, and come
 * once. */
#include "launcher/netgate/compose.h"
#include "launcher/netgate/gate-internal.h"

/* Browsers and resolvers keep an answer for about a minute even where it says less, so an address
 * stays open as long; a day is enough for any. */
#define TTL_MIN 60
#define TTL_MAX (24 * 60 * 60)

#define QUERY_SECONDS 10

static const SgAddress *
dns_address (SgGate *gate, gboolean v6)
{
  return v6 ? &gate->dns6 : &gate->dns4;
}

/* Sends a DNS message of LEN bytes, which stands at gate->reply + SG_DATAGRAM_HEADERS. */
static void
reply (SgGate *gate, guint16 port, gboolean v6, gsize len)
{
  SgEnds ends = { .from = *dns_address (gate, v6),
                  .to = v6 ? gate->guest6 : gate->guest4,
                  .port_from = 53,
                  .port_to = port };
  gsize start;

  memcpy (ends.mac_from, gate->gate_mac, 6);
  memcpy (ends.mac_to, gate->guest_mac, 6);
  start = sg_compose_datagram (gate->reply, &ends, len);
  gate->hooks->emit (gate->data, TRUE, gate->reply + start, SG_DATAGRAM_HEADERS - start + len);
}

/* The gate's own answer to the question of the message at BYTES, which was parsed into gate->dns.
 */
static void
reply_code (SgGate *gate, const guint8 *bytes, guint16 id, guint16 port, gboolean v6, guint8 rcode)
{
  guint8 *message = gate->reply + SG_DATAGRAM_HEADERS;
  gsize len = sg_dns_answer (&gate->dns, bytes, rcode, message);

  sg_put16 (message, id);
  reply (gate, port, v6, len);
}

/* --- questions
 * ------------------------------------------------------------------------------------- */

static SgQuery *
free_query (SgGate *gate)
{
  SgQuery *oldest = &gate->queries[0];

  for (gsize i = 0; i < SG_QUERIES_MAX; i++)
    {
      SgQuery *query = &gate->queries[i];

      if (query->name == NULL || query->since < oldest->since)
        oldest = query;
      if (query->name == NULL)
        break;
    }
  g_clear_pointer (&oldest->name, g_free);
  return oldest;
}

/* A number that nobody outside can guess and no open question has. */
static guint16
fresh_id (SgGate *gate)
{
  for (;;)
    {
      guint64 counter = ++gate->query_counter;
      guint16 id = (guint16)sg_siphash (gate->random, &counter, sizeof counter);
      gboolean taken = FALSE;

      for (gsize i = 0; i < SG_QUERIES_MAX; i++)
        taken = taken || (gate->queries[i].name != NULL && gate->queries[i].id == id);
      if (!taken)
        return id;
    }
}

static void
ask (SgGate *gate, const SgPacket *packet)
{
  g_autofree guint8 *message = g_memdup2 (packet->frame + packet->payload, packet->payload_len);
  SgQuery *query = free_query (gate);

  query->id = fresh_id (gate);
  query->guest_id = gate->dns.id;
  query->port = packet->port_from;
  query->own = FALSE;
  query->v6 = packet->kind == SG_PACKET_IP6;
  query->type = gate->dns.type;
  query->since = gate->now;
  query->name = g_strdup (gate->dns.name);
  sg_put16 (message, query->id);
  if (!gate->hooks->ask (gate->data, message, packet->payload_len))
    {
      reply_code (gate, message, query->guest_id, query->port, query->v6, SG_DNS_SERVFAIL);
      g_clear_pointer (&query->name, g_free);
    }
}

gboolean
sg_gate_ask_own (SgGate *gate, guint8 *message, gsize len, const char *name, guint16 type)
{
  SgQuery *query = free_query (gate);

  *query = (SgQuery){ .id = fresh_id (gate), .type = type, .own = TRUE, .since = gate->now };
  sg_put16 (message, query->id);
  if (!gate->hooks->ask (gate->data, message, len))
    return FALSE;
  query->name = g_strdup (name);
  return TRUE;
}

SgReason
sg_gate_lookup (SgGate *gate, const SgPacket *packet)
{
  const guint8 *message = packet->frame + packet->payload;
  gboolean v6 = packet->kind == SG_PACKET_IP6;
  SgDnsMessage *dns = &gate->dns;
  SgReason reason;

  if (!sg_dns_parse (dns, message, packet->payload_len) || dns->answer)
    return SG_REASON_DNS_MALFORMED;
  if (sg_gate_name_is_canary (dns->name))
    {
      reply_code (gate, message, dns->id, packet->port_from, v6, SG_DNS_NXDOMAIN);
      return SG_REASON_DNS_ENCRYPTED;
    }
  reason = sg_gate_judge_name (gate, dns->name);
  if (reason == SG_REASON_NONE)
    {
      ask (gate, packet);
      return SG_REASON_KEPT;
    }
  reply_code (gate, message, dns->id, packet->port_from, v6,
              reason == SG_REASON_DNS_LOCAL_NAME ? SG_DNS_NXDOMAIN : SG_DNS_REFUSED);
  /* Every desktop asks for local names of its own accord: no news. */
  if (reason != SG_REASON_DNS_LOCAL_NAME)
    sg_gate_note_blocked (gate, NULL, dns->name, SG_PROTO_UDP, 53, reason, NULL);
  return reason;
}

/* --- answers
 * --------------------------------------------------------------------------------------- */

static SgQuery *
query_of (SgGate *gate)
{
  const SgDnsMessage *dns = &gate->dns;

  for (gsize i = 0; i < SG_QUERIES_MAX; i++)
    {
      SgQuery *query = &gate->queries[i];

      if (query->name != NULL && query->id == dns->id && query->type == dns->type
          && strcmp (query->name, dns->name) == 0
          && gate->now - query->since < QUERY_SECONDS * G_USEC_PER_SEC)
        return query;
    }
  return NULL;
}

/* What the answer's addresses mean; those it may tell are learned. */
static SgReason
judge_addresses (SgGate *gate)
{
  gint64 now = gate->now / G_USEC_PER_SEC;
  SgDnsMessage *dns = &gate->dns;

  for (gsize i = 0; i < dns->n_addresses; i++)
    if (!sg_gate_may_tell (gate, dns->name, &dns->addresses[i].address))
      {
        sg_gate_note_blocked (gate, &dns->addresses[i].address, dns->name, SG_PROTO_UDP, 53,
                              SG_REASON_REBINDING, NULL);
        return SG_REASON_REBINDING;
      }
  for (gsize i = 0; i < dns->n_addresses; i++)
    if (dns->addresses[i].asked_for)
      sg_names_learn (gate->names, &dns->addresses[i].address, dns->name,
                      now + CLAMP (dns->addresses[i].ttl, TTL_MIN, TTL_MAX));
  return SG_REASON_NONE;
}

SgReason
sg_gate_answer (SgGate *gate, const guint8 *bytes, gsize len)
{
  g_autofree char *name = NULL;
  SgReason reason;
  SgQuery *query;

  if (len > SG_DNS_ANSWER_MAX || !sg_dns_parse (&gate->dns, bytes, len) || !gate->dns.answer)
    reason = SG_REASON_DNS_MALFORMED;
  else if ((query = query_of (gate)) == NULL)
    reason = SG_REASON_NO_FLOW;
  else if (query->own)
    {
      g_clear_pointer (&query->name, g_free);
      sg_gate_take_translators (gate, &gate->dns);
      reason = SG_REASON_NONE;
    }
  else
    {
      name = g_steal_pointer (&query->name);
      /* The rules may have changed since the question. */
      reason = gate->rules->mode == SG_GATE_OFF || gate->rules->mode == SG_GATE_PRIVATE
                   ? SG_REASON_OFF
                   : sg_gate_judge_name (gate, gate->dns.name);
      if (reason == SG_REASON_NONE)
        reason = judge_addresses (gate);
      if (reason == SG_REASON_NONE)
        {
          memcpy (gate->reply + SG_DATAGRAM_HEADERS, bytes, len);
          sg_put16 (gate->reply + SG_DATAGRAM_HEADERS, query->guest_id);
          reply (gate, query->port, query->v6, len);
        }
      else if (reason != SG_REASON_OFF)
        reply_code (gate, bytes, query->guest_id, query->port, query->v6, SG_DNS_REFUSED);
    }
  if (reason != SG_REASON_NONE)
    gate->counts.stopped[reason]++;
  return reason;
}
