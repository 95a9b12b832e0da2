/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What changes names and attributes: one call on the 9p mount, then what was known of the name is
 * asked for again. */
#include "baseimage/guest/share/share.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static void
stale (Share *share, Node *parent, const char *name)
{
  pthread_mutex_lock (&share->lock);
  node_stale (parent, name);
  pthread_mutex_unlock (&share->lock);
}

static int
above_of (const Request *request)
{
  return share_open_at (request->share, node_of (request), O_PATH | O_DIRECTORY);
}

/* ABOVE, or what was done in it, FAILED. */
static int
done (int above, int failed)
{
  int error = above < 0 ? -above : failed < 0 ? errno : 0;

  if (above >= 0)
    close (above);
  return error;
}

static void
made (const Request *request, const char *name, int error)
{
  if (error != 0)
    {
      answer (request, error, NULL, 0);
      return;
    }
  stale (request->share, node_of (request), name);
  answer_entry (request, node_of (request), name, -1);
}

static void
make_dir (const Request *request)
{
  const struct fuse_mkdir_in *in = (const void *)request->body;
  const char *name = (const char *)(in + 1);
  int above = above_of (request);

  made (request, name, done (above, above < 0 ? -1 : mkdirat (above, name, in->mode)));
}

static void
make_node (const Request *request)
{
  const struct fuse_mknod_in *in = (const void *)request->body;
  const char *name = (const char *)(in + 1);
  int above = above_of (request);

  made (request, name, done (above, above < 0 ? -1 : mknodat (above, name, in->mode, in->rdev)));
}

static void
make_symlink (const Request *request)
{
  const char *name = request->body, *target = name + strlen (name) + 1;
  int above = above_of (request);

  made (request, name, done (above, above < 0 ? -1 : symlinkat (target, above, name)));
}

static void
make_link (const Request *request)
{
  const struct fuse_link_in *in = (const void *)request->body;
  const char *name = (const char *)(in + 1);
  Share *share = request->share;
  Node *node = node_number (share, in->oldnodeid);
  char from[256];
  int source = share_open_above (share, node, from);
  int above = source < 0 ? source : above_of (request);
  int error = done (above, above < 0 ? -1 : linkat (source, from, above, name, 0));

  if (source >= 0)
    close (source);
  if (error == 0)
    {
      /* It has one name more; its contents are as they were. */
      struct fuse_notify_inval_inode_out out = { .ino = in->oldnodeid, .off = -1 };

      stale (share, node->parent, from);
      tell (share, FUSE_NOTIFY_INVAL_INODE, &out, sizeof out, NULL);
    }
  made (request, name, error);
}

static void
remove_name (const Request *request, int flags)
{
  Share *share = request->share;
  Node *parent = node_of (request), *node;
  const char *name = request->body;
  int above = above_of (request);
  int error = done (above, above < 0 ? -1 : unlinkat (above, name, flags));

  pthread_mutex_lock (&share->lock);
  node_stale (parent, name);
  node = error == 0 ? nodes_find (share->nodes, parent, name) : NULL;
  if (node != NULL)
    {
      nodes_list (share->nodes, node, NULL);
      nodes_gone (share->nodes, node);
      nodes_forget (share->nodes, node, 0);
    }
  answer (request, error, NULL, 0);
  pthread_mutex_unlock (&share->lock);
}

static void
rename_name (const Request *request, uint64_t to_number, const char *name, unsigned flags)
{
  Share *share = request->share;
  Node *parent = node_of (request), *to = node_number (share, to_number), *node;
  const char *new_name = name + strlen (name) + 1;
  int above = above_of (request);
  int target = above < 0 ? above : share_open_at (share, to, O_PATH | O_DIRECTORY);
  int failed = target < 0 ? -1 : renameat2 (above, name, target, new_name, flags);
  int error = target < 0 ? -target : failed < 0 ? errno : 0;

  if (above >= 0)
    close (above);
  if (target >= 0)
    close (target);
  pthread_mutex_lock (&share->lock);
  node_stale (parent, name);
  node_stale (to, new_name);
  node = error == 0 ? nodes_find (share->nodes, parent, name) : NULL;
  if (node != NULL)
    nodes_move (share->nodes, node, to, new_name);
  answer (request, error, NULL, 0);
  pthread_mutex_unlock (&share->lock);
}

/* --- attributes ---------------------------------------------------------------------------------
 */

static struct timespec
time_of (uint32_t valid, uint32_t now, uint32_t given, uint64_t seconds, uint32_t nsec)
{
  if (valid & now)
    return (struct timespec){ 0, UTIME_NOW };
  if (valid & given)
    return (struct timespec){ (time_t)seconds, (long)nsec };
  return (struct timespec){ 0, UTIME_OMIT };
}

static int
set_size (const Request *request, const struct fuse_setattr_in *in)
{
  int fd = (in->valid & FATTR_FH) ? (int)in->fh
                                  : share_open_at (request->share, node_of (request), O_WRONLY);
  int error = fd < 0 ? -fd : ftruncate (fd, (off_t)in->size) < 0 ? errno : 0;

  if (fd >= 0 && !(in->valid & FATTR_FH))
    close (fd);
  return error;
}

