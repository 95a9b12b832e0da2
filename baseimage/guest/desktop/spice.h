/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPICE's own agent inside: clipboard, and a second way for the window's size. */
#pragma once

#include <glib.h>

/* The device of the virtio port called NAME ("/dev/vport2p1"), by the kernel's list below SYSFS
 * ("/sys/class/virtio-ports"); NULL when there is none.  Free with g_free(). */
char *sg_spice_port (const char *sysfs, const char *name);
