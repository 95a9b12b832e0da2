/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file made with O_TMPFILE has no name from its first moment; O_EXCL keeps it from ever getting
 * one by linkat().  It goes when its last descriptor does, also in a crash.  So after a power cut
 * the file system has at most an orphan to free, whose blocks nobody can decrypt.
 *
 * A place over the network, or in user space, leaves the contents (or their traces) on another
 * computer or in another process; those are passed by.  eCryptfs has names of its own below. */
#include "launcher/overlay-place.h"

#include "common/fd.h"
#include "common/memory.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gi18n.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Not in linux/magic.h. */
#define MAGIC_CIFS 0xff534d42u
#define MAGIC_SMB2 0xfe534d42u
#define MAGIC_CEPH 0x00c36400u
#define MAGIC_GFS2 0x01161970u
#define MAGIC_LUSTRE 0x0bd00bd0u
#define MAGIC_VBOXSF 0x786f4256u

static const struct
{
  guint32 magic;
  const char *name;
} not_local[] = {
  { TMPFS_MAGIC, "it is memory" },
  { RAMFS_MAGIC, "it is memory" },
  { NFS_SUPER_MAGIC, "it is on another computer (NFS)" },
  { MAGIC_CIFS, "it is on another computer (SMB)" },
  { MAGIC_SMB2, "it is on another computer (SMB)" },
  { SMB_SUPER_MAGIC, "it is on another computer (SMB)" },
  { V9FS_MAGIC, "it belongs to another computer (9p)" },
  { AFS_SUPER_MAGIC, "it is on another computer (AFS)" },
  { CODA_SUPER_MAGIC, "it is on another computer (Coda)" },
  { MAGIC_CEPH, "it is on another computer (Ceph)" },
  { MAGIC_GFS2, "it is shared with other computers (GFS2)" },
  { OCFS2_SUPER_MAGIC, "it is shared with other computers (OCFS2)" },
  { MAGIC_LUSTRE, "it is on another computer (Lustre)" },
  { MAGIC_VBOXSF, "it belongs to another computer (VirtualBox)" },
  { FUSE_SUPER_MAGIC, "a program stands between it and the disk (FUSE)" },
  { ECRYPTFS_SUPER_MAGIC, "it is an encrypted folder with files of its own below (eCryptfs)" },
};

/* Always left to the host: a gigabyte, or a twentieth of a small disk. */
static guint64
room_of (const struct statvfs *fs)
{
  guint64 size = (guint64)fs->f_blocks * fs->f_frsize, room = (guint64)fs->f_bavail * fs->f_frsize;
  guint64 reserve = MIN ((guint64)1 << 30, size / 20);

  return room > reserve ? room - reserve : 0;
}

/* A file there, or -1 with why not in *ret_why. */
static int
open_in (const char *place, guint64 least, guint64 *ret_room, char **ret_why)
{
  g_autoptr (GError) error = NULL;
  struct statvfs space;
  struct statfs fs;
  sg_fd int fd = -1;

  if (statfs (place, &fs) < 0 || statvfs (place, &space) < 0)
    {
      *ret_why = g_strdup ("it is not there");
      return -1;
    }
  for (guint i = 0; i < G_N_ELEMENTS (not_local); i++)
    if ((guint32)fs.f_type == not_local[i].magic)
      {
        *ret_why = g_strdup (not_local[i].name);
        return -1;
      }
  *ret_room = room_of (&space);
  if (*ret_room < least)
    {
      g_autofree char *need = g_format_size_full (least, G_FORMAT_SIZE_IEC_UNITS);
      *ret_why = g_strdup_printf (_ ("less than %s can be used there"), need);
      return -1;
    }
  fd = sg_open_at (AT_FDCWD, place, O_TMPFILE | O_EXCL | O_RDWR, 0600, &error);
  if (fd < 0)
    *ret_why = g_strdup ("it takes no files without a name");
  return sg_fd_steal (&fd);
}

static gboolean
use_memory (guint64 least, const char *reasons, SgOverlayPlace *ret_place, GError **error)
{
  guint64 room = sg_memory_available () / 2;
  sg_fd int fd = -1;

  if (room < least)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                   _ ("There is no place for what the sandbox writes: no disk has room (%s), and "
                      "neither has memory. Free some disk space and try again."),
                   reasons);
      return FALSE;
    }
  fd = memfd_create ("sandglass-scratch", MFD_CLOEXEC);
  if (fd < 0)
    return sg_errno (error, "Cannot get memory for what the sandbox writes");
  ret_place->fd = sg_fd_steal (&fd);
  ret_place->room = room;
  ret_place->memory = TRUE;
  ret_place->notice = g_strdup_printf (
      "What this sandbox writes stays in memory, as no disk is fit for it (%s).", reasons);
  return TRUE;
}

gboolean
sg_overlay_place_find (const char *const *places, guint64 least, SgOverlayPlace *ret_place,
                       GError **error)
{
  g_autoptr (GString) reasons = g_string_new (NULL);

  *ret_place = (SgOverlayPlace){ .fd = -1 };
  for (; *places != NULL; places++)
    {
      g_autofree char *why = NULL;
      g_autofree char *shown = g_filename_display_name (*places);

      ret_place->fd = open_in (*places, least, &ret_place->room, &why);
      if (ret_place->fd >= 0)
        return TRUE;
      g_string_append_printf (reasons, "%s%s: %s", reasons->len > 0 ? "; " : "", shown, why);
    }
  return use_memory (least, reasons->str, ret_place, error);
}

void
sg_overlay_place_clear (SgOverlayPlace *place)
{
  sg_fd_clear (&place->fd);
  g_clear_pointer (&place->notice, g_free);
}
