/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the supervisor (SgAgent) and its relay: datagrams on a SOCK_SEQPACKET pair, each a native
 * u32 SgRelayKind followed by one GVariant in normal form, native byte order, of the type below.
 *
 * The relay has looked at guest bytes, so the supervisor does not trust it either: it checks kind,
 * type and normal form again, takes handles and serials only where it gave them out, and a message
 * longer than SG_RELAY_ANSWER_MAX ends the relay.  What a taken-over relay can do is lie about the
 * guest, which the guest can do itself. */
#pragma once

#include "baseimage/guest/protocol.h"

/* Largest datagram to the relay (an EXEC, with its kind) and from it. */
#define SG_RELAY_REQUEST_MAX (SG_FRAME_MAX + 64)
#define SG_RELAY_ANSWER_MAX (8 * 1024)

typedef enum
{
  /* supervisor -> relay */
  SG_RELAY_HELLO = 1, /* (ay)             nonce, 16 bytes */
  SG_RELAY_CALL = 2,  /* (usv)            serial, method, argument */
  SG_RELAY_EXEC
  = 3, /* (uaayaayaysbqq)  handle, then as SG_TYPE_EXEC; with 2 (tty) or 3 descriptors */
  SG_RELAY_SIGNAL = 4, /* (ui)             handle, signal */
  SG_RELAY_RESIZE = 5, /* (uqq)            handle, rows, columns */
  SG_RELAY_DROP = 6,   /* (u)              handle: its client is gone */

  /* relay -> supervisor */
  SG_RELAY_GREETED = 32, /* (ay)    the agent answered the HELLO with this nonce; what came before
                            is stale */
  SG_RELAY_REPLY = 33,   /* (ubsv)  serial, ok, message, result of the method's type */
  SG_RELAY_EVENT = 34,   /* (sv)    name, value of the event's type */
  SG_RELAY_EXITED = 35,  /* (ubis)  handle, signalled, code, message */
  SG_RELAY_BROKEN = 36   /* (s)     why the connection is over; the last message */
} SgRelayKind;

#define SG_RELAY_TYPE_HELLO "(ay)"
#define SG_RELAY_TYPE_CALL "(usv)"
#define SG_RELAY_TYPE_EXEC "(uaayaayaysbqq)"
#define SG_RELAY_TYPE_SIGNAL "(ui)"
#define SG_RELAY_TYPE_RESIZE "(uqq)"
#define SG_RELAY_TYPE_DROP "(u)"
#define SG_RELAY_TYPE_GREETED "(ay)"
#define SG_RELAY_TYPE_REPLY "(ubsv)"
#define SG_RELAY_TYPE_EVENT "(sv)"
#define SG_RELAY_TYPE_EXITED "(ubis)"
#define SG_RELAY_TYPE_BROKEN "(s)"
