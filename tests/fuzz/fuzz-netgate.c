/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds the gate what a hostile guest, a hostile name server or a hostile neighbour might send, and
 * checks what must hold whatever comes: no crash, and no packet through by accident.
 *
 *   fuzz-netgate [RUNS [SEED]]   mutates good frames, and answers to lookups; prints a failure's
 * seed fuzz-netgate FILE...         replays files (one frame each, as the guest and as passt)
 *
 * The judge of what passed is written anew here, with other code than the gate's: it looks at fixed
 * offsets and a short list of what may never be reached.
 *
 * With -fsanitize=fuzzer (clang) LLVMFuzzerTestOneInput() is driven by libFuzzer instead. */
#include "tests/unit/netgate-kit.h"

#include "launcher/netgate/dns.h"
#include "launcher/netgate/hello.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_RUNS 200000
#define NET4 "93.184.216.34"
#define NET6 "2606:2800:220:1::1"
#define G4 SG_GATE_GUEST4
#define G6 SG_GATE_GUEST6

int LLVMFuzzerTestOneInput (const guint8 *data, size_t len);

static void
require (gboolean holds, const char *what)
{
  if (!holds)
    {
      fprintf (stderr, "fuzz-netgate: violated: %s\n", what);
      abort ();
    }
}

/* --- what must hold
 * -------------------------------------------------------------------------------- */

static gboolean
never4 (const guint8 *a)
{
  return a[0] == 0 || a[0] == 10 || a[0] == 127 || (a[0] == 169 && a[1] == 254)
         || (a[0] == 172 && a[1] >= 16 && a[1] < 32) || (a[0] == 192 && a[1] == 168)
         || (a[0] == 100 && (a[1] & 0xc0) == 64) || a[0] >= 224;
}

static gboolean
never6 (const guint8 *a)
{
  static const guint8 nat64[12] = { 0, 0x64, 0xff, 0x9b };

  if (memcmp (a, nat64, 12) == 0)
    return never4 (a + 12);
  if (a[0] == 0x20 && a[1] == 0x02)
    return never4 (a + 2);
  return (a[0] & 0xe0) != 0x20;
}

/* A frame that passed to the outside: TCP, UDP, a ping to a public address, or link traffic. */
static void
check_passed_out (const guint8 *frame, gsize len)
{
  static const guint8 dns4[4] = { 192, 0, 0, 3 };
  guint8 mac[6], dns6[16];
  guint type = sg_get16 (frame + 12);
  const guint8 *ip = frame + 14;

  sg_mac_parse (KIT_GUEST_MAC, mac);
  inet_pton (AF_INET6, SG_GATE_DNS6, dns6);
  require (memcmp (frame + 6, mac, 6) == 0, "the guest's MAC");
  require (type == 0x0800 || type == 0x0806 || type == 0x86dd, "an ethertype that passed");
  if (type == 0x0806)
    {
      require (len >= 42 && memcmp (ip + 8, mac, 6) == 0 && ip[24] == 192 && ip[25] == 0, "ARP");
      return;
    }
  if (type == 0x0800)
    {
      gboolean dhcp = ip[9] == 17 && sg_get16 (ip + (ip[0] & 15) * 4 + 2) == 67;

      require ((sg_get16 (ip + 6) & 0x3fff) == 0, "a fragment");
      require (ip[9] == 1 || ip[9] == 6 || ip[9] == 17, "an IPv4 protocol");
      require (dhcp || (ip[12] == 192 && ip[13] == 0 && ip[14] == 0 && ip[15] == 2), "from");
      require (dhcp || !never4 (ip + 16), "an IPv4 address");
      require (dhcp || ip[16] != 192 || ip[17] != 0 || (ip[18] != 0 && ip[18] != 2)
                   || memcmp (ip + 16, dns4, 4) == 0,
               "192.0.0.0/24");
      return;
    }
  if (ip[6] == 58 && ip[40] >= 133 && ip[40] <= 136)
    return;
  if (ip[6] == 17 && sg_get16 (ip + 42) == 547)
    return;
  require (memcmp (ip + 24, dns6, 16) == 0 || !never6 (ip + 24), "an IPv6 address");
}

