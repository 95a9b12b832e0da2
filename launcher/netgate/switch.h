/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The switch between one user's sandboxes (mode private), apart from any socket.
 *
 * Each port has one MAC address, which its session named, and one number, which the switch gave it:
 * with it go an IPv4 address, an IPv6 address (addresses.h) and the link-local one of that MAC.  A
 * frame goes on only when it comes from the port's MAC and one of these, and is for the port that
 * has the address it names: so nobody speaks in another's name, there is nothing to learn, nothing
 * is flooded (a search for a neighbour reaches that one alone), and what a frame costs does not
 * grow with the ports, but for link-local addresses.  There is no way out: all other addresses are
 * nobody's.
 *
 * One more address is the switch's own: lookups of the sandboxes' names are answered there. */
#pragma once

#include "launcher/netgate/packet.h"
#include "launcher/netgate/switch-hello.h"

#define SG_SWITCH_PORTS_MAX 64

typedef struct _SgSwitch SgSwitch;

SgSwitch *sg_switch_new (void);
void sg_switch_free (SgSwitch *sw);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgSwitch, sg_switch_free)

/* A port for MAC, with the number WANTED where it is free (0: any).  ID: of its session, whose name
 * inside is sandbox-ID; anything but eight hexadecimal digits is no name.  Its index below
 * SG_SWITCH_PORTS_MAX, and *RET_NUMBER, the last part of its address; -1 with *RET_REFUSAL. */
int sg_switch_join (SgSwitch *sw, const guint8 mac[6], guint16 wanted,
                    const guint8 id[SG_SWITCH_ID_LEN], guint16 *ret_number,
                    SgSwitchRefusal *ret_refusal);
void sg_switch_leave (SgSwitch *sw, int port);

/* The port that FRAME of PORT goes to, -1: to none. */
int sg_switch_judge (SgSwitch *sw, int port, const guint8 *frame, gsize len);

/* Whether PACKET comes from PORT's own addresses. */
gboolean sg_switch_is_from (const SgSwitch *sw, int port, const SgPacket *packet);

/* The number of the sandbox of that NAME (lower-case), 0: there is none. */
guint16 sg_switch_number_of (const SgSwitch *sw, const char *name);

/* --- switch-names.c */

#define SG_SWITCH_REPLY_MAX 1500

/* Answers FRAME of PORT where it asks the switch itself: who has its address, or a name.  The
 * length of the frame in INTO, which goes back to PORT; 0: it does not. */
gsize sg_switch_reply (const SgSwitch *sw, int port, const guint8 *frame, gsize len,
                       guint8 into[SG_SWITCH_REPLY_MAX]);
