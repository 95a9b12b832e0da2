/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From outside: what belongs to a connection of the guest's, and what a forwarded port lets in. */
#include "launcher/netgate/gate-internal.h"

static gboolean
is_icmp_error (const SgPacket *packet)
{
  if (packet->protocol == SG_PROTO_ICMP)
    return packet->icmp_type == SG_ICMP4_UNREACHABLE || packet->icmp_type == SG_ICMP4_TIME_EXCEEDED
           || packet->icmp_type == SG_ICMP4_PARAMETER_PROBLEM;
  return packet->protocol == SG_PROTO_ICMP6 && packet->icmp_type >= SG_ICMP6_UNREACHABLE
         && packet->icmp_type <= SG_ICMP6_PARAMETER_PROBLEM;
}

/* An error passes when what it quotes is of a flow. */
static SgReason
error_from_net (SgGate *gate, const SgPacket *packet)
{
  gboolean v6 = packet->kind == SG_PACKET_IP6;
  SgPacket quoted;
  SgFlowKey key;

  if (!sg_packet_parse_quoted (&quoted, packet->frame + packet->l4 + 8, packet->l4_len - 8, v6)
      || !sg_address_equal (&quoted.from, v6 ? &gate->guest6 : &gate->guest4))
    return SG_REASON_NO_FLOW;
  key = sg_gate_key_of (&quoted, TRUE);
  return sg_flows_find (gate->flows, &key) != NULL ? SG_REASON_NONE : SG_REASON_NO_FLOW;
}

static gboolean
is_forwarded (SgGate *gate, const SgPacket *packet)
{
  if (!sg_address_equal (&packet->from, &gate->gateway4)
      && !sg_address_equal (&packet->from, &gate->gateway6))
    return FALSE;
  if (packet->protocol == SG_PROTO_TCP
      && (packet->tcp_flags & (SG_TCP_SYN | SG_TCP_ACK | SG_TCP_RST | SG_TCP_FIN)) != SG_TCP_SYN)
    return FALSE;
  for (gsize i = 0; i < gate->rules->n_forwards; i++)
    if (packet->protocol == SG_PROTO_TCP && gate->rules->forwards[i] == packet->port_to)
      return TRUE;
  return FALSE;
}

static SgReason
transport_from_net (SgGate *gate, const SgPacket *packet)
{
  SgFlowKey key = sg_gate_key_of (packet, FALSE);
  SgFlow *flow;

  if (is_icmp_error (packet))
    return error_from_net (gate, packet);
  if ((packet->protocol == SG_PROTO_ICMP && packet->icmp_type != SG_ICMP4_ECHO_REPLY)
      || (packet->protocol == SG_PROTO_ICMP6 && packet->icmp_type != SG_ICMP6_ECHO_REPLY))
    return SG_REASON_PROTOCOL;
  flow = sg_flows_find (gate->flows, &key);
  if (flow == NULL)
    {
      if (!is_forwarded (gate, packet))
        return SG_REASON_NO_FLOW;
      flow = sg_gate_add_flow (gate, &key, NULL);
      flow->inbound = TRUE;
    }
  if (!sg_limit_take (&gate->bytes, packet->len, gate->now))
    return SG_REASON_BYTE_RATE;
  if (packet->protocol == SG_PROTO_TCP)
    sg_gate_learn_scale (flow, packet, FALSE);
  sg_gate_follow (gate, flow, packet, FALSE);
  return SG_REASON_NONE;
}

SgReason
sg_gate_judge_from_net (SgGate *gate, const guint8 *frame, gsize len)
{
  SgPacket packet;
  SgReason reason = sg_packet_parse (&packet, frame, len);

  if (reason != SG_REASON_NONE)
    return reason;
  if (gate->rules->mode == SG_GATE_OFF)
    return SG_REASON_OFF;
  if (gate->rules->mode == SG_GATE_PRIVATE)
    return sg_gate_private_from_net (gate, &packet);
  if (memcmp (packet.mac_from, gate->gate_mac, 6) != 0)
    return SG_REASON_SPOOFED;
  if (sg_gate_link_from_net (gate, &packet, &reason))
    return reason;
  if (!sg_address_equal (&packet.to, packet.kind == SG_PACKET_IP4 ? &gate->guest4 : &gate->guest6))
    return SG_REASON_LINK_PROTOCOL;
  if (packet.fragment)
    return SG_REASON_FRAGMENT;
  return transport_from_net (gate, &packet);
}
