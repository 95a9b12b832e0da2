/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the gate costs: the same traffic through passt alone and through gate and passt, in one run.
 *
 *   netgate-stream NETGATE ADDRESS [SECONDS [KIND]]     KIND: of the first lines only this one
 *
 * A guest without a machine (so that QEMU's emulation is not what is measured) speaks QEMU's stream
 * framing.  At ADDRESS there are a sink (TCP and UDP 9), a source (TCP 19) and an echo (UDP 7).
 * Prints lines of a word and numbers:
 *
 *   upload, download (MB/s), small (frames of 64 bytes a second), trip (us): alone, with the gate,
 *     with a relay in its place that decides nothing; how gate and relay compare, in hundredths of
 *     alone: the median of the rounds, as what else the computer does hits all of one round
 *   processor-...: milliseconds that passt and the gate used in all rounds with the gate; the relay
 *   decision: nanoseconds for a frame of 64 bytes with 1 flow, with as many as there may be
 *   memory: that many flows, KiB of the gate */
#include "tests/bench/stream-relay.h"
#include "tests/bench/stream-tcp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROUNDS 15
#define PATIENCE 600
#define SMALL_FRAMES 100000
#define SMALL_BATCH 64
#define ECHOES 1000
#define PORT_ECHO 7
#define PORT_SINK 9

static guint16 next_port = 30000;

static double
now (void)
{
  return (double)g_get_monotonic_time () / 1e6;
}

/* --- small packets
 * ---------------------------------------------------------------------------------- */

static gboolean
echo (Net *net, const char *to, guint16 from, int timeout_ms)
{
  static KitFrame frame;
  SgPacket packet;

  kit_udp (&frame, KIT_OUT, SG_GATE_GUEST4, from, to, PORT_ECHO, "0123456789abcdef", 16);
  kit_checksum (&frame);
  net_send (net, &frame);
  while (net_receive (net, &frame, timeout_ms))
    if (sg_packet_parse (&packet, frame.bytes, frame.len) == SG_REASON_NONE
        && packet.protocol == SG_PROTO_UDP && packet.port_to == from)
      return TRUE;
  return FALSE;
}

/* Frames of 64 bytes a second: as many to the sink, then an echo, which comes behind them all. */
static double
small_frames (Net *net, const char *to)
{
  static guint8 batch[SMALL_BATCH * 68];
  static const guint8 payload[22];
  guint16 from = next_port++;
  double begin;
  KitFrame frame;

  kit_udp (&frame, KIT_OUT, SG_GATE_GUEST4, from, to, PORT_SINK, payload, sizeof payload);
  kit_checksum (&frame);
  g_assert_cmpuint (frame.len, ==, 64);
  for (int i = 0; i < SMALL_BATCH; i++)
    {
      sg_put32 (batch + i * 68, 64);
      memcpy (batch + i * 68 + 4, frame.bytes, 64);
    }
  begin = now ();
  for (int sent = 0; sent < SMALL_FRAMES; sent += SMALL_BATCH)
    for (gsize at = 0; at < sizeof batch;)
      {
        gssize n = send (net->stream, batch + at, sizeof batch - at, MSG_NOSIGNAL);

        if (n < 0)
          exit (1);
        at += (gsize)n;
      }
  /* The host's own queues may drop one. */
  for (int attempt = 0; !echo (net, to, next_port++, 20); attempt++)
    if (attempt == 500)
      {
        fprintf (stderr, "no echo behind the small packets\n");
        exit (1);
      }
  return SMALL_FRAMES / (now () - begin);
}

static int
compare (const void *a, const void *b)
{
  const double *left = a, *right = b;

  return (*left > *right) - (*left < *right);
}

/* Median round trip in microseconds. */
static double
round_trip (Net *net, const char *to)
{
  static double times[ECHOES];
  guint16 from = next_port++;

  for (int i = 0; i < ECHOES; i++)
    {
      double begin = now ();

      if (!echo (net, to, from, 5000))
        exit (1);
      times[i] = (now () - begin) * 1e6;
    }
  qsort (times, ECHOES, sizeof *times, compare);
  return times[ECHOES / 2];
}

/* --- the comparison
 * --------------------------------------------------------------------------------- */

typedef enum
{
  UPLOAD,
  DOWNLOAD,
  SMALL,
  TRIP,
  N_KINDS
} Kind;

typedef enum
{
  ALONE,
  GATED,
  RELAYED,
  N_WAYS
} Way;

static Net *
start (const char *netgate)
{
  SgGateRules *rules = sg_gate_rules_new ();
  KitFrame frame;
  Net *net;

  rules->mode = SG_GATE_INTERNET;
  rules->connections_per_second = 0;
  net = net_start (netgate, rules);
  sg_gate_rules_free (rules);
  kit_arp (&frame, KIT_OUT, 1, KIT_GUEST_MAC, SG_GATE_GUEST4, SG_GATE_GATEWAY4);
  net_send (net, &frame);
  net_receive (net, &frame, 1000);
  return net;
}

/* passt behind a relay that decides nothing, in the gate's place. */
static Net *
start_relayed (void)
{
  Net *net = start (NULL);
  int fds[2];

  net_pair (fds);
  net->gate = stream_relay_start (fds[1], net->stream);
  close (fds[1]);
  close (net->stream);
  net->stream = fds[0];
  return net;
}

static long
memory_kib (GPid pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/status", pid), *status = NULL;
  const char *line;

  if (!g_file_get_contents (path, &status, NULL, NULL)
      || (line = strstr (status, "VmRSS:")) == NULL)
    return -1;
  return strtol (line + 6, NULL, 10);
}

/* Memory with as many flows as there may be. */
static long
fill_flows (Net *net, const char *to)
{
  for (guint i = 0; i < SG_GATE_FLOWS_MAX + 1000; i++)
    {
      KitFrame frame;

      kit_udp (&frame, KIT_OUT, SG_GATE_GUEST4, (guint16)(1024 + i % 100), to,
               (guint16)(20000 + i / 100), "x", 1);
      net_send (net, &frame);
    }
  g_usleep (500000);
  return memory_kib (net->gate);
}

/* --- what a decision costs
 * --------------------------------------------------------------------------- */

#define DECISIONS 1000000

static void
no_frame (gpointer data, gboolean to_guest, const guint8 *frame, gsize len)
{
}

static gboolean
no_lookup (gpointer data, const guint8 *message, gsize len)
{
  return FALSE;
}

static void
no_news (gpointer data, const SgRecord *record)
{
}

static double
processor (void)
{
  struct timespec used;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &used);
  return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

/* Nanoseconds for one frame of 64 bytes, when FLOWS connections are open and take turns. */
static double
decision (guint flows, const char *to)
{
  static const SgGateHooks hooks = { no_frame, no_lookup, no_news };
  static const guint8 random[16] = { 1, 2, 3 }, payload[22];
  SgGateRules *rules = sg_gate_rules_new ();
  g_autoptr (SgGate) gate = NULL;
  double begin;
  guint8 mac[6];
  KitFrame frame;

  /* In processor time: what else the computer does is not the gate's. */
  sg_mac_parse (KIT_GUEST_MAC, mac);
  gate = sg_gate_new (mac, SG_GATE_FLOWS_MAX, random, &hooks, NULL);
  rules->mode = SG_GATE_INTERNET;
  rules->connections_per_second = 0;
  sg_gate_set_routes (gate, kit_routes ());
  sg_gate_set_rules (gate, rules);
  kit_udp (&frame, KIT_OUT, SG_GATE_GUEST4, 1024, to, PORT_SINK, payload, sizeof payload);
  begin = 0;
  for (guint i = 0; i < DECISIONS; i++)
    {
      if (i == flows)
        begin = processor (); /* all are open now */
      sg_put16 (frame.bytes + SG_ETH_LEN + 20, 1024 + (i * 7919) % flows);
      sg_gate_set_time (gate, (gint64)i, (gint64)i);
      if (sg_gate_from_guest (gate, frame.bytes, frame.len) != SG_REASON_NONE)
        exit (1);
    }
  return (processor () - begin) * 1e9 / (DECISIONS - flows);
}

/* CPU seconds that a process has used. */
static double
cpu_of (GPid pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/schedstat", pid), *text = NULL;

  if (pid <= 0)
    return 0;
  return g_file_get_contents (path, &text, NULL, NULL) ? g_ascii_strtod (text, NULL) / 1e9 : 0;
}

static double
measure (Kind kind, Net *net, const char *to, double seconds)
{
  switch (kind)
    {
    case UPLOAD:
      return stream_upload (net, to, next_port++, seconds) / 1e6;
    case DOWNLOAD:
      return stream_download (net, to, next_port++, seconds) / 1e6;
    case SMALL:
      return small_frames (net, to);
    default:
      return round_trip (net, to);
    }
}

/* The median of ROUNDS figures; sorts them. */
static double
middle (double *figures)
{
  qsort (figures, ROUNDS, sizeof *figures, compare);
  return figures[ROUNDS / 2];
}

/* In hundredths of ALONE, round by round. */
static double
compared (const double *ours, const double *alone)
{
  double ratios[ROUNDS];

  for (int round = 0; round < ROUNDS; round++)
    ratios[round] = alone[round] > 0 ? ours[round] * 100 / alone[round] : 0;
  return middle (ratios);
}

int
main (int argc, char **argv)
{
  static const char *const titles[N_KINDS] = { "upload", "download", "small", "trip" };
  double taken[N_KINDS][N_WAYS][ROUNDS] = { 0 }, seconds = argc > 3 ? atof (argv[3]) : 0.5;
  double between[N_KINDS][N_WAYS] = { 0 }, behind[N_KINDS] = { 0 };
  Net *nets[N_WAYS];
  long memory;

  if (argc < 3)
    return 2;
  alarm (PATIENCE); /* both ends of a stream could wait for each other */
  /* All are there all the time and take turns, so that what else the computer does hits each. */
  nets[ALONE] = start (NULL);
  nets[GATED] = start (argv[1]);
  nets[RELAYED] = start_relayed ();
  for (int round = 0; round < ROUNDS; round++)
    for (int way = 0; way < N_WAYS; way++)
      for (int kind = 0; kind < N_KINDS; kind++)
        {
          double gate, passt;

          if (argc > 4 && strcmp (argv[4], titles[kind]) != 0)
            continue;
          gate = cpu_of (nets[way]->gate);
          passt = cpu_of (nets[way]->passt);
          taken[kind][way][round] = measure ((Kind)kind, nets[way], argv[2], seconds);
          between[kind][way] += cpu_of (nets[way]->gate) - gate;
          if (way == GATED)
            behind[kind] += cpu_of (nets[way]->passt) - passt;
        }
  memory = fill_flows (nets[GATED], argv[2]);
  for (int way = 0; way < N_WAYS; way++)
    net_stop (nets[way]);
  for (int kind = 0; kind < N_KINDS; kind++)
    {
      double gate = compared (taken[kind][GATED], taken[kind][ALONE]);
      double relay = compared (taken[kind][RELAYED], taken[kind][ALONE]);

      printf ("%s %.1f %.1f %.1f %.1f %.1f\n", titles[kind], middle (taken[kind][ALONE]),
              middle (taken[kind][GATED]), middle (taken[kind][RELAYED]), gate, relay);
    }
  for (int kind = UPLOAD; kind <= SMALL; kind++)
    printf ("processor-%s %.1f %.1f %.1f\n", titles[kind], behind[kind] * 1e3,
            between[kind][GATED] * 1e3, between[kind][RELAYED] * 1e3);
  printf ("decision %.1f %.1f\n", decision (1, argv[2]), decision (SG_GATE_FLOWS_MAX, argv[2]));
  printf ("memory %d %ld\n", SG_GATE_FLOWS_MAX, memory);
  return 0;
}
