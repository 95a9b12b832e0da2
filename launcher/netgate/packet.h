/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One Ethernet frame, taken apart once and checked on the way.
 *
 * Whatever is decided later is decided on this struct, never on the bytes again: what could be read
 * in two ways (an extension header seen twice, an address inside another) is refused here. */
#pragma once

#include "launcher/netgate/address.h"
#include "launcher/netgate/reason.h"

#define SG_ETH_LEN 14
#define SG_PACKET_MIN SG_ETH_LEN
#define SG_PACKET_MAX (SG_ETH_LEN + 65535)

/* Of an IPv6 packet: extension headers, and their bytes. */
#define SG_CHAIN_MAX 4
#define SG_CHAIN_BYTES 256

typedef enum
{
  SG_PACKET_ARP,
  SG_PACKET_IP4,
  SG_PACKET_IP6,
} SgPacketKind;

enum
{
  SG_PROTO_ICMP = 1,
  SG_PROTO_TCP = 6,
  SG_PROTO_UDP = 17,
  SG_PROTO_ICMP6 = 58,
};

enum
{
  SG_TCP_FIN = 0x01,
  SG_TCP_SYN = 0x02,
  SG_TCP_RST = 0x04,
  SG_TCP_ACK = 0x10,
};

typedef struct
{
  const guint8 *frame; /* not owned */
  gsize len;           /* of the frame, padding included */
  SgPacketKind kind;
  guint8 mac_to[6], mac_from[6];
  SgAddress from, to; /* of an ARP message: sender and target */

  guint8 arp_mac[6];  /* the sender's MAC as the message has it */
  guint16 arp_action; /* 1 request, 2 reply */

  guint8 protocol;
  guint8 hop_limit;
  gsize l4;     /* where the TCP, UDP or ICMP header starts in the frame */
  gsize l4_len; /* header and payload, without the frame's padding */

  gboolean fragment; /* a piece of a datagram: then there is no l4 header to look at */
  gboolean more;
  guint32 fragment_id;
  gsize fragment_offset; /* in bytes */
  gsize fragment_header; /* IPv6: where the fragment header starts; IPv4: 0 */
  gsize fragment_next;   /* IPv6: where the byte is that announces it */

  guint16 port_from, port_to; /* of an echo: its id as port_from */
  guint8 tcp_flags;
  guint32 tcp_seq, tcp_ack;
  guint8 icmp_type, icmp_code;
  gsize payload; /* of TCP and UDP */
  gsize payload_len;
} SgPacket;

/* Reads the frame; NONE: PACKET is whole and true to its bytes, which must outlive it.  Any other
 * reason: PACKET is filled as far as it was understood (addresses are zero where not). */
SgReason sg_packet_parse (SgPacket *packet, const guint8 *frame, gsize len);

/* Ethernet, IPv4 or IPv6, and TCP, each as long as it can be. */
#define SG_PACKET_HEAD (SG_ETH_LEN + 60 + 60)

/* As sg_packet_parse(), when the first HAVE bytes of a frame of LEN hold all headers of a TCP
 * segment that is no fragment, without extension headers; FALSE in every other case.  Reads no more
 * of it. */
gboolean sg_packet_parse_head (SgPacket *packet, const guint8 *frame, gsize have, gsize len);

/* Reads what an ICMP error quotes: the start of an IP packet, at most LEN bytes.  TRUE when it has
 * addresses, protocol and (for TCP, UDP, echo) ports; only these are filled. */
gboolean sg_packet_parse_quoted (SgPacket *packet, const guint8 *bytes, gsize len, gboolean v6);

static inline guint16
sg_get16 (const guint8 *p)
{
  return (guint16)(p[0] << 8 | p[1]);
}

static inline guint32
sg_get32 (const guint8 *p)
{
  return (guint32)p[0] << 24 | (guint32)p[1] << 16 | (guint32)p[2] << 8 | p[3];
}

static inline void
sg_put16 (guint8 *p, guint32 value)
{
  p[0] = (guint8)(value >> 8);
  p[1] = (guint8)value;
}

static inline void
sg_put32 (guint8 *p, guint32 value)
{
  sg_put16 (p, value >> 16);
  sg_put16 (p + 2, value);
}
