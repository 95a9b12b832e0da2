/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a sandbox may go: the order in which table, host, rules and names are asked.
 *
 * "Never" rows and the host's own addresses come before anything a profile or policy can open, but
 * for a proxy, which is one address and port that the person's own desktop uses. */
#include "launcher/netgate/gate-internal.h"

#define PORT_DNS 53
#define PORT_DNS_TLS 853
#define PORT_QUIC 443

static gboolean
in_prefixes (const GArray *prefixes, const SgAddress *address)
{
  for (guint i = 0; i < prefixes->len; i++)
    if (sg_prefix_contains (&g_array_index (prefixes, SgPrefix, i), address))
      return TRUE;
  return FALSE;
}

static gboolean
is_proxy (SgGate *gate, const SgAddress *address, guint8 protocol, guint16 port)
{
  for (guint i = 0; i < gate->proxies->len; i++)
    {
      const SgProxy *proxy = &g_array_index (gate->proxies, SgProxy, i);

      if (protocol == SG_PROTO_TCP && proxy->port == port
          && sg_address_equal (&proxy->address, address))
        return TRUE;
    }
  return FALSE;
}

/* The gate's own small network; a name lookup is the one thing it is for. */
static gboolean
is_gate (SgGate *gate, const SgAddress *address, guint8 protocol, guint16 port,
         SgReason *ret_reason)
{
  gboolean dns = sg_address_equal (address, &gate->dns4) || sg_address_equal (address, &gate->dns6);

  if (!dns && !sg_address_equal (address, &gate->gateway4)
      && !sg_address_equal (address, &gate->gateway6) && !sg_address_equal (address, &gate->guest4)
      && !sg_address_equal (address, &gate->guest6))
    return FALSE;
  *ret_reason = SG_REASON_GATE_ADDRESS;
  if (dns && port == PORT_DNS && protocol == SG_PROTO_UDP)
    *ret_reason = SG_REASON_NONE;
  else if (dns && port == PORT_DNS && protocol == SG_PROTO_TCP)
    *ret_reason = SG_REASON_DNS_STREAM;
  return TRUE;
}

static SgReason
judge_route (SgGate *gate, const SgAddress *address, gboolean opened)
{
  switch (sg_routes_find (gate->routes, address))
    {
    case SG_ROUTE_DEFAULT:
      return SG_REASON_NONE;
    case SG_ROUTE_OWN:
      return opened ? SG_REASON_NONE : SG_REASON_HOST_ROUTE;
    case SG_ROUTE_LOCAL:
      return SG_REASON_HOST;
    case SG_ROUTE_BROADCAST:
      return SG_REASON_BROADCAST;
    default:
      return SG_REASON_NO_ROUTE;
    }
}

/* The row that decides on ADDRESS, or NULL; *RET_INNER is what it decided on: itself, or the IPv4
 * address in it.  Of a translator's row and that of the address behind it the closer one counts. */
static const SgRange *
find_row (SgGate *gate, const SgAddress *address, SgAddress *ret_inner)
{
  const SgRange *row = sg_table_find (gate->table, address, ret_inner), *behind;
  SgAddress inner;

  if (!sg_gate_translated (gate, address, &inner))
    return row;
  *ret_inner = inner;
  behind = sg_table_find (gate->table, &inner, NULL);
  return row == NULL || (behind != NULL && behind->kind == SG_RANGE_NEVER) ? behind : row;
}

/* By address alone: table, host and routes. */
static SgReason
judge_place (SgGate *gate, const SgAddress *address, const char **ret_source)
{
  SgAddress inner;
  const SgRange *row = find_row (gate, address, &inner);
  gboolean company
      = gate->rules->mode != SG_GATE_ALLOWLIST
        && (in_prefixes (gate->networks, address) || in_prefixes (gate->networks, &inner));
  gboolean opened = company || gate->rules->mode == SG_GATE_LAN;
  SgRouteKind to_inner;
  SgReason reason;

  if (row != NULL && (row->kind == SG_RANGE_NEVER || !opened))
    {
      *ret_source = row->source;
      return row->reason;
    }
  reason = judge_route (gate, address, opened);
  /* An embedded address must not be one of the host's own; that the host has no IPv4 route to it
   * is of no matter, the translator has. */
  if (reason == SG_REASON_NONE && !sg_address_equal (address, &inner))
    {
      to_inner = sg_routes_find (gate->routes, &inner);
      if (to_inner == SG_ROUTE_LOCAL || to_inner == SG_ROUTE_BROADCAST)
        reason = SG_REASON_HOST;
      else if (to_inner == SG_ROUTE_OWN && !opened)
        reason = SG_REASON_HOST_ROUTE;
    }
  return reason;
}

