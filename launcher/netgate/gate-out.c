/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the guest: what it may begin, and what it goes on with. */
#include "launcher/netgate/compose.h"
#include "launcher/netgate/gate-internal.h"
#include "launcher/netgate/hello.h"

#define PORT_DNS 53

/* Tells the guest at once that a connection cannot be. */
void
sg_gate_refuse (SgGate *gate, const SgPacket *packet)
{
  SgEnds ends = { .from = packet->to,
                  .to = packet->from,
                  .port_from = packet->port_to,
                  .port_to = packet->port_from };
  gboolean acked = (packet->tcp_flags & SG_TCP_ACK) != 0;
  guint32 seq = 0;
  guint8 frame[SG_RESET_MAX];

  if (packet->protocol != SG_PROTO_TCP || (packet->tcp_flags & SG_TCP_RST) != 0 || packet->fragment
      || !(sg_address_equal (&packet->from, &gate->guest4)
           || sg_address_equal (&packet->from, &gate->guest6)
           || sg_gate_private_is_own (gate, &packet->from)))
    return;
  memcpy (ends.mac_from, gate->gate_mac, 6);
  memcpy (ends.mac_to, gate->guest_mac, 6);
  sg_gate_follow_seq (&seq, FALSE, packet);
  gate->hooks->emit (gate->data, TRUE, frame,
                     sg_compose_reset (frame, &ends, acked ? packet->tcp_ack : 0, seq, !acked));
}

/* What passt would not take as a connection's first bytes: with the opening, before it is answered,
 * or from farther on.  Who sends it could have something looked at that the server never sees. */
static gboolean
is_too_early (const SgFlow *flow, const SgPacket *packet)
{
  return (packet->tcp_flags & SG_TCP_SYN) != 0 || flow->seq_net == 0
         || packet->tcp_seq != flow->seq_guest;
}

/* The name in a TLS greeting: for the record, and in mode allowlist a second look.  There a
 * greeting must come in one piece, or what is in the second would not be looked at. */
static SgReason
look_at_greeting (SgGate *gate, SgFlow *flow, const SgPacket *packet)
{
  gboolean strict = gate->rules->mode == SG_GATE_ALLOWLIST;
  char name[SG_HELLO_NAME_MAX] = "";
  SgHello hello;

  if (flow->looked_at || packet->payload_len == 0)
    return SG_REASON_NONE;
  if (is_too_early (flow, packet))
    return strict ? SG_REASON_NOT_LISTED : SG_REASON_NONE;
  flow->looked_at = TRUE;
  hello = sg_hello_parse (packet->frame + packet->payload, packet->payload_len, name);
  if (strict
      && (hello == SG_HELLO_CUT
          || (hello == SG_HELLO_NAME && !sg_gate_name_listed (gate->rules->hosts, name))))
    {
      sg_gate_note_blocked (gate, &flow->key.remote, *name != '\0' ? name : NULL, SG_PROTO_TCP,
                            flow->key.port_remote, SG_REASON_NOT_LISTED, NULL);
      sg_gate_end_flow (gate, flow, TRUE);
      return SG_REASON_NOT_LISTED;
    }
  if (hello != SG_HELLO_NAME)
    return SG_REASON_NONE;
  if (flow->record != SG_FLOW_NONE
      && strcmp (sg_records_get (gate->records, flow->record)->name, name) != 0)
    {
      SgRecord *before = sg_records_get (gate->records, flow->record);
      guint32 index = sg_records_for (gate->records, &flow->key.remote, name, gate->realtime);

      if (before->connections > 0)
        before->connections--;
      sg_records_get (gate->records, index)->connections++;
      sg_records_get (gate->records, index)->port = flow->key.port_remote;
      sg_records_get (gate->records, index)->protocol = SG_PROTO_TCP;
      flow->record = index;
    }
  return SG_REASON_NONE;
}

static SgReason
open_flow (SgGate *gate, const SgPacket *packet, const SgFlowKey *key, SgFlow **ret_flow)
{
  const char *source, *name = NULL;
  SgReason reason;

  if (packet->protocol == SG_PROTO_TCP
      && (packet->tcp_flags & (SG_TCP_SYN | SG_TCP_ACK | SG_TCP_RST | SG_TCP_FIN)) != SG_TCP_SYN)
    return SG_REASON_NO_FLOW;
  reason = sg_gate_judge (gate, &key->remote, key->protocol, key->port_remote, &source);
  if (reason != SG_REASON_NONE)
    {
      sg_gate_note_blocked (gate, &key->remote, NULL, key->protocol, key->port_remote, reason,
                            source);
      return reason;
    }
  if (!sg_limit_take (&gate->connections, 1, gate->now))
    {
      sg_gate_note_blocked (gate, &key->remote, NULL, key->protocol, key->port_remote,
                            SG_REASON_CONNECTION_RATE, NULL);
      return SG_REASON_CONNECTION_RATE;
    }
  if (gate->rules->mode == SG_GATE_ALLOWLIST)
    name = sg_names_listed (gate->names, &key->remote, gate->rules->hosts,
                            gate->now / G_USEC_PER_SEC);
  if (name == NULL)
    name = sg_names_latest (gate->names, &key->remote);
  *ret_flow = sg_gate_add_flow (gate, key, name);
  return SG_REASON_NONE;
}

