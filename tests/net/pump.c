/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest without a machine: sends crafted packets through the gate and passt into the test's
 * network namespaces and says what came back.
 *
 *   net-pump NETGATE MODE [--host NAME]… [--network PREFIX]… -- PROBE…
 *
 *   tcp:ADDRESS:PORT=open|refused|silent     a connection and one echoed word
 *   udp:ADDRESS:PORT=answer|silent           one echoed datagram
 *   ping:ADDRESS=answer|silent
 *   name:NAME=ADDRESS|none|refused|unknown   a lookup at the gate's name server
 *   mode:MODE                                switch over
 *   recorded:ADDRESS=REASON|passed           what the gate's list says of ADDRESS
 *   download:ADDRESS:PORT=cut                switch off in a download: it stops at once
 *   large:ADDRESS:PORT=same                  large segments, echoed; all but the first pass unread
 *   run:COMMAND                              a shell command (a route that comes or goes)
 *   passt:restart                            kill passt, start another */
#include "tests/net/starter.h"

#include "launcher/netgate/dns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_MS 1500
#define LARGE 30000
#define LARGE_COUNT 6

static guint16 next_port = 20000;

static const char *
guest_for (const char *to)
{
  return strchr (to, ':') != NULL ? SG_GATE_GUEST6 : SG_GATE_GUEST4;
}

/* The next packet of PROTOCOL from FROM to PORT. */
static gboolean
await_for (Net *net, KitFrame *frame, SgPacket *packet, const char *from, guint8 protocol,
           guint16 port, int timeout_ms)
{
  gint64 deadline = g_get_monotonic_time () + timeout_ms * 1000;
  SgAddress address;

  sg_address_parse (from, &address);
  while (g_get_monotonic_time () < deadline
         && net_receive (net, frame, (int)((deadline - g_get_monotonic_time ()) / 1000)))
    if (sg_packet_parse (packet, frame->bytes, frame->len) == SG_REASON_NONE
        && packet->kind != SG_PACKET_ARP && sg_address_equal (&packet->from, &address)
        && packet->protocol == protocol
        && (protocol == SG_PROTO_ICMP || protocol == SG_PROTO_ICMP6 || packet->port_to == port))
      return TRUE;
  return FALSE;
}

static gboolean
await (Net *net, KitFrame *frame, SgPacket *packet, const char *from, guint8 protocol, guint16 port)
{
  return await_for (net, frame, packet, from, protocol, port, TIMEOUT_MS);
}

static void
send_tcp (Net *net, const char *to, guint16 port, guint16 from_port, guint8 flags, guint32 seq,
          guint32 ack, const char *text)
{
  KitFrame frame;

  kit_tcp (&frame, KIT_OUT, guest_for (to), from_port, to, port, flags, seq, ack, text,
           strlen (text));
  sg_put16 (frame.bytes + frame.len - strlen (text) - 20 + 14, 65535); /* window */
  kit_checksum (&frame);
  net_send (net, &frame);
}

static const char *
probe_tcp (Net *net, const char *to, guint16 port)
{
  guint16 from = next_port++;
  guint32 seq = 1000, ack;
  KitFrame frame;
  SgPacket packet;

  send_tcp (net, to, port, from, SG_TCP_SYN, seq, 0, "");
  if (!await (net, &frame, &packet, to, SG_PROTO_TCP, from))
    return "silent";
  if ((packet.tcp_flags & SG_TCP_RST) != 0)
    return "refused";
  ack = packet.tcp_seq + 1;
  send_tcp (net, to, port, from, SG_TCP_ACK, seq + 1, ack, "");
  /* Sent again until it is answered, as TCP does: passt drops what comes with the handshake. */
  for (int attempt = 0; attempt < 8; attempt++)
    {
      send_tcp (net, to, port, from, SG_TCP_ACK, seq + 1, ack, "hello");
      while (await_for (net, &frame, &packet, to, SG_PROTO_TCP, from, TIMEOUT_MS / 8))
        {
          if ((packet.tcp_flags & SG_TCP_RST) != 0)
            return "refused";
          if (packet.payload_len == 5 && memcmp (packet.frame + packet.payload, "hello", 5) == 0)
            {
              send_tcp (net, to, port, from, SG_TCP_RST | SG_TCP_ACK, seq + 6, ack + 5, "");
              return "open";
            }
        }
    }
  return "silent";
}

