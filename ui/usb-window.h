/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "USB Devices": what is plugged into this computer, and a switch for each that gives it to the
 * sandbox or takes it back.  A process of its own that no guest reaches: only a person gives a
 * device. */
#pragma once

#include <glib.h>

/* LINK_FD: a connection to the sandbox ID; taken.  PARENT and APPEARANCE as in ask.h.  Returns an
 * exit code of ask.h or report.h. */
int sg_usb_window_run (const char *id, int link_fd, guint32 parent, const char *appearance);
