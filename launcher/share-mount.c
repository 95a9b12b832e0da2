/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `mount --bind` and then `remount,ro` would not do: what has propagated meanwhile stays writable.
 *
 * Propagation goes down only: what is mounted or unmounted in QEMU's namespace (nothing: it has no
 * capability) does not come back here, and nothing of here is seen by the host. */
#include "launcher/share-mount.h"

#include "common/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The two tmpfs hold names only. */
#define TMPFS_OPTIONS "mode=0700,size=256k,nr_inodes=256"
#define HARMLESS (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSYMFOLLOW)

struct SgShareMounts
{
  char *dir, *stage, *empty, *empty_file, *lent, *out;
  gboolean base_is_there, out_is_there;
  gboolean used[2][SG_SHARE_SLOTS]; /* by writable */
  guint next[2];                    /* a slot is used again as late as can be */
};

static const char *const kinds[] = { "ro", "rw" };

const char *
sg_share_mounts_out (const SgShareMounts *mounts)
{
  return mounts->out;
}

/* --- making the two file systems ----------------------------------------------------------------
 */

static gboolean
make_dir (const char *path, GError **error)
{
  return mkdir (path, 0700) == 0 || sg_errno (error, "Cannot make %s", path);
}

static gboolean
make_tmpfs (const char *path, unsigned long propagation, GError **error)
{
  if (mount ("sandglass", path, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, TMPFS_OPTIONS) < 0
      || mount (NULL, path, NULL, propagation, NULL) < 0)
    return sg_errno (error, "Folders cannot be shared on this computer");
  return TRUE;
}

static gboolean
make_slots (const SgShareMounts *mounts, GError **error)
{
  for (gsize kind = 0; kind < G_N_ELEMENTS (kinds); kind++)
    {
      g_autofree char *dir = g_build_filename (mounts->out, kinds[kind], NULL);

      if (!make_dir (dir, error))
        return FALSE;
      for (guint i = 0; i < SG_SHARE_SLOTS; i++)
        {
          g_autofree char *slot = g_strdup_printf ("%s/%u", dir, i);
          if (!make_dir (slot, error))
            return FALSE;
        }
    }
  return TRUE;
}

static gboolean
seal (const char *path, GError **error)
{
  return mount (NULL, path, NULL,
                MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL)
             == 0
         || sg_errno (error, "Cannot make %s read-only", path);
}

static gboolean
make_file (const char *path, GError **error)
{
  sg_fd int file = sg_open_at (AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL, 0400, error);

  return file >= 0;
}

static gboolean
make_all (SgShareMounts *mounts, GError **error)
{
  g_autofree char *lent_file = g_build_filename (mounts->lent, SG_SHARE_LENT_NAME, NULL);

  if (!make_dir (mounts->dir, error) || !make_tmpfs (mounts->dir, MS_PRIVATE, error))
    return FALSE;
  mounts->base_is_there = TRUE;
  if (!make_dir (mounts->stage, error) || !make_dir (mounts->empty, error)
      || !make_dir (mounts->lent, error) || !make_dir (mounts->out, error)
      || !make_file (mounts->empty_file, error) || !make_file (lent_file, error)
      || !make_tmpfs (mounts->out, MS_SHARED, error))
    return FALSE;
  mounts->out_is_there = TRUE;
  return make_slots (mounts, error) && seal (mounts->out, error);
}

SgShareMounts *
sg_share_mounts_new (const char *dir, GError **error)
{
  SgShareMounts *mounts = g_new0 (SgShareMounts, 1);

  mounts->dir = g_build_filename (dir, "shares", NULL);
  mounts->stage = g_build_filename (mounts->dir, "stage", NULL);
  mounts->empty = g_build_filename (mounts->dir, "empty", NULL);
  mounts->empty_file = g_build_filename (mounts->dir, "empty-file", NULL);
  mounts->lent = g_build_filename (mounts->dir, "lent", NULL);
  mounts->out = g_build_filename (mounts->dir, "out", NULL);
  if (make_all (mounts, error))
    return mounts;
  sg_share_mounts_free (mounts);
  return NULL;
}