/* A download that never ends by itself, switched off while it runs. */
static const char *
probe_download (Net *net, SgGateRules *rules, const char *to, guint16 port)
{
  SgGateMode mode = rules->mode;
  guint16 from = next_port++;
  guint32 received;
  gsize bytes = 0, after = 0;
  gboolean reset = FALSE;
  KitFrame frame;
  SgPacket packet;

  send_tcp (net, to, port, from, SG_TCP_SYN, 1000, 0, "");
  if (!await (net, &frame, &packet, to, SG_PROTO_TCP, from))
    return "silent";
  received = packet.tcp_seq + 1;
  send_tcp (net, to, port, from, SG_TCP_ACK, 1001, received, "");
  while (bytes < 200000 && await (net, &frame, &packet, to, SG_PROTO_TCP, from))
    if (packet.payload_len > 0)
      {
        if (packet.tcp_seq == received)
          received += (guint32)packet.payload_len;
        bytes += packet.payload_len;
        send_tcp (net, to, port, from, SG_TCP_ACK, 1001, received, "");
      }
  if (bytes < 200000)
    return "no download";
  rules->mode = SG_GATE_OFF;
  net_set_rules (net, rules);
  /* What was on its way in the socket, then the reset, then nothing. */
  while (await_for (net, &frame, &packet, to, SG_PROTO_TCP, from, 500))
    {
      after += reset && packet.payload_len > 0;
      reset = reset || (packet.tcp_flags & SG_TCP_RST) != 0;
    }
  rules->mode = mode;
  net_set_rules (net, rules);
  if (!reset || after > 0)
    return "goes on";
  return await_for (net, &frame, &packet, to, SG_PROTO_TCP, from, 500) ? "comes back" : "cut";
}

/* Byte AT of what is sent: no part of it looks like another. */
static guint8
large_byte (gsize at)
{
  return (guint8)(at * 31 + (at >> 8) * 7 + (at >> 16));
}

/* Takes what comes back of SENT bytes until all of it has, or nothing more comes for a while.
 * FALSE: it is not what was sent. */
static gboolean
take_echo (Net *net, const char *to, guint16 port, guint16 from, guint32 first, gsize sent,
           gsize *back)
{
  KitFrame frame;
  SgPacket packet;

  while (*back < sent && await_for (net, &frame, &packet, to, SG_PROTO_TCP, from, TIMEOUT_MS / 4))
    {
      if (packet.payload_len == 0 || packet.tcp_seq != first + *back)
        continue;
      for (gsize i = 0; i < packet.payload_len; i++)
        if (packet.frame[packet.payload + i] != large_byte (*back + i))
          return FALSE;
      *back += packet.payload_len;
    }
  /* Once: after a row of small frames the gate expects no large one. */
  send_tcp (net, to, port, from, SG_TCP_ACK, 1001 + (guint32)sent, first + (guint32)*back, "");
  return TRUE;
}

/* Segments that are large enough to pass unread, but for the first; each is sent again until its
 * echo is there. */
static const char *
probe_large (Net *net, const char *to, guint16 port)
{
  static guint8 data[LARGE];
  guint16 from = next_port++;
  gsize back = 0;
  guint32 first;
  KitFrame frame;
  SgPacket packet;

  send_tcp (net, to, port, from, SG_TCP_SYN, 1000, 0, "");
  if (!await (net, &frame, &packet, to, SG_PROTO_TCP, from))
    return "silent";
  first = packet.tcp_seq + 1;
  send_tcp (net, to, port, from, SG_TCP_ACK, 1001, first, "");
  for (gsize sent = 0; sent < LARGE_COUNT * LARGE; sent += LARGE)
    {
      for (gsize i = 0; i < LARGE; i++)
        data[i] = large_byte (sent + i);
      for (int attempt = 0; attempt < 8 && back < sent + LARGE; attempt++)
        {
          kit_tcp (&frame, KIT_OUT, guest_for (to), from, to, port, SG_TCP_ACK,
                   1001 + (guint32)sent, first + (guint32)back, data, LARGE);
          sg_put16 (frame.bytes + frame.len - LARGE - 20 + 14, 65535);
          kit_checksum (&frame);
          net_send (net, &frame);
          if (!take_echo (net, to, port, from, first, sent + LARGE, &back))
            return "another";
        }
      if (back < sent + LARGE)
        return "cut";
    }
  send_tcp (net, to, port, from, SG_TCP_RST | SG_TCP_ACK, 1001 + LARGE_COUNT * LARGE,
            first + (guint32)back, "");
  return "same";
}