static void
on_emit (gpointer data, gboolean to_guest, const guint8 *frame, gsize len)
{
  SgPacket packet;

  require (sg_packet_parse (&packet, frame, len) == SG_REASON_NONE, "a frame of the gate's own");
  require (!packet.fragment, "no fragment of the gate's own");
  if (!to_guest)
    check_passed_out (frame, len);
}

static guint8 asked[2]; /* the number of the last lookup */

static gboolean
on_ask (gpointer data, const guint8 *message, gsize len)
{
  memcpy (asked, message, 2);
  return TRUE;
}

static void
on_blocked (gpointer data, const SgRecord *record)
{
  require (record->reason < SG_REASON_MAX && record->reason != SG_REASON_NONE, "a reason");
}

/* --- one input
 * ------------------------------------------------------------------------------------- */

static SgGate *
gate_new (SgGateMode mode)
{
  static const SgGateHooks hooks = { on_emit, on_ask, on_blocked };
  static const char *const hosts[] = { "example.com", "*.example.org", NULL };
  static const guint8 random[16] = { 9, 9 };
  SgGateRules *rules = sg_gate_rules_new ();
  guint8 mac[6];
  SgGate *gate;

  sg_mac_parse (KIT_GUEST_MAC, mac);
  gate = sg_gate_new (mac, 64, random, &hooks, NULL);
  sg_gate_set_time (gate, G_USEC_PER_SEC, G_USEC_PER_SEC);
  sg_gate_set_routes (gate, kit_routes ());
  rules->mode = mode;
  rules->hosts = g_strdupv ((char **)hosts);
  rules->connections_per_second = 0;
  sg_gate_set_rules (gate, rules);
  return gate;
}

static void
seed_dns (KitFrame *frame, gboolean answer, const char *name)
{
  guint8 message[1024], alias[64];
  gsize len = kit_dns (message, answer, name, SG_DNS_A);

  if (answer)
    {
      /* with compression: the owner is the question's name */
      static const guint8 record[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 93, 184, 216, 34 };

      len = kit_dns_record (message, len, name, SG_DNS_CNAME, 9, alias,
                            (guint16)kit_dns_name (alias, "cdn.example.net"));
      len = kit_dns_record (message, len, "cdn.example.net", SG_DNS_AAAA, 9, "0123456789abcdef",
                            16);
      memcpy (message + len, record, sizeof record);
      len += sizeof record;
      sg_put16 (message + 6, 3);
    }
  if (answer)
    kit_udp (frame, KIT_IN, SG_GATE_DNS4, 53, G4, 4000, message, len);
  else
    kit_udp (frame, KIT_OUT, G4, 4000, SG_GATE_DNS4, 53, message, len);
}

/* An open question for an answer to fit. */
static void
ask_again (SgGate *gate)
{
  static gint64 now = 10 * G_USEC_PER_SEC;
  static KitFrame frame;

  if (frame.len == 0)
    seed_dns (&frame, FALSE, "www.example.org");
  now += 100000;
  sg_gate_set_time (gate, now, now);
  require (sg_gate_from_guest (gate, frame.bytes, frame.len) == SG_REASON_KEPT, "a lookup");
}

/* The bytes as everything that gets bytes, each from a copy of its exact size. */
static void
judge (SgGate *gate, const guint8 *data, gsize len)
{
  static SgDnsMessage message;
  g_autofree guint8 *exact = g_memdup2 (data, len);
  char name[SG_HELLO_NAME_MAX];

  if (sg_gate_from_guest (gate, exact, len) == SG_REASON_NONE)
    check_passed_out (exact, len);
  sg_gate_from_net (gate, exact, len);
  if (len > SG_ETH_LEN + 28)
    {
      gsize rest = len - SG_ETH_LEN - 28;
      g_autofree guint8 *payload = g_memdup2 (data + SG_ETH_LEN + 28, rest);

      /* As the name server's answer, with the right number. */
      ask_again (gate);
      if (rest >= 2)
        memcpy (payload, asked, 2);
      sg_gate_answer (gate, payload, rest);
      if (sg_dns_parse (&message, payload, rest))
        {
          require (message.n_addresses <= SG_DNS_ADDRESSES_MAX, "addresses");
          require (strlen (message.name) < SG_DNS_NAME_TEXT, "a name's length");
          require (message.question_end <= rest, "the question's end");
        }
      if (sg_hello_parse (payload, rest, name) == SG_HELLO_NAME)
        require (strlen (name) < SG_HELLO_NAME_MAX, "a server name's length");
    }
}

