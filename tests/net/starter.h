/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starts what a session starts (gate and passt), and is a guest: the other end of the stream. */
#pragma once

#include "launcher/netgate/control.h"
#include "tests/unit/netgate-kit.h"

typedef struct
{
  int stream;  /* the guest's end */
  int control; /* of the gate; -1 without one */
  GPid gate, passt;
  guint32 serial;
  guint8 *buffer; /* what was received */
  gsize have, at;
} Net;

/* Starts passt, and NETGATE (NULL: passt alone) in front of it, with RULES. */
Net *net_start (const char *netgate, SgGateRules *rules);
void net_stop (Net *net);

/* Two ends of a stream as a session makes them. */
void net_pair (int fds[2]);

/* Another passt for the one that is there (or died). */
void net_restart_passt (Net *net, const char *netgate);

/* Waits until the gate has applied RULES (not taken over). */
void net_set_rules (Net *net, const SgGateRules *rules);

void net_send (Net *net, const KitFrame *frame);

/* The next frame within TIMEOUT_MS; FALSE when there is none. */
gboolean net_receive (Net *net, KitFrame *frame, int timeout_ms);

/* The gate's records as a GVariant of SG_GATE_TYPE_RECORDS (one message). */
GVariant *net_records (Net *net);