SgReason
sg_gate_judge_named (SgGate *gate, const SgAddress *address, guint8 protocol, guint16 port,
                     const char *name, const char **ret_source)
{
  const char *source = NULL;
  SgReason reason;

  if (ret_source == NULL)
    ret_source = &source;
  *ret_source = NULL;
  if (gate->rules->mode == SG_GATE_OFF)
    return SG_REASON_OFF;
  if (gate->rules->mode == SG_GATE_PRIVATE)
    return SG_REASON_NO_SANDBOX; /* gate-private.c knows who is one */
  if (is_gate (gate, address, protocol, port, &reason))
    return reason;
  if (is_proxy (gate, address, protocol, port))
    return SG_REASON_NONE;
  reason = judge_place (gate, address, ret_source);
  if (reason != SG_REASON_NONE)
    return reason;
  if ((port == PORT_DNS || port == PORT_DNS_TLS)
      && (protocol == SG_PROTO_UDP || protocol == SG_PROTO_TCP))
    return SG_REASON_DNS_ELSEWHERE;
  if (gate->rules->mode == SG_GATE_ALLOWLIST && !in_prefixes (gate->literals, address)
      && protocol == SG_PROTO_UDP && port == PORT_QUIC)
    {
      *ret_source = "RFC 9001 (QUIC hides which name it is for; the same page comes by TCP)";
      return SG_REASON_NOT_LISTED;
    }
  if (gate->rules->mode == SG_GATE_ALLOWLIST && !in_prefixes (gate->literals, address)
      && !(name != NULL && sg_gate_name_listed (gate->rules->hosts, name))
      && sg_names_listed (gate->names, address, gate->rules->hosts, gate->now / G_USEC_PER_SEC)
             == NULL)
    return SG_REASON_NOT_LISTED;
  return SG_REASON_NONE;
}

SgReason
sg_gate_judge (SgGate *gate, const SgAddress *address, guint8 protocol, guint16 port,
               const char **ret_source)
{
  return sg_gate_judge_named (gate, address, protocol, port, NULL, ret_source);
}

static gboolean
is_local_domain (SgGate *gate, const char *name)
{
  char **domains = gate->rules->local_domains;

  for (gsize i = 0; domains != NULL && domains[i] != NULL; i++)
    {
      gsize len = strlen (domains[i]), name_len = strlen (name);

      if (name_len >= len && strcmp (name + name_len - len, domains[i]) == 0
          && (name_len == len || name[name_len - len - 1] == '.'))
        return TRUE;
    }
  return FALSE;
}

/* A public name must lead out.  0.0.0.0 and :: are how blocking resolvers say "no": they lead
 * nowhere, and may be told. */
gboolean
sg_gate_may_tell (SgGate *gate, const char *name, const SgAddress *address)
{
  static const SgAddress unspecified6;
  SgAddress unspecified4 = sg_address_v4 (unspecified6.bytes);
  const char *source = NULL;
  SgAddress inner;
  SgReason reason;

  if (sg_address_equal (address, &unspecified4) || sg_address_equal (address, &unspecified6))
    return TRUE;
  for (guint i = 0; i < gate->proxies->len; i++)
    if (is_local_domain (gate, name)
        && sg_address_equal (&g_array_index (gate->proxies, SgProxy, i).address, address))
      return TRUE;
  reason = judge_place (gate, address, &source);
  if (reason == SG_REASON_NO_ROUTE)
    return TRUE;
  if (reason != SG_REASON_NONE)
    return FALSE;
  if (is_local_domain (gate, name) || sg_gate_name_is_local (name))
    return TRUE;
  /* Open as part of the local network: still not for a name from the internet. */
  return find_row (gate, address, &inner) == NULL
         && sg_routes_find (gate->routes, address) == SG_ROUTE_DEFAULT;
}

SgReason
sg_gate_judge_name (SgGate *gate, const char *name)
{
  gboolean listed = sg_gate_name_listed (gate->rules->hosts, name);

  if (gate->rules->mode != SG_GATE_LAN && sg_gate_name_is_local (name)
      && !is_local_domain (gate, name))
    return SG_REASON_DNS_LOCAL_NAME;
  if (gate->rules->mode != SG_GATE_ALLOWLIST)
    return SG_REASON_NONE;
  if (sg_gate_name_is_doh (name)
      && !g_strv_contains ((const char *const *)gate->rules->hosts, name))
    return SG_REASON_DNS_ENCRYPTED;
  return listed ? SG_REASON_NONE : SG_REASON_NOT_LISTED;
}