/* The bytes as the head of a large frame, in memory that has no more: what is decided on it is
 * decided on no other byte, and it is not a piece. */
static void
judge_head (SgGate *gate, const guint8 *data, gsize len)
{
  gsize have = MAX (len, SG_PACKET_HEAD);
  g_autofree guint8 *head = g_malloc0 (have);

  memcpy (head, data, len);
  for (int out = 0; out < 2; out++)
    {
      SgReason reason;

      if (!sg_gate_head_decides (gate, head, have, SG_PACKET_MAX, out))
        continue;
      require (head[12] == 0x08 ? head[23] == SG_PROTO_TCP : head[20] == SG_PROTO_TCP, "no TCP");
      reason = out ? sg_gate_from_guest (gate, head, SG_PACKET_MAX)
                   : sg_gate_from_net (gate, head, SG_PACKET_MAX);
      if (out && reason == SG_REASON_NONE)
        check_passed_out (head, SG_PACKET_MAX);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t len)
{
  static SgGate *gates[2];

  for (int i = 0; i < 2; i++)
    {
      if (gates[i] == NULL)
        gates[i] = gate_new (i == 0 ? SG_GATE_INTERNET : SG_GATE_ALLOWLIST);
      judge (gates[i], data, MIN (len, SG_PACKET_MAX));
      judge_head (gates[i], data, MIN (len, SG_PACKET_MAX));
    }
  return 0;
}

/* --- inputs
 * ---------------------------------------------------------------------------------------- */

#define SEEDS 24

static void
make_seeds (KitFrame *seeds)
{
  static const guint8 options[8] = { 0, 0, 1, 4, 0, 0, 0, 0 };
  guint8 hello[512];
  KitFrame whole;
  int i = 0;

  kit_tcp (&seeds[i++], KIT_OUT, G4, 9, NET4, 443, SG_TCP_SYN, 1, 0, NULL, 0);
  kit_tcp (&seeds[i++], KIT_IN, NET4, 443, G4, 9, SG_TCP_SYN | SG_TCP_ACK, 5, 2, NULL, 0);
  kit_tcp (&seeds[i++], KIT_OUT, G4, 9, NET4, 443, SG_TCP_ACK, 2, 6, hello,
           kit_hello (hello, "www.example.org"));
  kit_tcp (&seeds[i++], KIT_OUT, G4, 9, NET4, 443, SG_TCP_FIN | SG_TCP_ACK, 99, 6, NULL, 0);
  kit_tcp (&seeds[i++], KIT_OUT, G6, 9, NET6, 443, SG_TCP_SYN, 1, 0, NULL, 0);
  kit_udp (&seeds[i++], KIT_OUT, G4, 9, NET4, 80, "0123456789", 10);
  kit_udp (&seeds[i++], KIT_IN, NET4, 80, G4, 9, "0123456789", 10);
  kit_udp (&seeds[i++], KIT_OUT, G6, 9, NET6, 80, "0123456789", 10);
  kit_udp (&seeds[i], KIT_OUT, G6, 9, NET6, 80, "0123456789", 10);
  kit_extension (&seeds[i], 60, options, 8);
  kit_extension (&seeds[i++], 0, options, 8);
  kit_udp (&seeds[i++], KIT_OUT, G6, 9, "64:ff9b::5db8:d822", 80, "0123456789", 10);
  kit_udp (&seeds[i++], KIT_OUT, G6, 9, "2002:5db8:d822::1", 80, "0123456789", 10);
  kit_ping (&seeds[i++], KIT_OUT, G4, NET4, FALSE, 7);
  kit_ping (&seeds[i++], KIT_IN, NET4, G4, TRUE, 7);
  kit_ping (&seeds[i++], KIT_OUT, G6, NET6, FALSE, 7);
  kit_arp (&seeds[i++], KIT_OUT, 1, KIT_GUEST_MAC, G4, SG_GATE_GATEWAY4);
  kit_ndp (&seeds[i++], KIT_OUT, 135, G6, "ff02::1:ff00:1", SG_GATE_GATEWAY6);
  kit_udp (&seeds[i++], KIT_OUT, "0.0.0.0", 68, "255.255.255.255", 67, "x", 1);
  memset (whole.bytes, 0, sizeof whole.bytes);
  kit_udp (&whole, KIT_OUT, G4, 9, NET4, 80, hello, 200);
  kit_fragment (&seeds[i++], &whole, 0, 104, TRUE, 7);
  kit_fragment (&seeds[i++], &whole, 104, 104, FALSE, 7);
  kit_udp (&whole, KIT_OUT, G6, 9, NET6, 80, hello, 200);
  kit_fragment (&seeds[i++], &whole, 0, 104, TRUE, 7);
  kit_fragment (&seeds[i++], &whole, 104, 104, FALSE, 7);
  seed_dns (&seeds[i++], FALSE, "www.example.org");
  seed_dns (&seeds[i++], TRUE, "www.example.org");
  seed_dns (&seeds[i++], TRUE, "example.com");
  g_assert_cmpint (i, ==, SEEDS);
}

static void
mutate (GRand *rand, KitFrame *frame)
{
  static const guint8 telling[] = { 0, 1, 4, 6, 8, 17, 41, 44, 58, 60, 0x7f, 0x80, 0xc0, 0xff };
  int changes = g_rand_int_range (rand, 0, 5);

  for (int i = 0; i < changes; i++)
    {
      gsize at = frame->len > 0 ? (gsize)g_rand_int_range (rand, 0, (gint32)frame->len) : 0;

      switch (g_rand_int_range (rand, 0, 6))
        {
        case 0:
          frame->bytes[at] = (guint8)g_rand_int (rand);
          break;
        case 1:
          frame->bytes[at] = telling[g_rand_int_range (rand, 0, sizeof telling)];
          break;
        case 2:
          frame->bytes[at] ^= (guint8)(1u << g_rand_int_range (rand, 0, 8));
          break;
        case 3:
          frame->len = at;
          break;
        case 4:
          frame->len = MIN (frame->len + (gsize)g_rand_int_range (rand, 0, 200), SG_PACKET_MAX);
          break;
        default:
          /* the first bytes matter most */
          frame->bytes[g_rand_int_range (rand, 0, 60)] = (guint8)g_rand_int (rand);
        }
    }
}

#ifndef LIBFUZZER
static void
run (guint64 runs, guint32 seed)
{
  static KitFrame seeds[SEEDS], frame;
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);

  make_seeds (seeds);
  for (guint64 i = 0; i < runs; i++)
    {
      const KitFrame *from = &seeds[g_rand_int_range (rand, 0, SEEDS)];

      memcpy (frame.bytes, from->bytes, from->len);
      memset (frame.bytes + from->len, 0, 256);
      frame.len = from->len;
      mutate (rand, &frame);
      LLVMFuzzerTestOneInput (frame.bytes, frame.len);
    }
}

int
main (int argc, char **argv)
{
  guint64 runs = DEFAULT_RUNS;
  guint32 seed = g_random_int ();

  if (argc > 1 && !g_ascii_string_to_unsigned (argv[1], 10, 0, G_MAXINT64, &runs, NULL))
    {
      for (int i = 1; i < argc; i++)
        {
          g_autofree char *data = NULL;
          gsize len;

          if (!g_file_get_contents (argv[i], &data, &len, NULL))
            return 2;
          LLVMFuzzerTestOneInput ((guint8 *)data, len);
        }
      return 0;
    }
  if (argc > 2)
    seed = (guint32)g_ascii_strtoull (argv[2], NULL, 10);
  printf ("fuzz-netgate: %" G_GUINT64_FORMAT " runs, seed %u\n", runs, seed);
  fflush (stdout);
  run (runs, seed);
  return 0;
}
#endif
