/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/netgate/packet.h"

enum
{
  ETH_IP4 = 0x0800,
  ETH_ARP = 0x0806,
  ETH_IP6 = 0x86dd,
  ETH_VLAN = 0x8100,
  ETH_QINQ = 0x88a8,
  ETH_QINQ_OLD = 0x9100,
};

enum
{
  IP6_HOP_BY_HOP = 0,
  IP6_FRAGMENT = 44,
  IP6_DESTINATION = 60,
};

/* --- transport -----------------------------------------------------------------------------------
 */

static SgReason
parse_tcp (SgPacket *packet, const guint8 *l4)
{
  gsize header;

  if (packet->l4_len < 20)
    return SG_REASON_TRUNCATED;
  header = (gsize)(l4[12] >> 4) * 4;
  if (header < 20 || header > packet->l4_len)
    return SG_REASON_LENGTH;
  packet->port_from = sg_get16 (l4);
  packet->port_to = sg_get16 (l4 + 2);
  packet->tcp_seq = sg_get32 (l4 + 4);
  packet->tcp_ack = sg_get32 (l4 + 8);
  packet->tcp_flags = l4[13];
  packet->payload = packet->l4 + header;
  packet->payload_len = packet->l4_len - header;
  return SG_REASON_NONE;
}

static SgReason
parse_udp (SgPacket *packet, const guint8 *l4)
{
  if (packet->l4_len < 8)
    return SG_REASON_TRUNCATED;
  /* A length of zero is a jumbogram; a shorter one would hide bytes behind the datagram. */
  if (sg_get16 (l4 + 4) != packet->l4_len)
    return SG_REASON_LENGTH;
  packet->port_from = sg_get16 (l4);
  packet->port_to = sg_get16 (l4 + 2);
  packet->payload = packet->l4 + 8;
  packet->payload_len = packet->l4_len - 8;
  return SG_REASON_NONE;
}

static SgReason
parse_icmp (SgPacket *packet, const guint8 *l4)
{
  if (packet->l4_len < 8)
    return SG_REASON_TRUNCATED;
  packet->icmp_type = l4[0];
  packet->icmp_code = l4[1];
  packet->port_from = sg_get16 (l4 + 4);
  return SG_REASON_NONE;
}

static SgReason
parse_l4 (SgPacket *packet)
{
  const guint8 *l4 = packet->frame + packet->l4;

  if (packet->fragment)
    return SG_REASON_NONE;
  if (packet->protocol == SG_PROTO_TCP)
    return parse_tcp (packet, l4);
  if (packet->protocol == SG_PROTO_UDP)
    return parse_udp (packet, l4);
  if (packet->protocol == (packet->kind == SG_PACKET_IP4 ? SG_PROTO_ICMP : SG_PROTO_ICMP6))
    return parse_icmp (packet, l4);
  return SG_REASON_PROTOCOL;
}

/* --- IPv4 ----------------------------------------------------------------------------------------
 */

/* Only what changes nothing about a packet's way may stay: padding, router alert, time stamps.
 * Source routes would (RFC 7126). */
static SgReason
check_options (const guint8 *options, gsize len)
{
  for (gsize at = 0; at < len;)
    {
      guint8 kind = options[at];

      if (kind == 0)
        break;
      if (kind == 1)
        {
          at++;
          continue;
        }
      if (at + 2 > len || options[at + 1] < 2 || options[at + 1] > len - at)
        return SG_REASON_LENGTH;
      if (kind != 148 && kind != 68)
        return SG_REASON_IP_OPTION;
      at += options[at + 1];
    }
  return SG_REASON_NONE;
}

