/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections: what is followed of them, and how they end at both ends. */
#include "launcher/netgate/compose.h"
#include "launcher/netgate/gate-internal.h"

#define BRIEF_SECONDS 120
#define LASTING_SECONDS (2 * 60 * 60 + 4 * 60) /* RFC 5382, REQ-5 */

static guint32
seconds (SgGate *gate)
{
  return (guint32)(gate->now / G_USEC_PER_SEC);
}

static void
reset (SgGate *gate, const SgFlow *flow, gboolean to_guest)
{
  gboolean v4 = sg_address_is_v4 (&flow->key.remote);
  SgAddress guest = v4 ? gate->guest4 : gate->guest6;
  SgEnds ends = { .from = to_guest ? flow->key.remote : guest,
                  .to = to_guest ? guest : flow->key.remote,
                  .port_from = to_guest ? flow->key.port_remote : flow->key.port_guest,
                  .port_to = to_guest ? flow->key.port_guest : flow->key.port_remote };
  guint8 frame[SG_RESET_MAX];
  gsize len;

  memcpy (ends.mac_from, to_guest ? gate->gate_mac : gate->guest_mac, 6);
  memcpy (ends.mac_to, to_guest ? gate->guest_mac : gate->gate_mac, 6);
  len = sg_compose_reset (frame, &ends, to_guest ? flow->seq_net : flow->seq_guest,
                          to_guest ? flow->seq_guest : flow->seq_net, TRUE);
  gate->hooks->emit (gate->data, to_guest, frame, len);
}

/* The table is full, or the flow timed out: passt must not keep its socket. */
static void
flow_gone (SgFlow *flow, gpointer data)
{
  if (flow->key.protocol == SG_PROTO_TCP && flow->fins != 3)
    reset (data, flow, FALSE);
}

typedef struct
{
  SgGate *gate;
  GArray *keys; /* of those to end */
} Review;

static SgReason
judge_flow (SgGate *gate, const SgFlow *flow, const char **ret_source)
{
  const char *name
      = flow->record == SG_FLOW_NONE ? NULL : sg_records_get (gate->records, flow->record)->name;

  if (flow->inbound)
    {
      *ret_source = NULL;
      if (gate->rules->mode == SG_GATE_OFF)
        return SG_REASON_OFF;
      for (gsize i = 0; i < gate->rules->n_forwards; i++)
        if (gate->rules->forwards[i] == flow->key.port_guest)
          return SG_REASON_NONE;
      return SG_REASON_NO_FLOW;
    }
  return sg_gate_judge_named (gate, &flow->key.remote, flow->key.protocol, flow->key.port_remote,
                              name, ret_source);
}

static void
review_flow (SgFlow *flow, gpointer data)
{
  Review *review = data;
  const char *source;

  if (judge_flow (review->gate, flow, &source) != SG_REASON_NONE)
    g_array_append_val (review->keys, flow->key);
}

void
sg_gate_end_flow (SgGate *gate, SgFlow *flow, gboolean tell_net)
{
  if (flow->key.protocol == SG_PROTO_TCP && flow->fins != 3)
    {
      reset (gate, flow, TRUE);
      if (tell_net)
        reset (gate, flow, FALSE);
    }
  sg_flows_remove (gate->flows, flow, NULL, NULL);
}

/* Judges every flow again.  Switching off ends what is open without a word of blame. */
void
sg_gate_review_flows (SgGate *gate)
{
  g_autoptr (GArray) keys = g_array_new (FALSE, FALSE, sizeof (SgFlowKey));
  Review review = { gate, keys };

  sg_flows_foreach (gate->flows, review_flow, &review);
  for (guint i = 0; i < keys->len; i++)
    {
      SgFlow *flow = sg_flows_find (gate->flows, &g_array_index (keys, SgFlowKey, i));
      const char *source;
      SgReason reason = judge_flow (gate, flow, &source);

      if (reason != SG_REASON_OFF)
        sg_gate_note_blocked (gate, &flow->key.remote, NULL, flow->key.protocol,
                              flow->key.port_remote, reason, source);
      sg_gate_end_flow (gate, flow, TRUE);
    }
}

