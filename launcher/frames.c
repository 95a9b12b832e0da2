/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A frame is looked at in four steps, each of which can end the stream: the header's shape, whether
 * an agent may send this type on this kind of channel, whether the length fits the type, and, for
 * bodies with structure, whether the bytes are a normal-form value with every number in its range.
 * Only then does anyone else see it.
 *
 * The buffer is a plain array: bytes are taken from the front, and what is left of an incomplete
 * frame is moved to the front before the next read, at most one frame's length per 256 KiB read. */
#include "launcher/frames.h"

#include <string.h>

#define BUFFER_SIZE (256 * 1024)
G_STATIC_ASSERT (BUFFER_SIZE >= SG_FRAME_HEADER + SG_FRAME_MAX);

struct SgFrameReader
{
  gsize start, end; /* bytes not yet taken: buffer[start..end) */
  guint8 buffer[BUFFER_SIZE];
};

/* What an agent may send. */
static const struct
{
  SgFrameType type;
  gboolean machine; /* on channel 0; else on a command's */
  const char *body; /* GVariant type; NULL: raw bytes */
  guint32 max;      /* bytes of the payload */
} from_agent[] = {
  { SG_FRAME_HELLO_OK, TRUE, SG_TYPE_HELLO, 64 },
  { SG_FRAME_REPLY, TRUE, SG_TYPE_REPLY, 4096 },
  { SG_FRAME_EVENT, TRUE, SG_TYPE_EVENT, 4096 },
  { SG_FRAME_STARTED, FALSE, SG_TYPE_STARTED, 4 },
  { SG_FRAME_STDIN, FALSE, NULL, 0 },
  { SG_FRAME_STDOUT, FALSE, NULL, SG_FRAME_MAX },
  { SG_FRAME_STDERR, FALSE, NULL, SG_FRAME_MAX },
  { SG_FRAME_CREDIT, FALSE, SG_TYPE_CREDIT, 8 },
  { SG_FRAME_EXIT, FALSE, SG_TYPE_EXIT, 4096 },
};

static const struct
{
  const char *name, *argument, *result;
} methods[] = {
  { "clock", "x", "()" },        { "entropy", "ay", "()" }, { "identity", "a{sv}", "()" },
  { "settings", "a{sv}", "()" }, { "ready", "()", "(b)" },  { "poweroff", "()", "()" },
  { "memory", "()", "(tu)" },
};

static const struct
{
  const char *name, *value;
} events[] = {
  { "desktop-ready", "b" },
  { "notice", "s" },
};

SgFrameReader *
sg_frame_reader_new (void)
{
  SgFrameReader *reader = g_malloc (sizeof *reader);

  reader->start = reader->end = 0;
  return reader;
}

void
sg_frame_reader_free (SgFrameReader *reader)
{
  g_free (reader);
}

void
sg_frame_reader_space (SgFrameReader *reader, void **ret_room, gsize *ret_len)
{
  gsize left = reader->end - reader->start;

  if (left == 0)
    reader->start = reader->end = 0;
  else if (BUFFER_SIZE - reader->start < SG_FRAME_HEADER + SG_FRAME_MAX)
    {
      memmove (reader->buffer, reader->buffer + reader->start, left);
      reader->start = 0;
      reader->end = left;
    }
  *ret_room = reader->buffer + reader->end;
  *ret_len = BUFFER_SIZE - reader->end;
}

void
sg_frame_reader_filled (SgFrameReader *reader, gsize len)
{
  g_assert (len <= BUFFER_SIZE - reader->end);
  reader->end += len;
}

void
sg_frame_clear (SgFrame *frame)
{
  g_clear_pointer (&frame->body, g_variant_unref);
  frame->data = NULL;
  frame->len = 0;
}

gboolean
sg_frame_method_types (const char *method, const char **ret_argument, const char **ret_result)
{
  for (gsize i = 0; i < G_N_ELEMENTS (methods); i++)
    if (g_str_equal (methods[i].name, method))
      {
        *ret_argument = methods[i].argument;
        *ret_result = methods[i].result;
        return TRUE;
      }
  return FALSE;
}

GVariant *
sg_frame_parse (const void *bytes, gsize len, const char *type)
{
  /* A copy: the bytes are unaligned, borrowed, and GVariant keeps what it is given. */
  g_autoptr (GBytes) copy = g_bytes_new (bytes, len);
  g_autoptr (GVariant) value = NULL;

  value = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (type), copy, FALSE));
  if (!g_variant_is_normal_form (value))
    return NULL;
  if (G_BYTE_ORDER == G_BIG_ENDIAN)
    {
      GVariant *swapped = g_variant_byteswap (value);
      g_variant_unref (g_steal_pointer (&value));
      value = swapped;
    }
  return g_steal_pointer (&value);
}

