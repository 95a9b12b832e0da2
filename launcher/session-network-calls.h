/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The network over the session's bus, and as a step of its start. */
#pragma once

#include "launcher/session.h"

/* Off, and nothing is started. */
SgUplink *sg_network_calls_new (SgSession *session);

/* Connects the object's methods. */
void sg_network_calls_connect (SgSession *session);

/* What is granted, as the gate knows it. */
SgGateMode sg_network_calls_mode (SgNetwork network);

/* --- session-network-start.c */

/* A machine waits for somebody: what its plan grants is made ready as far as that goes without any
 * traffic (sg_uplink_prepare_async()), then THEN is called, once, also where nothing was.  When it is not
 * called: as below. */
void sg_network_calls_prepare (SgSession *session, void (*then) (SgSession *session));

/* The guest can run commands: opens what the plan grants, then calls THEN, once, also where that
 * failed (which is told).  Not called when the session ends or the machine is given up meanwhile.
 */
void sg_network_calls_usable (SgSession *session, void (*then) (SgSession *session));

/* The same for a machine that has restarted inside: as the network was. */
void sg_network_calls_again (SgSession *session, void (*then) (SgSession *session));
