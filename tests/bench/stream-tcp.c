/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/bench/stream-tcp.h"

#include "launcher/netgate/compose.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define SEGMENT 65480
/* What a Linux guest offers (read off a recording of one that downloads): its window grows to half
 * of the largest receive buffer, tcp_rmem's third figure, 6 MB unless somebody changed it. */
#define SCALE 8
#define WINDOW (3 * 1024 * 1024)
#define ALLOWED_FIRST (512 * 1024)
#define ALLOWED_MAX (8 * 1024 * 1024)
#define HOLES_MAX 64
#define PORT_SINK 9
#define PORT_SOURCE 19

static double
now (void)
{
  return (double)g_get_monotonic_time () / 1e6;
}

typedef struct
{
  Net *net;
  const char *to;
  guint16 from, port;
  guint32 una, next, window,
      received; /* ours acknowledged, ours sent, theirs free, theirs received */
  gboolean acknowledge;
  /* What may be under way (passt offers more than its socket takes), halved at each loss. */
  guint32 allowed, recovered;
  int repeated; /* acknowledgements of the same byte */
  /* What came behind a hole: passt drops what does not fit in the socket, and sends it again. */
  struct
  {
    guint32 start, end;
  } early[HOLES_MAX];
  guint n_early;
} Tcp;

static void
send_segment (Tcp *tcp, guint8 flags, guint32 len)
{
  static guint8 zero[SEGMENT];
  guint8 *l4;
  KitFrame frame;

  kit_tcp (&frame, KIT_OUT, SG_GATE_GUEST4, tcp->from, tcp->to, tcp->port, flags, tcp->next,
           tcp->received, zero, (flags & SG_TCP_SYN) != 0 ? 8 : 0);
  l4 = frame.bytes + SG_ETH_LEN + 20;
  sg_put16 (l4 + 14, (flags & SG_TCP_SYN) != 0 ? 65535 : WINDOW >> SCALE);
  if ((flags & SG_TCP_SYN) != 0)
    {
      /* largest segment, window scale */
      static const guint8 options[8] = { 2, 4, SEGMENT >> 8, SEGMENT & 0xff, 3, 3, SCALE, 0 };

      memcpy (l4 + 20, options, 8);
      l4[12] = 7 << 4;
    }
  /* The payload is zeroes, so it counts in the checksums by its length only. */
  kit_checksum (&frame);
  if (len > 0)
    {
      guint8 *ip = frame.bytes + SG_ETH_LEN;
      struct iovec parts[3];
      struct msghdr message = { .msg_iov = parts, .msg_iovlen = 3 };
      guint8 prefix[4];
      gsize total = frame.len + len, sent = 0;

      sg_put16 (ip + 2, (guint32)(40 + len));
      sg_put16 (ip + 10, 0);
      sg_put16 (ip + 10, sg_checksum_fold (sg_checksum_add (0, ip, 20)));
      sg_put16 (l4 + 16, 0);
      sg_put16 (l4 + 16, sg_checksum_fold (sg_checksum_add (
                             sg_checksum_add ((guint32)(6 + 20 + len), ip + 12, 8), l4, 20)));
      sg_put32 (prefix, (guint32)total);
      parts[0] = (struct iovec){ prefix, 4 };
      parts[1] = (struct iovec){ frame.bytes, frame.len };
      parts[2] = (struct iovec){ zero, len };
      while (sent < total + 4)
        {
          gssize n = sendmsg (tcp->net->stream, &message, MSG_NOSIGNAL);

          if (n < 0)
            exit (1);
          sent += (gsize)n;
          for (gsize i = 0, skip = (gsize)n; i < 3 && skip > 0; i++)
            {
              gsize part = MIN (skip, parts[i].iov_len);

              parts[i].iov_base = (guint8 *)parts[i].iov_base + part;
              parts[i].iov_len -= part;
              skip -= part;
            }
        }
    }
  else
    net_send (tcp->net, &frame);
  tcp->next += len + ((flags & SG_TCP_SYN) != 0);
}

static void
take_data (Tcp *tcp, guint32 start, guint32 end)
{
  if ((gint32)(start - tcp->received) > 0)
    {
      if (tcp->n_early < HOLES_MAX)
        {
          tcp->early[tcp->n_early].start = start;
          tcp->early[tcp->n_early++].end = end;
        }
      return;
    }
  if ((gint32)(end - tcp->received) > 0)
    tcp->received = end;
  for (guint i = 0; i < tcp->n_early;)
    {
      if ((gint32)(tcp->early[i].start - tcp->received) > 0)
        {
          i++;
          continue;
        }
      if ((gint32)(tcp->early[i].end - tcp->received) > 0)
        tcp->received = tcp->early[i].end;
      tcp->early[i] = tcp->early[--tcp->n_early];
      i = 0;
    }
}

