/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The desktop follows the sandbox's window: whenever the display prefers another mode (the window
 * on the host was resized), that mode is set, over RandR. */
#pragma once

#include <gtk/gtk.h>

typedef struct SgFollow SgFollow;

/* Watches the default display, and applies what it prefers now.  NULL when the X server has no
 * RandR 1.3; free with sg_follow_free(), which accepts NULL. */
SgFollow *sg_follow_new (void);
void sg_follow_free (SgFollow *follow);
