/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The viewer must not reach the session bus: whoever can, can have the desktop start any program.
 * Assistive technology is reached over a bus of its own, whose address only the session bus tells;
 * so a helper process asks for it, and the viewer gets the address alone, and only when assistive
 * technology is in use. */
#pragma once

#include <glib.h>

/* Starts asking, in a process of its own.  Returns a descriptor for sg_viewer_bus_leave(); -1 where
 * there is nobody to ask.  Before any thread. */
int sg_viewer_bus_ask (void);

/* Changes this process's environment so that GTK uses what was found out and nothing else; waits
 * for the answer, not for long.  Takes FD.  Before GTK and before any thread. */
void sg_viewer_bus_leave (int fd);
