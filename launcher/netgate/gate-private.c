/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mode private: neighbours without a router.  Other sandboxes have addresses of two small networks,
 * each its own, and the link-local one of its card, which the switch holds them to (switch.h); here
 * the guest is held to its own, and hears nothing but what is for it.  No broadcast and no
 * multicast but the search for a neighbour; beside neighbours there is who knows their names, and
 * nobody else.
 */
#include "launcher/netgate/gate-internal.h"
#include "launcher/netgate/neighbours.h"

#define PORT_DNS 53

/* Who knows the sandboxes' names: the switch itself. */
static gboolean
is_names (SgGate *gate, const SgAddress *address)
{
  return sg_address_equal (address, &gate->teller);
}

static gboolean
is_names_mac (SgGate *gate, const guint8 mac[6])
{
  return memcmp (mac, gate->teller_mac, 6) == 0;
}

/* With MAC, that of the card that it is said to be of. */
static gboolean
is_sandbox (SgGate *gate, const SgAddress *address, const guint8 mac[6])
{
  guint8 number = address->bytes[15], of[6];

  if (sg_link_local_mac (address, of))
    return (of[0] & 1) == 0 && memcmp (of, mac, 6) == 0 && !is_names_mac (gate, of);
  return (sg_prefix_contains (&gate->sandboxes, address)
          || sg_prefix_contains (&gate->sandboxes6, address))
         && number >= SG_PRIVATE_FIRST && number <= SG_PRIVATE_LAST;
}

