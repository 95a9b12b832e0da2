/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/sound-wire.h"

#include "common/fd.h"

#include <stddef.h>
#include <sys/socket.h>

gboolean
sg_sound_can (int rate, int channels)
{
  return rate >= (int)SG_SOUND_RATE_MIN && rate <= (int)SG_SOUND_RATE_MAX && channels >= 1
         && channels <= (int)SG_SOUND_CHANNELS_MAX;
}

gboolean
sg_sound_is_sane (const SgSoundPacket *packet, gssize received, SgSoundKind kind)
{
  const SgSoundHeader *header = &packet->header;

  if (received < (gssize)sizeof *header || header->length > SG_SOUND_BYTES_MAX
      || received != (gssize)(sizeof *header + header->length))
    return FALSE;
  if (header->kind == SG_SOUND_STOP)
    return header->length == 0;
  if (header->kind != (guint32)kind || header->rate > SG_SOUND_RATE_MAX
      || header->channels > SG_SOUND_CHANNELS_MAX
      || !sg_sound_can ((int)header->rate, (int)header->channels))
    return FALSE;
  if (kind == SG_SOUND_LISTEN)
    return header->length == 0;
  return header->length > 0 && header->length % (header->channels * sizeof (gint16)) == 0;
}

gboolean
sg_sound_send (int fd, const SgSoundPacket *packet)
{
  gsize size = sizeof packet->header + packet->header.length;

  return fd >= 0 && send (fd, packet, size, MSG_DONTWAIT | MSG_NOSIGNAL) == (gssize)size;
}

gboolean
sg_sound_pair (int *ret_a, int *ret_b, int bytes, GError **error)
{
  int pair[2];

  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
    return sg_errno (error, "The window's sound cannot be passed on");
  for (int i = 0; i < 2; i++)
    setsockopt (pair[i], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
  *ret_a = pair[0];
  *ret_b = pair[1];
  return TRUE;
}

/* The ear hears ratios: a cube is near enough, and ends at nothing. */
guint32
sg_sound_gain (double volume)
{
  double v = CLAMP (volume, 0.0, 1.0);

  return (guint32)(v * v * v * 65536.0 + 0.5);
}

void
sg_sound_scale (gint16 *to, const gint16 *from, gsize count, guint32 gain)
{
  for (gsize i = 0; i < count; i++)
    to[i] = (gint16)((gint64)from[i] * gain / 65536);
}
