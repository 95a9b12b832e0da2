/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the gate's judgement share. */
#pragma once

#include "launcher/netgate/addresses.h"
#include "launcher/netgate/dns.h"
#include "launcher/netgate/fragments.h"
#include "launcher/netgate/gate.h"
#include "launcher/netgate/limit.h"
#include "launcher/netgate/table.h"

enum
{
  SG_ICMP4_ECHO_REPLY = 0,
  SG_ICMP4_UNREACHABLE = 3,
  SG_ICMP4_ECHO = 8,
  SG_ICMP4_TIME_EXCEEDED = 11,
  SG_ICMP4_PARAMETER_PROBLEM = 12,
  SG_ICMP6_UNREACHABLE = 1,
  SG_ICMP6_PARAMETER_PROBLEM = 4,
  SG_ICMP6_ECHO = 128,
  SG_ICMP6_ECHO_REPLY = 129,
};

typedef struct
{
  SgAddress address;
  guint16 port;
} SgProxy;

/* A question that the gate has asked for the guest. */
typedef struct
{
  char *name; /* owned; NULL: the slot is free */
  guint16 type, id, guest_id, port;
  gboolean v6;
  gboolean own; /* not for the guest, but for the gate itself */
  gint64 since;
} SgQuery;

#define SG_QUERIES_MAX 256
#define SG_TRANSLATORS_MAX 8

struct _SgGate
{
  const SgGateHooks *hooks;
  gpointer data;
  gint64 now, realtime;

  guint8 guest_mac[6], gate_mac[6];
  SgAddress guest4, gateway4, dns4, guest6, gateway6, dns6;

  SgGateRules *rules;
  SgAddress own, own6, own_link;  /* mode private: the guest's addresses there */
  SgPrefix sandboxes, sandboxes6; /* mode private: where the others are */
  SgAddress teller;               /* mode private: who answers lookups of their names */
  guint8 teller_mac[6];
  GArray *networks; /* SgPrefix: rules->networks */
  GArray *literals; /* SgPrefix: those of rules->hosts that are addresses */
  GArray *proxies;  /* SgProxy */
  SgRoutes *routes;
  SgTable *table;
  SgPrefix translators[SG_TRANSLATORS_MAX]; /* gate-translate.c */
  guint n_translators, translator_tries;
  gint64 translator_next;

  SgFlows *flows;
  SgNames *names;
  SgRecords *records;
  SgFragments *fragments;
  SgLimit connections, bytes, lookups;
  guint32 window_most; /* gate-window.c; 0: as the guest says */
  gsize narrow_at;     /* of the frame that is being judged: where its TCP header is; 0: it stays */
  guint16 narrow_to;
  SgGateCounts counts;
  SgDnsMessage dns; /* large: not on the stack */
  SgQuery queries[SG_QUERIES_MAX];
  guint64 query_counter;
  guint8 random[16];
  guint8 *reply; /* owned; room for headers and the longest answer */
};

/* --- gate-judge.c: destinations */

/* As sg_gate_judge(), for an existing flow that was opened by NAME (NULL for none): its answer's
 * lifetime is over by now, the name still counts. */
SgReason sg_gate_judge_named (SgGate *gate, const SgAddress *address, guint8 protocol, guint16 port,
                              const char *name, const char **ret_source);

/* Whether an answer may tell ADDRESS for NAME. */
gboolean sg_gate_may_tell (SgGate *gate, const char *name, const SgAddress *address);

/* Whether NAME may be looked up. */
SgReason sg_gate_judge_name (SgGate *gate, const char *name);

/* --- gate-dns.c: lookups and their answers */

SgReason sg_gate_lookup (SgGate *gate, const SgPacket *packet);

/* Asks for NAME and TYPE for the gate's own sake; MESSAGE gets its number.  FALSE: there is nobody
 * to ask. */
gboolean sg_gate_ask_own (SgGate *gate, guint8 *message, gsize len, const char *name, guint16 type);

/* --- gate-translate.c: translators to IPv4 under a prefix of the network's own */

/* Whether ADDRESS is below one's prefix, and the IPv4 address in it. */
gboolean sg_gate_translated (SgGate *gate, const SgAddress *address, SgAddress *ret_inner);

/* Asks the name server for them, where that is due. */
void sg_gate_ask_translators (SgGate *gate);

/* The network may be another: they are asked for again.  Those that are known stay. */
void sg_gate_forget_translators (SgGate *gate);

/* The answer. */
void sg_gate_take_translators (SgGate *gate, const SgDnsMessage *dns);

/* --- gate-link.c: ARP, NDP, DHCP.  TRUE when PACKET is one of those, and *RET_REASON its verdict.
 */

gboolean sg_gate_link_from_guest (SgGate *gate, const SgPacket *packet, SgReason *ret_reason);
gboolean sg_gate_link_from_net (SgGate *gate, const SgPacket *packet, SgReason *ret_reason);

/* --- gate-private.c: mode private.  PACKET is whole and from the guest's own MAC, or not from it.
 */

/* In that mode, one of the guest's addresses. */
gboolean sg_gate_private_is_own (SgGate *gate, const SgAddress *address);

SgReason sg_gate_private_from_guest (SgGate *gate, const SgPacket *packet);
SgReason sg_gate_private_from_net (SgGate *gate, const SgPacket *packet);

/* --- gate-flows.c */

SgFlowKey sg_gate_key_of (const SgPacket *packet, gboolean from_guest);

/* A flow for KEY (there is none), in the record of its remote address and NAME (or NULL). */
SgFlow *sg_gate_add_flow (SgGate *gate, const SgFlowKey *key, const char *name);

/* What the sender's next byte will be numbered, if PACKET is its newest. */
void sg_gate_follow_seq (guint32 *seq, gboolean known, const SgPacket *packet);

/* Follows a packet that passes; FLOW may be gone afterwards. */
void sg_gate_follow (SgGate *gate, SgFlow *flow, const SgPacket *packet, gboolean from_guest);

/* Ends FLOW toward the guest, and with TELL_NET at its other end. */
void sg_gate_end_flow (SgGate *gate, SgFlow *flow, gboolean tell_net);

/* Judges every flow again.  Switching off ends what is open without a word of blame. */
void sg_gate_review_flows (SgGate *gate);

/* --- gate-window.c: what the guest offers to passt */

/* A SYN that passes says how windows are scaled. */
void sg_gate_learn_scale (SgFlow *flow, const SgPacket *packet, gboolean from_guest);

/* Notes it where the guest offers too much; sg_gate_narrow() writes it into the frame. */
void sg_gate_note_window (SgGate *gate, const SgFlow *flow, const SgPacket *packet);
void sg_gate_narrow (SgGate *gate, guint8 *frame);

/* --- gate-out.c, gate-in.c */

/* Tells the guest at once that a connection cannot be. */
void sg_gate_refuse (SgGate *gate, const SgPacket *packet);

/* WHOLE: not put together from fragments. */
SgReason sg_gate_judge_from_guest (SgGate *gate, const guint8 *frame, gsize len, gboolean whole);
SgReason sg_gate_judge_from_net (SgGate *gate, const guint8 *frame, gsize len);

/* --- gate.c */

/* Writes a record of what was blocked (ADDRESS or NAME may be NULL) and tells the hook. */
void sg_gate_note_blocked (SgGate *gate, const SgAddress *address, const char *name,
                           guint8 protocol, guint16 port, SgReason reason, const char *source);

void sg_gate_count_bytes (SgGate *gate, const SgFlow *flow, gsize len, gboolean out);
