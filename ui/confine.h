/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the viewer, which decodes a guest's pictures, takes away from itself.
 *
 * In this order:
 *   1 sg_confine_files()  before any thread: no new privileges; files can be read where programs,
 *                         fonts and themes are, and nowhere else; none can be written
 *   2 the window is made, the display server and the session are connected
 *   3 sg_confine_calls()  before the first byte of a guest: no program can be started, no socket
 *                         made or connected, no process made, traced or signalled
 *
 * What stays is in ui/README.md. */
#pragma once

#include <glib.h>

/* FALSE with an error where not even "no new privileges" could be had.  *ret_files: whether the
 * kernel limits files (Landlock; since Linux 5.13, and not everywhere switched on). */
gboolean sg_confine_files (gboolean *ret_files, GError **error);

/* The same for sandglass-sound: the sound server's settings instead of fonts and themes. */
gboolean sg_confine_sound_files (gboolean *ret_files, GError **error);

gboolean sg_confine_calls (GError **error);