static gboolean
is_lookup (SgGate *gate, const SgPacket *packet)
{
  return packet->protocol == SG_PROTO_UDP && packet->port_to == PORT_DNS
         && (sg_address_equal (&packet->to, &gate->dns4)
             || sg_address_equal (&packet->to, &gate->dns6));
}

static SgReason
transport_from_guest (SgGate *gate, const SgPacket *packet)
{
  SgFlowKey key = sg_gate_key_of (packet, TRUE);
  SgFlow *flow;
  SgReason reason;

  if ((packet->protocol == SG_PROTO_ICMP && packet->icmp_type != SG_ICMP4_ECHO)
      || (packet->protocol == SG_PROTO_ICMP6 && packet->icmp_type != SG_ICMP6_ECHO))
    return SG_REASON_PROTOCOL;
  if (is_lookup (gate, packet))
    return sg_limit_take (&gate->lookups, 1, gate->now) ? sg_gate_lookup (gate, packet)
                                                        : SG_REASON_CONNECTION_RATE;
  flow = sg_flows_find (gate->flows, &key);
  if (flow == NULL)
    {
      reason = open_flow (gate, packet, &key, &flow);
      if (reason != SG_REASON_NONE)
        {
          /* Not for every packet of a flood: a rate limit is no answer. */
          if (reason != SG_REASON_CONNECTION_RATE)
            sg_gate_refuse (gate, packet);
          return reason;
        }
    }
  if (!sg_limit_take (&gate->bytes, packet->len, gate->now))
    return SG_REASON_BYTE_RATE;
  if (packet->protocol == SG_PROTO_UDP && packet->port_to == PORT_DNS
      && flow->record == SG_FLOW_NONE)
    reason = sg_gate_lookup (gate, packet);
  else if (packet->protocol == SG_PROTO_TCP && !flow->inbound)
    reason = look_at_greeting (gate, flow, packet);
  else
    reason = SG_REASON_NONE;
  if (reason == SG_REASON_NONE && packet->protocol == SG_PROTO_TCP)
    {
      sg_gate_learn_scale (flow, packet, TRUE);
      sg_gate_note_window (gate, flow, packet);
    }
  if (reason == SG_REASON_NONE)
    sg_gate_follow (gate, flow, packet, TRUE);
  return reason;
}

/* A fragment is kept; the last one lets the whole be judged, and go out as one. */
static SgReason
put_together (SgGate *gate, const SgPacket *packet, gboolean whole)
{
  const guint8 *together;
  gsize together_len;
  SgReason reason;

  if (!whole)
    return SG_REASON_FRAGMENT;
  reason = sg_fragments_take (gate->fragments, packet, gate->now, &together, &together_len);
  if (reason != SG_REASON_NONE || together == NULL)
    return reason == SG_REASON_NONE ? SG_REASON_KEPT : reason;
  reason = sg_gate_judge_from_guest (gate, together, together_len, FALSE);
  if (reason != SG_REASON_NONE)
    return reason;
  gate->hooks->emit (gate->data, FALSE, together, together_len);
  return SG_REASON_KEPT;
}

SgReason
sg_gate_judge_from_guest (SgGate *gate, const guint8 *frame, gsize len, gboolean whole)
{
  SgPacket packet;
  SgReason reason = sg_packet_parse (&packet, frame, len);

  if (reason != SG_REASON_NONE)
    return reason;
  if (memcmp (packet.mac_from, gate->guest_mac, 6) != 0)
    return SG_REASON_SPOOFED;
  if (gate->rules->mode == SG_GATE_OFF)
    {
      sg_gate_refuse (gate, &packet);
      return SG_REASON_OFF;
    }
  if (gate->rules->mode == SG_GATE_PRIVATE)
    {
      reason = sg_gate_private_from_guest (gate, &packet);
      return reason == SG_REASON_KEPT ? put_together (gate, &packet, whole) : reason;
    }
  if (sg_gate_link_from_guest (gate, &packet, &reason))
    return reason;
  if (!sg_address_equal (&packet.from,
                         packet.kind == SG_PACKET_IP4 ? &gate->guest4 : &gate->guest6))
    return SG_REASON_SPOOFED;
  /* Every other packet goes through the gate; a multicast MAC tells of what it is for. */
  if (memcmp (packet.mac_to, gate->gate_mac, 6) != 0)
    return (packet.mac_to[0] & 1) != 0 ? SG_REASON_MULTICAST : SG_REASON_LINK_PROTOCOL;
  return packet.fragment ? put_together (gate, &packet, whole)
                         : transport_from_guest (gate, &packet);
}
