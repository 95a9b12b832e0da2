/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/netgate-kit.h"

#include "launcher/netgate/compose.h"

#include <string.h>

#define REALTIME 1700000000000000

/* --- frames
 * ---------------------------------------------------------------------------------------- */

static void
ethernet (KitFrame *frame, KitWay way, guint16 type)
{
  sg_mac_parse (way == KIT_OUT ? SG_GATE_MAC : KIT_GUEST_MAC, frame->bytes);
  sg_mac_parse (way == KIT_OUT ? KIT_GUEST_MAC : SG_GATE_MAC, frame->bytes + 6);
  sg_put16 (frame->bytes + 12, type);
  frame->len = SG_ETH_LEN;
}

static SgAddress
address (const char *text)
{
  SgAddress parsed;

  g_assert_true (sg_address_parse (text, &parsed));
  return parsed;
}

void
kit_ip (KitFrame *frame, KitWay way, const char *from, const char *to, guint8 protocol,
        const void *data, gsize len)
{
  SgAddress source = address (from), target = address (to);
  gboolean v4 = strchr (to, ':') == NULL;
  guint8 *ip = frame->bytes + SG_ETH_LEN;

  ethernet (frame, way, v4 ? 0x0800 : 0x86dd);
  memset (ip, 0, 40);
  if (v4)
    {
      ip[0] = 0x45;
      sg_put16 (ip + 2, (guint32)(20 + len));
      ip[8] = 64;
      ip[9] = protocol;
      memcpy (ip + 12, source.bytes + 12, 4);
      memcpy (ip + 16, target.bytes + 12, 4);
    }
  else
    {
      ip[0] = 0x60;
      sg_put16 (ip + 4, (guint32)len);
      ip[6] = protocol;
      ip[7] = 64;
      memcpy (ip + 8, source.bytes, 16);
      memcpy (ip + 24, target.bytes, 16);
    }
  frame->len += v4 ? 20 : 40;
  if (len > 0)
    memcpy (frame->bytes + frame->len, data, len);
  frame->len += len;
}

void
kit_udp (KitFrame *frame, KitWay way, const char *from, guint16 port_from, const char *to,
         guint16 port_to, const void *data, gsize len)
{
  g_autofree guint8 *udp = g_malloc0 (8 + len);

  sg_put16 (udp, port_from);
  sg_put16 (udp + 2, port_to);
  sg_put16 (udp + 4, (guint32)(8 + len));
  if (len > 0)
    memcpy (udp + 8, data, len);
  kit_ip (frame, way, from, to, SG_PROTO_UDP, udp, 8 + len);
}

void
kit_tcp (KitFrame *frame, KitWay way, const char *from, guint16 port_from, const char *to,
         guint16 port_to, guint8 flags, guint32 seq, guint32 ack, const void *data, gsize len)
{
  g_autofree guint8 *tcp = g_malloc0 (20 + len);

  sg_put16 (tcp, port_from);
  sg_put16 (tcp + 2, port_to);
  sg_put32 (tcp + 4, seq);
  sg_put32 (tcp + 8, ack);
  tcp[12] = 5 << 4;
  tcp[13] = flags;
  if (len > 0)
    memcpy (tcp + 20, data, len);
  kit_ip (frame, way, from, to, SG_PROTO_TCP, tcp, 20 + len);
}

void
kit_ping (KitFrame *frame, KitWay way, const char *from, const char *to, gboolean reply, guint16 id)
{
  gboolean v4 = strchr (to, ':') == NULL;
  guint8 icmp[16] = { 0 };

  icmp[0] = v4 ? (reply ? 0 : 8) : (reply ? 129 : 128);
  sg_put16 (icmp + 4, id);
  kit_ip (frame, way, from, to, v4 ? SG_PROTO_ICMP : SG_PROTO_ICMP6, icmp, sizeof icmp);
}