void
sg_share_mounts_close (SgShareMounts *mounts)
{
  if (mounts->out_is_there)
    umount2 (mounts->out, MNT_DETACH | UMOUNT_NOFOLLOW);
  if (mounts->base_is_there)
    umount2 (mounts->dir, MNT_DETACH | UMOUNT_NOFOLLOW);
  mounts->out_is_there = mounts->base_is_there = FALSE;
  rmdir (mounts->dir);
}

void
sg_share_mounts_free (SgShareMounts *mounts)
{
  if (mounts == NULL)
    return;
  sg_share_mounts_close (mounts);
  g_free (mounts->dir);
  g_free (mounts->stage);
  g_free (mounts->empty);
  g_free (mounts->empty_file);
  g_free (mounts->lent);
  g_free (mounts->out);
  g_free (mounts);
}

/* --- attaching ----------------------------------------------------------------------------------
 */

/* A detached copy of the tree at FD, harmless; -1 on error. */
static int
clone_tree (int fd, gboolean writable, GError **error)
{
  struct mount_attr attributes = { .attr_set = HARMLESS | (writable ? 0 : MOUNT_ATTR_RDONLY) };
  sg_fd int tree
      = open_tree (fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);

  if (tree < 0)
    {
      sg_errno (error, "The folder cannot be shared");
      return -1;
    }
  if (mount_setattr (tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes) == 0)
    return sg_fd_steal (&tree);
  sg_errno (error, writable ? "The folder cannot be shared safely"
                            : "The folder cannot be shared so that it stays as it is");
  return -1;
}

static gboolean
hide (const SgShareMounts *mounts, int tree, const SgShareCover *cover, GError **error)
{
  struct open_how how = { .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
                          .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
  sg_fd int at = (int)syscall (SYS_openat2, tree, cover->below, &how, sizeof how);
  sg_fd int empty = -1;
  struct stat st;
  int shown;

  if (at < 0 || fstat (at, &st) < 0)
    return sg_errno (error, "'%s' in it cannot be hidden", cover->below);
  if (st.st_dev != cover->device || st.st_ino != cover->inode)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "'%s' in it changed just now; try again",
                   cover->below);
      return FALSE;
    }
  shown
      = sg_open_at (AT_FDCWD, cover->is_dir ? mounts->empty : mounts->empty_file, O_PATH, 0, error);
  if (shown < 0)
    return FALSE;
  empty = clone_tree (shown, FALSE, error);
  close (shown);
  return empty >= 0
         && (move_mount (empty, "", at, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0
             || sg_errno (error, "'%s' in it cannot be hidden", cover->below));
}

/* What is done to a folder on the stage: its refused places are covered, or a lent file is put into
 * its place. */
typedef struct
{
  const SgShareVerdict *verdict; /* NULL: nothing is covered */
  int file;                      /* -1: there is none */
} Staging;

static gboolean
hide_all (const SgShareMounts *mounts, int tree, const SgShareVerdict *verdict, GError **error)
{
  for (guint i = 0; i < verdict->covers->len; i++)
    if (!hide (mounts, tree, g_ptr_array_index (verdict->covers, i), error))
      return FALSE;
  return TRUE;
}

