/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The switch between one user's sandboxes (mode private), apart from any socket.
 *
 * Each port has one MAC address, which its session named, and one IPv4 address, which the switch
 * gave it.  A frame goes on only when it comes from both and is for the port that has the address
 * it names: so nobody speaks in another's name, there is nothing to learn, nothing is flooded, and
 * what a frame costs does not grow with the ports.  There is no way out: all other addresses are
 * nobody's. */
#pragma once

#include "launcher/netgate/packet.h"
#include "launcher/netgate/switch-hello.h"

#define SG_SWITCH_PORTS_MAX 64

typedef struct _SgSwitch SgSwitch;

SgSwitch *sg_switch_new (void);
void sg_switch_free (SgSwitch *sw);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgSwitch, sg_switch_free)

/* A port for MAC, with the number WANTED where it is free (0: any).  Its index below
 * SG_SWITCH_PORTS_MAX, and *RET_NUMBER, the last part of its address; -1 with *RET_REFUSAL. */
int sg_switch_join (SgSwitch *sw, const guint8 mac[6], guint16 wanted, guint16 *ret_number,
                    SgSwitchRefusal *ret_refusal);
void sg_switch_leave (SgSwitch *sw, int port);

/* The port that FRAME of PORT goes to, -1: to none. */
int sg_switch_judge (SgSwitch *sw, int port, const guint8 *frame, gsize len);