void
kit_arp (KitFrame *frame, KitWay way, guint16 action, const char *mac, const char *from,
         const char *to)
{
  SgAddress source = address (from), target = address (to);
  guint8 *arp = frame->bytes + SG_ETH_LEN;

  ethernet (frame, way, 0x0806);
  memset (arp, 0, 28);
  arp[1] = 1;
  arp[2] = 8;
  arp[4] = 6;
  arp[5] = 4;
  sg_put16 (arp + 6, action);
  sg_mac_parse (mac, arp + 8);
  memcpy (arp + 14, source.bytes + 12, 4);
  memcpy (arp + 24, target.bytes + 12, 4);
  frame->len += 28;
}

void
kit_ndp (KitFrame *frame, KitWay way, guint8 type, const char *from, const char *to,
         const char *target)
{
  SgAddress about = address (target);
  guint8 icmp[32] = { 0 };

  icmp[0] = type;
  memcpy (icmp + 8, about.bytes, 16);
  icmp[24] = type == 136 ? 2 : 1;
  icmp[25] = 1;
  sg_mac_parse (way == KIT_OUT ? KIT_GUEST_MAC : SG_GATE_MAC, icmp + 26);
  kit_ip (frame, way, from, to, SG_PROTO_ICMP6, icmp, sizeof icmp);
  frame->bytes[SG_ETH_LEN + 7] = 255;
}

void
kit_extension (KitFrame *frame, guint8 type, const guint8 *bytes, gsize len)
{
  guint8 *ip = frame->bytes + SG_ETH_LEN;

  memmove (ip + 40 + len, ip + 40, frame->len - SG_ETH_LEN - 40);
  memcpy (ip + 40, bytes, len);
  ip[40] = ip[6];
  ip[6] = type;
  frame->len += len;
  sg_put16 (ip + 4, (guint32)(frame->len - SG_ETH_LEN - 40));
}

void
kit_fragment (KitFrame *piece, const KitFrame *frame, gsize offset, gsize len, gboolean more,
              guint32 id)
{
  gboolean v4 = sg_get16 (frame->bytes + 12) == 0x0800;
  gsize head = SG_ETH_LEN + (v4 ? 20 : 40);
  guint8 *ip = piece->bytes + SG_ETH_LEN;

  memcpy (piece->bytes, frame->bytes, head);
  if (v4)
    {
      sg_put16 (ip + 2, (guint32)(20 + len));
      sg_put16 (ip + 4, id);
      sg_put16 (ip + 6, (guint32)((more ? 0x2000 : 0) | offset / 8));
      memcpy (piece->bytes + head, frame->bytes + head + offset, len);
      piece->len = head + len;
      return;
    }
  memset (piece->bytes + head, 0, 8);
  piece->bytes[head] = ip[6];
  ip[6] = 44;
  sg_put16 (piece->bytes + head + 2, (guint32)(offset | (more ? 1 : 0)));
  sg_put32 (piece->bytes + head + 4, id);
  memcpy (piece->bytes + head + 8, frame->bytes + head + offset, len);
  sg_put16 (ip + 4, (guint32)(8 + len));
  piece->len = head + 8 + len;
}

/* --- names
 * ----------------------------------------------------------------------------------------- */

gsize
kit_dns_name (guint8 *into, const char *name)
{
  g_auto (GStrv) labels = g_strsplit (name, ".", -1);
  gsize at = 0;

  for (char **label = labels; *label != NULL && **label != '\0'; label++)
    {
      into[at++] = (guint8)strlen (*label);
      memcpy (into + at, *label, strlen (*label));
      at += strlen (*label);
    }
  into[at++] = 0;
  return at;
}

gsize
kit_dns (guint8 *into, gboolean answer, const char *name, guint16 type)
{
  gsize len = 12;

  memset (into, 0, 12);
  sg_put16 (into, 0x1234);
  into[2] = answer ? 0x81 : 0x01;
  into[3] = answer ? 0x80 : 0;
  into[5] = 1;
  len += kit_dns_name (into + len, name);
  sg_put16 (into + len, type);
  sg_put16 (into + len + 2, 1);
  return len + 4;
}

gsize
kit_dns_record (guint8 *message, gsize len, const char *owner, guint16 type, guint32 ttl,
                const void *data, guint16 data_len)
{
  sg_put16 (message + 6, sg_get16 (message + 6) + 1u);
  len += kit_dns_name (message + len, owner);
  sg_put16 (message + len, type);
  sg_put16 (message + len + 2, 1);
  sg_put32 (message + len + 4, ttl);
  sg_put16 (message + len + 8, data_len);
  memcpy (message + len + 10, data, data_len);
  return len + 10 + data_len;
}

