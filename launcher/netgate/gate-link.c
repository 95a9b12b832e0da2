/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What passes between a guest and its gate as neighbours: finding the gate's MAC address, and
 * asking for the guest's own addresses.  Nothing of it can name another neighbour. */
#include "launcher/netgate/gate-internal.h"
#include "launcher/netgate/neighbours.h"

static gboolean
is_link_local (const SgAddress *address)
{
  return address->bytes[0] == 0xfe && (address->bytes[1] & 0xc0) == 0x80;
}

static gboolean
is_zero (const SgAddress *address)
{
  static const SgAddress zero6;
  SgAddress zero4 = sg_address_v4 (zero6.bytes);

  return sg_address_equal (address, &zero6) || sg_address_equal (address, &zero4);
}

static gboolean
is_gate_address (SgGate *gate, const SgAddress *address)
{
  return sg_address_equal (address, &gate->gateway4) || sg_address_equal (address, &gate->dns4)
         || sg_address_equal (address, &gate->gateway6) || sg_address_equal (address, &gate->dns6);
}

static SgReason
arp_from_guest (SgGate *gate, const SgPacket *packet)
{
  if (memcmp (packet->arp_mac, gate->guest_mac, 6) != 0
      || !(sg_address_equal (&packet->from, &gate->guest4)
           || (packet->arp_action == 1 && is_zero (&packet->from))))
    return SG_REASON_SPOOFED;
  return is_gate_address (gate, &packet->to) ? SG_REASON_NONE : SG_REASON_LINK_PROTOCOL;
}

static SgReason
ndp_from_guest (SgGate *gate, const SgPacket *packet)
{
  SgAddress target;

  if (!sg_address_equal (&packet->from, &gate->guest6) && !is_link_local (&packet->from)
      && !is_zero (&packet->from))
    return SG_REASON_SPOOFED;
  if (packet->hop_limit != 255 || packet->icmp_code != 0)
    return SG_REASON_LINK_PROTOCOL;
  if (packet->icmp_type == SG_NDP_ROUTER_SOLICITATION)
    return sg_ndp_check_options (packet, 8, gate->guest_mac);
  if (packet->l4_len < 24)
    return SG_REASON_TRUNCATED;
  target = sg_address_v6 (packet->frame + packet->l4 + 8);
  if (packet->icmp_type == SG_NDP_SOLICITATION && !is_gate_address (gate, &target))
    return SG_REASON_LINK_PROTOCOL;
  if (packet->icmp_type == SG_NDP_ADVERTISEMENT
      && !((sg_address_equal (&target, &gate->guest6) || is_link_local (&target))
           && sg_address_equal (&packet->to, &gate->gateway6)))
    return SG_REASON_LINK_PROTOCOL;
  return sg_ndp_check_options (packet, 24, gate->guest_mac);
}

static gboolean
is_udp_between (const SgPacket *packet, guint16 from, guint16 to)
{
  return !packet->fragment && packet->protocol == SG_PROTO_UDP && packet->port_from == from
         && packet->port_to == to;
}

static gboolean
is_dhcp_from_guest (SgGate *gate, const SgPacket *packet)
{
  static const guint8 broadcast[4] = { 255, 255, 255, 255 };
  static const SgAddress servers6 = { { 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2 } };
  SgAddress everybody = sg_address_v4 (broadcast);

  if (packet->kind == SG_PACKET_IP4)
    return is_udp_between (packet, 68, 67)
           && (is_zero (&packet->from) || sg_address_equal (&packet->from, &gate->guest4))
           && (sg_address_equal (&packet->to, &everybody)
               || sg_address_equal (&packet->to, &gate->gateway4));
  return is_udp_between (packet, 546, 547) && is_link_local (&packet->from)
         && sg_address_equal (&packet->to, &servers6);
}

static gboolean
is_ndp (const SgPacket *packet)
{
  return packet->kind == SG_PACKET_IP6 && !packet->fragment && packet->protocol == SG_PROTO_ICMP6
         && packet->icmp_type >= SG_NDP_ROUTER_SOLICITATION
         && packet->icmp_type <= SG_NDP_ADVERTISEMENT;
}

gboolean
sg_gate_link_from_guest (SgGate *gate, const SgPacket *packet, SgReason *ret_reason)
{
  if (packet->kind == SG_PACKET_ARP)
    *ret_reason = arp_from_guest (gate, packet);
  else if (is_ndp (packet))
    *ret_reason = packet->icmp_type == SG_NDP_ROUTER_ADVERTISEMENT ? SG_REASON_LINK_PROTOCOL
                                                                   : ndp_from_guest (gate, packet);
  else if (is_dhcp_from_guest (gate, packet))
    *ret_reason = SG_REASON_NONE;
  else
    return FALSE;
  return TRUE;
}

static SgReason
arp_from_net (SgGate *gate, const SgPacket *packet)
{
  return memcmp (packet->arp_mac, gate->gate_mac, 6) == 0 && is_gate_address (gate, &packet->from)
             ? SG_REASON_NONE
             : SG_REASON_LINK_PROTOCOL;
}

static gboolean
is_dhcp_from_net (SgGate *gate, const SgPacket *packet)
{
  if (packet->kind == SG_PACKET_IP4)
    return is_udp_between (packet, 67, 68) && sg_address_equal (&packet->from, &gate->gateway4);
  return is_udp_between (packet, 547, 546) && is_link_local (&packet->from)
         && is_link_local (&packet->to);
}

gboolean
sg_gate_link_from_net (SgGate *gate, const SgPacket *packet, SgReason *ret_reason)
{
  if (packet->kind == SG_PACKET_ARP)
    *ret_reason = arp_from_net (gate, packet);
  else if (is_ndp (packet))
    *ret_reason
        = packet->icmp_type != SG_NDP_ROUTER_SOLICITATION && packet->hop_limit == 255
                  && (is_link_local (&packet->from) || is_gate_address (gate, &packet->from))
              ? SG_REASON_NONE
              : SG_REASON_LINK_PROTOCOL;
  else if (is_dhcp_from_net (gate, packet))
    *ret_reason = SG_REASON_NONE;
  else
    return FALSE;
  return TRUE;
}
