/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/netgate/neighbours.h"

#define MESSAGE_LEN 24 /* of a solicitation or advertisement, without its options */

enum
{
  OPTION_SOURCE_LINK = 1,
  OPTION_TARGET_LINK = 2,
};

SgAddress
sg_link_local_of (const guint8 mac[6])
{
  const guint8 bytes[16]
      = { 0xfe,   0x80,   0,    0,    0,      0,      0,     0, (guint8)(mac[0] ^ 2),
          mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5] };

  return sg_address_v6 (bytes);
}

gboolean
sg_link_local_mac (const SgAddress *address, guint8 ret_mac[6])
{
  const guint8 *b = address->bytes;
  const guint8 mac[6] = { (guint8)(b[8] ^ 2), b[9], b[10], b[13], b[14], b[15] };
  SgAddress again = sg_link_local_of (mac);

  memcpy (ret_mac, mac, 6);
  return sg_address_equal (&again, address);
}

SgReason
sg_ndp_check_options (const SgPacket *packet, gsize skip, const guint8 mac[6])
{
  const guint8 *options = packet->frame + packet->l4;

  for (gsize at = skip; at < packet->l4_len;)
    {
      gsize len = at + 2 <= packet->l4_len ? options[at + 1] * 8u : 0;

      if (len == 0 || len > packet->l4_len - at)
        return SG_REASON_LENGTH;
      if ((options[at] == OPTION_SOURCE_LINK || options[at] == OPTION_TARGET_LINK)
          && memcmp (options + at + 2, mac, 6) != 0)
        return SG_REASON_SPOOFED;
      at += len;
    }
  return SG_REASON_NONE;
}

/* ff02::1:ffXX:XXXX (RFC 4291, 2.7.1), by the MAC address that goes with it (RFC 2464). */
static gboolean
is_for_group_of (const SgPacket *packet, const SgAddress *target)
{
  static const guint8 group[13] = { 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff };
  const guint8 *last = target->bytes + 13;
  const guint8 mac[6] = { 0x33, 0x33, 0xff, last[0], last[1], last[2] };

  return memcmp (packet->to.bytes, group, sizeof group) == 0
         && memcmp (packet->to.bytes + 13, last, 3) == 0 && memcmp (packet->mac_to, mac, 6) == 0;
}

gboolean
sg_packet_is_ndp (const SgPacket *packet)
{
  return packet->kind == SG_PACKET_IP6 && !packet->fragment && packet->protocol == SG_PROTO_ICMP6
         && packet->icmp_type >= SG_NDP_ROUTER_SOLICITATION && packet->icmp_type <= SG_NDP_REDIRECT;
}

SgReason
sg_ndp_parse (const SgPacket *packet, SgAddress *ret_target)
{
  gboolean one = (packet->mac_to[0] & 1) == 0;

  if (!sg_packet_is_ndp (packet)
      || (packet->icmp_type != SG_NDP_SOLICITATION && packet->icmp_type != SG_NDP_ADVERTISEMENT)
      || packet->hop_limit != 255 || packet->icmp_code != 0)
    return SG_REASON_LINK_PROTOCOL;
  if (packet->l4_len < MESSAGE_LEN)
    return SG_REASON_TRUNCATED;
  *ret_target = sg_address_v6 (packet->frame + packet->l4 + 8);
  if (packet->icmp_type == SG_NDP_SOLICITATION ? !(one ? sg_address_equal (&packet->to, ret_target)
                                                       : is_for_group_of (packet, ret_target))
                                               : !one || packet->to.bytes[0] == 0xff)
    return SG_REASON_LINK_PROTOCOL;
  return sg_ndp_check_options (packet, MESSAGE_LEN, packet->mac_from);
}
