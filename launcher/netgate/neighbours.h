/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Neighbours on one link: the addresses that follow from a MAC or a number, and messages of
 * neighbour discovery (RFC 4861).  The gate of each guest uses it, and the switch between
 * sandboxes. */
#pragma once

#include "launcher/netgate/packet.h"

enum
{
  SG_NDP_ROUTER_SOLICITATION = 133,
  SG_NDP_ROUTER_ADVERTISEMENT = 134,
  SG_NDP_SOLICITATION = 135,
  SG_NDP_ADVERTISEMENT = 136,
  SG_NDP_REDIRECT = 137,
};

/* The link-local address that a card with this MAC gives itself (RFC 4291, appendix A). */
SgAddress sg_link_local_of (const guint8 mac[6]);

/* The MAC that such an address was made from; FALSE: it was made from none. */
gboolean sg_link_local_mac (const SgAddress *address, guint8 ret_mac[6]);

/* NONE where the options behind SKIP bytes of the message are whole, and every link-layer address
 * among them is MAC. */
SgReason sg_ndp_check_options (const SgPacket *packet, gsize skip, const guint8 mac[6]);

/* A search for a neighbour, or its answer: whose address it is about is in *RET_TARGET; all link
 * addresses in it are the sender's own, and it went to whom such a message goes (the target, or the
 * group that only the target and a few others listen to; of an answer: to one who asked).  Any
 * other reason: it is none. */
SgReason sg_ndp_parse (const SgPacket *packet, SgAddress *ret_target);

/* Whether it is a message of neighbour discovery of any kind, those of routers too. */
gboolean sg_packet_is_ndp (const SgPacket *packet);
