/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sound server inside, if this computer has one: PipeWire, else PulseAudio; else programs use
 * ALSA's own devices.
 *
 * There is no service manager for the user here, and a sandbox that makes no sound should carry no
 * server: so its sockets are there, and who connects first starts it (by systemd's protocol of
 * descriptors, LISTEN_FDS, which both know).  From then on it stays. */
#pragma once

#include "session-env.h"

typedef struct SgSound SgSound;

/* Makes the sockets below RUNTIME, the folder of USER, as that user (NULL: as who we are).  Both and ENV must live as long.  NULL:
 * no server is installed (in PATH), or its sockets cannot be made. */
SgSound *sg_sound_watch (const SgUser *user, const char *runtime, const char *const *env);

/* Ends the servers, too; accepts NULL. */
void sg_sound_free (SgSound *sound);
