/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a server has open of a folder is closed, though the server would keep it.
 *
 *   ids = sg_share_mount_inside (&mount, pid)   while it is there
 *   sg_share_mounts_detach (...)                nothing new can be opened
 *   held = sg_share_revoke (ids, pid)           may take some seconds: in a thread */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* Makes process PID, which has revoke-preload.c loaded, let go of all files of the mounts IDS
 * (guint64).  Returns how many are still open: 0, unless the process does not do as it is told
 * (taken over, or without the library). */
guint sg_share_revoke (GArray *ids, pid_t pid);
