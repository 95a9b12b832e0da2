/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Builds frames by hand, and a gate to put them into. */
#pragma once

#include "launcher/netgate/addresses.h"
#include "launcher/netgate/gate.h"

#define KIT_GUEST_MAC "52:54:00:aa:bb:cc"
#define KIT_OTHER_MAC "52:54:00:dd:ee:ff"

typedef struct
{
  guint8 bytes[SG_PACKET_MAX + 64];
  gsize len;
} KitFrame;

/* Which way, and what the MAC addresses are. */
typedef enum
{
  KIT_OUT, /* from the guest to the gate */
  KIT_IN,  /* from the gate to the guest */
} KitWay;

/* The IP header for FROM and TO (of one family), PROTOCOL, and LEN bytes of DATA behind it. */
void kit_ip (KitFrame *frame, KitWay way, const char *from, const char *to, guint8 protocol,
             const void *data, gsize len);

void kit_udp (KitFrame *frame, KitWay way, const char *from, guint16 port_from, const char *to,
              guint16 port_to, const void *data, gsize len);
void kit_tcp (KitFrame *frame, KitWay way, const char *from, guint16 port_from, const char *to,
              guint16 port_to, guint8 flags, guint32 seq, guint32 ack, const void *data, gsize len);

/* An echo request or reply of the family. */
void kit_ping (KitFrame *frame, KitWay way, const char *from, const char *to, gboolean reply,
               guint16 id);

void kit_arp (KitFrame *frame, KitWay way, guint16 action, const char *mac, const char *from,
              const char *to);

/* NS (135) or another neighbour message about TARGET. */
void kit_ndp (KitFrame *frame, KitWay way, guint8 type, const char *from, const char *to,
              const char *target);

/* Inserts bytes behind the IPv6 header: an extension header of TYPE (its next-header byte is set).
 */
void kit_extension (KitFrame *frame, guint8 type, const guint8 *bytes, gsize len);

/* The piece [OFFSET, OFFSET + LEN) of FRAME's IP payload as a fragment; MORE: not the last. */
void kit_fragment (KitFrame *piece, const KitFrame *frame, gsize offset, gsize len, gboolean more,
                   guint32 id);

/* A lookup of NAME ("a.example") or its answer so far; returns the length.  Answers are added with
 * kit_dns_record(). */
gsize kit_dns (guint8 *into, gboolean answer, const char *name, guint16 type);
gsize kit_dns_record (guint8 *message, gsize len, const char *owner, guint16 type, guint32 ttl,
                      const void *data, guint16 data_len);
gsize kit_dns_name (guint8 *into, const char *name);

/* A TLS ClientHello for NAME (NULL: without one). */
gsize kit_hello (guint8 *into, const char *name);

/* --- a gate with what it said */

typedef struct
{
  SgGate *gate;
  GPtrArray *to_guest, *to_net; /* of GBytes */
  GByteArray *asked;            /* the last lookup that the gate made */
  guint blocked;
  SgReason last_reason; /* of the hook */
  gint64 now;
} Kit;

/* In MODE, with default routes of both families. */
Kit *kit_new (SgGateMode mode);
Kit *kit_new_sized (SgGateMode mode, guint32 flows);
void kit_free (Kit *kit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Kit, kit_free)

SgRoutes *kit_routes (void);
void kit_mode (Kit *kit, SgGateMode mode);
void kit_hosts (Kit *kit, const char *const *hosts);
void kit_advance (Kit *kit, gint64 seconds);
void kit_forget (Kit *kit);

SgReason kit_out (Kit *kit, const KitFrame *frame);
SgReason kit_in (Kit *kit, const KitFrame *frame);

/* The frame that was emitted as number INDEX, parsed. */
SgPacket kit_emitted (const GPtrArray *frames, guint index);

/* MESSAGE as the name server's answer to what was asked last (with its number). */
SgReason kit_answer (Kit *kit, const guint8 *message, gsize len);

/* A whole lookup of NAME with ADDRESS as its answer; returns the verdict on the answer. */
SgReason kit_resolve (Kit *kit, const char *name, const char *address, guint32 ttl);

/* Fills in the checksums of IPv4 and of TCP, UDP or ICMP, for a receiver that checks them. */
void kit_checksum (KitFrame *frame);
