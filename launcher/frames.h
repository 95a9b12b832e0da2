/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames of the agent's port (baseimage/guest/protocol.h): a bounded reader of what a hostile guest
 * sends, and the writer of what the host sends.  No I/O, no state beyond one buffer: this is what
 * the fuzzer drives.
 *
 *   sg_frame_reader_space (reader, &room, &len);  n = recv (fd, room, len);
 *   sg_frame_reader_filled (reader, n);
 *   while ((got = sg_frame_reader_next (reader, &frame, &error)) == SG_FRAME_GOT)
 *     { ...; sg_frame_clear (&frame); }
 */
#pragma once

#include "baseimage/guest/protocol.h"

#include <gio/gio.h>

/* The longest text that is taken from a guest for a person to read, in bytes. */
#define SG_FRAME_TEXT_MAX 1024

typedef struct SgFrameReader SgFrameReader;

SgFrameReader *sg_frame_reader_new (void);
void sg_frame_reader_free (SgFrameReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgFrameReader, sg_frame_reader_free)

/* Where the next bytes go: at least one whole frame's worth in all, never more than 256 KiB. Frames
 * handed out before are invalid afterwards. */
void sg_frame_reader_space (SgFrameReader *reader, void **ret_room, gsize *ret_len);
void sg_frame_reader_filled (SgFrameReader *reader, gsize len);

typedef struct
{
  SgFrameType type;
  guint32 channel;
  const guint8 *data; /* borrowed from the reader: bytes of STDIN, STDOUT, STDERR */
  gsize len;
  GVariant *body; /* owned: the value of all other types; NULL for byte frames */
} SgFrame;

void sg_frame_clear (SgFrame *frame);

typedef enum
{
  SG_FRAME_BAD = -1, /* the stream is broken for good; error says how */
  SG_FRAME_MORE = 0, /* needs more bytes */
  SG_FRAME_GOT = 1
} SgFrameOutcome;

/* The next whole frame that an agent may send at all: a known type in the agent's direction, on the
 * right kind of channel, and a body of exactly its type, in normal form, with values in their
 * ranges.  Whether it may come *now* is the caller's to know. */
SgFrameOutcome sg_frame_reader_next (SgFrameReader *reader, SgFrame *ret_frame, GError **error);

/* Appends one frame to OUT.  LEN must be at most SG_FRAME_MAX. */
void
sg_frame_append (GByteArray *out, SgFrameType type, guint32 channel, const void *data, gsize len);

/* Appends a frame whose body is BODY (consumed when floating), little-endian.  FALSE, with nothing
 * appended, when that is more than SG_FRAME_MAX bytes. */
gboolean
sg_frame_append_variant (GByteArray *out, SgFrameType type, guint32 channel, GVariant *body);

/* BYTES as a value of exactly TYPE in normal form (little-endian), or NULL.  BYTES is untrusted. */
GVariant *sg_frame_parse (const void *bytes, gsize len, const char *type);

/* TRUE for a method named in protocol.h; its argument and result types. */
gboolean
sg_frame_method_types (const char *method, const char **ret_argument, const char **ret_result);
