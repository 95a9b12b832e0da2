/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the judgement and the two pipes ask of the loop. */
#include "launcher/netgate/loop.h"

#include <sys/socket.h>

#define RESOLVER_PATIENCE (3 * G_USEC_PER_SEC)

/* Whatever the order of messages: what is for other sandboxes never reaches passt, nor what is for
 * the internet a sandbox. */
static gboolean
fits (const SgLoop *loop)
{
  return loop->switched == (sg_gate_mode (loop->gate) == SG_GATE_PRIVATE);
}

static void
emit (gpointer data, gboolean to_guest, const guint8 *frame, gsize len)
{
  SgLoop *loop = data;

  if (!to_guest && !fits (loop))
    return;
  sg_pipe_insert (to_guest ? loop->in : loop->out, frame, len);
  if (to_guest && loop->pcap != NULL)
    sg_pcap_add (loop->pcap, frame, len, loop->realtime);
}

static void
blocked (gpointer data, const SgRecord *record)
{
  SgLoop *loop = data;
  static const SgAddress nowhere;
  char address[SG_ADDRESS_TEXT] = "";

  if (record->blocked != 1 || !sg_limit_take (&loop->news, 1, g_get_monotonic_time ()))
    return;
  if (!sg_address_equal (&record->address, &nowhere))
    sg_address_format (&record->address, address);
  sg_loop_tell (loop, SG_GATE_BLOCKED,
                g_variant_new (SG_GATE_TYPE_BLOCKED, address, record->name, record->protocol,
                               record->port, sg_reason_key (record->reason),
                               sg_gate_reason_text (record->reason),
                               record->source != NULL ? record->source : ""));
}

/* Sends a lookup to one of the sockets of the server in use.  One that has been silent for a while
 * gives way to the next in rank. */
static gboolean
ask (gpointer data, const guint8 *message, gsize len)
{
  SgLoop *loop = data;
  gint64 now = g_get_monotonic_time ();

  if (loop->first_unheard != 0 && now - loop->first_unheard > RESOLVER_PATIENCE)
    {
      loop->rank++;
      loop->first_unheard = 0;
    }
  for (guint i = 0; i < 2 * loop->n_resolvers; i++)
    {
      guint at = loop->next_resolver++ % loop->n_resolvers;

      /* Behind the last one comes the first again. */
      if (i == loop->n_resolvers)
        loop->rank = 0;
      if (loop->resolvers[at].rank != loop->rank)
        continue;
      if (loop->first_unheard == 0)
        loop->first_unheard = now;
      /* An error is that of an earlier question (nobody listens): this one is tried, too. */
      if (send (loop->resolvers[at].fd, message, len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        send (loop->resolvers[at].fd, message, len, MSG_DONTWAIT | MSG_NOSIGNAL);
      return TRUE;
    }
  return FALSE;
}

const SgGateHooks sg_loop_hooks = { emit, ask, blocked };

gboolean
sg_loop_judge_out (gpointer data, guint8 *frame, gsize len)
{
  SgLoop *loop = data;

  if (loop->pcap != NULL)
    sg_pcap_add (loop->pcap, frame, len, loop->realtime);
  return sg_gate_from_guest (loop->gate, frame, len) == SG_REASON_NONE && fits (loop);
}

gboolean
sg_loop_enough_out (gpointer data, const guint8 *head, gsize have, gsize len)
{
  const SgLoop *loop = data;

  return loop->pcap == NULL && sg_gate_head_decides (loop->gate, head, have, len, TRUE);
}

gboolean
sg_loop_enough_in (gpointer data, const guint8 *head, gsize have, gsize len)
{
  const SgLoop *loop = data;

  return loop->pcap == NULL && sg_gate_head_decides (loop->gate, head, have, len, FALSE);
}

gboolean
sg_loop_judge_in (gpointer data, guint8 *frame, gsize len)
{
  SgLoop *loop = data;
  gboolean passes = fits (loop) && sg_gate_from_net (loop->gate, frame, len) == SG_REASON_NONE;

  if (passes && loop->pcap != NULL)
    sg_pcap_add (loop->pcap, frame, len, loop->realtime);
  return passes;
}
