/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU serves shared folders with the person's own rights; this filter of system calls, beside
 * QEMU's own, takes from it what no served file needs. */
#pragma once

#include <glib.h>

/* For bubblewrap's --seccomp, in a memfd: no set-user-id or set-group-id bit on a file, no device
 * node, nothing that gets around it.  -1 on error. */
int sg_share_filter (GError **error);
