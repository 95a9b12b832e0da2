/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Puts fragments together, so that what is judged, and what passt sees, is a whole datagram.
 *
 * passt does not do this; and a filter that judges fragments one by one can be led around.  Few at
 * a time, each with a deadline; a datagram whose fragments overlap, contradict each other or leave
 * a first one too short for its header is thrown away whole (RFC 5722, RFC 1858). */
#pragma once

#include "launcher/netgate/packet.h"

typedef struct _SgFragments SgFragments;

SgFragments *sg_fragments_new (void);
void sg_fragments_free (SgFragments *fragments);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgFragments, sg_fragments_free)

/* Takes one fragment (a packet with .fragment set) at NOW (microseconds).
 *   SG_REASON_NONE      kept; or, when *RET_FRAME is set, its datagram is complete: a frame without
 *                       fragment headers, owned by FRAGMENTS and valid until the next call
 *   any other           thrown away */
SgReason sg_fragments_take (SgFragments *fragments, const SgPacket *packet, gint64 now,
                            const guint8 **ret_frame, gsize *ret_len);
