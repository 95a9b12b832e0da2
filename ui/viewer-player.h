/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When the agent inside knows of volumes, spice-gtk makes a player of its own.  It would take our
 * channels (viewer-sound.h), finds nothing here that plays, and tells the guest a volume all the same: of
 * an object that there is not, with GLib's complaints, and what was on the stack. */
#pragma once

#include <spice-client.h>

/* Makes it, and it does nothing.  Before there is sound: SESSION's "enable-audio" is off. */
void sg_viewer_quiet_player (SpiceSession *session);
