/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The graphics card inside: virtio's, which may pass OpenGL on to the host's card (virgl). */
#pragma once

#include <glib.h>

/* Whether it draws in 3D; FALSE also where it cannot be asked.  PATH: its node. */
gboolean sg_card_has_3d (const char *path);