gsize
kit_hello (guint8 *into, const char *name)
{
  gsize at = 0, extensions, len = name != NULL ? strlen (name) : 0;

  memset (into, 0, 64);
  into[0] = 22;
  into[1] = 3;
  into[2] = 1;
  into[5] = 1;
  at = 5 + 4 + 2 + 32;
  into[at++] = 0; /* no session */
  sg_put16 (into + at, 2);
  sg_put16 (into + at + 2, 0x1301);
  at += 4;
  into[at++] = 1;
  into[at++] = 0;
  extensions = at;
  at += 2;
  sg_put32 (into + at, 43u << 16 | 3); /* supported_versions stands before the name */
  memcpy (into + at + 4, "\2\3\4", 3);
  at += 7;
  if (name != NULL)
    {
      sg_put16 (into + at, 0);
      sg_put16 (into + at + 2, (guint32)(len + 5));
      sg_put16 (into + at + 4, (guint32)(len + 3));
      into[at + 6] = 0;
      sg_put16 (into + at + 7, (guint32)len);
      memcpy (into + at + 9, name, len);
      at += 9 + len;
    }
  sg_put16 (into + extensions, (guint32)(at - extensions - 2));
  sg_put16 (into + 3, (guint32)(at - 5));
  sg_put16 (into + 7, (guint32)(at - 9));
  return at;
}

/* --- the gate
 * -------------------------------------------------------------------------------------- */

static void
on_emit (gpointer data, gboolean to_guest, const guint8 *frame, gsize len)
{
  Kit *kit = data;

  g_ptr_array_add (to_guest ? kit->to_guest : kit->to_net, g_bytes_new (frame, len));
}

static gboolean
on_ask (gpointer data, const guint8 *message, gsize len)
{
  Kit *kit = data;

  g_byte_array_set_size (kit->asked, 0);
  g_byte_array_append (kit->asked, message, (guint)len);
  return TRUE;
}

static void
on_blocked (gpointer data, const SgRecord *record)
{
  Kit *kit = data;

  kit->blocked++;
  kit->last_reason = record->reason;
}

SgRoutes *
kit_routes (void)
{
  SgRoutes *routes = sg_routes_new ();
  SgPrefix prefix;

  g_assert_true (sg_prefix_parse ("0.0.0.0/0", &prefix));
  sg_routes_add (routes, &prefix, SG_ROUTE_DEFAULT);
  g_assert_true (sg_prefix_parse ("::/0", &prefix));
  sg_routes_add (routes, &prefix, SG_ROUTE_DEFAULT);
  return routes;
}

Kit *
kit_new_sized (SgGateMode mode, guint32 flows)
{
  static const SgGateHooks hooks = { on_emit, on_ask, on_blocked };
  Kit *kit = g_new0 (Kit, 1);
  guint8 mac[6], random[16];

  for (int i = 0; i < 16; i++)
    random[i] = (guint8)(i * 11);
  sg_mac_parse (KIT_GUEST_MAC, mac);
  kit->asked = g_byte_array_new ();
  kit->to_guest = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  kit->to_net = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  kit->gate = sg_gate_new (mac, flows, random, &hooks, kit);
  kit->now = 1000 * G_USEC_PER_SEC;
  sg_gate_set_time (kit->gate, kit->now, REALTIME);
  sg_gate_set_routes (kit->gate, kit_routes ());
  kit_mode (kit, mode);
  return kit;
}

Kit *
kit_new (SgGateMode mode)
{
  return kit_new_sized (mode, 1000);
}

void
kit_free (Kit *kit)
{
  sg_gate_free (kit->gate);
  g_byte_array_unref (kit->asked);
  g_ptr_array_unref (kit->to_guest);
  g_ptr_array_unref (kit->to_net);
  g_free (kit);
}

