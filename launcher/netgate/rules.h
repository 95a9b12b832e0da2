/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a sandbox may do on the network, as the supervisor hands it to the gate.
 *
 *   off        nothing passes
 *   internet   what this computer reaches over its default route and the table does not name
 *   lan        that, and the local networks; never this computer itself, its neighbours by
 *              link-local address, or a metadata address
 *   allowlist  the internet, only hosts on the list, found through the gate's name lookups
 *   private    other sandboxes of the same user that are in this mode, and nothing else (switch.h)
 */
#pragma once

#include "launcher/netgate/address.h"

#include <gio/gio.h>

typedef enum
{
  SG_GATE_OFF,
  SG_GATE_INTERNET,
  SG_GATE_LAN,
  SG_GATE_ALLOWLIST,
  SG_GATE_PRIVATE,
  SG_GATE_MODE_MAX
} SgGateMode;

typedef struct
{
  SgGateMode mode;
  /* "example.org" (that name alone), "*.example.org" (every name below it), an address or a prefix;
   * used in mode allowlist. */
  char **hosts;
  /* Prefixes that are open besides (company networks), in modes internet and lan. */
  char **networks;
  /* Names below these may be answered with local addresses ("corp.example"). */
  char **local_domains;
  /* "ADDRESS:PORT" of HTTP proxies, open by TCP in every mode but off. */
  char **proxies;
  /* Guest ports that passt forwards from the host's loopback. */
  guint16 *forwards;
  gsize n_forwards;
  /* Mode private: the guest's own address in that network (addresses.h); else NULL or "". */
  char *own;
  /* 0: no limit. */
  guint32 connections_per_second;
  guint64 bytes_per_second;
} SgGateRules;

/* All off, limits at their defaults. */
SgGateRules *sg_gate_rules_new (void);
void sg_gate_rules_free (SgGateRules *rules);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgGateRules, sg_gate_rules_free)

/* The mode by its name ("internet"), FALSE for any other word; and back (static). */
gboolean sg_gate_mode_parse (const char *text, SgGateMode *ret_mode);
const char *sg_gate_mode_name (SgGateMode mode);

/* The message body (SG_GATE_TYPE_RULES in control.h); floating. */
GVariant *sg_gate_rules_to_variant (const SgGateRules *rules);

/* NULL with a GIOError when a mode, host, prefix or port in it makes no sense, naming it. */
SgGateRules *sg_gate_rules_from_variant (GVariant *body, GError **error);

/* Whether NAME (lower-case, no last dot) is on the list: equal to an entry, or below a "*." one. */
gboolean sg_gate_name_listed (char *const *list, const char *name);

/* Whether NAME belongs to a local network by its form alone: no dot, a reserved ending (RFC 6761,
 * 6762, 8375, 9476 and common use), or the reverse zone of a range that is not the internet
 * (RFC 6303). */
gboolean sg_gate_name_is_local (const char *name);

/* The name with which Firefox asks whether it may use DNS over HTTPS. */
gboolean sg_gate_name_is_canary (const char *name);

/* A known server for DNS over HTTPS. */
gboolean sg_gate_name_is_doh (const char *name);