static const char *
probe_udp (Net *net, const char *to, guint16 port)
{
  guint16 from = next_port++;
  KitFrame frame;
  SgPacket packet;

  kit_udp (&frame, KIT_OUT, guest_for (to), from, to, port, "hello", 5);
  kit_checksum (&frame);
  net_send (net, &frame);
  return await (net, &frame, &packet, to, SG_PROTO_UDP, from) && packet.payload_len == 5 ? "answer"
                                                                                         : "silent";
}

static const char *
probe_ping (Net *net, const char *to)
{
  KitFrame frame;
  SgPacket packet;

  kit_ping (&frame, KIT_OUT, guest_for (to), to, FALSE, next_port++);
  kit_checksum (&frame);
  net_send (net, &frame);
  return await (net, &frame, &packet, to, strchr (to, ':') ? SG_PROTO_ICMP6 : SG_PROTO_ICMP, 0)
             ? "answer"
             : "silent";
}

static const char *
probe_name (Net *net, const char *name, gboolean v6)
{
  static SgDnsMessage message;
  static char text[SG_ADDRESS_TEXT];
  guint16 from = next_port++;
  guint8 question[512];
  KitFrame frame;
  SgPacket packet;

  kit_udp (&frame, KIT_OUT, SG_GATE_GUEST4, from, SG_GATE_DNS4, 53, question,
           kit_dns (question, FALSE, name, v6 ? SG_DNS_AAAA : SG_DNS_A));
  kit_checksum (&frame);
  net_send (net, &frame);
  if (!await (net, &frame, &packet, SG_GATE_DNS4, SG_PROTO_UDP, from))
    return "silent";
  if (!sg_dns_parse (&message, packet.frame + packet.payload, packet.payload_len))
    return "malformed";
  if (message.rcode == SG_DNS_NXDOMAIN)
    return "unknown";
  if (message.rcode == SG_DNS_REFUSED)
    return "refused";
  return message.n_addresses > 0 ? sg_address_format (&message.addresses[0].address, text) : "none";
}

/* All that passt tells a guest that asks, and whether ADDRESS is among it. */
static const char *
probe_told (Net *net, const char *text)
{
  static const guint8 dhcpv6[]
      = { 1, 1, 2,  3, 0, 1, 0, 14, 0, 1, 0, 1, 1, 2, 3, 4, 0x52, 0x54, 0, 0xaa, 0xbb, 0xcc, 0,
          3, 0, 12, 0, 0, 0, 1, 0,  0, 0, 0, 0, 0, 0, 0, 0, 6,    0,    4, 0,    23,   0,    24 };
  static const guint8 solicitation[8] = { 133 };
  guint8 dhcp[244] = { 1, 1, 6, 0, 1, 2, 3, 4 };
  SgAddress address;
  gboolean v4, found = FALSE;
  guint answers = 0;
  KitFrame frame;

  if (!sg_address_parse (text, &address))
    return "no address";
  v4 = sg_address_is_v4 (&address);
  sg_mac_parse (KIT_GUEST_MAC, dhcp + 28);
  memcpy (dhcp + 236, "\x63\x82\x53\x63\x35\1\1\xff", 8);
  kit_udp (&frame, KIT_OUT, "0.0.0.0", 68, "255.255.255.255", 67, dhcp, sizeof dhcp);
  kit_checksum (&frame);
  net_send (net, &frame);
  kit_udp (&frame, KIT_OUT, "fe80::9", 546, "ff02::1:2", 547, dhcpv6, sizeof dhcpv6);
  kit_checksum (&frame);
  net_send (net, &frame);
  kit_ip (&frame, KIT_OUT, "fe80::9", "ff02::2", SG_PROTO_ICMP6, solicitation, 8);
  frame.bytes[SG_ETH_LEN + 7] = 255;
  kit_checksum (&frame);
  net_send (net, &frame);
  while (net_receive (net, &frame, answers < 2 ? 5000 : 700))
    {
      answers++;
      /* of an IPv6 address the network's half is enough */
      found = found
              || memmem (frame.bytes, frame.len, address.bytes + (v4 ? 12 : 0), v4 ? 4 : 8) != NULL;
    }
  if (answers < 2)
    return "no answers";
  return found ? "yes" : "no";
}

static const char *
look_up_record (Net *net, const char *wanted)
{
  g_autoptr (GVariant) body = net_records (net);
  g_autoptr (GVariant) records = g_variant_get_child_value (body, 2);
  const char *result = "absent";

  for (gsize i = 0; i < g_variant_n_children (records); i++)
    {
      g_autoptr (GVariant) record = g_variant_get_child_value (records, i);
      const char *address, *name, *reason;
      guint64 out, connections;

      g_variant_get (record, "(&s&sttttxxyq&s&s&s)", &address, &name, &out, NULL, &connections,
                     NULL, NULL, NULL, NULL, NULL, &reason, NULL, NULL);
      if ((strcmp (address, wanted) != 0 && strcmp (name, wanted) != 0)
          || strcmp (result, "absent") != 0)
        continue;
      result = *reason != '\0' ? g_intern_string (reason)
                               : (connections > 0 && out > 0 ? "passed" : "empty");
    }
  return result;
}

