/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/netgate/addresses.h"
#include "launcher/netgate/compose.h"
#include "launcher/netgate/gate-internal.h"
#include "launcher/netgate/hello.h"

#define NAMES_MAX 2048
#define RECORDS_MAX 2048
#define BRIEF_SECONDS 120
#define LASTING_SECONDS (2 * 60 * 60 + 4 * 60) /* RFC 5382, REQ-5 */
#define PORT_DNS 53
#define LOOKUPS_PER_SECOND 200

enum
{
  ICMP4_ECHO_REPLY = 0,
  ICMP4_UNREACHABLE = 3,
  ICMP4_ECHO = 8,
  ICMP4_TIME_EXCEEDED = 11,
  ICMP4_PARAMETER_PROBLEM = 12,
  ICMP6_UNREACHABLE = 1,
  ICMP6_PARAMETER_PROBLEM = 4,
  ICMP6_ECHO = 128,
  ICMP6_ECHO_REPLY = 129,
};

/* --- life
 * ------------------------------------------------------------------------------------------ */

static void
use_rules (SgGate *gate, SgGateRules *rules)
{
  static char *const none[] = { NULL };
  char *const *list;
  SgPrefix prefix;
  SgProxy proxy;

  if (gate->rules != NULL)
    sg_gate_rules_free (gate->rules);
  gate->rules = rules;
  g_array_set_size (gate->networks, 0);
  g_array_set_size (gate->literals, 0);
  g_array_set_size (gate->proxies, 0);
  for (list = rules->networks != NULL ? rules->networks : none; *list != NULL; list++)
    if (sg_prefix_parse (*list, &prefix))
      g_array_append_val (gate->networks, prefix);
  for (list = rules->hosts != NULL ? rules->hosts : none; *list != NULL; list++)
    if (sg_prefix_parse (*list, &prefix))
      g_array_append_val (gate->literals, prefix);
  for (list = rules->proxies != NULL ? rules->proxies : none; *list != NULL; list++)
    if (sg_address_parse_port (*list, &proxy.address, &proxy.port))
      g_array_append_val (gate->proxies, proxy);
  sg_limit_set (&gate->connections, rules->connections_per_second,
                rules->connections_per_second * 2ULL);
  sg_limit_set (&gate->lookups, LOOKUPS_PER_SECOND, LOOKUPS_PER_SECOND * 2);
  /* A burst holds at least some of the largest packets, or nothing large would ever pass. */
  sg_limit_set (&gate->bytes, rules->bytes_per_second,
                MAX (rules->bytes_per_second, 4ULL * SG_PACKET_MAX));
}

SgGate *
sg_gate_new (const guint8 guest_mac[6], guint32 max_flows, const guint8 random[16],
             const SgGateHooks *hooks, gpointer data)
{
  SgGate *gate = g_new0 (SgGate, 1);

  gate->hooks = hooks;
  gate->data = data;
  memcpy (gate->guest_mac, guest_mac, 6);
  sg_mac_parse (SG_GATE_MAC, gate->gate_mac);
  sg_address_parse (SG_GATE_GUEST4, &gate->guest4);
  sg_address_parse (SG_GATE_GATEWAY4, &gate->gateway4);
  sg_address_parse (SG_GATE_DNS4, &gate->dns4);
  sg_address_parse (SG_GATE_GUEST6, &gate->guest6);
  sg_address_parse (SG_GATE_GATEWAY6, &gate->gateway6);
  sg_address_parse (SG_GATE_DNS6, &gate->dns6);
  gate->networks = g_array_new (FALSE, FALSE, sizeof (SgPrefix));
  gate->literals = g_array_new (FALSE, FALSE, sizeof (SgPrefix));
  gate->proxies = g_array_new (FALSE, FALSE, sizeof (SgProxy));
  gate->routes = sg_routes_new ();
  gate->table = sg_table_new ();
  gate->flows = sg_flows_new (max_flows, random);
  gate->names = sg_names_new (NAMES_MAX, random);
  gate->records = sg_records_new (RECORDS_MAX, random);
  gate->fragments = sg_fragments_new ();
  gate->reply = g_malloc (SG_DATAGRAM_HEADERS + SG_DNS_ANSWER_MAX);
  memcpy (gate->random, random, sizeof gate->random);
  use_rules (gate, sg_gate_rules_new ());
  return gate;
}

