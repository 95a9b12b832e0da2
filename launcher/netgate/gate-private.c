/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mode private: neighbours without a router.  Other sandboxes have addresses of one small network,
 * each its own, which the switch holds them to (switch.h); here the guest is held to its own, and
 * hears nothing but what is for it.  IPv4 only, and no broadcast but the search for a neighbour. */
#include "launcher/netgate/gate-internal.h"

static gboolean
is_sandbox (SgGate *gate, const SgAddress *address)
{
  guint8 number = address->bytes[15];

  return sg_prefix_contains (&gate->sandboxes, address) && number >= SG_PRIVATE_FIRST
         && number <= SG_PRIVATE_LAST;
}

static gboolean
is_everybody (const guint8 mac[6])
{
  static const guint8 everybody[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

  return memcmp (mac, everybody, 6) == 0;
}

/* TCP, UDP, pings, and errors about them. */
static gboolean
is_talk (const SgPacket *packet)
{
  if (packet->protocol == SG_PROTO_TCP || packet->protocol == SG_PROTO_UDP)
    return TRUE;
  return packet->protocol == SG_PROTO_ICMP
         && (packet->icmp_type == SG_ICMP4_ECHO || packet->icmp_type == SG_ICMP4_ECHO_REPLY
             || packet->icmp_type == SG_ICMP4_UNREACHABLE
             || packet->icmp_type == SG_ICMP4_TIME_EXCEEDED
             || packet->icmp_type == SG_ICMP4_PARAMETER_PROBLEM);
}

static gboolean
begins (const SgPacket *packet)
{
  return packet->protocol == SG_PROTO_TCP
         && (packet->tcp_flags & (SG_TCP_SYN | SG_TCP_ACK)) == SG_TCP_SYN;
}

/* One record for each neighbour. */
static void
note (SgGate *gate, const SgPacket *packet, gboolean out)
{
  guint32 index
      = sg_records_for (gate->records, out ? &packet->to : &packet->from, NULL, gate->realtime);
  SgRecord *record = sg_records_get (gate->records, index);

  *(out ? &record->bytes_out : &record->bytes_in) += packet->len;
  record->connections += begins (packet);
  record->last = gate->realtime;
  record->protocol = packet->protocol;
  record->port = packet->port_to;
}

SgReason
sg_gate_private_from_guest (SgGate *gate, const SgPacket *packet)
{
  static const SgAddress zero6;
  SgAddress nobody = sg_address_v4 (zero6.bytes);

  if (packet->kind == SG_PACKET_ARP)
    {
      if (memcmp (packet->arp_mac, gate->guest_mac, 6) != 0
          || (!sg_address_equal (&packet->from, &gate->own)
              && !(packet->arp_action == 1 && sg_address_equal (&packet->from, &nobody))))
        return SG_REASON_SPOOFED;
      return is_sandbox (gate, &packet->to)
                     && (is_everybody (packet->mac_to) || (packet->mac_to[0] & 1) == 0)
                 ? SG_REASON_NONE
                 : SG_REASON_LINK_PROTOCOL;
    }
  /* What desktops send by themselves (IPv6, looking for names) has nowhere to go: no news. */
  if (packet->kind == SG_PACKET_IP6)
    return SG_REASON_LINK_PROTOCOL;
  if (!sg_address_equal (&packet->from, &gate->own))
    return SG_REASON_SPOOFED;
  if ((packet->mac_to[0] & 1) != 0)
    return SG_REASON_MULTICAST;
  if (!is_sandbox (gate, &packet->to) || sg_address_equal (&packet->to, &gate->own))
    {
      sg_gate_note_blocked (gate, &packet->to, NULL, packet->protocol, packet->port_to,
                            SG_REASON_NO_SANDBOX, NULL);
      sg_gate_refuse (gate, packet);
      return SG_REASON_NO_SANDBOX;
    }
  if (packet->fragment)
    return SG_REASON_KEPT; /* for the caller to put together */
  if (!is_talk (packet))
    return SG_REASON_PROTOCOL;
  if (begins (packet) && !sg_limit_take (&gate->connections, 1, gate->now))
    return SG_REASON_CONNECTION_RATE;
  if (!sg_limit_take (&gate->bytes, packet->len, gate->now))
    return SG_REASON_BYTE_RATE;
  note (gate, packet, TRUE);
  return SG_REASON_NONE;
}

SgReason
sg_gate_private_from_net (SgGate *gate, const SgPacket *packet)
{
  gboolean for_us = memcmp (packet->mac_to, gate->guest_mac, 6) == 0;

  if ((packet->mac_from[0] & 1) != 0 || memcmp (packet->mac_from, gate->guest_mac, 6) == 0
      || memcmp (packet->mac_from, gate->gate_mac, 6) == 0)
    return SG_REASON_SPOOFED;
  if (packet->kind == SG_PACKET_ARP)
    return memcmp (packet->arp_mac, packet->mac_from, 6) == 0
                   && (for_us || is_everybody (packet->mac_to))
                   && !sg_address_equal (&packet->from, &gate->own)
                   && sg_address_equal (&packet->to, &gate->own)
               ? SG_REASON_NONE
               : SG_REASON_LINK_PROTOCOL;
  if (!for_us || packet->kind != SG_PACKET_IP4 || !sg_address_equal (&packet->to, &gate->own))
    return SG_REASON_LINK_PROTOCOL;
  if (!is_sandbox (gate, &packet->from) || sg_address_equal (&packet->from, &gate->own))
    return SG_REASON_SPOOFED;
  if (packet->fragment)
    return SG_REASON_FRAGMENT; /* the other gate has put it together */
  if (!is_talk (packet))
    return SG_REASON_PROTOCOL;
  if (!sg_limit_take (&gate->bytes, packet->len, gate->now))
    return SG_REASON_BYTE_RATE;
  note (gate, packet, FALSE);
  return SG_REASON_NONE;
}
