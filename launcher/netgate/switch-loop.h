/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The switch between sandboxes as a process: `sandglass-netgate --switch-fd CONTROL`.
 *
 * It has nothing but its descriptors (confine.h).  The session that started it hands it a stream
 * for each sandbox that wants a port (SG_GATE_PORT); the first bytes are a hello (switch.h), then
 * frames as between gate and passt.  A port that does not read loses frames, as at any switch; one
 * that breaks the framing, or says nothing for some seconds, is closed.  What a port can make it
 * keep is bounded. */
#pragma once

#include <gio/gio.h>

/* Runs until CONTROL (taken over) is closed.  FALSE with a GIOError: something broke a rule. */
gboolean sg_switch_run (int control, GError **error);