void
sg_gate_free (SgGate *gate)
{
  sg_gate_rules_free (gate->rules);
  g_array_unref (gate->networks);
  g_array_unref (gate->literals);
  g_array_unref (gate->proxies);
  sg_routes_free (gate->routes);
  g_free (gate->table);
  sg_flows_free (gate->flows);
  sg_names_free (gate->names);
  sg_records_free (gate->records);
  sg_fragments_free (gate->fragments);
  for (gsize i = 0; i < SG_QUERIES_MAX; i++)
    g_free (gate->queries[i].name);
  g_free (gate->reply);
  g_free (gate);
}

void
sg_gate_set_time (SgGate *gate, gint64 monotonic, gint64 realtime)
{
  gate->now = monotonic;
  gate->realtime = realtime;
}

SgRecords *
sg_gate_records (SgGate *gate)
{
  return gate->records;
}

const SgGateCounts *
sg_gate_counts (SgGate *gate)
{
  return &gate->counts;
}

guint32
sg_gate_flow_count (SgGate *gate)
{
  return sg_flows_count (gate->flows);
}

const SgRoutes *
sg_gate_routes (SgGate *gate)
{
  return gate->routes;
}

static guint32
seconds (SgGate *gate)
{
  return (guint32)(gate->now / G_USEC_PER_SEC);
}

/* --- ends of flows
 * --------------------------------------------------------------------------------- */

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

static void
end_flow (SgGate *gate, SgFlow *flow, gboolean tell_net)
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
static void
review_flows (SgGate *gate)
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
      end_flow (gate, flow, TRUE);
    }
}

void
sg_gate_set_rules (SgGate *gate, SgGateRules *rules)
{
  use_rules (gate, rules);
  review_flows (gate);
}

void
sg_gate_set_routes (SgGate *gate, SgRoutes *routes)
{
  sg_routes_free (gate->routes);
  gate->routes = routes;
  review_flows (gate);
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
    end_flow (gate, sg_flows_find (gate->flows, &g_array_index (keys, SgFlowKey, i)), FALSE);
}

void
sg_gate_tick (SgGate *gate)
{
  sg_flows_expire (gate->flows, seconds (gate), BRIEF_SECONDS, LASTING_SECONDS, flow_gone, gate);
}

/* --- records
 * --------------------------------------------------------------------------------------- */

void
sg_gate_note_blocked (SgGate *gate, const SgAddress *address, const char *name, guint8 protocol,
                      guint16 port, SgReason reason, const char *source)
{
  static const SgAddress nowhere;
  SgRecord *record;
  guint32 index;

  if (address == NULL)
    address = &nowhere;
  else if (name == NULL)
    name = sg_names_latest (gate->names, address);
  index = sg_records_for (gate->records, address, name, gate->realtime);
  record = sg_records_get (gate->records, index);
  record->blocked++;
  record->reason = reason;
  record->source = source;
  record->port = port;
  record->protocol = protocol;
  gate->hooks->blocked (gate->data, record);
}

static void
count_bytes (SgGate *gate, const SgFlow *flow, gsize len, gboolean out)
{
  SgRecord *record;

  if (flow->record == SG_FLOW_NONE)
    return;
  record = sg_records_get (gate->records, flow->record);
  *(out ? &record->bytes_out : &record->bytes_in) += len;
  record->last = gate->realtime;
}

/* --- flows
 * ----------------------------------------------------------------------------------------- */

static SgFlowKey
key_of (const SgPacket *packet, gboolean from_guest)
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
static void
follow_seq (guint32 *seq, gboolean known, const SgPacket *packet)
{
  guint32 next = packet->tcp_seq + (guint32)packet->payload_len
                 + ((packet->tcp_flags & SG_TCP_SYN) != 0)
                 + ((packet->tcp_flags & SG_TCP_FIN) != 0);

  if (!known || (gint32)(next - *seq) > 0)
    *seq = next;
}