static void
collect_flow (SgFlow *flow, gpointer data)
{
  g_array_append_val ((GArray *)data, flow->key);
}

void
sg_gate_end_flows (SgGate *gate)
{
  g_autoptr (GArray) keys = g_array_new (FALSE, FALSE, sizeof (SgFlowKey));

  sg_flows_foreach (gate->flows, collect_flow, keys);
  for (guint i = 0; i < keys->len; i++)
    sg_gate_end_flow (gate, sg_flows_find (gate->flows, &g_array_index (keys, SgFlowKey, i)),
                      FALSE);
}

void
sg_gate_tick (SgGate *gate)
{
  sg_gate_ask_translators (gate);
  sg_flows_expire (gate->flows, seconds (gate), BRIEF_SECONDS, LASTING_SECONDS, flow_gone, gate);
}

SgFlowKey
sg_gate_key_of (const SgPacket *packet, gboolean from_guest)
{
  SgFlowKey key;

  memset (&key, 0, sizeof key);
  key.remote = from_guest ? packet->to : packet->from;
  key.protocol = packet->protocol;
  if (packet->protocol == SG_PROTO_TCP || packet->protocol == SG_PROTO_UDP)
    {
      key.port_remote = from_guest ? packet->port_to : packet->port_from;
      key.port_guest = from_guest ? packet->port_from : packet->port_to;
    }
  else
    key.port_guest = packet->port_from;
  return key;
}

/* What the sender's next byte will be numbered, if PACKET is its newest. */
void
sg_gate_follow_seq (guint32 *seq, gboolean known, const SgPacket *packet)
{
  guint32 next = packet->tcp_seq + (guint32)packet->payload_len
                 + ((packet->tcp_flags & SG_TCP_SYN) != 0)
                 + ((packet->tcp_flags & SG_TCP_FIN) != 0);

  if (!known || (gint32)(next - *seq) > 0)
    *seq = next;
}

/* Follows a packet that passes; FLOW may be gone afterwards. */
void
sg_gate_follow (SgGate *gate, SgFlow *flow, const SgPacket *packet, gboolean from_guest)
{
  SgFlowClass class = SG_FLOW_BRIEF;

  sg_gate_count_bytes (gate, flow, packet->len, from_guest);
  if (packet->protocol == SG_PROTO_TCP)
    {
      guint8 side = from_guest ? 1 : 2;

      if ((packet->tcp_flags & SG_TCP_RST) != 0)
        {
          sg_flows_remove (gate->flows, flow, NULL, NULL);
          return;
        }
      sg_gate_follow_seq (from_guest ? &flow->seq_guest : &flow->seq_net,
                          (packet->tcp_flags & SG_TCP_SYN) == 0, packet);
      if ((packet->tcp_flags & SG_TCP_FIN) != 0)
        flow->fins |= side;
      /* Both have spoken, and not only to open: established. */
      if (from_guest != (gboolean)flow->inbound && (packet->tcp_flags & SG_TCP_SYN) == 0
          && flow->seq_net != 0)
        flow->established = TRUE;
      if (flow->established && flow->fins != 3)
        class = SG_FLOW_LASTING;
    }
  sg_flows_touch (gate->flows, flow, class, seconds (gate));
}

SgFlow *
sg_gate_add_flow (SgGate *gate, const SgFlowKey *key, const char *name)
{
  SgFlow *flow = sg_flows_add (gate->flows, key, seconds (gate), flow_gone, gate);

  flow->record = sg_records_for (gate->records, &key->remote, name, gate->realtime);
  sg_records_get (gate->records, flow->record)->connections++;
  sg_records_get (gate->records, flow->record)->port = key->port_remote;
  sg_records_get (gate->records, flow->record)->protocol = key->protocol;
  return flow;
}
