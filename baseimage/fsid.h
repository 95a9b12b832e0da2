/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which file system a directory lies on, in terms that outlive a reboot.  (st_dev does not: it is
 * given out anew at boot, and btrfs and overlayfs number each subvolume or mount as they come.) */
#pragma once

#include <glib.h>

typedef struct
{
  guint64 type; /* f_type of statfs(2) */
  guint64 fsid; /* f_fsid where it is made from the UUID (ext4, btrfs with its subvolume), else 0 */
  guint8 uuid[16]; /* from the kernel's FS_IOC_GETFSUUID (Linux 6.9), else zeros */
} SgFsId;

/* FALSE with errno when it cannot be told. */
gboolean sg_fsid_of_fd (int fd, SgFsId *ret_id); /* FD may be an O_PATH one */

/* Can both be the same file system?  A value that one of them lacks is no difference: a newer
 * kernel tells more. */
gboolean sg_fsid_compatible (const SgFsId *a, const SgFsId *b);