static void
greet (Net *net)
{
  KitFrame frame;

  /* As a guest does first; passt learns its MAC. */
  kit_arp (&frame, KIT_OUT, 1, KIT_GUEST_MAC, SG_GATE_GUEST4, SG_GATE_GATEWAY4);
  net_send (net, &frame);
  kit_ndp (&frame, KIT_OUT, 135, SG_GATE_GUEST6, "ff02::1:ff00:1", SG_GATE_GATEWAY6);
  kit_checksum (&frame);
  frame.bytes[SG_ETH_LEN + 7] = 255;
  net_send (net, &frame);
  while (net_receive (net, &frame, 100))
    ;
}

static const char *
run_probe (Net *net, SgGateRules *rules, const char *netgate, const char *kind, const char *what,
           const char *wanted)
{
  const char *colon = strrchr (what, ':');
  g_autofree char *host = colon != NULL ? g_strndup (what, (gsize)(colon - what)) : NULL;

  if (strcmp (kind, "tcp") == 0)
    return probe_tcp (net, host, (guint16)atoi (colon + 1));
  if (strcmp (kind, "download") == 0)
    return probe_download (net, rules, host, (guint16)atoi (colon + 1));
  if (strcmp (kind, "large") == 0)
    return probe_large (net, host, (guint16)atoi (colon + 1));
  if (strcmp (kind, "run") == 0)
    {
      if (system (what) != 0)
        return "failed";
      g_usleep (200000);
      return wanted;
    }
  if (strcmp (kind, "udp") == 0)
    return probe_udp (net, host, (guint16)atoi (colon + 1));
  if (strcmp (kind, "ping") == 0)
    return probe_ping (net, what);
  if (strcmp (kind, "name") == 0)
    return probe_name (net, what, strchr (wanted, ':') != NULL);
  if (strcmp (kind, "told") == 0)
    return probe_told (net, what);
  if (strcmp (kind, "recorded") == 0)
    return look_up_record (net, what);
  if (strcmp (kind, "mode") == 0 && sg_gate_mode_parse (what, &rules->mode))
    net_set_rules (net, rules);
  else if (strcmp (kind, "passt") == 0)
    {
      net_restart_passt (net, netgate);
      greet (net);
    }
  else
    return "no such probe";
  return wanted;
}

int
main (int argc, char **argv)
{
  g_autoptr (SgGateRules) rules = sg_gate_rules_new ();
  g_autoptr (GPtrArray) hosts = g_ptr_array_new (), networks = g_ptr_array_new ();
  int i = 3, failed = 0;
  Net *net;

  if (argc < 5 || !sg_gate_mode_parse (argv[2], &rules->mode))
    return 2;
  for (; i + 1 < argc && strcmp (argv[i], "--") != 0; i += 2)
    g_ptr_array_add (strcmp (argv[i], "--host") == 0 ? hosts : networks, g_strdup (argv[i + 1]));
  g_ptr_array_add (hosts, NULL);
  g_ptr_array_add (networks, NULL);
  rules->hosts = (char **)g_ptr_array_steal (hosts, NULL);
  rules->networks = (char **)g_ptr_array_steal (networks, NULL);
  net = net_start (argv[1], rules);
  greet (net);
  for (i++; i < argc; i++)
    {
      const char *colon = strchr (argv[i], ':'), *equals = strrchr (argv[i], '=');
      g_autofree char *kind = g_strndup (argv[i], (gsize)(colon - argv[i]));
      g_autofree char *what
          = equals ? g_strndup (colon + 1, (gsize)(equals - colon - 1)) : g_strdup (colon + 1);
      const char *wanted = equals ? equals + 1 : "";
      const char *got = run_probe (net, rules, argv[1], kind, what, wanted);
      gboolean ok = strcmp (got, wanted) == 0;

      printf ("%-6s %-10s %-5s %-44s %s\n", ok ? "ok" : "FAILED", sg_gate_mode_name (rules->mode),
              kind, what, got);
      fflush (stdout);
      failed += !ok;
    }
  net_stop (net);
  return failed == 0 ? 0 : 1;
}