/* Takes one frame; FALSE when none came in time. */
static gboolean
take (Tcp *tcp, int timeout_ms)
{
  static KitFrame frame;
  SgPacket packet;

  if (!net_receive (tcp->net, &frame, timeout_ms))
    return FALSE;
  if (sg_packet_parse (&packet, frame.bytes, frame.len) != SG_REASON_NONE
      || packet.protocol != SG_PROTO_TCP || packet.port_to != tcp->from)
    return TRUE;
  if ((packet.tcp_flags & SG_TCP_RST) != 0)
    {
      fprintf (stderr, "the connection was reset\n");
      exit (1);
    }
  if ((packet.tcp_flags & SG_TCP_SYN) != 0)
    tcp->received = packet.tcp_seq + 1;
  if (packet.tcp_ack == tcp->una && packet.payload_len == 0)
    tcp->repeated++;
  else
    tcp->repeated = 0;
  if ((gint32)(packet.tcp_ack - tcp->una) >= 0)
    tcp->una = packet.tcp_ack;
  tcp->window = (guint32)sg_get16 (packet.frame + packet.l4 + 14)
                << ((packet.tcp_flags & SG_TCP_SYN) != 0 ? 0 : SCALE);
  if (packet.payload_len > 0)
    {
      take_data (tcp, packet.tcp_seq, packet.tcp_seq + (guint32)packet.payload_len);
      tcp->acknowledge = TRUE;
    }
  return TRUE;
}

static gboolean
is_waiting (Net *net)
{
  return net->have - net->at >= 4
         && net->have - net->at >= 4 + (gsize)sg_get32 (net->buffer + net->at);
}

static void
connect_tcp (Tcp *tcp, Net *net, const char *to, guint16 from, guint16 port)
{
  *tcp = (Tcp){ .net = net,
                .to = to,
                .from = from,
                .port = port,
                .una = 1000,
                .next = 1000,
                .allowed = ALLOWED_FIRST,
                .recovered = 1000 };
  send_segment (tcp, SG_TCP_SYN, 0);
  for (int i = 0; i < 50 && tcp->una != 1001; i++)
    take (tcp, 100);
  if (tcp->una != 1001)
    {
      fprintf (stderr, "%s does not answer\n", to);
      exit (1);
    }
  send_segment (tcp, SG_TCP_ACK, 0);
  g_usleep (20000);
}

static void
end_tcp (Tcp *tcp)
{
  send_segment (tcp, SG_TCP_RST | SG_TCP_ACK, 0);
  while (net_receive (tcp->net, &(KitFrame){ .len = 0 }, 100))
    ;
}

/* From what was acknowledged on again, with half as much under way. */
static void
send_again (Tcp *tcp)
{
  tcp->allowed = MAX (tcp->allowed / 2, 2 * SEGMENT);
  tcp->recovered = tcp->next;
  tcp->next = tcp->una;
  tcp->repeated = 0;
}

double
stream_upload (Net *net, const char *to, guint16 from, double seconds)
{
  double begin, progress;
  guint64 done = 0;
  Tcp tcp;

  connect_tcp (&tcp, net, to, from, PORT_SINK);
  begin = progress = now ();
  while (now () < begin + seconds)
    {
      guint32 before = tcp.una;

      while (tcp.next - tcp.una + SEGMENT <= MIN (tcp.window, tcp.allowed))
        send_segment (&tcp, SG_TCP_ACK, SEGMENT);
      if (take (&tcp, 50))
        while (is_waiting (net))
          take (&tcp, 0);
      done += tcp.una - before;
      tcp.allowed = MIN (tcp.allowed + (tcp.una - before) / 16, ALLOWED_MAX);
      if ((gint32)(tcp.una - tcp.next) > 0)
        tcp.next = tcp.una;
      if (tcp.repeated >= 3 && (gint32)(tcp.una - tcp.recovered) >= 0)
        send_again (&tcp);
      if (tcp.una != before)
        progress = now ();
      else if (now () > progress + 0.2)
        {
          send_again (&tcp);
          progress = now ();
        }
    }
  end_tcp (&tcp);
  return (double)done / (now () - begin);
}

double
stream_download (Net *net, const char *to, guint16 from, double seconds)
{
  guint32 before;
  guint64 done = 0;
  double begin;
  Tcp tcp;

  connect_tcp (&tcp, net, to, from, PORT_SOURCE);
  begin = now ();
  before = tcp.received;
  while (now () < begin + seconds)
    {
      if (take (&tcp, 50))
        while (is_waiting (net))
          take (&tcp, 0);
      done += tcp.received - before;
      before = tcp.received;
      if (tcp.acknowledge)
        send_segment (&tcp, SG_TCP_ACK, 0);
      tcp.acknowledge = FALSE;
    }
  end_tcp (&tcp);
  return (double)done / (now () - begin);
}
