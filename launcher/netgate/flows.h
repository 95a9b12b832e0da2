/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connections that go through the gate: a table of fixed size.
 *
 * Finding one costs the same with one flow as with ten thousand, also when the guest chooses ports
 * and addresses to collide (the hash has a secret key).  When the table is full the flow that was
 * idle longest makes room: first among those that are short-lived by nature (UDP, pings, half-open
 * and closing TCP), so that a flood of these cannot end an established connection.  When memory is
 * known at start, a guest cannot make it grow. */
#pragma once

#include "launcher/netgate/address.h"
#include "launcher/netgate/reason.h"

#define SG_FLOW_NONE G_MAXUINT32

typedef struct
{
  SgAddress remote;
  guint16 port_remote, port_guest; /* of an echo: 0 and its id */
  guint8 protocol;
  guint8 pad[3]; /* zero: the struct is hashed and compared as bytes */
} SgFlowKey;

typedef enum
{
  SG_FLOW_BRIEF, /* may be dropped first */
  SG_FLOW_LASTING,
} SgFlowClass;

typedef struct
{
  SgFlowKey key;
  guint32 next;         /* in its bucket */
  guint32 newer, older; /* in its class's list */
  guint32 last_used;    /* seconds */
  guint32 generation;   /* of the rules that REASON was decided by */
  guint32 record;       /* index in the records, or SG_FLOW_NONE */
  guint32 seq_guest;    /* TCP: what each end sends next */
  guint32 seq_net;
  guint8 reason; /* SgReason */
  guint8 class;
  guint8 fins; /* TCP: 1 from the guest, 2 from outside */
  guint8 established : 1, looked_at : 1, inbound : 1;
  guint8 scale : 4, guest_scales : 1, net_scales : 1; /* TCP: of the guest's window */
} SgFlow;

typedef struct _SgFlows SgFlows;

/* A table for up to MAX flows (at least 16).  KEY: 16 random bytes. */
SgFlows *sg_flows_new (guint32 max, const guint8 key[16]);
void sg_flows_free (SgFlows *flows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgFlows, sg_flows_free)

/* NULL when there is none.  Owned by the table, valid until the next sg_flows_add() or _remove().
 */
SgFlow *sg_flows_find (SgFlows *flows, const SgFlowKey *key);

/* Called before a flow leaves the table, however it leaves. */
typedef void (*SgFlowGone) (SgFlow *flow, gpointer data);

/* A new flow for KEY (there must be none), of class brief; the longest idle one may go for it. */
SgFlow *
sg_flows_add (SgFlows *flows, const SgFlowKey *key, guint32 now, SgFlowGone gone, gpointer data);

/* Marks FLOW as used now, and as of CLASS from now on. */
void sg_flows_touch (SgFlows *flows, SgFlow *flow, SgFlowClass class, guint32 now);

void sg_flows_remove (SgFlows *flows, SgFlow *flow, SgFlowGone gone, gpointer data);

/* Drops what was idle for longer than its class may be: at most a bounded number a call. */
void sg_flows_expire (SgFlows *flows, guint32 now, guint32 brief_seconds, guint32 lasting_seconds,
                      SgFlowGone gone, gpointer data);

guint32 sg_flows_count (const SgFlows *flows);

/* Every flow, in no order.  EACH must not add or remove. */
void sg_flows_foreach (SgFlows *flows, void (*each) (SgFlow *flow, gpointer data), gpointer data);

/* SipHash-2-4 (keyed): for whatever table a guest chooses the keys of. */
guint64 sg_siphash (const guint8 key[16], const void *data, gsize len);
