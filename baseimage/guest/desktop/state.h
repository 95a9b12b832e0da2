/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the agent and systemd are told about the desktop (baseimage/guest/README.md, "Between agent
 * and desktop"). */
#pragma once

#include <glib.h>

#define SG_RUN_DIR "/run/sandglass"
#define SG_STATE_DIR SG_RUN_DIR "/desktop"
#define SG_SERVER_AUTHORITY SG_RUN_DIR "/xauthority" /* root's: the X server reads it */
#define SG_SERVER_CONF SG_RUN_DIR "/xorg.conf"
#define SG_SERVER_LOG SG_RUN_DIR "/xorg.log"

/* Writes SG_STATE_DIR/NAME with TEXT, in one step.  The folder belongs to the user, so nothing that
 * lies there is followed or kept. */
gboolean sg_state_write (const char *name, const char *text, GError **error);
void sg_state_remove (const char *name);

/* sd_notify(3): "READY=1" and the like; nothing when systemd did not ask for it. */
void sg_state_notify (const char *text);
