/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The window that a guest offers, narrowed to what passt's socket holds.
 *
 * passt sends all that the window allows at once, and drops what its socket has no room for: the
 * guest sees holes, asks again, and passt reads everything once more.  A Linux guest offers up to
 * 3 MB, but a socket of an ordinary user's holds 416 KiB where net.core.wmem_max is what it was
 * until Linux 6.17.  Between guest and passt there is no distance that would need more: the long
 * way is the host's TCP, behind passt.  So what is said in the TCP header (RFC 9293, 3.1, scaled as
 * in RFC 7323, 2) becomes the smaller of the two; nothing else of a frame is ever changed. */
#include "launcher/netgate/compose.h"
#include "launcher/netgate/gate-internal.h"

#define OPTION_END 0
#define OPTION_NOTHING 1
#define OPTION_SCALE 3
#define OPTION_SCALE_LEN 3
#define SCALE_MAX 14 /* RFC 7323, 2.3 */
#define TCP_WINDOW 14
#define TCP_CHECKSUM 16
#define TCP_HEADER 20

/* The scale that a SYN announces; -1: none. */
static int
announced_scale (const SgPacket *packet)
{
  const guint8 *at = packet->frame + packet->l4 + TCP_HEADER;
  const guint8 *end = packet->frame + packet->payload;

  while (at < end && *at != OPTION_END)
    {
      if (*at == OPTION_NOTHING)
        {
          at++;
          continue;
        }
      if (end - at < 2 || at[1] < 2 || at[1] > end - at)
        return -1;
      if (*at == OPTION_SCALE)
        return at[1] == OPTION_SCALE_LEN ? MIN (at[2], SCALE_MAX) : -1;
      at += at[1];
    }
  return -1;
}

void
sg_gate_learn_scale (SgFlow *flow, const SgPacket *packet, gboolean from_guest)
{
  int scale;

  if ((packet->tcp_flags & SG_TCP_SYN) == 0)
    return;
  scale = announced_scale (packet);
  if (from_guest)
    {
      flow->guest_scales = scale >= 0;
      flow->scale = (guint8)MAX (scale, 0) & 15;
    }
  else
    flow->net_scales = scale >= 0;
}

void
sg_gate_note_window (SgGate *gate, const SgFlow *flow, const SgPacket *packet)
{
  guint scale = flow->guest_scales && flow->net_scales ? flow->scale : 0;
  guint32 offered = sg_get16 (packet->frame + packet->l4 + TCP_WINDOW);

  /* The window of a SYN is not scaled, and at most 64 KiB. */
  if (gate->window_most == 0 || (packet->tcp_flags & SG_TCP_SYN) != 0
      || (offered << scale) <= gate->window_most)
    return;
  gate->narrow_at = packet->l4;
  gate->narrow_to = (guint16)(gate->window_most >> scale);
}

/* The checksum changes by as much as the field does (RFC 1624): a wrong one stays wrong. */
void
sg_gate_narrow (SgGate *gate, guint8 *frame)
{
  guint8 *l4 = frame + gate->narrow_at;
  guint32 sum;

  if (gate->narrow_at == 0)
    return;
  sum = (guint32)(guint16)~sg_get16 (l4 + TCP_CHECKSUM) + (guint16)~sg_get16 (l4 + TCP_WINDOW)
        + gate->narrow_to;
  sg_put16 (l4 + TCP_WINDOW, gate->narrow_to);
  sg_put16 (l4 + TCP_CHECKSUM, sg_checksum_fold (sum));
}

void
sg_gate_set_window (SgGate *gate, guint32 most)
{
  gate->window_most = MIN (most, G_MAXUINT16 << SCALE_MAX);
}
