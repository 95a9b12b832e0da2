/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the guest may say, and when.  Until the agent has answered HELLO with its nonce, well-formed
 * frames are dropped: they are left over from before a clone.  Afterwards everything must be
 * expected: a reply to a call that is open, a frame of a command that runs.  Events come unasked,
 * so they are rationed. */
#include "launcher/relay.h"

#include <string.h>

/* Enough for every window of every channel, twice over. */
#define IGNORE_MAX (2 * (guint64)SG_MAX_CHANNELS * 2 * SG_WINDOW)
#define EVENTS_MAX 100
#define EVENTS_WINDOW (10 * G_USEC_PER_SEC)

static gboolean
breach (GError **error, const char *what)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "The sandbox sent %s", what);
  return FALSE;
}

static gboolean
before_greeting (SgRelay *relay, const SgFrame *frame, GError **error)
{
  guint32 version;

  if (relay->hello_sent && frame->type == SG_FRAME_HELLO_OK)
    {
      g_autoptr (GVariant) nonce = g_variant_get_child_value (frame->body, 1);
      gsize len;
      const void *bytes = g_variant_get_fixed_array (nonce, &len, 1);

      g_variant_get_child (frame->body, 0, "u", &version);
      if (len == sizeof relay->nonce && memcmp (bytes, relay->nonce, len) == 0)
        {
          if (version != SG_PROTOCOL_VERSION)
            return breach (error, "another version of its agent; the base must be built again");
          relay->greeted = TRUE;
          sg_relay_control_answer (relay, SG_RELAY_GREETED, g_variant_new ("(@ay)", nonce));
          return TRUE;
        }
    }
  relay->ignored += SG_FRAME_HEADER + frame->len;
  return relay->ignored <= IGNORE_MAX || breach (error, "too much before its agent answered");
}

static gboolean
take_reply (SgRelay *relay, const SgFrame *frame, GError **error)
{
  g_autoptr (GVariant) result = NULL;
  const char *message, *type;
  gboolean ok;
  guint32 serial;

  g_variant_get (frame->body, "(ub&sv)", &serial, &ok, &message, &result);
  type = g_hash_table_lookup (relay->calls, GUINT_TO_POINTER (serial));
  if (type == NULL)
    return breach (error, "an answer that nobody waits for");
  if (ok && !g_variant_is_of_type (result, G_VARIANT_TYPE (type)))
    return breach (error, "an answer of the wrong kind");
  g_hash_table_remove (relay->calls, GUINT_TO_POINTER (serial));
  sg_relay_control_answer (
      relay, SG_RELAY_REPLY,
      g_variant_new ("(ubsv)", serial, ok, message, ok ? result : g_variant_new ("()")));
  return TRUE;
}

static gboolean
take_event (SgRelay *relay, const SgFrame *frame, GError **error)
{
  gint64 now = g_get_monotonic_time ();

  if (now - relay->events_since > EVENTS_WINDOW)
    {
      relay->events_since = now;
      relay->events = 0;
    }
  if (++relay->events > EVENTS_MAX)
    return breach (error, "a flood of messages");
  sg_relay_control_answer (relay, SG_RELAY_EVENT, frame->body);
  return TRUE;
}

gboolean
sg_relay_guest_frame (SgRelay *relay, const SgFrame *frame, GError **error)
{
  if (!relay->greeted)
    return before_greeting (relay, frame, error);
  switch (frame->type)
    {
    case SG_FRAME_HELLO_OK:
      return breach (error, "a second greeting");
    case SG_FRAME_REPLY:
      return take_reply (relay, frame, error);
    case SG_FRAME_EVENT:
      return take_event (relay, frame, error);
    default:
      return sg_channel_frame (relay, frame, error);
    }
}
