/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/viewer-player.h"

static gboolean
takes_no_channel (SpiceAudio *player, SpiceChannel *channel)
{
  return FALSE;
}

/* Never answered: nothing is told. */
static void
tells_no_volume (SpiceAudio *player, GCancellable *cancellable, SpiceMainChannel *channel,
                 GAsyncReadyCallback callback, gpointer data)
{
}

void
sg_viewer_quiet_player (SpiceSession *session)
{
  SpiceAudio *player = spice_audio_get (session, NULL);
  SpiceAudioClass *class = player != NULL ? SPICE_AUDIO_GET_CLASS (player) : NULL;

  if (class == NULL)
    return;
  class->connect_channel = takes_no_channel;
  class->get_playback_volume_info_async = tells_no_volume;
  class->get_record_volume_info_async = tells_no_volume;
}
