/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many windows of programs there are: not panels, not the background, not what is about to go.
 */
#pragma once

#include <glib.h>

typedef struct SgOpenWindows SgOpenWindows;

/* NULL when there is no such display. */
SgOpenWindows *sg_open_windows_new (const char *display);

/* As the window manager tells it; 0 when the display went away. */
guint sg_open_windows_count (SgOpenWindows *windows);

/* Whether windows came or went since this was asked last. */
gboolean sg_open_windows_changed (SgOpenWindows *windows);

void sg_open_windows_free (SgOpenWindows *windows);
