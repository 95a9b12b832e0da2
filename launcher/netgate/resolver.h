/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's name servers, as sockets that are connected to them.
 *
 * The supervisor calls these in the host's network namespace; the gate only sends and receives. */
#pragma once

#include <gio/gio.h>

/* So many sockets for each server: their ports are part of what a forger would have to guess. */
#define SG_RESOLVER_SOCKETS 4
#define SG_RESOLVER_SERVERS 3
#define SG_RESOLVER_MAX (SG_RESOLVER_SOCKETS * SG_RESOLVER_SERVERS)

/* The servers of /etc/resolv.conf, sent to the gate on CONTROL in place of those it had
 * (SG_GATE_RESOLVER messages).  Call it at the start and whenever the file changes.  FALSE with a
 * GIOError when none can be asked; then lookups fail at once. */
gboolean sg_resolver_send (int control, GError **error);
