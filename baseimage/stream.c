/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "baseimage/stream.h"

#include "baseimage/crc32c.h"
#include "common/fd.h"

#include <string.h>

void
sg_stream_init (SgStream *stream, int fd, GArray *sums)
{
  stream->fd = fd;
  stream->sums = sums;
  stream->at = 0;
  stream->buffer = g_malloc (SG_MAP_CHUNK);
}

void
sg_stream_clear (SgStream *stream)
{
  g_clear_pointer (&stream->buffer, g_free);
}

static gboolean
flush (SgStream *stream, gsize len, GError **error)
{
  guint32 crc = sg_crc32c (SG_CRC32C_INIT, stream->buffer, len);

  g_array_append_val (stream->sums, crc);
  return sg_write_all (stream->fd, stream->buffer, len, error);
}

/* Moves LEN bytes on; DATA NULL stands for zeros. */
static gboolean
put (SgStream *stream, const guint8 *data, guint64 len, GError **error)
{
  while (len > 0)
    {
      gsize filled = stream->at % SG_MAP_CHUNK;
      gsize now = MIN (len, SG_MAP_CHUNK - filled);
      if (data != NULL)
        {
          memcpy (stream->buffer + filled, data, now);
          data += now;
        }
      else
        memset (stream->buffer + filled, 0, now);
      stream->at += now;
      len -= now;
      if (filled + now == SG_MAP_CHUNK && !flush (stream, SG_MAP_CHUNK, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
sg_stream_put (SgStream *stream, const void *data, gsize len, GError **error)
{
  return put (stream, data, len, error);
}

gboolean
sg_stream_pad_to (SgStream *stream, guint64 offset, GError **error)
{
  g_return_val_if_fail (offset >= stream->at, FALSE);
  return put (stream, NULL, offset - stream->at, error);
}

gboolean
sg_stream_finish (SgStream *stream, GError **error)
{
  gsize left = stream->at % SG_MAP_CHUNK;

  return left == 0 || flush (stream, left, error);
}