void
kit_mode (Kit *kit, SgGateMode mode)
{
  SgGateRules *rules = sg_gate_rules_new ();

  rules->mode = mode;
  rules->connections_per_second = 0;
  sg_gate_set_rules (kit->gate, rules);
}

void
kit_hosts (Kit *kit, const char *const *hosts)
{
  SgGateRules *rules = sg_gate_rules_new ();

  rules->mode = SG_GATE_ALLOWLIST;
  rules->hosts = g_strdupv ((char **)hosts);
  sg_gate_set_rules (kit->gate, rules);
}

void
kit_advance (Kit *kit, gint64 seconds)
{
  kit->now += seconds * G_USEC_PER_SEC;
  sg_gate_set_time (kit->gate, kit->now, REALTIME + kit->now);
}

void
kit_forget (Kit *kit)
{
  g_ptr_array_set_size (kit->to_guest, 0);
  g_ptr_array_set_size (kit->to_net, 0);
  kit->blocked = 0;
}

/* Judged from a copy of its exact size, so that a read behind its end is found. */
SgReason
kit_out (Kit *kit, const KitFrame *frame)
{
  g_autofree guint8 *exact = g_memdup2 (frame->bytes, frame->len);

  return sg_gate_from_guest (kit->gate, exact, frame->len);
}

SgReason
kit_in (Kit *kit, const KitFrame *frame)
{
  g_autofree guint8 *exact = g_memdup2 (frame->bytes, frame->len);

  return sg_gate_from_net (kit->gate, exact, frame->len);
}

SgPacket
kit_emitted (const GPtrArray *frames, guint index)
{
  SgPacket packet;
  gsize len;
  const guint8 *frame = g_bytes_get_data (g_ptr_array_index (frames, index), &len);

  g_assert_cmpint (sg_packet_parse (&packet, frame, len), ==, SG_REASON_NONE);
  return packet;
}

SgReason
kit_answer (Kit *kit, const guint8 *message, gsize len)
{
  g_autofree guint8 *exact = g_memdup2 (message, len);

  if (len >= 2 && kit->asked->len >= 2)
    memcpy (exact, kit->asked->data, 2);
  return sg_gate_answer (kit->gate, exact, len);
}

SgReason
kit_resolve (Kit *kit, const char *name, const char *to, guint32 ttl)
{
  gboolean v4 = strchr (to, ':') == NULL;
  guint16 type = v4 ? 1 : 28;
  SgAddress parsed = address (to);
  guint8 message[1024];
  KitFrame frame;
  SgReason reason;
  gsize len;

  len = kit_dns (message, FALSE, name, type);
  kit_udp (&frame, KIT_OUT, SG_GATE_GUEST4, 40000, SG_GATE_DNS4, 53, message, len);
  reason = kit_out (kit, &frame);
  if (reason != SG_REASON_KEPT)
    return reason;
  len = kit_dns (message, TRUE, name, type);
  len = kit_dns_record (message, len, name, type, ttl, parsed.bytes + (v4 ? 12 : 0), v4 ? 4 : 16);
  return kit_answer (kit, message, len);
}

void
kit_checksum (KitFrame *frame)
{
  gboolean v4 = sg_get16 (frame->bytes + 12) == 0x0800;
  guint8 *ip = frame->bytes + SG_ETH_LEN, *l4 = ip + (v4 ? 20 : 40);
  guint8 protocol = v4 ? ip[9] : ip[6];
  gsize len = frame->len - (gsize)(l4 - frame->bytes);
  guint32 sum = (guint32)(protocol + len);
  gsize at;

  if (protocol == SG_PROTO_TCP)
    at = 16;
  else if (protocol == SG_PROTO_UDP)
    at = 6;
  else
    at = 2;
  sum = protocol == SG_PROTO_ICMP ? 0 : sg_checksum_add (sum, ip + (v4 ? 12 : 8), v4 ? 8 : 32);
  sg_put16 (l4 + at, 0);
  sg_put16 (l4 + at, sg_checksum_fold (sg_checksum_add (sum, l4, len)));
  if (!v4)
    return;
  sg_put16 (ip + 10, 0);
  sg_put16 (ip + 10, sg_checksum_fold (sg_checksum_add (0, ip, 20)));
}
