/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The small private network between a guest and its gate.
 *
 * Every sandbox has the same addresses: nothing about the host's network is told inside, and a
 * clone needs no DHCP.  IPv4 is the service continuity prefix (RFC 7335), which no router announces
 * and no home network uses, so it can never hide a neighbour's address in mode lan.  IPv6 is a
 * unique local prefix.  The agent inside sets them; passt is told the same ones (passt-args.h). */
#pragma once

#define SG_GATE_GUEST4 "192.0.0.2"
#define SG_GATE_GATEWAY4 "192.0.0.1"
#define SG_GATE_DNS4 "192.0.0.3"
#define SG_GATE_PREFIX4 29

#define SG_GATE_GUEST6 "fd73:616e:6467:6c61::2"
#define SG_GATE_GATEWAY6 "fe80::1"
#define SG_GATE_DNS6 "fd73:616e:6467:6c61::3"
#define SG_GATE_PREFIX6 64

/* What passt answers with; a locally administered address, the same for every sandbox. */
#define SG_GATE_MAC "02:53:47:00:00:01"

/* Large packets are cheap here: no wire is between the guest and passt. */
#define SG_GATE_MTU 65520

/* Between sandboxes of one user (mode private) each has a number N and with it two addresses of its
 * own: 198.18.0.N, from the range for tests of network devices (RFC 2544), which no network uses
 * either; and the unique local one that ends in N.  Its third is the link-local one of its card. */
#define SG_PRIVATE_NETWORK "198.18.0.0/24"
#define SG_PRIVATE_PREFIX4 24
#define SG_PRIVATE_NETWORK6 "fd73:616e:6467:6c62::/120"
#define SG_PRIVATE_ADDRESS6 "fd73:616e:6467:6c62::%x"
#define SG_PRIVATE_PREFIX6 64
#define SG_PRIVATE_FIRST 1
#define SG_PRIVATE_LAST 250

/* Where the switch answers lookups of its sandboxes' names, and the MAC it does so with. */
#define SG_PRIVATE_NAMES "198.18.0.254"
#define SG_PRIVATE_NAMES_MAC "02:53:47:00:00:02"
/* A sandbox's name there, and what it calls itself: this and the session's id. */
#define SG_PRIVATE_NAME_PREFIX "sandbox-"