/* Follows a packet that passes; FLOW may be gone afterwards. */
static void
follow (SgGate *gate, SgFlow *flow, const SgPacket *packet, gboolean from_guest)
{
  SgFlowClass class = SG_FLOW_BRIEF;

  count_bytes (gate, flow, packet->len, from_guest);
  if (packet->protocol == SG_PROTO_TCP)
    {
      guint8 side = from_guest ? 1 : 2;

      if ((packet->tcp_flags & SG_TCP_RST) != 0)
        {
          sg_flows_remove (gate->flows, flow, NULL, NULL);
          return;
        }
      follow_seq (from_guest ? &flow->seq_guest : &flow->seq_net,
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

static SgFlow *
add_flow (SgGate *gate, const SgFlowKey *key, const char *name)
{
  SgFlow *flow = sg_flows_add (gate->flows, key, seconds (gate), flow_gone, gate);

  flow->record = sg_records_for (gate->records, &key->remote, name, gate->realtime);
  sg_records_get (gate->records, flow->record)->connections++;
  sg_records_get (gate->records, flow->record)->port = key->port_remote;
  sg_records_get (gate->records, flow->record)->protocol = key->protocol;
  return flow;
}

/* --- from the guest
 * -------------------------------------------------------------------------------- */

/* Tells the guest at once that a connection cannot be. */
static void
refuse (SgGate *gate, const SgPacket *packet)
{
  SgEnds ends = { .from = packet->to,
                  .to = packet->from,
                  .port_from = packet->port_to,
                  .port_to = packet->port_from };
  gboolean acked = (packet->tcp_flags & SG_TCP_ACK) != 0;
  guint32 seq = 0;
  guint8 frame[SG_RESET_MAX];

  if (packet->protocol != SG_PROTO_TCP || (packet->tcp_flags & SG_TCP_RST) != 0 || packet->fragment
      || !(sg_address_equal (&packet->from, &gate->guest4)
           || sg_address_equal (&packet->from, &gate->guest6)))
    return;
  memcpy (ends.mac_from, gate->gate_mac, 6);
  memcpy (ends.mac_to, gate->guest_mac, 6);
  follow_seq (&seq, FALSE, packet);
  gate->hooks->emit (gate->data, TRUE, frame,
                     sg_compose_reset (frame, &ends, acked ? packet->tcp_ack : 0, seq, !acked));
}

/* The name in a TLS greeting: for the record, and in mode allowlist a second look. */
static SgReason
look_at_greeting (SgGate *gate, SgFlow *flow, const SgPacket *packet)
{
  char name[SG_HELLO_NAME_MAX];

  if (flow->looked_at || packet->payload_len == 0)
    return SG_REASON_NONE;
  flow->looked_at = TRUE;
  if (sg_hello_parse (packet->frame + packet->payload, packet->payload_len, name) != SG_HELLO_NAME)
    return SG_REASON_NONE;
  if (gate->rules->mode == SG_GATE_ALLOWLIST && !sg_gate_name_listed (gate->rules->hosts, name))
    {
      sg_gate_note_blocked (gate, &flow->key.remote, name, SG_PROTO_TCP, flow->key.port_remote,
                            SG_REASON_NOT_LISTED, NULL);
      end_flow (gate, flow, TRUE);
      return SG_REASON_NOT_LISTED;
    }
  if (flow->record != SG_FLOW_NONE
      && strcmp (sg_records_get (gate->records, flow->record)->name, name) != 0)
    {
      SgRecord *before = sg_records_get (gate->records, flow->record);
      guint32 index = sg_records_for (gate->records, &flow->key.remote, name, gate->realtime);

      if (before->connections > 0)
        before->connections--;
      sg_records_get (gate->records, index)->connections++;
      sg_records_get (gate->records, index)->port = flow->key.port_remote;
      sg_records_get (gate->records, index)->protocol = SG_PROTO_TCP;
      flow->record = index;
    }
  return SG_REASON_NONE;
}

static SgReason
open_flow (SgGate *gate, const SgPacket *packet, const SgFlowKey *key, SgFlow **ret_flow)
{
  const char *source, *name = NULL;
  SgReason reason;

  if (packet->protocol == SG_PROTO_TCP
      && (packet->tcp_flags & (SG_TCP_SYN | SG_TCP_ACK | SG_TCP_RST | SG_TCP_FIN)) != SG_TCP_SYN)
    return SG_REASON_NO_FLOW;
  reason = sg_gate_judge (gate, &key->remote, key->protocol, key->port_remote, &source);
  if (reason != SG_REASON_NONE)
    {
      sg_gate_note_blocked (gate, &key->remote, NULL, key->protocol, key->port_remote, reason,
                            source);
      return reason;
    }
  if (!sg_limit_take (&gate->connections, 1, gate->now))
    {
      sg_gate_note_blocked (gate, &key->remote, NULL, key->protocol, key->port_remote,
                            SG_REASON_CONNECTION_RATE, NULL);
      return SG_REASON_CONNECTION_RATE;
    }
  if (gate->rules->mode == SG_GATE_ALLOWLIST)
    name = sg_names_listed (gate->names, &key->remote, gate->rules->hosts,
                            gate->now / G_USEC_PER_SEC);
  if (name == NULL)
    name = sg_names_latest (gate->names, &key->remote);
  *ret_flow = add_flow (gate, key, name);
  return SG_REASON_NONE;
}

static gboolean
is_lookup (SgGate *gate, const SgPacket *packet)
{
  return packet->protocol == SG_PROTO_UDP && packet->port_to == PORT_DNS
         && (sg_address_equal (&packet->to, &gate->dns4)
             || sg_address_equal (&packet->to, &gate->dns6));
}

static SgReason
transport_from_guest (SgGate *gate, const SgPacket *packet)
{
  SgFlowKey key = key_of (packet, TRUE);
  SgFlow *flow;
  SgReason reason;

  if ((packet->protocol == SG_PROTO_ICMP && packet->icmp_type != ICMP4_ECHO)
      || (packet->protocol == SG_PROTO_ICMP6 && packet->icmp_type != ICMP6_ECHO))
    return SG_REASON_PROTOCOL;
  if (is_lookup (gate, packet))
    return sg_limit_take (&gate->lookups, 1, gate->now) ? sg_gate_lookup (gate, packet)
                                                        : SG_REASON_CONNECTION_RATE;
  flow = sg_flows_find (gate->flows, &key);
  if (flow == NULL)
    {
      reason = open_flow (gate, packet, &key, &flow);
      if (reason != SG_REASON_NONE)
        {
          /* Not for every packet of a flood: a rate limit is no answer. */
          if (reason != SG_REASON_CONNECTION_RATE)
            refuse (gate, packet);
          return reason;
        }
    }
  if (!sg_limit_take (&gate->bytes, packet->len, gate->now))
    return SG_REASON_BYTE_RATE;
  if (packet->protocol == SG_PROTO_UDP && packet->port_to == PORT_DNS
      && flow->record == SG_FLOW_NONE)
    reason = sg_gate_lookup (gate, packet);
  else if (packet->protocol == SG_PROTO_TCP && !flow->inbound)
    reason = look_at_greeting (gate, flow, packet);
  else
    reason = SG_REASON_NONE;
  if (reason == SG_REASON_NONE)
    follow (gate, flow, packet, TRUE);
  return reason;
}

static SgReason
judge_from_guest (SgGate *gate, const guint8 *frame, gsize len, gboolean whole)
{
  SgPacket packet;
  SgReason reason = sg_packet_parse (&packet, frame, len);

  if (reason != SG_REASON_NONE)
    return reason;
  if (memcmp (packet.mac_from, gate->guest_mac, 6) != 0)
    return SG_REASON_SPOOFED;
  if (gate->rules->mode == SG_GATE_OFF)
    {
      refuse (gate, &packet);
      return SG_REASON_OFF;
    }
  if (sg_gate_link_from_guest (gate, &packet, &reason))
    return reason;
  if (!sg_address_equal (&packet.from,
                         packet.kind == SG_PACKET_IP4 ? &gate->guest4 : &gate->guest6))
    return SG_REASON_SPOOFED;
  /* Every other packet goes through the gate; a multicast MAC tells of what it is for. */
  if (memcmp (packet.mac_to, gate->gate_mac, 6) != 0)
    return (packet.mac_to[0] & 1) != 0 ? SG_REASON_MULTICAST : SG_REASON_LINK_PROTOCOL;
  if (packet.fragment)
    {
      const guint8 *together;
      gsize together_len;

      if (!whole)
        return SG_REASON_FRAGMENT;
      reason = sg_fragments_take (gate->fragments, &packet, gate->now, &together, &together_len);
      if (reason != SG_REASON_NONE || together == NULL)
        return reason == SG_REASON_NONE ? SG_REASON_KEPT : reason;
      reason = judge_from_guest (gate, together, together_len, FALSE);
      if (reason != SG_REASON_NONE)
        return reason;
      gate->hooks->emit (gate->data, FALSE, together, together_len);
      return SG_REASON_KEPT;
    }
  return transport_from_guest (gate, &packet);
}

static SgReason
count (SgGate *gate, SgReason reason, gsize len, gboolean out)
{
  if (reason != SG_REASON_NONE && reason != SG_REASON_KEPT)
    gate->counts.stopped[reason]++;
  else if (reason == SG_REASON_NONE)
    {
      *(out ? &gate->counts.frames_out : &gate->counts.frames_in) += 1;
      *(out ? &gate->counts.bytes_out : &gate->counts.bytes_in) += len;
    }
  return reason;
}

SgReason
sg_gate_from_guest (SgGate *gate, const guint8 *frame, gsize len)
{
  return count (gate, judge_from_guest (gate, frame, len, TRUE), len, TRUE);
}

/* --- from outside
 * ---------------------------------------------------------------------------------- */

static gboolean
is_icmp_error (const SgPacket *packet)
{
  if (packet->protocol == SG_PROTO_ICMP)
    return packet->icmp_type == ICMP4_UNREACHABLE || packet->icmp_type == ICMP4_TIME_EXCEEDED
           || packet->icmp_type == ICMP4_PARAMETER_PROBLEM;
  return packet->protocol == SG_PROTO_ICMP6 && packet->icmp_type >= ICMP6_UNREACHABLE
         && packet->icmp_type <= ICMP6_PARAMETER_PROBLEM;
}

/* An error passes when what it quotes is of a flow. */
static SgReason
error_from_net (SgGate *gate, const SgPacket *packet)
{
  gboolean v6 = packet->kind == SG_PACKET_IP6;
  SgPacket quoted;
  SgFlowKey key;

  if (!sg_packet_parse_quoted (&quoted, packet->frame + packet->l4 + 8, packet->l4_len - 8, v6)
      || !sg_address_equal (&quoted.from, v6 ? &gate->guest6 : &gate->guest4))
    return SG_REASON_NO_FLOW;
  key = key_of (&quoted, TRUE);
  return sg_flows_find (gate->flows, &key) != NULL ? SG_REASON_NONE : SG_REASON_NO_FLOW;
}

static gboolean
is_forwarded (SgGate *gate, const SgPacket *packet)
{
  if (!sg_address_equal (&packet->from, &gate->gateway4)
      && !sg_address_equal (&packet->from, &gate->gateway6))
    return FALSE;
  if (packet->protocol == SG_PROTO_TCP
      && (packet->tcp_flags & (SG_TCP_SYN | SG_TCP_ACK | SG_TCP_RST | SG_TCP_FIN)) != SG_TCP_SYN)
    return FALSE;
  for (gsize i = 0; i < gate->rules->n_forwards; i++)
    if (packet->protocol == SG_PROTO_TCP && gate->rules->forwards[i] == packet->port_to)
      return TRUE;
  return FALSE;
}

static SgReason
transport_from_net (SgGate *gate, const SgPacket *packet)
{
  SgFlowKey key = key_of (packet, FALSE);
  SgFlow *flow;

  if (is_icmp_error (packet))
    return error_from_net (gate, packet);
  if ((packet->protocol == SG_PROTO_ICMP && packet->icmp_type != ICMP4_ECHO_REPLY)
      || (packet->protocol == SG_PROTO_ICMP6 && packet->icmp_type != ICMP6_ECHO_REPLY))
    return SG_REASON_PROTOCOL;
  flow = sg_flows_find (gate->flows, &key);
  if (flow == NULL)
    {
      if (!is_forwarded (gate, packet))
        return SG_REASON_NO_FLOW;
      flow = add_flow (gate, &key, NULL);
      flow->inbound = TRUE;
    }
  if (!sg_limit_take (&gate->bytes, packet->len, gate->now))
    return SG_REASON_BYTE_RATE;
  follow (gate, flow, packet, FALSE);
  return SG_REASON_NONE;
}

static SgReason
judge_from_net (SgGate *gate, const guint8 *frame, gsize len)
{
  SgPacket packet;
  SgReason reason = sg_packet_parse (&packet, frame, len);

  if (reason != SG_REASON_NONE)
    return reason;
  if (memcmp (packet.mac_from, gate->gate_mac, 6) != 0)
    return SG_REASON_SPOOFED;
  if (gate->rules->mode == SG_GATE_OFF)
    return SG_REASON_OFF;
  if (sg_gate_link_from_net (gate, &packet, &reason))
    return reason;
  if (!sg_address_equal (&packet.to, packet.kind == SG_PACKET_IP4 ? &gate->guest4 : &gate->guest6))
    return SG_REASON_LINK_PROTOCOL;
  if (packet.fragment)
    return SG_REASON_FRAGMENT;
  return transport_from_net (gate, &packet);
}

SgReason
sg_gate_from_net (SgGate *gate, const guint8 *frame, gsize len)
{
  return count (gate, judge_from_net (gate, frame, len), len, FALSE);
}
