/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/netgate/fragments.h"
#include "launcher/netgate/compose.h"

#define DATAGRAMS_MAX 8
#define PIECES_MAX 64
#define LIFETIME (15 * G_USEC_PER_SEC)
#define DATA_MAX 65535
/* No first fragment is so short that its TCP header is in the second. */
#define FIRST_MIN 40

typedef struct
{
  guint32 start, end;
} Piece;

typedef struct
{
  gboolean used;
  gint64 since;
  SgAddress from, to;
  guint32 id;
  guint8 protocol;
  SgPacketKind kind;

  guint8 head[SG_ETH_LEN + 60 + SG_CHAIN_BYTES + 8]; /* of the first fragment, up to the data */
  gsize head_len;                                    /* 0: it has not come yet */
  gsize next_at;                                     /* IPv6: where the head announces the data */
  guint8 *data;                                      /* owned, grown by need */
  gsize data_size;
  gsize total; /* 0: the last fragment has not come yet */
  gsize have;
  Piece pieces[PIECES_MAX];
  guint n_pieces;
} Datagram;

struct _SgFragments
{
  Datagram datagrams[DATAGRAMS_MAX];
  guint8 *whole; /* owned: what was handed out last */
};

SgFragments *
sg_fragments_new (void)
{
  return g_new0 (SgFragments, 1);
}

static void
forget (Datagram *datagram)
{
  g_free (datagram->data);
  memset (datagram, 0, sizeof *datagram);
}

void
sg_fragments_free (SgFragments *fragments)
{
  for (guint i = 0; i < DATAGRAMS_MAX; i++)
    forget (&fragments->datagrams[i]);
  g_free (fragments->whole);
  g_free (fragments);
}

/* The datagram that PACKET is a piece of; a new one, in place of the oldest, when it is the first.
 */
static Datagram *
datagram_for (SgFragments *fragments, const SgPacket *packet, gint64 now)
{
  Datagram *oldest = NULL;

  for (guint i = 0; i < DATAGRAMS_MAX; i++)
    {
      Datagram *d = &fragments->datagrams[i];

      if (d->used && now - d->since > LIFETIME)
        forget (d);
      /* IPv6 tells datagrams apart by id and addresses alone; IPv4 by the protocol too. */
      if (d->used && d->kind == packet->kind && d->id == packet->fragment_id
          && sg_address_equal (&d->from, &packet->from) && sg_address_equal (&d->to, &packet->to)
          && (d->kind == SG_PACKET_IP6 || d->protocol == packet->protocol))
        return d;
      if (oldest == NULL || (oldest->used && (!d->used || d->since < oldest->since)))
        oldest = d;
    }
  forget (oldest);
  *oldest = (Datagram){ .used = TRUE,
                        .since = now,
                        .from = packet->from,
                        .to = packet->to,
                        .id = packet->fragment_id,
                        .protocol = packet->protocol,
                        .kind = packet->kind };
  return oldest;
}

static SgReason
add_piece (Datagram *datagram, const SgPacket *packet)
{
  gsize start = packet->fragment_offset, end = start + packet->l4_len;

  if (packet->l4_len == 0 || end > DATA_MAX || (packet->more && packet->l4_len % 8 != 0)
      || (start == 0 && packet->more && packet->l4_len < FIRST_MIN)
      || datagram->n_pieces == PIECES_MAX)
    return SG_REASON_FRAGMENT;
  if (datagram->total != 0 && (end > datagram->total || !packet->more))
    return SG_REASON_FRAGMENT_OVERLAP;
  for (guint i = 0; i < datagram->n_pieces; i++)
    {
      const Piece *piece = &datagram->pieces[i];

      if ((start < piece->end && piece->start < end) || (!packet->more && piece->end > end))
        return SG_REASON_FRAGMENT_OVERLAP;
    }
  if (end > datagram->data_size)
    {
      datagram->data_size = end;
      datagram->data = g_realloc (datagram->data, end);
    }
  memcpy (datagram->data + start, packet->frame + packet->l4, packet->l4_len);
  datagram->pieces[datagram->n_pieces++] = (Piece){ (guint32)start, (guint32)end };
  datagram->have += packet->l4_len;
  if (!packet->more)
    datagram->total = end;
  return SG_REASON_NONE;
}

/* Keeps the first fragment's headers, without the fragment header. */
static SgReason
keep_head (Datagram *datagram, const SgPacket *packet)
{
  gsize len = packet->kind == SG_PACKET_IP6 ? packet->fragment_header : packet->l4;

  if (len > sizeof datagram->head)
    return SG_REASON_FRAGMENT;
  memcpy (datagram->head, packet->frame, len);
  datagram->head_len = len;
  datagram->next_at = packet->fragment_next;
  datagram->protocol = packet->protocol;
  return SG_REASON_NONE;
}

static gboolean
put_together (SgFragments *fragments, Datagram *datagram, gsize *ret_len)
{
  gsize head = datagram->head_len, len = head + datagram->total;
  guint8 *frame, *ip;

  /* What does not fit in one packet's length field was never one. */
  if (len - SG_ETH_LEN > 65535)
    return FALSE;
  g_free (fragments->whole);
  frame = fragments->whole = g_malloc (len);
  memcpy (frame, datagram->head, head);
  memcpy (frame + head, datagram->data, datagram->total);
  ip = frame + SG_ETH_LEN;
  if (datagram->kind == SG_PACKET_IP6)
    {
      frame[datagram->next_at] = datagram->protocol;
      sg_put16 (ip + 4, (guint32)(len - SG_ETH_LEN - 40));
    }
  else
    {
      sg_put16 (ip + 2, (guint32)(len - SG_ETH_LEN));
      sg_put16 (ip + 6, 0);
      sg_put16 (ip + 10, 0);
      sg_put16 (ip + 10, sg_checksum_fold (sg_checksum_add (0, ip, head - SG_ETH_LEN)));
    }
  *ret_len = len;
  return TRUE;
}

SgReason
sg_fragments_take (SgFragments *fragments, const SgPacket *packet, gint64 now,
                   const guint8 **ret_frame, gsize *ret_len)
{
  Datagram *datagram = datagram_for (fragments, packet, now);
  SgReason reason = add_piece (datagram, packet);

  *ret_frame = NULL;
  if (reason == SG_REASON_NONE && packet->fragment_offset == 0)
    reason = keep_head (datagram, packet);
  if (reason == SG_REASON_NONE && datagram->head_len > 0 && datagram->have == datagram->total)
    {
      if (!put_together (fragments, datagram, ret_len))
        reason = SG_REASON_LENGTH;
      else
        *ret_frame = fragments->whole;
      forget (datagram);
    }
  if (reason != SG_REASON_NONE)
    forget (datagram);
  return reason;
}
