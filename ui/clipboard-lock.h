/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether this computer's screen is locked.  The viewer has no session bus, and must not have one;
 * so a helper process listens there and writes one byte a change.  It reads nothing. */
#pragma once

#include <glib.h>

#define SG_CLIP_LOCK_LOCKED 'L'
#define SG_CLIP_LOCK_OPEN 'U'

/* Starts the helper.  Returns the descriptor it writes to; -1 where there is no bus: nobody
 * tells then.  Its end (the desktop's session ends) counts as locked.  Before any thread. */
int sg_clipboard_lock_watch (void);
