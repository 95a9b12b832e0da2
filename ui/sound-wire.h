/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the confined window and the process that has the computer's sound (sound-main.c) say to each
 * other, over a socket pair that keeps packets whole (SOCK_SEQPACKET); and what is done to samples.
 *
 * Each packet says all that it needs, so that any of them may be lost: the window never waits, it
 * drops.  Nothing in it is believed: the window may be the guest's.
 *
 * Samples are signed, 16 bits, in this computer's byte order, channels interleaved. */
#pragma once

#include <glib.h>

typedef enum
{
  SG_SOUND_PLAY = 1,   /* to the process: these samples */
  SG_SOUND_LISTEN = 2, /* to the process: samples are wanted, from now on; has none */
  SG_SOUND_HEARD = 3,  /* from the process: what was heard */
  SG_SOUND_STOP = 4    /* to the process: no more of either */
} SgSoundKind;

typedef struct
{
  guint32 kind;
  guint32 rate; /* in Hz; 0 with SG_SOUND_STOP */
  guint32 channels;
  guint32 length; /* bytes of samples that follow */
} SgSoundHeader;

#define SG_SOUND_RATE_MIN 8000u
#define SG_SOUND_RATE_MAX 192000u
#define SG_SOUND_CHANNELS_MAX 2u
#define SG_SOUND_BYTES_MAX 8192u /* of samples in a packet */

typedef struct
{
  SgSoundHeader header;
  gint16 samples[SG_SOUND_BYTES_MAX / sizeof (gint16)];
} SgSoundPacket;

/* Whether the RECEIVED bytes at PACKET are one, and one of KIND (or SG_SOUND_STOP). */
gboolean sg_sound_is_sane (const SgSoundPacket *packet, gssize received, SgSoundKind kind);

/* Whether a sound of that kind can be passed on at all. */
gboolean sg_sound_can (int rate, int channels);

/* Sends without waiting; FALSE: it was not sent (nobody takes it, or not now). */
gboolean sg_sound_send (int fd, const SgSoundPacket *packet);

/* A pair as above; close-on-exec, holding no more than about BYTES in each direction. */
gboolean sg_sound_pair (int *ret_a, int *ret_b, int bytes, GError **error);

/* How loud: VOLUME from 0 to 1 as a person turns it, as a factor in 1/65536. */
guint32 sg_sound_gain (double volume);

/* COUNT samples from FROM to TO (which may be the same), times GAIN/65536. */
void sg_sound_scale (gint16 *to, const gint16 *from, gsize count, guint32 gain);
