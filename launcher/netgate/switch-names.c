/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of sandboxes (sandbox-ID, which is what each calls itself): the switch, which knows who is
 * who, answers lookups at an address of its own.  Nobody is asked further, so a lookup tells nobody
 * outside anything, and what is no sandbox's name is none. */
#include "launcher/netgate/addresses.h"
#include "launcher/netgate/compose.h"
#include "launcher/netgate/dns.h"
#include "launcher/netgate/switch.h"

#define PORT_DNS 53
#define ARP_REQUEST 1
#define ARP_LEN 28
/* A sandbox may leave at any time, and its number be another's. */
#define TTL_SECONDS 5
#define RECORD_MAX (2 + 2 + 2 + 4 + 2 + 16)
#define QUESTION_MAX (SG_SWITCH_REPLY_MAX - SG_DATAGRAM_HEADERS - RECORD_MAX)

/* "It is at this MAC address." */
static gsize
reply_arp (const SgPacket *packet, guint8 *into)
{
  const guint8 *arp = packet->frame + SG_ETH_LEN;
  guint8 *reply = into + SG_ETH_LEN;

  memcpy (into, packet->mac_from, 6);
  sg_mac_parse (SG_PRIVATE_NAMES_MAC, into + 6);
  memcpy (into + 12, packet->frame + 12, 2);
  memcpy (reply, arp, 6);
  sg_put16 (reply + 6, 2);
  memcpy (reply + 8, into + 6, 6);
  memcpy (reply + 14, arp + 24, 4);
  memcpy (reply + 18, arp + 8, 10);
  return SG_ETH_LEN + ARP_LEN;
}

/* Behind the answer's LEN bytes, the one record that there is about NUMBER; nothing for a type of
 * which there is none.  The answer's new length. */
static gsize
add_record (guint8 *answer, gsize len, guint16 type, guint16 number)
{
  g_autofree char *six = g_strdup_printf (SG_PRIVATE_ADDRESS6, number);
  guint8 *record = answer + len;
  guint16 data_len = type == SG_DNS_A ? 4 : 16;
  SgAddress address;
  SgPrefix network;

  if (type == SG_DNS_A && sg_prefix_parse (SG_PRIVATE_NETWORK, &network))
    {
      address = network.address;
      address.bytes[15] = (guint8)number;
    }
  else if (type != SG_DNS_AAAA || !sg_address_parse (six, &address))
    return len;
  sg_put16 (answer + 6, 1);
  sg_put16 (record, 0xc00c); /* the question's name */
  sg_put16 (record + 2, type);
  sg_put16 (record + 4, 1);
  sg_put32 (record + 6, TTL_SECONDS);
  sg_put16 (record + 10, data_len);
  memcpy (record + 12, address.bytes + 16 - data_len, data_len);
  return len + 12 + data_len;
}

static gsize
reply_name (const SgSwitch *sw, const SgPacket *packet, guint8 *into)
{
  const guint8 *question = packet->frame + packet->payload;
  guint8 *answer = into + SG_DATAGRAM_HEADERS;
  SgEnds ends = {
    .from = packet->to, .to = packet->from, .port_from = PORT_DNS, .port_to = packet->port_from
  };
  SgDnsMessage dns;
  guint16 number;
  gsize len, start;

  if (!sg_dns_parse (&dns, question, packet->payload_len) || dns.answer
      || dns.question_end > QUESTION_MAX)
    return 0;
  number = sg_switch_number_of (sw, dns.name);
  len = sg_dns_answer (&dns, question, number != 0 ? 0 : SG_DNS_NXDOMAIN, answer);
  if (number != 0)
    len = add_record (answer, len, dns.type, number);
  memcpy (ends.mac_to, packet->mac_from, 6);
  sg_mac_parse (SG_PRIVATE_NAMES_MAC, ends.mac_from);
  start = sg_compose_datagram (into, &ends, len);
  len += SG_DATAGRAM_HEADERS - start;
  memmove (into, into + start, len);
  return len;
}

gsize
sg_switch_reply (const SgSwitch *sw, int port, const guint8 *frame, gsize len,
                 guint8 into[SG_SWITCH_REPLY_MAX])
{
  SgAddress own;
  SgPacket packet;

  if (sg_packet_parse (&packet, frame, len) != SG_REASON_NONE || packet.fragment
      || !sg_switch_is_from (sw, port, &packet) || !sg_address_parse (SG_PRIVATE_NAMES, &own)
      || !sg_address_equal (&packet.to, &own))
    return 0;
  if (packet.kind == SG_PACKET_ARP)
    return packet.arp_action == ARP_REQUEST ? reply_arp (&packet, into) : 0;
  return packet.protocol == SG_PROTO_UDP && packet.port_to == PORT_DNS
             ? reply_name (sw, &packet, into)
             : 0;
}
