/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/netgate/reason.h"

#include <glib.h>
#include <glib/gi18n.h>

/* clang-format off */
static const struct
{
  const char *key, *text;
} reasons[SG_REASON_MAX] = {
  [SG_REASON_NONE]             = { "passed", N_ ("It passed") },
  [SG_REASON_KEPT]             = { "kept", N_ ("The gate deals with it itself") },
  [SG_REASON_TRUNCATED]        = { "truncated", N_ ("The packet ends too early") },
  [SG_REASON_LENGTH]           = { "length", N_ ("The packet's length fields contradict each other") },
  [SG_REASON_ETHERTYPE]        = { "not-ip", N_ ("It is neither IPv4, IPv6 nor ARP") },
  [SG_REASON_VLAN]             = { "vlan", N_ ("It carries a VLAN tag") },
  [SG_REASON_SPOOFED]          = { "spoofed", N_ ("It does not come from the sandbox's own address") },
  [SG_REASON_LINK_PROTOCOL]    = { "link-protocol", N_ ("It is a message between neighbours that a sandbox has no use for") },
  [SG_REASON_HEADER_CHAIN]     = { "header-chain", N_ ("Its extension headers are too many, too long or not allowed") },
  [SG_REASON_IP_OPTION]        = { "ip-option", N_ ("It carries an IP option that is not allowed") },
  [SG_REASON_FRAGMENT]         = { "fragment", N_ ("It is a fragment that cannot be put together") },
  [SG_REASON_FRAGMENT_OVERLAP] = { "fragment-overlap", N_ ("Its fragments overlap") },
  [SG_REASON_PROTOCOL]         = { "protocol", N_ ("It is neither TCP, UDP nor a ping") },
  [SG_REASON_MAPPED]           = { "mapped", N_ ("It hides an IPv4 address in an IPv6 one") },
  [SG_REASON_DNS_MALFORMED]    = { "dns-malformed", N_ ("The name lookup is malformed") },
  [SG_REASON_OFF]              = { "off", N_ ("The network is switched off") },
  [SG_REASON_LOOPBACK]         = { "loopback", N_ ("It is an address of a computer's own") },
  [SG_REASON_UNSPECIFIED]      = { "this-network", N_ ("It names no computer") },
  [SG_REASON_PRIVATE]          = { "private", N_ ("It is an address of the local network") },
  [SG_REASON_CARRIER]          = { "carrier", N_ ("It is an address inside the provider's network or of a VPN") },
  [SG_REASON_LINK_LOCAL]       = { "link-local", N_ ("It is an address for direct neighbours only") },
  [SG_REASON_METADATA]         = { "metadata", N_ ("A cloud provider hands out this computer's credentials there") },
  [SG_REASON_MULTICAST]        = { "multicast", N_ ("It is addressed to many computers at once") },
  [SG_REASON_BROADCAST]        = { "broadcast", N_ ("It is addressed to every neighbour") },
  [SG_REASON_DOCUMENTATION]    = { "documentation", N_ ("It is an address for examples in books") },
  [SG_REASON_RESERVED]         = { "reserved", N_ ("It is an address that is not part of the internet") },
  [SG_REASON_TUNNEL]           = { "tunnel", N_ ("It is the address of a tunnel that could lead anywhere") },
  [SG_REASON_HOST]             = { "host", N_ ("It is an address of this computer itself") },
  [SG_REASON_HOST_ROUTE]       = { "host-route", N_ ("This computer reaches it by a route of its own (a local or company network, a VPN), not over the internet") },
  [SG_REASON_NO_ROUTE]         = { "no-route", N_ ("This computer has no way to the internet now") },
  [SG_REASON_GATE_ADDRESS]     = { "gate", N_ ("The network gate offers nothing but name lookups") },
  [SG_REASON_NOT_LISTED]       = { "not-listed", N_ ("It is not on the list of allowed hosts") },
  [SG_REASON_NO_SANDBOX]       = { "no-sandbox", N_ ("It is no sandbox of yours; in this network there are no others") },
  [SG_REASON_DNS_ELSEWHERE]    = { "dns-elsewhere", N_ ("Names are looked up through the network gate only") },
  [SG_REASON_DNS_STREAM]       = { "dns-stream", N_ ("A name lookup over TCP that the network gate cannot follow") },
  [SG_REASON_DNS_LOCAL_NAME]   = { "local-name", N_ ("It is a name of the local network") },
  [SG_REASON_DNS_ENCRYPTED]    = { "encrypted-dns", N_ ("It is a server for encrypted name lookups, which would go around the list of allowed hosts") },
  [SG_REASON_REBINDING]        = { "rebinding", N_ ("A name from the internet points into the local network") },
  [SG_REASON_NO_FLOW]          = { "no-flow", N_ ("The sandbox did not ask for it") },
  [SG_REASON_CONNECTION_RATE]  = { "connection-rate", N_ ("The sandbox opens connections too fast") },
  [SG_REASON_BYTE_RATE]        = { "byte-rate", N_ ("The sandbox sends or receives more than it may") },
};
/* clang-format on */

const char *
sg_reason_key (SgReason reason)
{
  return reasons[reason].key;
}

const char *
sg_gate_reason_text (SgReason reason)
{
  return reasons[reason].text;
}
