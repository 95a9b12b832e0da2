/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/netgate/addresses.h"
#include "launcher/netgate/compose.h"
#include "launcher/netgate/gate-internal.h"
#include "launcher/netgate/neighbours.h"

#define NAMES_MAX 2048
#define RECORDS_MAX 2048
#define LOOKUPS_PER_SECOND 200

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
  memset (&gate->own, 0, sizeof gate->own);
  if (rules->mode == SG_GATE_PRIVATE)
    sg_address_parse (rules->own, &gate->own);
  gate->own6 = gate->sandboxes6.address;
  gate->own6.bytes[15] = gate->own.bytes[15]; /* the same number */
  gate->own_link = sg_link_local_of (gate->guest_mac);
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
  sg_prefix_parse (SG_PRIVATE_NETWORK, &gate->sandboxes);
  sg_prefix_parse (SG_PRIVATE_NETWORK6, &gate->sandboxes6);
  sg_address_parse (SG_PRIVATE_NAMES, &gate->teller);
  sg_mac_parse (SG_PRIVATE_NAMES_MAC, gate->teller_mac);
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

SgGateMode
sg_gate_mode (SgGate *gate)
{
  return gate->rules->mode;
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

void
sg_gate_set_rules (SgGate *gate, SgGateRules *rules)
{
  use_rules (gate, rules);
  sg_gate_review_flows (gate);
}

void
sg_gate_set_routes (SgGate *gate, SgRoutes *routes)
{
  sg_routes_free (gate->routes);
  gate->routes = routes;
  sg_gate_forget_translators (gate);
  sg_gate_review_flows (gate);
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

void
sg_gate_count_bytes (SgGate *gate, const SgFlow *flow, gsize len, gboolean out)
{
  SgRecord *record;

  if (flow->record == SG_FLOW_NONE)
    return;
  record = sg_records_get (gate->records, flow->record);
  *(out ? &record->bytes_out : &record->bytes_in) += len;
  record->last = gate->realtime;
}

/* --- frames
 * -------------------------------------------------------------------------------------------- */

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

gboolean
sg_gate_head_decides (SgGate *gate, const guint8 *head, gsize have, gsize len, gboolean from_guest)
{
  SgPacket packet;
  SgFlowKey key;
  SgFlow *flow;

  if (gate->rules->mode == SG_GATE_PRIVATE || !sg_packet_parse_head (&packet, head, have, len))
    return FALSE;
  key = sg_gate_key_of (&packet, from_guest);
  flow = sg_flows_find (gate->flows, &key);
  /* A connection's first bytes are looked at (look_at_greeting). */
  return flow != NULL && (!from_guest || flow->inbound || flow->looked_at);
}

SgReason
sg_gate_from_guest (SgGate *gate, guint8 *frame, gsize len)
{
  SgReason reason;

  gate->narrow_at = 0;
  reason = sg_gate_judge_from_guest (gate, frame, len, TRUE);
  if (reason == SG_REASON_NONE)
    sg_gate_narrow (gate, frame);
  return count (gate, reason, len, TRUE);
}

SgReason
sg_gate_from_net (SgGate *gate, const guint8 *frame, gsize len)
{
  return count (gate, sg_gate_judge_from_net (gate, frame, len), len, FALSE);
}