static gboolean
put_in (int tree, int file, GError **error)
{
  sg_fd int at = sg_open_at (tree, SG_SHARE_LENT_NAME, O_PATH | O_NOFOLLOW, 0, error);

  return at >= 0
         && (move_mount (file, "", at, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0
             || sg_errno (error, "The file cannot be lent"));
}

static gboolean
arrange (const SgShareMounts *mounts, const Staging *staging, GError **error)
{
  sg_fd int tree = sg_open_at (AT_FDCWD, mounts->stage, O_PATH | O_DIRECTORY, 0, error);

  return tree >= 0
         && (staging->verdict == NULL || hide_all (mounts, tree, staging->verdict, error))
         && (staging->file < 0 || put_in (tree, staging->file, error));
}

static char *
slot_path (const SgShareMounts *mounts, gboolean writable, guint slot)
{
  return g_strdup_printf ("%s/%s/%u", mounts->out, kinds[writable], slot);
}

/* Puts TREE together on the stage, then shows all of it in one step. */
static gboolean
show (const SgShareMounts *mounts, int tree, const Staging *staging, const char *slot,
      GError **error)
{
  if (move_mount (tree, "", AT_FDCWD, mounts->stage, MOVE_MOUNT_F_EMPTY_PATH) < 0)
    return sg_errno (error, "The folder cannot be put together");
  if (mount (NULL, mounts->stage, NULL, MS_REC | MS_PRIVATE, NULL) < 0)
    sg_errno (error, "The folder cannot be put together");
  else if (arrange (mounts, staging, error))
    {
      if (move_mount (AT_FDCWD, mounts->stage, AT_FDCWD, slot, 0) == 0)
        return TRUE;
      sg_errno (error, "The folder cannot be shown to the sandbox");
    }
  umount2 (mounts->stage, MNT_DETACH | UMOUNT_NOFOLLOW);
  return FALSE;
}

static guint64
mount_id (int fd)
{
  struct statx stx;

  return statx (fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID, &stx) == 0
             ? stx.stx_mnt_id
             : 0;
}

static gboolean
find_slot (const SgShareMounts *mounts, gboolean writable, guint *ret_slot, GError **error)
{
  guint slot = mounts->next[writable], tried = 0;

  while (tried < SG_SHARE_SLOTS && mounts->used[writable][slot])
    {
      slot = (slot + 1) % SG_SHARE_SLOTS;
      tried++;
    }
  *ret_slot = slot;
  if (tried < SG_SHARE_SLOTS)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
               "A sandbox can have %u shared folders of each kind, not more; take one away first",
               SG_SHARE_SLOTS);
  return FALSE;
}

/* SHOWN: what is put into a slot; FD: where it comes from. */
static gboolean
attach (SgShareMounts *mounts, int shown, int fd, gboolean writable, const Staging *staging,
        SgShareMount *ret_mount, GError **error)
{
  g_autofree char *path = NULL;
  sg_fd int tree = -1;
  guint slot;

  if (!find_slot (mounts, writable, &slot, error))
    return FALSE;
  tree = clone_tree (shown, writable, error);
  path = slot_path (mounts, writable, slot);
  if (tree < 0 || !show (mounts, tree, staging, path, error))
    return FALSE;
  mounts->used[writable][slot] = TRUE;
  mounts->next[writable] = (slot + 1) % SG_SHARE_SLOTS;
  *ret_mount = (SgShareMount){ writable, slot, mount_id (fd), mount_id (tree) };
  return TRUE;
}

gboolean
sg_share_mounts_attach (SgShareMounts *mounts, int fd, gboolean writable,
                        const SgShareVerdict *verdict, SgShareMount *ret_mount, GError **error)
{
  const Staging staging = { verdict, -1 };

  return attach (mounts, fd, fd, writable, &staging, ret_mount, error);
}

gboolean
sg_share_mounts_lend (SgShareMounts *mounts, int fd, SgShareMount *ret_mount, GError **error)
{
  sg_fd int dir = sg_open_at (AT_FDCWD, mounts->lent, O_PATH | O_DIRECTORY, 0, error);
  sg_fd int file = dir >= 0 ? clone_tree (fd, FALSE, error) : -1;
  const Staging staging = { NULL, file };

  return file >= 0 && attach (mounts, dir, fd, FALSE, &staging, ret_mount, error);
}

char *
sg_share_mount_path (const SgShareMounts *mounts, const SgShareMount *mount)
{
  return slot_path (mounts, mount->writable, mount->slot);
}

gboolean
sg_share_mounts_detach (SgShareMounts *mounts, const SgShareMount *mount, GError **error)
{
  g_autofree char *path = slot_path (mounts, mount->writable, mount->slot);

  if (umount2 (path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0 && errno != EINVAL)
    return sg_errno (error, "The folder could not be taken away");
  mounts->used[mount->writable][mount->slot] = FALSE;
  return TRUE;
}
