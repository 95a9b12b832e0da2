/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file written from front to end through one small buffer, with a checksum per chunk of it as the
 * link map keeps them.  The image passes through here rather than being put together in memory:
 * touching fresh memory costs more than all the encoding. */
#pragma once

#include "baseimage/map-format.h"

#include <gio/gio.h>

typedef struct
{
  int fd;         /* not owned */
  GArray *sums;   /* guint32, not owned: each full chunk's checksum is added */
  guint64 at;     /* bytes so far */
  guint8 *buffer; /* owned; SG_MAP_CHUNK bytes, the chunk under way */
} SgStream;

void sg_stream_init (SgStream *stream, int fd, GArray *sums);
void sg_stream_clear (SgStream *stream);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SgStream, sg_stream_clear)

gboolean sg_stream_put (SgStream *stream, const void *data, gsize len, GError **error);

/* Zeros up to byte OFFSET, which must not lie behind. */
gboolean sg_stream_pad_to (SgStream *stream, guint64 offset, GError **error);

/* Writes the last, partial chunk. */
gboolean sg_stream_finish (SgStream *stream, GError **error);
