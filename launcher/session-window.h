/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a window's connection may ask.  A viewer decodes what a guest draws, so a guest may take it
 * over; before the first byte of a guest it calls BecomeWindow, and from then on its connection can
 * look, switch, restart and discard, but gives nothing of this computer to the sandbox: no folder,
 * no port, no file to write to, no command.  It cannot make another connection (ui/confine.h).
 *
 * The app asks a window to close itself (AskWindow), so that what a person is asked before, and how
 * it is taken back, is the same from the list as in the window. */
#pragma once

#include "launcher/session.h"

/* Connects the method, and looks at every call.  Also the one by which a client says that it copies
 * files. */
void sg_session_window_connect (SgSession *session);

/* The window that waited with the machine is its window now.  FALSE: there is none. */
gboolean sg_session_window_goes_on (SgSession *session);
