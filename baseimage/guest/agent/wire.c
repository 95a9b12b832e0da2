/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define IN_SIZE (256 * 1024)
#define OUT_START (64 * 1024)
G_STATIC_ASSERT (IN_SIZE >= SG_FRAME_HEADER + SG_FRAME_MAX);

struct Wire
{
  int fd;
  gsize start, end; /* received and not taken: in[start..end) */
  GByteArray *out;  /* to be sent, from `sent` on */
  gsize sent;
  guint8 in[IN_SIZE];
};

Wire *
wire_new (int fd)
{
  Wire *wire = g_new0 (Wire, 1);

  wire->fd = fd;
  wire->out = g_byte_array_sized_new (OUT_START);
  fcntl (fd, F_SETFL, fcntl (fd, F_GETFL) | O_NONBLOCK);
  fcntl (fd, F_SETFD, FD_CLOEXEC);
  return wire;
}

void
wire_free (Wire *wire)
{
  agent_close (&wire->fd);
  g_byte_array_unref (wire->out);
  g_free (wire);
}

int
wire_fd (Wire *wire)
{
  return wire->fd;
}

gboolean
wire_receive (Wire *wire)
{
  gssize n;

  if (wire->start > 0)
    {
      memmove (wire->in, wire->in + wire->start, wire->end - wire->start);
      wire->end -= wire->start;
      wire->start = 0;
    }
  n = read (wire->fd, wire->in + wire->end, IN_SIZE - wire->end);
  if (n < 0)
    return errno == EAGAIN || errno == EINTR;
  wire->end += (gsize)n;
  return n > 0;
}

int
wire_next (Wire *wire, Frame *ret_frame)
{
  gsize have = wire->end - wire->start;
  const guint8 *at = wire->in + wire->start;
  SgFrameHeader header;

  if (have < SG_FRAME_HEADER)
    return 0;
  if (!sg_frame_unpack (at, &header))
    return -1;
  if (have - SG_FRAME_HEADER < header.length)
    return 0;
  *ret_frame = (Frame){ header.type, header.channel, at + SG_FRAME_HEADER, header.length };
  wire->start += SG_FRAME_HEADER + header.length;
  return 1;
}

void
wire_send (Wire *wire, SgFrameType type, guint32 channel, const void *data, gsize len)
{
  SgFrameHeader header = { (guint32)len, (guint16)type, channel };
  guint8 packed[SG_FRAME_HEADER];

  sg_frame_pack (&header, packed);
  g_byte_array_append (wire->out, packed, sizeof packed);
  if (len > 0)
    g_byte_array_append (wire->out, data, (guint)len);
}

void
wire_send_value (Wire *wire, SgFrameType type, guint32 channel, GVariant *body)
{
  g_autoptr (GVariant) sunk = g_variant_ref_sink (body);
  g_autoptr (GVariant) little
      = G_BYTE_ORDER == G_BIG_ENDIAN ? g_variant_byteswap (sunk) : g_variant_ref (sunk);
  g_autoptr (GVariant) normal = g_variant_get_normal_form (little);

  wire_send (wire, type, channel, g_variant_get_data (normal), g_variant_get_size (normal));
}

gsize
wire_waiting (Wire *wire)
{
  return wire->out->len - wire->sent;
}

/* How many bytes at the front of `out` are whole frames that end at or behind `sent`: `*ret_begun`
 * counts the frame that is half sent too. */
static gsize
sent_frames (Wire *wire, gsize *ret_begun)
{
  gsize whole = 0, next = 0;
  SgFrameHeader header;

  while (next < wire->sent)
    {
      whole = next;
      sg_frame_unpack (wire->out->data + next, &header);
      next += SG_FRAME_HEADER + header.length;
    }
  *ret_begun = next;
  return next == wire->sent ? next : whole;
}

/* Frames that are sent do not stay in the buffer while others keep coming. */
static void
compact (Wire *wire)
{
  gsize begun, whole = wire->sent > IN_SIZE ? sent_frames (wire, &begun) : 0;

  if (whole > 0)
    g_byte_array_remove_range (wire->out, 0, (guint)whole);
  wire->sent -= whole;
}

gboolean
wire_flush (Wire *wire)
{
  while (wire_waiting (wire) > 0)
    {
      gssize n = write (wire->fd, wire->out->data + wire->sent, wire_waiting (wire));

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && errno != EAGAIN)
        return FALSE;
      if (n < 0)
        {
          compact (wire);
          return TRUE;
        }
      wire->sent += (gsize)n;
    }
  g_byte_array_set_size (wire->out, 0);
  wire->sent = 0;
  return TRUE;
}

void
wire_forget (Wire *wire)
{
  gsize begun;

  sent_frames (wire, &begun);
  g_byte_array_set_size (wire->out, (guint)begun);
}

GVariant *
wire_value (const Frame *frame, const char *type)
{
  g_autoptr (GBytes) copy = g_bytes_new (frame->data, frame->len);
  g_autoptr (GVariant) value
      = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (type), copy, FALSE));

  if (!g_variant_is_normal_form (value))
    return NULL;
  return G_BYTE_ORDER == G_BIG_ENDIAN ? g_variant_byteswap (value) : g_steal_pointer (&value);
}
