/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The few packets that the gate itself sends: resets, and answers to name lookups. */
#pragma once

#include "launcher/netgate/packet.h"

#define SG_RESET_MAX (SG_ETH_LEN + 40 + 20)
#define SG_DATAGRAM_HEADERS (SG_ETH_LEN + 40 + 8)

/* The ends of a packet to be made. */
typedef struct
{
  guint8 mac_to[6], mac_from[6];
  SgAddress from, to; /* of one family */
  guint16 port_from, port_to;
} SgEnds;

/* A TCP reset at SEQ (and ACK, with the flag, when WITH_ACK).  Returns its length. */
gsize sg_compose_reset (guint8 into[SG_RESET_MAX], const SgEnds *ends, guint32 seq, guint32 ack,
                        gboolean with_ack);

/* The headers of a UDP datagram whose LEN bytes of payload stand at INTO + SG_DATAGRAM_HEADERS.
 * Returns where in INTO the frame starts; it ends with the payload. */
gsize sg_compose_datagram (guint8 *into, const SgEnds *ends, gsize len);

/* One's complement sum of LEN bytes, to be continued in SUM. */
guint32 sg_checksum_add (guint32 sum, const guint8 *bytes, gsize len);
guint16 sg_checksum_fold (guint32 sum);
