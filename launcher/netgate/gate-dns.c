/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Name lookups through the gate: which may be asked, and what an answer may tell. */
#include "launcher/netgate/compose.h"
#include "launcher/netgate/gate-internal.h"

/* Browsers and resolvers keep an answer for about a minute even where it says less, so an address
 * stays open as long; a day is enough for any. */
#define TTL_MIN 60
#define TTL_MAX (24 * 60 * 60)

/* An answer of the gate's own to the question in the message at BYTES.  GUEST_SIDE: the packet's
 * sender is the guest (it asked), else the packet is an answer for it. */
static void
answer_ourselves (SgGate *gate, const SgPacket *packet, gboolean from_guest, guint8 rcode)
{
  guint8 frame[SG_DATAGRAM_HEADERS + 12 + 255 + 4];
  SgEnds ends = { .from = from_guest ? packet->to : packet->from,
                  .to = from_guest ? packet->from : packet->to,
                  .port_from = from_guest ? packet->port_to : packet->port_from,
                  .port_to = from_guest ? packet->port_from : packet->port_to };
  gsize len, start;

  memcpy (ends.mac_from, gate->gate_mac, 6);
  memcpy (ends.mac_to, gate->guest_mac, 6);
  if (gate->dns.question_end > sizeof frame - SG_DATAGRAM_HEADERS)
    return;
  len = sg_dns_answer (&gate->dns, packet->frame + packet->payload, rcode,
                       frame + SG_DATAGRAM_HEADERS);
  start = sg_compose_datagram (frame, &ends, len);
  gate->hooks->emit (gate->data, TRUE, frame + start, SG_DATAGRAM_HEADERS - start + len);
}

SgReason
sg_gate_lookup (SgGate *gate, const SgPacket *packet)
{
  SgDnsMessage *dns = &gate->dns;
  SgReason reason;

  if (!sg_dns_parse (dns, packet->frame + packet->payload, packet->payload_len) || dns->answer)
    return SG_REASON_DNS_MALFORMED;
  if (sg_gate_name_is_canary (dns->name))
    {
      answer_ourselves (gate, packet, TRUE, SG_DNS_NXDOMAIN);
      return SG_REASON_DNS_ENCRYPTED;
    }
  reason = sg_gate_judge_name (gate, dns->name);
  if (reason != SG_REASON_NONE)
    {
      answer_ourselves (gate, packet, TRUE,
                        reason == SG_REASON_DNS_LOCAL_NAME ? SG_DNS_NXDOMAIN : SG_DNS_REFUSED);
      /* Every desktop asks for local names of its own accord: no news. */
      if (reason != SG_REASON_DNS_LOCAL_NAME)
        sg_gate_note_blocked (gate, NULL, dns->name, SG_PROTO_UDP, 53, reason, NULL);
    }
  return reason;
}

SgReason
sg_gate_answer (SgGate *gate, const SgPacket *packet)
{
  gint64 now = gate->now / G_USEC_PER_SEC;
  SgDnsMessage *dns = &gate->dns;

  if (!sg_dns_parse (dns, packet->frame + packet->payload, packet->payload_len) || !dns->answer)
    return SG_REASON_DNS_MALFORMED;
  /* The rules may have changed since the question. */
  if (sg_gate_judge_name (gate, dns->name) != SG_REASON_NONE)
    return SG_REASON_NOT_LISTED;
  for (gsize i = 0; i < dns->n_addresses; i++)
    if (!sg_gate_may_tell (gate, dns->name, &dns->addresses[i].address))
      {
        answer_ourselves (gate, packet, FALSE, SG_DNS_REFUSED);
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