/* FD: O_PATH, the file itself. */
static int
set_rest (int fd, const struct fuse_setattr_in *in)
{
  struct timespec times[]
      = { time_of (in->valid, FATTR_ATIME_NOW, FATTR_ATIME, in->atime, in->atimensec),
          time_of (in->valid, FATTR_MTIME_NOW, FATTR_MTIME, in->mtime, in->mtimensec) };
  char path[40];

  snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
  if ((in->valid & (FATTR_UID | FATTR_GID))
      && fchownat (fd, "", (in->valid & FATTR_UID) ? in->uid : (uid_t)-1,
                   (in->valid & FATTR_GID) ? in->gid : (gid_t)-1, AT_EMPTY_PATH)
             < 0)
    return errno;
  if ((in->valid & FATTR_MODE) && chmod (path, in->mode & 07777) < 0)
    return errno;
  if ((in->valid & (FATTR_ATIME | FATTR_MTIME | FATTR_ATIME_NOW | FATTR_MTIME_NOW))
      && utimensat (fd, "", times, AT_EMPTY_PATH) < 0)
    return errno;
  return 0;
}

static void
set_attr (const Request *request)
{
  const struct fuse_setattr_in *in = (const void *)request->body;
  Share *share = request->share;
  Node *node = node_of (request);
  int error = (in->valid & FATTR_SIZE) ? set_size (request, in) : 0;

  if (error == 0 && (in->valid & ~(unsigned)(FATTR_SIZE | FATTR_FH | FATTR_LOCKOWNER)))
    {
      int fd = share_open_at (share, node, O_PATH | O_NOFOLLOW);

      error = fd < 0 ? -fd : set_rest (fd, in);
      if (fd >= 0)
        close (fd);
    }
  pthread_mutex_lock (&share->lock);
  if (node->parent != NULL && !node_is_gone (node))
    node_stale (node->parent, node->name);
  pthread_mutex_unlock (&share->lock);
  if (error != 0)
    answer (request, error, NULL, 0);
  else
    answer_attr (request, false);
}

/* --- what people attach to files ("user.") ------------------------------------------------------
 */

static void
attached (const Request *request)
{
  const bool set = request->in->opcode == FUSE_SETXATTR,
             list = request->in->opcode == FUSE_LISTXATTR;
  const struct fuse_getxattr_in *get = (const void *)request->body;
  const struct fuse_setxattr_in *put = (const void *)request->body;
  const char *name = set    ? request->body + FUSE_COMPAT_SETXATTR_IN_SIZE
                     : list ? "user.*"
                     : request->in->opcode == FUSE_GETXATTR ? (const char *)(get + 1)
                                                            : request->body;
  size_t room = !set && get->size < 65536 ? get->size : 65536;
  struct fuse_getxattr_out size = { 0 };
  char path[40];
  ssize_t n = -1;
  int fd;

  if (strncmp (name, "user.", 5) != 0)
    {
      answer (request, request->in->opcode == FUSE_GETXATTR ? ENODATA : EOPNOTSUPP, NULL, 0);
      return;
    }
  fd = share_open_at (request->share, node_of (request), O_PATH | O_NOFOLLOW);
  snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
  errno = -fd;
  if (fd >= 0 && set)
    n = setxattr (path, name, name + strlen (name) + 1, put->size, (int)put->flags);
  else if (fd >= 0 && list)
    n = listxattr (path, request->buffer, room);
  else if (fd >= 0 && request->in->opcode == FUSE_GETXATTR)
    n = getxattr (path, name, request->buffer, room);
  else if (fd >= 0)
    n = removexattr (path, name);
  size.size = n > 0 ? (uint32_t)n : 0;
  if (set || request->in->opcode == FUSE_REMOVEXATTR)
    answer (request, n < 0 ? errno : 0, NULL, 0);
  else if (get->size == 0)
    answer (request, n < 0 ? errno : 0, &size, sizeof size);
  else
    answer (request, n < 0 ? errno : 0, request->buffer, size.size);
  if (fd >= 0)
    close (fd);
}

bool
share_change (const Request *request)
{
  const struct fuse_rename_in *rename1 = (const void *)request->body;
  const struct fuse_rename2_in *rename2 = (const void *)request->body;

  switch (request->in->opcode)
    {
    case FUSE_MKDIR:
      make_dir (request);
      return true;
    case FUSE_MKNOD:
      make_node (request);
      return true;
    case FUSE_SYMLINK:
      make_symlink (request);
      return true;
    case FUSE_LINK:
      make_link (request);
      return true;
    case FUSE_UNLINK:
      remove_name (request, 0);
      return true;
    case FUSE_RMDIR:
      remove_name (request, AT_REMOVEDIR);
      return true;
    case FUSE_RENAME:
      rename_name (request, rename1->newdir, (const char *)(rename1 + 1), 0);
      return true;
    case FUSE_RENAME2:
      rename_name (request, rename2->newdir, (const char *)(rename2 + 1), rename2->flags);
      return true;
    case FUSE_SETATTR:
      set_attr (request);
      return true;
    case FUSE_SETXATTR:
    case FUSE_GETXATTR:
    case FUSE_LISTXATTR:
    case FUSE_REMOVEXATTR:
      attached (request);
      return true;
    default:
      return false;
    }
}
