/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the system's login manager (logind) says of this session's screen: `loginctl lock-session`, a
 * closed lid, a switch of users.  For clipboard-lock.h's helper. */
#pragma once

#include <glib.h>

typedef void (*SgClipLoginFunc) (gboolean locked, gpointer data);

/* Calls FUNC whenever that changes, from the main loop, as long as the process lives. */
void sg_clip_login_watch (SgClipLoginFunc func, gpointer data);

/* Whether there may be one. */
gboolean sg_clip_login_is_there (void);
