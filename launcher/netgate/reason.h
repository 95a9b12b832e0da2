/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a packet did not pass.  Each reason has a stable key (for --json) and a sentence for a
 * person; those about an address also have the document that defines the range (table.h). */
#pragma once

typedef enum
{
  SG_REASON_NONE, /* it passes */
  SG_REASON_KEPT, /* the gate deals with it itself: a fragment, a name lookup */

  /* The packet is not what a guest that means well sends. */
  SG_REASON_TRUNCATED,
  SG_REASON_LENGTH,
  SG_REASON_ETHERTYPE,
  SG_REASON_VLAN,
  SG_REASON_SPOOFED,
  SG_REASON_LINK_PROTOCOL,
  SG_REASON_HEADER_CHAIN,
  SG_REASON_IP_OPTION,
  SG_REASON_FRAGMENT,
  SG_REASON_FRAGMENT_OVERLAP,
  SG_REASON_PROTOCOL,
  SG_REASON_MAPPED,
  SG_REASON_DNS_MALFORMED,

  /* Where it wants to go. */
  SG_REASON_OFF,
  SG_REASON_LOOPBACK,
  SG_REASON_UNSPECIFIED,
  SG_REASON_PRIVATE,
  SG_REASON_CARRIER,
  SG_REASON_LINK_LOCAL,
  SG_REASON_METADATA,
  SG_REASON_MULTICAST,
  SG_REASON_BROADCAST,
  SG_REASON_DOCUMENTATION,
  SG_REASON_RESERVED,
  SG_REASON_TUNNEL,
  SG_REASON_HOST,
  SG_REASON_HOST_ROUTE,
  SG_REASON_NO_ROUTE,
  SG_REASON_GATE_ADDRESS,
  SG_REASON_NOT_LISTED,
  SG_REASON_NO_SANDBOX,

  /* Names. */
  SG_REASON_DNS_ELSEWHERE,
  SG_REASON_DNS_STREAM,
  SG_REASON_DNS_LOCAL_NAME,
  SG_REASON_DNS_ENCRYPTED,
  SG_REASON_REBINDING,

  /* State and limits. */
  SG_REASON_NO_FLOW,
  SG_REASON_CONNECTION_RATE,
  SG_REASON_BYTE_RATE,

  SG_REASON_MAX
} SgReason;

/* Lower-kebab, stable.  Static. */
const char *sg_reason_key (SgReason reason);

/* A sentence without a full stop.  Static, not translated here. */
const char *sg_gate_reason_text (SgReason reason);
