/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the desktop wants its windows to look, for the viewer on Wayland.
 *
 * There GTK reads it from GSettings, whose usual store (dconf) needs the person's home, a file to write to
 * and the session bus: the viewer has none of them.  So a process of a moment reads it before, and the
 * viewer's own store is one in memory.  On X11 the X server tells, and nothing is done here. */
#pragma once

/* Starts to read: before there are threads.  Returns a descriptor for sg_desktop_look_take(), or -1. */
int sg_desktop_look_ask (void);

/* From here on settings are those that were read (what is not, is as its schema says).  Takes FD; -1: does
 * nothing.  Waits for the process of a moment, no longer than half a second.  Before GTK is started. */
void sg_desktop_look_take (int fd);