static SgReason
parse_ip4 (SgPacket *packet)
{
  const guint8 *ip = packet->frame + SG_ETH_LEN;
  gsize room = packet->len - SG_ETH_LEN, header, total;
  guint16 fragment;
  SgReason reason;

  packet->kind = SG_PACKET_IP4;
  if (room < 20)
    return SG_REASON_TRUNCATED;
  packet->from = sg_address_v4 (ip + 12);
  packet->to = sg_address_v4 (ip + 16);
  header = (gsize)(ip[0] & 0xf) * 4;
  total = sg_get16 (ip + 2);
  if (ip[0] >> 4 != 4 || header < 20 || total < header)
    return SG_REASON_LENGTH;
  if (total > room)
    return SG_REASON_TRUNCATED;
  reason = check_options (ip + 20, header - 20);
  if (reason != SG_REASON_NONE)
    return reason;
  fragment = sg_get16 (ip + 6);
  packet->hop_limit = ip[8];
  packet->protocol = ip[9];
  packet->l4 = SG_ETH_LEN + header;
  packet->l4_len = total - header;
  packet->more = (fragment & 0x2000) != 0;
  packet->fragment_offset = (gsize)(fragment & 0x1fff) * 8;
  packet->fragment = packet->more || packet->fragment_offset != 0;
  packet->fragment_id = sg_get16 (ip + 4);
  return parse_l4 (packet);
}

/* --- IPv6 ----------------------------------------------------------------------------------------
 */

/* Walks the extension headers to the transport's.  Hop-by-hop comes first or not at all, each kind
 * once, none behind the fragment header; routing, authentication, encryption, mobility and "no next
 * header" never: a sandbox has no use for them and each has been a way around filters (RFC 9288).
 */
static SgReason
walk_chain (SgPacket *packet, gsize end)
{
  const guint8 *frame = packet->frame;
  gsize at = SG_ETH_LEN + 40, announced = SG_ETH_LEN + 6;
  gboolean seen_destination = FALSE;

  for (int count = 0;; count++)
    {
      guint8 next = frame[announced];
      gsize len;

      if (next != IP6_HOP_BY_HOP && next != IP6_DESTINATION && next != IP6_FRAGMENT)
        {
          packet->protocol = next;
          packet->l4 = at;
          packet->l4_len = end - at;
          return SG_REASON_NONE;
        }
      if (count == SG_CHAIN_MAX || at - SG_ETH_LEN - 40 > SG_CHAIN_BYTES
          || (next == IP6_HOP_BY_HOP && count > 0) || (next == IP6_DESTINATION && seen_destination))
        return SG_REASON_HEADER_CHAIN;
      if (at + 8 > end)
        return SG_REASON_TRUNCATED;
      seen_destination = seen_destination || next == IP6_DESTINATION;
      len = next == IP6_FRAGMENT ? 8 : (gsize)(frame[at + 1] + 1) * 8;
      if (len > end - at)
        return SG_REASON_TRUNCATED;
      if (next == IP6_FRAGMENT)
        {
          packet->fragment = TRUE; /* an "atomic" one too: it is put together like any other */
          packet->fragment_header = at;
          packet->fragment_next = announced;
          packet->fragment_offset = sg_get16 (frame + at + 2) & 0xfff8;
          packet->more = (frame[at + 3] & 1) != 0;
          packet->fragment_id = sg_get32 (frame + at + 4);
          packet->protocol = frame[at];
          packet->l4 = at + 8;
          packet->l4_len = end - packet->l4;
          return SG_REASON_NONE;
        }
      announced = at;
      at += len;
    }
}

static SgReason
parse_ip6 (SgPacket *packet)
{
  const guint8 *ip = packet->frame + SG_ETH_LEN;
  gsize room = packet->len - SG_ETH_LEN, payload;
  SgReason reason;

  packet->kind = SG_PACKET_IP6;
  if (room < 40)
    return SG_REASON_TRUNCATED;
  packet->from = sg_address_v6 (ip + 8);
  packet->to = sg_address_v6 (ip + 24);
  if (ip[0] >> 4 != 6)
    return SG_REASON_LENGTH;
  payload = sg_get16 (ip + 4);
  if (payload > room - 40)
    return SG_REASON_TRUNCATED;
  if (payload == 0)
    return SG_REASON_LENGTH;
  /* IPv4 has no business inside IPv6 addresses on the wire, and is how SgAddress tells the families
   * apart. */
  if (sg_address_is_v4 (&packet->from) || sg_address_is_v4 (&packet->to))
    return SG_REASON_MAPPED;
  packet->hop_limit = ip[7];
  reason = walk_chain (packet, SG_ETH_LEN + 40 + payload);
  return reason == SG_REASON_NONE ? parse_l4 (packet) : reason;
}

