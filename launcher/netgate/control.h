/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the supervisor and the gate: how it is started, and what they say to each other.
 *
 *   sandglass-netgate --guest-fd A --control-fd B --netlink-fd C --mac 52:54:00:..
 *
 *   A  a Unix stream socket; the other end goes to QEMU (QMP add-fd, then netdev_add type=stream
 *      addr.type=fd addr.str=NUMBER, see session-network.c)
 *   B  a Unix SOCK_SEQPACKET socket; the other end stays with the supervisor
 *   C  sg_watch_open() of the supervisor, called in the host's network namespace
 *
 * The gate itself needs no network, no file and no privilege: bubblewrap with everything unshared.
 * passt runs in the host's network namespace (passt-args.h) with one end of a Unix stream socket;
 * the other end goes to the gate by PASST, also when a passt that died was replaced.
 *
 * Each message is one datagram: the kind (32 bits, this machine's byte order), then the body, a
 * GVariant in normal form.  The gate starts in mode off, without passt.  Order of a start:
 * READY <-, RESOLVER -> (sg_resolver_send()), RULES ->, PASST ->, then netdev_add and device_add.
 * When B is closed the gate ends.
 *
 * Live: `network ID off` is RULES with mode off (answered by APPLIED: from then on nothing passes)
 * and QMP set_link; `on` is the same backwards. */
#pragma once

#include "launcher/netgate/rules.h"

#include <gio/gio.h>

#define SG_GATE_MESSAGE_MAX (128 * 1024)

typedef enum
{
  /* --- to the gate */

  SG_GATE_RULES = 1, /* serial, rules (sg_gate_rules_to_variant()); answered by APPLIED */
  SG_GATE_PASST,     /* with one descriptor: the stream to passt; without: there is none now */
  SG_GATE_PCAP, /* with one descriptor: write every frame there, up to that many bytes (0: 1 GiB);
                   without: stop */
  SG_GATE_RESOLVER, /* with one descriptor: a socket connected to one of the host's name servers, of
                       that rank (0: asked first); several of a rank share the questions.  Without:
                       forget all.  sg_resolver_send() sends a whole list */
  SG_GATE_SWITCH,   /* with one descriptor: a port of the switch between sandboxes (switch.h), in
                       passt's place; nothing else than mode private is let through to it, and that
                       to nothing else */
  SG_GATE_PORT,     /* to a switch, with one descriptor: somebody who wants a port */
  SG_GATE_LIST,     /* serial; answered by RECORDS, several with .more set and a last one without */
  SG_GATE_COUNTS,   /* serial; answered by TOTALS */

  /* --- from the gate */

  SG_GATE_READY = 100,
  SG_GATE_APPLIED, /* serial; what is wrong with the rules, "" for nothing (then they hold) */
  SG_GATE_RECORDS, /* serial, more, records: address, name (either may be ""), bytes out, bytes in,
                      connections, blocked, first, last (CLOCK_REALTIME microseconds), protocol,
                      port, reason key of what was blocked last ("" for none), its sentence, its
                      source */
  SG_GATE_TOTALS,  /* serial, frames out, frames in, bytes out, bytes in, flows,
                      (reason key, frames) of what was stopped */
  SG_GATE_BLOCKED, /* address, name, protocol, port, reason key, sentence, source; the first of each
                      record, and at most some a second */
  SG_GATE_LOST, /* "passt": it is gone, send another; "pcap": the file cannot be written any more;
                   "routes": the host's network cannot be followed, nothing passes but in mode off
                 */
  SG_GATE_NETWORK, /* the host's network changed: names of the VPNs that the internet is reached
                      through, separated by spaces ("" for none); whether there is a way out by
                      IPv4, by IPv6 */
} SgGateKind;

#define SG_GATE_TYPE_RULES_BODY "(sasasasasaquts)"
#define SG_GATE_TYPE_RULES "(u" SG_GATE_TYPE_RULES_BODY ")"
#define SG_GATE_TYPE_PASST "()"
#define SG_GATE_TYPE_PCAP "(t)"
#define SG_GATE_TYPE_RESOLVER "(u)"
#define SG_GATE_TYPE_SWITCH "()"
#define SG_GATE_TYPE_PORT "()"
#define SG_GATE_TYPE_LIST "(u)"
#define SG_GATE_TYPE_COUNTS "(u)"

#define SG_GATE_TYPE_READY "()"
#define SG_GATE_TYPE_APPLIED "(us)"
#define SG_GATE_TYPE_RECORD "(ssttttxxyqsss)"
#define SG_GATE_TYPE_RECORDS "(uba" SG_GATE_TYPE_RECORD ")"
#define SG_GATE_TYPE_TOTALS "(uttttua(st))"
#define SG_GATE_TYPE_BLOCKED "(ssyqsss)"
#define SG_GATE_TYPE_LOST "(s)"
#define SG_GATE_TYPE_NETWORK "(sbb)"

/* Sends one message, with FD when it is not negative (not taken over).  Consumes a floating BODY.
 * FALSE with a GIOError (WOULD_BLOCK when the other side does not read). */
gboolean sg_gate_send (int socket, SgGateKind kind, GVariant *body, int fd, GError **error);

/* Receives one message without waiting.  TRUE: *RET_BODY (owned by the caller) is of the type that
 * belongs to *RET_KIND, and *RET_FD a descriptor or -1; or *RET_BODY is NULL: there is none now.
 * FALSE with a GIOError: CLOSED at the end, INVALID_DATA for what is no message. */
gboolean sg_gate_receive (int socket, SgGateKind *ret_kind, GVariant **ret_body, int *ret_fd,
                          GError **error);
