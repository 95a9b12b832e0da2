/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "baseimage/fsid.h"

#include "common/fd.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>

/* Linux include/uapi/linux/fs.h since 6.9; named here because older headers lack it. */
typedef struct
{
  guint8 len;
  guint8 uuid[16];
} FsUuid;
#define IOC_GETFSUUID _IOR (0x15, 0, FsUuid)

/* f_fsid is made from what lies on the disk: fs/ext4/super.c and fs/btrfs/super.c. XFS and others
 * make it from the device's number. */
static gboolean
fsid_is_lasting (guint64 type)
{
  return type == EXT4_SUPER_MAGIC || type == BTRFS_SUPER_MAGIC;
}

/* An O_PATH descriptor takes no ioctl: this opens what it names, where we may. */
static gboolean
read_uuid (int fd, guint8 *ret_uuid)
{
  g_autofree char *name = g_strdup_printf ("/proc/self/fd/%d", fd);
  sg_fd int real = open (name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  FsUuid uuid = { 0 };

  if (real < 0 || ioctl (real, IOC_GETFSUUID, &uuid) < 0 || uuid.len != sizeof uuid.uuid)
    return FALSE;
  memcpy (ret_uuid, uuid.uuid, sizeof uuid.uuid);
  return TRUE;
}

gboolean
sg_fsid_of_fd (int fd, SgFsId *ret_id)
{
  struct statfs fs;

  memset (ret_id, 0, sizeof *ret_id);
  if (fstatfs (fd, &fs) < 0)
    return FALSE;
  ret_id->type = (guint64)fs.f_type;
  if (fsid_is_lasting (ret_id->type))
    memcpy (&ret_id->fsid, &fs.f_fsid, sizeof ret_id->fsid);
  read_uuid (fd, ret_id->uuid);
  return TRUE;
}

gboolean
sg_fsid_compatible (const SgFsId *a, const SgFsId *b)
{
  static const guint8 none[16];

  if (a->type != b->type)
    return FALSE;
  if (a->fsid != 0 && b->fsid != 0 && a->fsid != b->fsid)
    return FALSE;
  return memcmp (a->uuid, none, 16) == 0 || memcmp (b->uuid, none, 16) == 0
         || memcmp (a->uuid, b->uuid, 16) == 0;
}
