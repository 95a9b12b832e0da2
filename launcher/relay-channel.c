/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One running command.  Its life: open -> (STARTED) -> EXIT from the guest -> every byte written to
 * the client, descriptors closed -> EXITED to the supervisor.  After EXIT the guest has no business
 * on the channel; the number stays taken until the client has everything, and is never used again.
 *
 * Credit: `out_credit` is what the guest may still send.  Ring content + credit + what has gone on
 * but was not given back yet = SG_WINDOW, so a ring cannot overflow by a guest that keeps the
 * rules, and one that does not is caught by the first byte too many.
 *
 * A client's reader that is gone (EPIPE) is told to the guest, whose command then gets SIGPIPE like
 * any other.  Any other failure to write (a full disk) is told to the client too: output was lost.
 */
#include "launcher/relay.h"
#include "launcher/relay-stream.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#define CREDIT_STEP (SG_WINDOW / 4)

struct SgChannel
{
  guint32 id;
  SgStream *in;     /* owned; NULL once freed */
  SgStream *out[2]; /* owned; [1] is NULL with a tty */
  guint32 in_credit;
  guint32 out_credit[2];
  gboolean in_closed;      /* STDIN's end was sent, or the command reads no more */
  gboolean guest_ended[2]; /* the guest said that no more comes */
  gboolean told_gone[2];   /* the guest was told that nobody reads */
  gboolean started;
  gboolean stopping;  /* streams are being abandoned */
  gboolean forgotten; /* nobody wants to hear of its end */
  GVariant *exit;     /* owned; set when the guest has no more business here */
};

void
sg_channel_free (SgChannel *channel)
{
  sg_stream_free (channel->in);
  sg_stream_free (channel->out[0]);
  sg_stream_free (channel->out[1]);
  g_clear_pointer (&channel->exit, g_variant_unref);
  g_free (channel);
}

static SgChannel *
find (SgRelay *relay, guint32 id)
{
  return g_hash_table_lookup (relay->channels, GUINT_TO_POINTER (id));
}

gboolean
sg_channel_is_running (SgRelay *relay, guint32 id)
{
  SgChannel *channel = find (relay, id);

  return channel != NULL && channel->exit == NULL;
}

void
sg_channel_open (SgRelay *relay, guint32 id, int fds[3])
{
  SgChannel *channel = g_new0 (SgChannel, 1);

  channel->id = id;
  channel->in_credit = channel->out_credit[0] = channel->out_credit[1] = SG_WINDOW;
  channel->in = sg_stream_new (TRUE, fds[0], relay->notify_fd);
  channel->out[0] = sg_stream_new (FALSE, fds[1], relay->notify_fd);
  if (fds[2] >= 0)
    channel->out[1] = sg_stream_new (FALSE, fds[2], relay->notify_fd);
  g_hash_table_insert (relay->channels, GUINT_TO_POINTER (id), channel);
}

static gboolean
breach (GError **error, const char *what)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "The sandbox sent %s", what);
  return FALSE;
}

static gboolean
take_output (SgChannel *channel, int which, const SgFrame *frame, GError **error)
{
  if (channel->out[which] == NULL)
    return breach (error, "errors apart from a terminal's output");
  if (channel->guest_ended[which])
    return breach (error, "output after its end");
  if (frame->len > channel->out_credit[which])
    return breach (error, "more output than was asked for");
  if (frame->len == 0)
    {
      channel->guest_ended[which] = TRUE;
      sg_stream_end (channel->out[which]);
      return TRUE;
    }
  channel->out_credit[which] -= (guint32)frame->len;
  return sg_stream_put (channel->out[which], frame->data, frame->len)
         || breach (error, "more output than was asked for");
}

static gboolean
take_credit (SgChannel *channel, const SgFrame *frame, GError **error)
{
  guint32 bytes;

  g_variant_get_child (frame->body, 1, "u", &bytes);
  if (bytes > SG_WINDOW - channel->in_credit)
    return breach (error, "more credit than it was sent input");
  channel->in_credit += bytes;
  return TRUE;
}

/* The guest is finished with this command: what has arrived goes on to the client, input ends. */
static void
guest_done (SgChannel *channel, GVariant *result)
{
  channel->exit = g_variant_ref_sink (result);
  sg_stream_stop (channel->in);
  for (int i = 0; i < 2; i++)
    if (channel->out[i] != NULL)
      sg_stream_end (channel->out[i]);
}

gboolean
sg_channel_frame (SgRelay *relay, const SgFrame *frame, GError **error)
{
  SgChannel *channel = find (relay, frame->channel);

  if (channel == NULL || channel->exit != NULL)
    return breach (error, "a frame for a command that does not run");
  switch (frame->type)
    {
    case SG_FRAME_STARTED:
      if (channel->started)
        return breach (error, "a second start of a command");
      channel->started = TRUE;
      return TRUE;
    case SG_FRAME_STDIN:
      channel->in_closed = TRUE;
      sg_stream_stop (channel->in);
      return TRUE;
    case SG_FRAME_STDOUT:
      return take_output (channel, 0, frame, error);
    case SG_FRAME_STDERR:
      return take_output (channel, 1, frame, error);
    case SG_FRAME_CREDIT:
      return take_credit (channel, frame, error);
    case SG_FRAME_EXIT:
      guest_done (channel, frame->body);
      return TRUE;
    default:
      return breach (error, "a frame of an unknown type");
    }
}

static void
stop_streams (SgChannel *channel)
{
  channel->stopping = TRUE;
  sg_stream_stop (channel->in);
  for (int i = 0; i < 2; i++)
    if (channel->out[i] != NULL)
      sg_stream_stop (channel->out[i]);
}

