/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sandbox's sound, in the window's process: between SPICE's channels and the process that has
 * this computer's sound (sound.h), which this one must not reach.
 *
 * What is played is made as loud as the person says, here; without that process, or when it does not
 * keep up, it is dropped.  The microphone's channel is connected only where the microphone is
 * granted; then the guest says when it listens, the bar shows it, and a click cuts it off.
 *
 * Actions (of the map given): "mute" (boolean), "microphone" (boolean: whether the sandbox may
 * listen now).
 *
 * Signals: "changed": one of the facts below. */
#pragma once

#include <gtk/gtk.h>
#include <spice-client.h>

#define SG_TYPE_VIEWER_SOUND (sg_viewer_sound_get_type ())
G_DECLARE_FINAL_TYPE (SgViewerSound, sg_viewer_sound, SG, VIEWER_SOUND, GObject)

typedef enum
{
  SG_MICROPHONE_SILENT, /* nobody listens */
  SG_MICROPHONE_IN_USE,
  SG_MICROPHONE_CUT /* the person has cut it off */
} SgMicrophone;

/* Takes both descriptors, ends of sg_sound_pair(); -1: no sound that way. */
SgViewerSound *sg_viewer_sound_new (int play_fd, int listen_fd, GActionMap *actions);

/* Whether CHANNEL is one that this connects: what is played, always; what is heard, where GRANTS
 * (sg_link_grants()) has the microphone. */
gboolean sg_viewer_sound_wants (SgViewerSound *sound, SpiceChannel *channel, const char *grants);

/* Connects CHANNEL; its "open-fd" is answered by whoever calls this. */
void sg_viewer_sound_take_channel (SgViewerSound *sound, SpiceChannel *channel);

/* This computer's screen is locked: the sandbox hears nothing until it is not any more, whatever was
 * granted.  What it plays is heard, as with other programs. */
void sg_viewer_sound_set_locked (SgViewerSound *sound, gboolean locked);

/* The connection is over. */
void sg_viewer_sound_leave (SgViewerSound *sound);

/* Whether the sandbox has something that plays. */
gboolean sg_viewer_sound_is_there (SgViewerSound *sound);
/* From 0 to 100; the sound's own. */
GtkAdjustment *sg_viewer_sound_volume (SgViewerSound *sound);
gboolean sg_viewer_sound_is_muted (SgViewerSound *sound);
SgMicrophone sg_viewer_sound_microphone (SgViewerSound *sound);