static gboolean
is_everybody (const guint8 mac[6])
{
  static const guint8 everybody[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

  return memcmp (mac, everybody, 6) == 0;
}

gboolean
sg_gate_private_is_own (SgGate *gate, const SgAddress *address)
{
  return gate->rules->mode == SG_GATE_PRIVATE
         && (sg_address_equal (address, &gate->own) || sg_address_equal (address, &gate->own6)
             || sg_address_equal (address, &gate->own_link));
}

/* TCP, UDP, pings, and errors about them. */
static gboolean
is_talk (const SgPacket *packet)
{
  if (packet->protocol == SG_PROTO_TCP || packet->protocol == SG_PROTO_UDP)
    return TRUE;
  if (packet->protocol == SG_PROTO_ICMP6)
    return packet->icmp_type == SG_ICMP6_ECHO || packet->icmp_type == SG_ICMP6_ECHO_REPLY
           || (packet->icmp_type >= SG_ICMP6_UNREACHABLE
               && packet->icmp_type <= SG_ICMP6_PARAMETER_PROBLEM);
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

/* --- the search for a neighbour, and its answer */

static SgReason
arp_from_guest (SgGate *gate, const SgPacket *packet)
{
  static const SgAddress zero6;
  SgAddress nobody = sg_address_v4 (zero6.bytes);

  if (memcmp (packet->arp_mac, gate->guest_mac, 6) != 0
      || (!sg_address_equal (&packet->from, &gate->own)
          && !(packet->arp_action == 1 && sg_address_equal (&packet->from, &nobody))))
    return SG_REASON_SPOOFED;
  return (is_sandbox (gate, &packet->to, packet->mac_to) || is_names (gate, &packet->to))
                 && (is_everybody (packet->mac_to) || (packet->mac_to[0] & 1) == 0)
             ? SG_REASON_NONE
             : SG_REASON_LINK_PROTOCOL;
}

static SgReason
arp_from_net (SgGate *gate, const SgPacket *packet)
{
  gboolean for_us = memcmp (packet->mac_to, gate->guest_mac, 6) == 0;

  return memcmp (packet->arp_mac, packet->mac_from, 6) == 0
                 && (for_us || is_everybody (packet->mac_to))
                 && is_names (gate, &packet->from) == is_names_mac (gate, packet->mac_from)
                 && !sg_address_equal (&packet->from, &gate->own)
                 && sg_address_equal (&packet->to, &gate->own)
             ? SG_REASON_NONE
             : SG_REASON_LINK_PROTOCOL;
}

/* A target that is link-local names the card it is asked of, so nobody is asked in vain. */
static SgReason
ndp_from_guest (SgGate *gate, const SgPacket *packet)
{
  SgAddress target;
  SgReason reason;
  guint8 of[6];

  if (!sg_gate_private_is_own (gate, &packet->from))
    return SG_REASON_SPOOFED;
  reason = sg_ndp_parse (packet, &target);
  if (reason != SG_REASON_NONE)
    return reason;
  if (packet->icmp_type == SG_NDP_ADVERTISEMENT)
    return sg_gate_private_is_own (gate, &target) && is_sandbox (gate, &packet->to, packet->mac_to)
               ? SG_REASON_NONE
               : SG_REASON_LINK_PROTOCOL;
  sg_link_local_mac (&target, of);
  return is_sandbox (gate, &target, of) && !sg_gate_private_is_own (gate, &target)
             ? SG_REASON_NONE
             : SG_REASON_LINK_PROTOCOL;
}

static SgReason
ndp_from_net (SgGate *gate, const SgPacket *packet)
{
  SgAddress target;
  SgReason reason = sg_ndp_parse (packet, &target);

  if (reason != SG_REASON_NONE)
    return reason;
  if (!is_sandbox (gate, &packet->from, packet->mac_from)
      || sg_gate_private_is_own (gate, &packet->from))
    return SG_REASON_SPOOFED;
  if (packet->icmp_type == SG_NDP_SOLICITATION)
    return sg_gate_private_is_own (gate, &target) ? SG_REASON_NONE : SG_REASON_LINK_PROTOCOL;
  return sg_gate_private_is_own (gate, &packet->to) && is_sandbox (gate, &target, packet->mac_from)
                 && !sg_gate_private_is_own (gate, &target)
             ? SG_REASON_NONE
             : SG_REASON_LINK_PROTOCOL;
}

/* --- what neighbours say */

static SgReason
lookup_from_guest (SgGate *gate, const SgPacket *packet)
{
  if (packet->protocol != SG_PROTO_UDP || packet->port_to != PORT_DNS)
    {
      sg_gate_refuse (gate, packet);
      return SG_REASON_GATE_ADDRESS;
    }
  return sg_limit_take (&gate->lookups, 1, gate->now) ? SG_REASON_NONE : SG_REASON_CONNECTION_RATE;
}

SgReason
sg_gate_private_from_guest (SgGate *gate, const SgPacket *packet)
{
  if (packet->kind == SG_PACKET_ARP)
    return arp_from_guest (gate, packet);
  if (sg_packet_is_ndp (packet))
    return ndp_from_guest (gate, packet);
  if (!sg_gate_private_is_own (gate, &packet->from))
    return SG_REASON_SPOOFED;
  /* What desktops send by themselves (looking for names, routers) has nowhere to go: no news. */
  if ((packet->mac_to[0] & 1) != 0)
    return SG_REASON_MULTICAST;
  if (is_names (gate, &packet->to) && !packet->fragment)
    return lookup_from_guest (gate, packet);
  if (!is_sandbox (gate, &packet->to, packet->mac_to) || sg_gate_private_is_own (gate, &packet->to))
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

/* An answer about names is one of UDP's, from the one who knows them. */
static SgReason
names_from_net (SgGate *gate, const SgPacket *packet)
{
  if (!is_names_mac (gate, packet->mac_from))
    return SG_REASON_SPOOFED;
  return packet->protocol == SG_PROTO_UDP && packet->port_from == PORT_DNS && !packet->fragment
             ? SG_REASON_NONE
             : SG_REASON_PROTOCOL;
}

SgReason
sg_gate_private_from_net (SgGate *gate, const SgPacket *packet)
{
  if ((packet->mac_from[0] & 1) != 0 || memcmp (packet->mac_from, gate->guest_mac, 6) == 0
      || memcmp (packet->mac_from, gate->gate_mac, 6) == 0)
    return SG_REASON_SPOOFED;
  if (packet->kind == SG_PACKET_ARP)
    return arp_from_net (gate, packet);
  if (sg_packet_is_ndp (packet))
    return ndp_from_net (gate, packet);
  if (memcmp (packet->mac_to, gate->guest_mac, 6) != 0
      || !sg_gate_private_is_own (gate, &packet->to))
    return SG_REASON_LINK_PROTOCOL;
  if (is_names (gate, &packet->from))
    return names_from_net (gate, packet);
  if (!is_sandbox (gate, &packet->from, packet->mac_from)
      || sg_gate_private_is_own (gate, &packet->from))
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
