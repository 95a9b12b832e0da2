/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of the person's own desktop needs more than a word to the X server: settings of GNOME's
 * programs, and an input method.  Nothing of it is started where it is not wanted. */
#pragma once

#include "session-env.h"

typedef struct SgDesktopLook SgDesktopLook;

/* Watches ../look.h's file.  Calls CHANGED when it was written, with whether one program has the
 * window, then starts what it asks for as USER with ENV; both must live as long. */
SgDesktopLook *
sg_desktop_look_watch (const SgUser *user, const char *const *env,
                       void (*changed) (gpointer data, gboolean program), gpointer data);
/* Ends what it has started; accepts NULL. */
void sg_desktop_look_free (SgDesktopLook *look);

/* The verb `settings`, in a process of the user's: writes the settings; an exit code. */
int sg_desktop_look_settings (void);
