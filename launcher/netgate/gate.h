/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gate's judgement, apart from any socket: frames go in, reasons come out.
 *
 *   from the guest                              from outside
 *   1. the frame is whole and well-formed       1. the same
 *   2. it comes from the guest's own MAC and    2. it comes from passt, for the guest
 *      IP address
 *   3. the network is on                        3. the network is on
 *   4. ARP, NDP, DHCP: with the gate only       4. ARP, NDP, DHCP: answers of the gate's
 *   5. fragments are put together first         5. no fragments
 *   6. TCP, UDP or a ping, of a known flow, or  6. of a known flow, an error about one, or to a
 *      to a destination that the rules open        port that is forwarded
 *   7. a name lookup ends here: where the name may be asked, the gate asks the host's name server
 *      itself, and passes on an answer whose addresses may be told
 *
 * In mode private there is no gateway: gate-private.c judges in place of steps 4, 6 and 7.
 *
 * What none of this names does not pass.  Only what passes becomes a flow; when rules or routes
 * change, every flow is judged again at once and those that no longer pass are ended at both ends.
 * Nothing that the guest says about itself is believed, and nothing it can do makes the gate's
 * memory grow beyond what it has at start (but for short strings, bounded in number). */
#pragma once

#include "launcher/netgate/flows.h"
#include "launcher/netgate/names.h"
#include "launcher/netgate/packet.h"
#include "launcher/netgate/records.h"
#include "launcher/netgate/routes.h"
#include "launcher/netgate/rules.h"

#define SG_GATE_FLOWS_MAX 10000

typedef struct _SgGate SgGate;

typedef struct
{
  /* A frame of the gate's own, or one put together from fragments: to be sent to the guest, or to
   * passt.  FRAME is valid during the call. */
  void (*emit) (gpointer data, gboolean to_guest, const guint8 *frame, gsize len);
  /* A lookup for the host's name server.  FALSE: there is none. */
  gboolean (*ask) (gpointer data, const guint8 *message, gsize len);
  /* Something was blocked that a person may want to know of (not: malformed, spoofed, unasked). */
  void (*blocked) (gpointer data, const SgRecord *record);
} SgGateHooks;

typedef struct
{
  guint64 frames_out, frames_in, bytes_out, bytes_in; /* passed */
  guint64 stopped[SG_REASON_MAX];
} SgGateCounts;

/* A gate in mode off that knows no routes.  RANDOM: secret bytes.  HOOKS and DATA must outlive it.
 */
SgGate *sg_gate_new (const guint8 guest_mac[6], guint32 max_flows, const guint8 random[16],
                     const SgGateHooks *hooks, gpointer data);
void sg_gate_free (SgGate *gate);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgGate, sg_gate_free)

/* The gate's clock, monotonic microseconds; and the time of day for its records. */
void sg_gate_set_time (SgGate *gate, gint64 monotonic, gint64 realtime);

/* From now on RULES hold, or what the host's ROUTES are; takes them over. */
void sg_gate_set_rules (SgGate *gate, SgGateRules *rules);
void sg_gate_set_routes (SgGate *gate, SgRoutes *routes);
const SgRoutes *sg_gate_routes (SgGate *gate);

/* Whether this frame passes.  SG_REASON_KEPT: the gate deals with it itself (a fragment, whose
 * datagram is emitted when it is whole; a name lookup).  What the guest offers as a TCP window may
 * be narrowed in FRAME. */
SgReason sg_gate_from_guest (SgGate *gate, guint8 *frame, gsize len);
SgReason sg_gate_from_net (SgGate *gate, const guint8 *frame, gsize len);

/* Guests shall not offer passt a window of more than MOST bytes; 0: as they like. */
void sg_gate_set_window (SgGate *gate, guint32 most);

/* Whether the two above, called now, would read no more of a frame of LEN bytes than its first HAVE
 * bytes at HEAD: a TCP segment in the middle of a connection. */
gboolean
sg_gate_head_decides (SgGate *gate, const guint8 *head, gsize have, gsize len, gboolean from_guest);

/* A message from the host's name server.  NONE: the guest has its answer. */
SgReason sg_gate_answer (SgGate *gate, const guint8 *message, gsize len);

/* The longest answer that is passed on. */
#define SG_DNS_ANSWER_MAX 16384

/* Ends every flow toward the guest (passt has died and knows none of them any more). */
void sg_gate_end_flows (SgGate *gate);

/* Drops what timed out; to be called about every second. */
void sg_gate_tick (SgGate *gate);

/* What a connection to ADDRESS would meet; *RET_SOURCE (may be NULL) is the document behind it. */
SgReason sg_gate_judge (SgGate *gate, const SgAddress *address, guint8 protocol, guint16 port,
                        const char **ret_source);

SgGateMode sg_gate_mode (SgGate *gate);
SgRecords *sg_gate_records (SgGate *gate);
const SgGateCounts *sg_gate_counts (SgGate *gate);
guint32 sg_gate_flow_count (SgGate *gate);
