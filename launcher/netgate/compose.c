/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/netgate/compose.h"

guint32
sg_checksum_add (guint32 sum, const guint8 *bytes, gsize len)
{
  guint64 wide = sum;

  for (; len >= 2; bytes += 2, len -= 2)
    wide += sg_get16 (bytes);
  if (len == 1)
    wide += (guint32)bytes[0] << 8;
  while (wide >> 16 != 0)
    wide = (wide & 0xffff) + (wide >> 16);
  return (guint32)wide;
}

guint16
sg_checksum_fold (guint32 sum)
{
  while (sum >> 16 != 0)
    sum = (sum & 0xffff) + (sum >> 16);
  return (guint16)~sum;
}

static gsize
ip_header_len (const SgEnds *ends)
{
  return sg_address_is_v4 (&ends->to) ? 20 : 40;
}

/* Ethernet and IP headers at FRAME for LEN bytes behind them.  Returns the pseudo-header's sum. */
static guint32
write_headers (guint8 *frame, const SgEnds *ends, guint8 protocol, gsize len)
{
  gboolean v4 = sg_address_is_v4 (&ends->to);
  guint8 *ip = frame + SG_ETH_LEN;
  guint32 sum = (guint32)(protocol + len);

  memcpy (frame, ends->mac_to, 6);
  memcpy (frame + 6, ends->mac_from, 6);
  sg_put16 (frame + 12, v4 ? 0x0800 : 0x86dd);
  memset (ip, 0, v4 ? 20 : 40);
  if (v4)
    {
      ip[0] = 0x45;
      sg_put16 (ip + 2, (guint32)(20 + len));
      sg_put16 (ip + 6, 0x4000);
      ip[8] = 64;
      ip[9] = protocol;
      memcpy (ip + 12, ends->from.bytes + 12, 4);
      memcpy (ip + 16, ends->to.bytes + 12, 4);
      sg_put16 (ip + 10, sg_checksum_fold (sg_checksum_add (0, ip, 20)));
      return sg_checksum_add (sum, ip + 12, 8);
    }
  ip[0] = 0x60;
  sg_put16 (ip + 4, (guint32)len);
  ip[6] = protocol;
  ip[7] = 64;
  memcpy (ip + 8, ends->from.bytes, 16);
  memcpy (ip + 24, ends->to.bytes, 16);
  return sg_checksum_add (sum, ip + 8, 32);
}

gsize
sg_compose_reset (guint8 into[SG_RESET_MAX], const SgEnds *ends, guint32 seq, guint32 ack,
                  gboolean with_ack)
{
  guint8 *tcp = into + SG_ETH_LEN + ip_header_len (ends);
  guint32 sum = write_headers (into, ends, SG_PROTO_TCP, 20);

  memset (tcp, 0, 20);
  sg_put16 (tcp, ends->port_from);
  sg_put16 (tcp + 2, ends->port_to);
  sg_put32 (tcp + 4, seq);
  if (with_ack)
    sg_put32 (tcp + 8, ack);
  tcp[12] = 5 << 4;
  tcp[13] = SG_TCP_RST | (with_ack ? SG_TCP_ACK : 0);
  sg_put16 (tcp + 16, sg_checksum_fold (sg_checksum_add (sum, tcp, 20)));
  return (gsize)(tcp + 20 - into);
}

gsize
sg_compose_datagram (guint8 *into, const SgEnds *ends, gsize len)
{
  gsize start = SG_DATAGRAM_HEADERS - SG_ETH_LEN - ip_header_len (ends) - 8;
  guint8 *udp = into + SG_DATAGRAM_HEADERS - 8;
  guint32 sum = write_headers (into + start, ends, SG_PROTO_UDP, 8 + len);
  guint16 checksum;

  sg_put16 (udp, ends->port_from);
  sg_put16 (udp + 2, ends->port_to);
  sg_put16 (udp + 4, (guint32)(8 + len));
  sg_put16 (udp + 6, 0);
  checksum = sg_checksum_fold (sg_checksum_add (sum, udp, 8 + len));
  sg_put16 (udp + 6, checksum == 0 ? 0xffff : checksum); /* 0 would mean "none" */
  return start;
}
