/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sandglass-sound: the one process of a window that has this computer's sound.
 *
 *   sandglass-sound play ID      plays what comes on its standard input (sound-wire.h)
 *   sandglass-sound listen ID    the microphone, to the same socket, if sandbox ID is granted it
 *
 * It ends when it is told to stop, when the other end closes, and when the sound is of another kind:
 * whoever started it (sound-serve.h) starts it anew.  Nothing of it stays while nothing is heard. */
#pragma once

#include "ui/sound-wire.h"

#define SG_SOUND_VERB_PLAY "play"
#define SG_SOUND_VERB_LISTEN "listen"

/* Exit codes beside 0. */
#define SG_SOUND_NO_SERVER 3   /* this computer has no sound, or does not let us */
#define SG_SOUND_NOT_GRANTED 4 /* the sandbox may not listen */
