/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the gate may ask of the kernel once it looks at a guest's packets. */
#pragma once

#include <gio/gio.h>

/* From now on only what is listed in confine.c; anything else ends the gate, and with it the
 * sandbox's network.  FALSE with a GIOError. */
gboolean sg_gate_confine (GError **error);
