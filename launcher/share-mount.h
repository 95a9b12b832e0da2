/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folders of the host in the machine's confinement, given and taken while it runs.
 *
 * In the supervisor's mount namespace, below the session's directory (nobody else sees it):
 *
 *   shares/stage      where a folder is put together: private
 *   shares/empty      what hides a refused place
 *   shares/lent       a folder with one empty file: a file that is lent lies over that one
 *   shares/out/ro/N   what QEMU sees: a tmpfs whose mounts propagate; bound into QEMU's
 *   shares/out/rw/N   confinement as a slave (SG_DOOR_FOLLOW), read-only itself
 *
 * A folder is cloned (open_tree), made read-only and harmless (nosuid, nodev, noexec, no links
 * followed) while nobody can see it, its refused places are covered, and then it is moved to its
 * slot: what appears in QEMU was never anything else.  All calls may block on a slow disk. */
#pragma once

#include "launcher/share-rules.h"

#define SG_INSIDE_SHARES "/sandbox/shares"
/* Of each kind. */
#define SG_SHARE_SLOTS 32u
/* What a file that is lent is called in its slot. */
#define SG_SHARE_LENT_NAME "file"

typedef struct SgShareMounts SgShareMounts;

/* Makes it all below DIR, the session's directory.  G_IO_ERROR_NOT_SUPPORTED, in words, where this
 * computer does not allow it. */
SgShareMounts *sg_share_mounts_new (const char *dir, GError **error);

/* Takes all folders away and removes what has a name; again is harmless.  Nothing can be attached
 * afterwards. */
void sg_share_mounts_close (SgShareMounts *mounts);
void sg_share_mounts_free (SgShareMounts *mounts);

/* Outside path of the door. */
const char *sg_share_mounts_out (const SgShareMounts *mounts);

typedef struct
{
  gboolean writable;
  guint slot;        /* its name inside: SG_INSIDE_SHARES "/ro/SLOT" */
  guint64 source_id; /* the host's mount that it comes from */
  guint64 id;        /* its own, in this mount namespace */
} SgShareMount;

/* Shows the folder of VERDICT, opened as FD in this mount namespace. */
gboolean sg_share_mounts_attach (SgShareMounts *mounts, int fd, gboolean writable,
                                 const SgShareVerdict *verdict, SgShareMount *ret_mount,
                                 GError **error);

/* Shows one regular file, opened as FD in this mount namespace, and nothing else: read-only, in a
 * slot of its own.  Taken away like a folder. */
gboolean sg_share_mounts_lend (SgShareMounts *mounts, int fd, SgShareMount *ret_mount,
                               GError **error);

/* Takes it away at once: by no path can it be reached any more.  What a server has opened in it
 * stays open there until sg_share_revoke(). */
gboolean sg_share_mounts_detach (SgShareMounts *mounts, const SgShareMount *mount, GError **error);

/* Where it is outside, for another process of ours.  Free with g_free(). */
char *sg_share_mount_path (const SgShareMounts *mounts, const SgShareMount *mount);

/* Is the host's mount still there (not ejected)?  MOUNTINFO: the text of /proc/self/mountinfo. */
gboolean sg_share_mount_has_source (const SgShareMount *mount, const char *mountinfo);

/* The folder as the kernel names it in its file system, in the kernel's spelling: another text once
 * it was renamed, and with "//deleted" behind it once it was deleted.  NULL: not there.  Free with
 * g_free().  MOUNTINFO: as above. */
char *sg_share_mount_root (const SgShareMount *mount, const char *mountinfo);

/* The numbers (guint64; free with g_array_unref()) of the mount and of what is mounted below it in
 * the namespace of process PID, none when it is not there: to be asked before it is detached. */
GArray *sg_share_mount_inside (const SgShareMount *mount, pid_t pid);

/* How many files of those mounts process PID has open. */
guint sg_share_mounts_held (const GArray *inside, pid_t pid);