static gboolean
good_event (GVariant *body)
{
  g_autoptr (GVariant) value = NULL;
  const char *name;

  g_variant_get (body, "(&sv)", &name, &value);
  for (gsize i = 0; i < G_N_ELEMENTS (events); i++)
    if (g_str_equal (events[i].name, name))
      return g_variant_is_of_type (value, G_VARIANT_TYPE (events[i].value))
             && (*events[i].value != 's'
                 || strlen (g_variant_get_string (value, NULL)) <= SG_FRAME_TEXT_MAX);
  return FALSE;
}

static gboolean
good_exit (GVariant *body)
{
  gboolean signalled;
  gint32 code;
  const char *message;

  g_variant_get (body, "(bi&s)", &signalled, &code, &message);
  return (signalled ? code >= 1 && code <= 64 : code >= 0 && code <= 255)
         && strlen (message) <= SG_FRAME_TEXT_MAX;
}

static gboolean
good_reply (GVariant *body)
{
  const char *message;

  g_variant_get_child (body, 2, "&s", &message);
  return strlen (message) <= SG_FRAME_TEXT_MAX;
}

static gboolean
good_hello (GVariant *body)
{
  g_autoptr (GVariant) nonce = g_variant_get_child_value (body, 1);

  return g_variant_n_children (nonce) == 16;
}

static gboolean
good_credit (GVariant *body)
{
  guint8 stream;
  guint32 bytes;

  g_variant_get (body, SG_TYPE_CREDIT, &stream, &bytes);
  return stream == 0 && bytes > 0 && bytes <= SG_WINDOW; /* the agent receives only stdin */
}

static gboolean
good_values (SgFrameType type, GVariant *body)
{
  switch (type)
    {
    case SG_FRAME_HELLO_OK:
      return good_hello (body);
    case SG_FRAME_REPLY:
      return good_reply (body);
    case SG_FRAME_EVENT:
      return good_event (body);
    case SG_FRAME_CREDIT:
      return good_credit (body);
    case SG_FRAME_EXIT:
      return good_exit (body);
    default:
      return TRUE;
    }
}

static int
find_type (guint16 type)
{
  for (gsize i = 0; i < G_N_ELEMENTS (from_agent); i++)
    if (from_agent[i].type == type)
      return (int)i;
  return -1;
}

static SgFrameOutcome
bad (GError **error, const char *what)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "The sandbox sent %s", what);
  return SG_FRAME_BAD;
}

SgFrameOutcome
sg_frame_reader_next (SgFrameReader *reader, SgFrame *ret_frame, GError **error)
{
  const guint8 *at = reader->buffer + reader->start;
  gsize have = reader->end - reader->start;
  SgFrameHeader header;
  SgFrame frame = { 0 };
  int rule;

  if (have < SG_FRAME_HEADER)
    return SG_FRAME_MORE;
  if (!sg_frame_unpack (at, &header))
    return bad (error, "a garbled frame");
  rule = find_type (header.type);
  if (rule < 0)
    return bad (error, "a frame of an unknown type");
  if (from_agent[rule].machine != (header.channel == 0))
    return bad (error, "a frame on the wrong channel");
  if (header.length > from_agent[rule].max)
    return bad (error, "a frame that is too long for its type");
  if (have - SG_FRAME_HEADER < header.length)
    return SG_FRAME_MORE;

  frame.type = header.type;
  frame.channel = header.channel;
  if (from_agent[rule].body == NULL)
    {
      frame.data = at + SG_FRAME_HEADER;
      frame.len = header.length;
    }
  else
    {
      frame.body = sg_frame_parse (at + SG_FRAME_HEADER, header.length, from_agent[rule].body);
      if (frame.body == NULL || !good_values (frame.type, frame.body))
        {
          sg_frame_clear (&frame);
          return bad (error, "a frame with a malformed body");
        }
    }
  reader->start += SG_FRAME_HEADER + header.length;
  *ret_frame = frame;
  return SG_FRAME_GOT;
}

void
sg_frame_append (GByteArray *out, SgFrameType type, guint32 channel, const void *data, gsize len)
{
  SgFrameHeader header = { .length = (guint32)len, .type = (guint16)type, .channel = channel };
  guint8 packed[SG_FRAME_HEADER];

  g_assert (len <= SG_FRAME_MAX);
  sg_frame_pack (&header, packed);
  g_byte_array_append (out, packed, sizeof packed);
  if (len > 0)
    g_byte_array_append (out, data, (guint)len);
}

gboolean
sg_frame_append_variant (GByteArray *out, SgFrameType type, guint32 channel, GVariant *body)
{
  g_autoptr (GVariant) sunk = g_variant_ref_sink (body);
  g_autoptr (GVariant) swapped
      = G_BYTE_ORDER == G_BIG_ENDIAN ? g_variant_byteswap (sunk) : g_variant_ref (sunk);
  g_autoptr (GVariant) normal = g_variant_get_normal_form (swapped);

  if (g_variant_get_size (normal) > SG_FRAME_MAX)
    return FALSE;
  sg_frame_append (out, type, channel, g_variant_get_data (normal), g_variant_get_size (normal));
  return TRUE;
}