/* --- the link ------------------------------------------------------------------------------------
 */

static SgReason
parse_arp (SgPacket *packet)
{
  static const guint8 ethernet_ip4[6] = { 0, 1, 8, 0, 6, 4 };
  const guint8 *arp = packet->frame + SG_ETH_LEN;

  packet->kind = SG_PACKET_ARP;
  if (packet->len - SG_ETH_LEN < 28)
    return SG_REASON_TRUNCATED;
  packet->arp_action = sg_get16 (arp + 6);
  if (memcmp (arp, ethernet_ip4, 6) != 0 || packet->arp_action < 1 || packet->arp_action > 2)
    return SG_REASON_LINK_PROTOCOL;
  memcpy (packet->arp_mac, arp + 8, 6);
  packet->from = sg_address_v4 (arp + 14);
  packet->to = sg_address_v4 (arp + 24);
  return SG_REASON_NONE;
}

SgReason
sg_packet_parse (SgPacket *packet, const guint8 *frame, gsize len)
{
  memset (packet, 0, sizeof *packet);
  packet->frame = frame;
  packet->len = len;
  if (len < SG_PACKET_MIN)
    return SG_REASON_TRUNCATED;
  if (len > SG_PACKET_MAX)
    return SG_REASON_LENGTH;
  memcpy (packet->mac_to, frame, 6);
  memcpy (packet->mac_from, frame + 6, 6);
  switch (sg_get16 (frame + 12))
    {
    case ETH_ARP:
      return parse_arp (packet);
    case ETH_IP4:
      return parse_ip4 (packet);
    case ETH_IP6:
      return parse_ip6 (packet);
    case ETH_VLAN:
    case ETH_QINQ:
    case ETH_QINQ_OLD:
      return SG_REASON_VLAN;
    default:
      return SG_REASON_ETHERTYPE;
    }
}

gboolean
sg_packet_parse_head (SgPacket *packet, const guint8 *frame, gsize have, gsize len)
{
  guint16 type;

  if (have < SG_PACKET_HEAD || have > len)
    return FALSE;
  type = sg_get16 (frame + 12);
  if (!(type == ETH_IP4 && frame[SG_ETH_LEN + 9] == SG_PROTO_TCP)
      && !(type == ETH_IP6 && frame[SG_ETH_LEN + 6] == SG_PROTO_TCP))
    return FALSE;
  return sg_packet_parse (packet, frame, len) == SG_REASON_NONE && !packet->fragment;
}

gboolean
sg_packet_parse_quoted (SgPacket *packet, const guint8 *bytes, gsize len, gboolean v6)
{
  gsize header = v6 ? 40 : 20;

  memset (packet, 0, sizeof *packet);
  if (len < header || bytes[0] >> 4 != (v6 ? 6 : 4))
    return FALSE;
  if (!v6)
    header = (gsize)(bytes[0] & 0xf) * 4;
  if (header < 20 || len < header + 8)
    return FALSE;
  packet->kind = v6 ? SG_PACKET_IP6 : SG_PACKET_IP4;
  packet->protocol = v6 ? bytes[6] : bytes[9];
  packet->from = v6 ? sg_address_v6 (bytes + 8) : sg_address_v4 (bytes + 12);
  packet->to = v6 ? sg_address_v6 (bytes + 24) : sg_address_v4 (bytes + 16);
  bytes += header;
  if (packet->protocol == SG_PROTO_TCP || packet->protocol == SG_PROTO_UDP)
    {
      packet->port_from = sg_get16 (bytes);
      packet->port_to = sg_get16 (bytes + 2);
    }
  else if (packet->protocol == (v6 ? SG_PROTO_ICMP6 : SG_PROTO_ICMP))
    packet->port_from = sg_get16 (bytes + 4);
  else
    return FALSE;
  return TRUE;
}