void
sg_channel_drop (SgRelay *relay, guint32 id)
{
  SgChannel *channel = find (relay, id);

  if (channel == NULL)
    return;
  if (channel->exit == NULL)
    sg_frame_append_variant (relay->out, SG_FRAME_SIGNAL, id, g_variant_new ("(i)", SIGHUP));
  stop_streams (channel);
}

void
sg_channels_forget (SgRelay *relay)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, relay->channels);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      SgChannel *channel = value;
      channel->forgotten = TRUE;
      if (channel->exit == NULL)
        guest_done (channel, g_variant_new (SG_TYPE_EXIT, FALSE, 0, ""));
      stop_streams (channel);
    }
}

void
sg_channels_finish (SgRelay *relay)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, relay->channels);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      SgChannel *channel = value;
      channel->forgotten |= channel->exit == NULL; /* its end is not known: "broken" says so */
      if (channel->exit == NULL)
        guest_done (channel, g_variant_new (SG_TYPE_EXIT, FALSE, 0, ""));
    }
}

static gboolean
out_has_room (SgRelay *relay)
{
  return relay->out->len - relay->out_done < SG_RELAY_OUT_HIGH;
}

/* One piece of input, so that the commands take turns.  Returns whether more may follow at once. */
static gboolean
pump_input (SgRelay *relay, SgChannel *channel)
{
  static guint8 piece[SG_FRAME_MAX]; /* one thread, and too large for its stack */
  gsize n;

  if (channel->in_closed || channel->exit != NULL || !out_has_room (relay))
    return FALSE;
  n = sg_stream_get (channel->in, piece, MIN (sizeof piece, channel->in_credit));
  if (n > 0)
    {
      channel->in_credit -= (guint32)n;
      sg_frame_append (relay->out, SG_FRAME_STDIN, channel->id, piece, n);
      return TRUE;
    }
  if (sg_stream_at_end (channel->in))
    {
      channel->in_closed = TRUE;
      sg_frame_append (relay->out, SG_FRAME_STDIN, channel->id, NULL, 0);
    }
  return FALSE;
}

static void
pump_output (SgRelay *relay, SgChannel *channel, int which)
{
  SgStream *stream = channel->out[which];
  SgFrameType type = which == 0 ? SG_FRAME_STDOUT : SG_FRAME_STDERR;
  gsize gone;

  if (stream == NULL || channel->exit != NULL || channel->guest_ended[which])
    return;
  gone = sg_stream_take_gone (stream, CREDIT_STEP);
  if (gone > 0)
    {
      channel->out_credit[which] += (guint32)gone;
      sg_frame_append_variant (relay->out, SG_FRAME_CREDIT, channel->id,
                               g_variant_new (SG_TYPE_CREDIT, which + 1, (guint32)gone));
    }
  if (!channel->told_gone[which] && sg_stream_finished (stream))
    {
      channel->told_gone[which] = TRUE;
      sg_frame_append (relay->out, type, channel->id, NULL, 0);
    }
}

static gboolean
all_finished (SgChannel *channel)
{
  return sg_stream_finished (channel->in) && sg_stream_finished (channel->out[0])
         && (channel->out[1] == NULL || sg_stream_finished (channel->out[1]));
}

/* strerrordesc_np(): g_strerror() opens files for the locale, which the relay may not. */

/* Words about bytes that could not be moved for another reason than a reader who left; NULL: all is
 * well. */
static char *
lost_bytes (SgChannel *channel)
{
  int failure;

  if (channel->stopping)
    return NULL;
  for (int i = 0; i < 2; i++)
    {
      failure = channel->out[i] != NULL ? sg_stream_failure (channel->out[i]) : 0;
      if (failure != 0 && failure != EPIPE && failure != ECONNRESET)
        return g_strdup_printf ("Output was lost, because writing it failed: %s",
                                strerrordesc_np (failure));
    }
  failure = sg_stream_failure (channel->in);
  if (failure != 0 && failure != ECONNRESET)
    return g_strdup_printf ("The input could not be read: %s", strerrordesc_np (failure));
  return NULL;
}

static void
tell_exit (SgRelay *relay, SgChannel *channel)
{
  g_autofree char *lost = lost_bytes (channel);
  gboolean signalled;
  const char *message;
  gint32 code;

  g_variant_get (channel->exit, "(bi&s)", &signalled, &code, &message);
  sg_relay_control_answer (relay, SG_RELAY_EXITED,
                           g_variant_new ("(ubis)", channel->id, signalled, code,
                                          *message == '\0' && lost != NULL ? lost : message));
}

gboolean
sg_channels_pump (SgRelay *relay)
{
  gboolean stopping = FALSE, more = TRUE;
  GHashTableIter iter;
  gpointer value;

  while (more)
    {
      more = FALSE;
      g_hash_table_iter_init (&iter, relay->channels);
      while (g_hash_table_iter_next (&iter, NULL, &value))
        more |= pump_input (relay, value);
    }

  g_hash_table_iter_init (&iter, relay->channels);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      SgChannel *channel = value;

      pump_output (relay, channel, 0);
      pump_output (relay, channel, 1);
      if (channel->exit != NULL && all_finished (channel))
        {
          if (!channel->forgotten)
            tell_exit (relay, channel);
          g_hash_table_iter_remove (&iter);
          continue;
        }
      if (channel->stopping)
        stop_streams (channel);
      else if (channel->in_closed || channel->exit != NULL)
        sg_stream_stop (channel->in);
      stopping |= channel->stopping ? !all_finished (channel)
                                    : (channel->in_closed || channel->exit != NULL)
                                          && !sg_stream_finished (channel->in);
    }
  return stopping;
}
