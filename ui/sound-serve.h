/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keeper's part in sound: it starts `sandglass-sound` (sound-main.c) when the window has
 * something to play or wants to listen, and again when that has ended and there is more.  So a
 * silent sandbox costs no process, and the confined window needs to start none. */
#pragma once

#include <glib.h>

/* The session's ID, when it is known; NULL: it will not be.  May block.  Called in the thread that
 * serves. */
typedef const char *(*SgSoundSession) (gpointer data);

typedef struct
{
  int play_fd, listen_fd; /* the keeper's ends (sound-wire.h); -1: none; taken */
  SgSoundSession session;
  gpointer data;
} SgSoundServe;

/* In a thread of its own, until the other ends close; the processes end with us. */
void sg_sound_serve (const SgSoundServe *serve);
