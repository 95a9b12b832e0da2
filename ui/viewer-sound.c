/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/viewer-sound.h"

#include "common/fd.h"
#include "ui/allowed.h"
#include "ui/sound-wire.h"

#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>

/* So that nobody listens for a blink of the light. */
#define LIGHT_MSEC 3000

struct _SgViewerSound
{
  GObject parent;
  int play_fd, listen_fd;
  GSimpleAction *mute, *microphone; /* owned */
  GtkAdjustment *volume;            /* owned */
  SpiceChannel *playback, *record;  /* owned; NULL: not connected */
  SgSoundPacket out;                /* its header: what is played now; length 0 and rate 0: nothing */
  SgSoundHeader wanted;             /* what the guest wants to hear; rate 0: nothing */
  guint heard_source, light_source;
  gboolean locked;
};

G_DEFINE_TYPE (SgViewerSound, sg_viewer_sound, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static gboolean
state_of (GSimpleAction *action)
{
  g_autoptr (GVariant) state = g_action_get_state (G_ACTION (action));

  return g_variant_get_boolean (state);
}

static void
tell (SgViewerSound *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
send_stop (int fd)
{
  const SgSoundPacket packet = { .header = { .kind = SG_SOUND_STOP } };

  sg_sound_send (fd, &packet);
}

/* --- what is played --- */

static void
on_playback_start (SpiceChannel *channel, int format, int channels, int rate, gpointer data)
{
  SgViewerSound *self = data;
  gboolean can = format == SPICE_AUDIO_FMT_S16 && sg_sound_can (rate, channels);

  self->out.header = (SgSoundHeader){ SG_SOUND_PLAY, can ? (guint32)rate : 0,
                                      can ? (guint32)channels : 0, 0 };
  if (!can)
    g_info ("a sound of %d Hz, %d channels is not played", rate, channels);
}

static void
on_playback_data (SpiceChannel *channel, gpointer bytes, int size, gpointer data)
{
  SgViewerSound *self = data;
  SgSoundHeader *header = &self->out.header;
  gsize frame = header->channels * sizeof (gint16), left, at = 0;
  guint32 gain = sg_sound_gain (gtk_adjustment_get_value (self->volume) / 100);

  if (header->rate == 0 || size <= 0 || state_of (self->mute))
    return;
  for (left = (gsize)size - (gsize)size % frame; left > 0; left -= header->length)
    {
      header->length = (guint32)MIN (left, SG_SOUND_BYTES_MAX - SG_SOUND_BYTES_MAX % frame);
      sg_sound_scale (self->out.samples, (const gint16 *)bytes + at,
                      header->length / sizeof (gint16), gain);
      sg_sound_send (self->play_fd, &self->out);
      at += header->length / sizeof (gint16);
    }
}

static void
on_playback_stop (SpiceChannel *channel, gpointer data)
{
  SgViewerSound *self = data;

  self->out.header.rate = 0;
  send_stop (self->play_fd);
}

/* --- what is heard --- */

static gboolean
listens (SgViewerSound *self)
{
  return self->wanted.rate > 0 && state_of (self->microphone) && !self->locked;
}

static gboolean
on_heard (int fd, GIOCondition condition, gpointer data)
{
  SgViewerSound *self = data;
  SgSoundPacket packet;
  gssize n = recv (fd, &packet, sizeof packet, MSG_DONTWAIT | MSG_TRUNC);

  if (n <= 0 && (condition & G_IO_HUP))
    {
      self->heard_source = 0;
      return G_SOURCE_REMOVE;
    }
  if (n > 0 && sg_sound_is_sane (&packet, n, SG_SOUND_HEARD) && packet.header.length > 0
      && listens (self) && packet.header.rate == self->wanted.rate
      && packet.header.channels == self->wanted.channels)
    spice_record_channel_send_data (SPICE_RECORD_CHANNEL (self->record), packet.samples,
                                    packet.header.length, 0);
  return G_SOURCE_CONTINUE;
}

static gboolean
light_off (gpointer data)
{
  SgViewerSound *self = data;

  self->light_source = 0;
  tell (self);
  return G_SOURCE_REMOVE;
}

/* Tells the process what holds now. */
static void
listen_or_not (SgViewerSound *self)
{
  SgSoundPacket packet = { .header = self->wanted };

  g_clear_handle_id (&self->light_source, g_source_remove);
  if (!listens (self))
    {
      send_stop (self->listen_fd);
      if (state_of (self->microphone))
        self->light_source = g_timeout_add (LIGHT_MSEC, light_off, self);
    }
  else if (self->listen_fd >= 0)
    {
      while (recv (self->listen_fd, &packet, sizeof packet, MSG_DONTWAIT) > 0)
        ; /* heard before */
      packet.header = self->wanted;
      sg_sound_send (self->listen_fd, &packet);
      if (self->heard_source == 0)
        self->heard_source
            = g_unix_fd_add (self->listen_fd, G_IO_IN | G_IO_HUP, on_heard, self);
    }
  tell (self);
}

static void
on_record_start (SpiceChannel *channel, int format, int channels, int rate, gpointer data)
{
  SgViewerSound *self = data;

  if (format != SPICE_AUDIO_FMT_S16 || !sg_sound_can (rate, channels))
    return;
  self->wanted = (SgSoundHeader){ SG_SOUND_LISTEN, (guint32)rate, (guint32)channels, 0 };
  listen_or_not (self);
}

static void
on_record_stop (SpiceChannel *channel, gpointer data)
{
  SgViewerSound *self = data;

  if (self->wanted.rate == 0)
    return;
  self->wanted.rate = 0;
  listen_or_not (self);
}

void
sg_viewer_sound_set_locked (SgViewerSound *sound, gboolean locked)
{
  if (sound->locked == locked)
    return;
  sound->locked = locked;
  listen_or_not (sound);
}

/* --- channels --- */

gboolean
sg_viewer_sound_wants (SgViewerSound *sound, SpiceChannel *channel, const char *grants)
{
  g_autoptr (SgAllowed) allowed = NULL;

  if (SPICE_IS_PLAYBACK_CHANNEL (channel))
    return sound->playback == NULL;
  if (!SPICE_IS_RECORD_CHANNEL (channel) || sound->record != NULL)
    return FALSE;
  allowed = sg_allowed_find (grants, "audio-input");
  return g_strcmp0 (allowed->value, "on") == 0;
}

void
sg_viewer_sound_take_channel (SgViewerSound *sound, SpiceChannel *channel)
{
  if (SPICE_IS_PLAYBACK_CHANNEL (channel))
    {
      sound->playback = g_object_ref (channel);
      g_signal_connect (channel, "playback-start", G_CALLBACK (on_playback_start), sound);
      g_signal_connect (channel, "playback-data", G_CALLBACK (on_playback_data), sound);
      g_signal_connect (channel, "playback-stop", G_CALLBACK (on_playback_stop), sound);
      tell (sound);
    }
  else
    {
      sound->record = g_object_ref (channel);
      g_signal_connect (channel, "record-start", G_CALLBACK (on_record_start), sound);
      g_signal_connect (channel, "record-stop", G_CALLBACK (on_record_stop), sound);
    }
  spice_channel_connect (channel);
}

static void
let_go (SgViewerSound *self, SpiceChannel **channel)
{
  if (*channel != NULL)
    g_signal_handlers_disconnect_by_data (*channel, self);
  g_clear_object (channel);
}

void
sg_viewer_sound_leave (SgViewerSound *sound)
{
  let_go (sound, &sound->playback);
  let_go (sound, &sound->record);
  on_playback_stop (NULL, sound);
  on_record_stop (NULL, sound);
  tell (sound);
}

/* --- facts --- */

gboolean
sg_viewer_sound_is_there (SgViewerSound *sound)
{
  return sound->playback != NULL;
}

GtkAdjustment *
sg_viewer_sound_volume (SgViewerSound *sound)
{
  return sound->volume;
}

gboolean
sg_viewer_sound_is_muted (SgViewerSound *sound)
{
  return state_of (sound->mute);
}

SgMicrophone
sg_viewer_sound_microphone (SgViewerSound *sound)
{
  if (!state_of (sound->microphone))
    return SG_MICROPHONE_CUT;
  return listens (sound) || sound->light_source != 0 ? SG_MICROPHONE_IN_USE
                                                             : SG_MICROPHONE_SILENT;
}

/* --- the object --- */

static void
on_mute (GSimpleAction *action, GVariant *state, gpointer data)
{
  g_simple_action_set_state (action, state);
  tell (data);
}

static void
on_microphone (GSimpleAction *action, GVariant *state, gpointer data)
{
  g_simple_action_set_state (action, state);
  listen_or_not (data);
}

static void
sg_viewer_sound_dispose (GObject *object)
{
  SgViewerSound *self = SG_VIEWER_SOUND (object);

  let_go (self, &self->playback);
  let_go (self, &self->record);
  g_clear_handle_id (&self->heard_source, g_source_remove);
  g_clear_handle_id (&self->light_source, g_source_remove);
  g_clear_object (&self->volume);
  if (self->mute != NULL)
    g_signal_handlers_disconnect_by_data (self->mute, self);
  if (self->microphone != NULL)
    g_signal_handlers_disconnect_by_data (self->microphone, self);
  g_clear_object (&self->mute);
  g_clear_object (&self->microphone);
  sg_fd_clear (&self->play_fd);
  sg_fd_clear (&self->listen_fd);
  G_OBJECT_CLASS (sg_viewer_sound_parent_class)->dispose (object);
}

static void
sg_viewer_sound_class_init (SgViewerSoundClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sg_viewer_sound_dispose;
  signals[CHANGED] = g_signal_new ("changed", SG_TYPE_VIEWER_SOUND, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
sg_viewer_sound_init (SgViewerSound *self)
{
  self->play_fd = self->listen_fd = -1;
  self->volume = g_object_ref_sink (gtk_adjustment_new (100, 0, 100, 5, 10, 0));
  g_signal_connect_object (self->volume, "value-changed", G_CALLBACK (tell), self,
                           G_CONNECT_SWAPPED);
}

static GSimpleAction *
add_action (SgViewerSound *self, GActionMap *actions, const char *name, gboolean value,
            GCallback changed)
{
  GSimpleAction *action
      = g_simple_action_new_stateful (name, NULL, g_variant_new_boolean (value));

  g_signal_connect (action, "change-state", changed, self);
  g_action_map_add_action (actions, G_ACTION (action));
  return action;
}

SgViewerSound *
sg_viewer_sound_new (int play_fd, int listen_fd, GActionMap *actions)
{
  SgViewerSound *self = g_object_new (SG_TYPE_VIEWER_SOUND, NULL);

  self->play_fd = play_fd;
  self->listen_fd = listen_fd;
  self->mute = add_action (self, actions, "mute", FALSE, G_CALLBACK (on_mute));
  self->microphone = add_action (self, actions, "microphone", TRUE, G_CALLBACK (on_microphone));
  return self;
}
