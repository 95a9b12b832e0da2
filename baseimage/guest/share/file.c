/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Contents: each call is one on the 9p mount, and nothing is kept here. */
#include "baseimage/guest/share/share.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

typedef struct Open
{
  int fd;
  struct Open *next;
} Open;

static int
open_beneath (int below, const char *path, int flags)
{
  struct open_how how = { .flags = (uint64_t)(flags | O_CLOEXEC | O_NOFOLLOW),
                          .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
  int fd = (int)syscall (SYS_openat2, below, *path != '\0' ? path : ".", &how, sizeof how);

  return fd < 0 ? -errno : fd;
}

/* The directory NODE, O_PATH; -errno. */
static int
open_dir (Share *share, Node *node)
{
  char path[SG_SHARE_PATH_MOST + 1];
  int error, fd;

  pthread_mutex_lock (&share->lock);
  error = node_path (node, path);
  fd = error == 0 ? nodes_dir (share->nodes, node) : -error;
  pthread_mutex_unlock (&share->lock);
  if (error != 0 || fd >= 0)
    return fd;
  fd = open_beneath (share->folder, path, O_PATH | O_DIRECTORY);
  pthread_mutex_lock (&share->lock);
  if (fd >= 0 && node_is_told (node))
    nodes_keep_dir (share->nodes, node, fd);
  pthread_mutex_unlock (&share->lock);
  return fd;
}

/* What is kept may be of a directory that is gone. */
static void
forget_dir (Share *share, const Node *node)
{
  pthread_mutex_lock (&share->lock);
  nodes_keep_dir (share->nodes, node, -1);
  pthread_mutex_unlock (&share->lock);
}

int
share_open_above (Share *share, const Node *node, char name[256])
{
  Node *parent;
  int error;

  pthread_mutex_lock (&share->lock);
  parent = node->parent;
  error = parent == NULL ? EBUSY : node_is_gone (node) ? ENOENT : 0;
  if (error == 0)
    snprintf (name, 256, "%s", node->name);
  pthread_mutex_unlock (&share->lock);
  return error != 0 ? -error : open_dir (share, parent);
}

int
share_open_at (Share *share, Node *node, int flags)
{
  char name[256];
  int above, fd = -ENOENT;

  if (node->parent == NULL)
    return flags == (O_PATH | O_DIRECTORY) ? open_dir (share, node)
                                           : open_beneath (share->folder, "", flags);
  for (int i = 0; i < 2 && (fd == -ENOENT || fd == -ENOTDIR || fd == -ESTALE); i++)
    {
      above = share_open_above (share, node, name);
      if (above < 0)
        return above;
      fd = open_beneath (above, name, flags);
      close (above);
      if (fd < 0)
        forget_dir (share, node->parent);
    }
  return fd;
}

/* --- open and closed ----------------------------------------------------------------------------
 */

void
file_opened (Share *share, Node *node, int fd)
{
  Open *one = malloc (sizeof *one);

  (void)share;
  if (one == NULL)
    abort ();
  *one = (Open){ fd, node->opens };
  node->opens = one;
}

int
file_attr (const Node *node, SgShareAttr *attr)
{
  struct stat st;

  if (node->opens == NULL)
    return ENOENT;
  if (fstat (node->opens->fd, &st) < 0)
    return errno;
  *attr = (SgShareAttr){ .ino = node->ino,
                         .size = (uint64_t)st.st_size,
                         .blocks = (uint64_t)st.st_blocks,
                         .atime = st.st_atim.tv_sec,
                         .mtime = st.st_mtim.tv_sec,
                         .ctime = st.st_ctim.tv_sec,
                         .atime_ns = (uint32_t)st.st_atim.tv_nsec,
                         .mtime_ns = (uint32_t)st.st_mtim.tv_nsec,
                         .ctime_ns = (uint32_t)st.st_ctim.tv_nsec,
                         .mode = st.st_mode,
                         .nlink = (uint32_t)st.st_nlink,
                         .uid = st.st_uid,
                         .gid = st.st_gid,
                         .blksize = (uint32_t)st.st_blksize };
  return 0;
}

static void
changed (Share *share, Node *node)
{
  pthread_mutex_lock (&share->lock);
  if (node->parent != NULL && !node_is_gone (node))
    node_stale (node->parent, node->name);
  pthread_mutex_unlock (&share->lock);
}

static void
open_file (const Request *request)
{
  const struct fuse_open_in *in = (const void *)request->body;
  Share *share = request->share;
  Node *node = node_of (request);
  int flags = (int)in->flags & (O_ACCMODE | O_TRUNC | O_APPEND);
  int fd = share_open_at (share, node, flags);
  struct fuse_open_out out = { .fh = (uint64_t)(unsigned)fd };

  if (fd >= 0 && (flags & O_TRUNC))
    changed (share, node);
  if (fd >= 0)
    {
      pthread_mutex_lock (&share->lock);
      file_opened (share, node, fd);
      pthread_mutex_unlock (&share->lock);
    }
  answer (request, fd < 0 ? -fd : 0, &out, sizeof out);
}

static void
release_file (const Request *request)
{
  const struct fuse_release_in *in = (const void *)request->body;
  Node *node = node_of (request);
  Open **at;

  pthread_mutex_lock (&request->share->lock);
  for (at = &node->opens; *at != NULL && (uint64_t)(*at)->fd != in->fh; at = &(*at)->next)
    ;
  if (*at != NULL)
    {
      Open *gone = *at;

      *at = gone->next;
      free (gone);
    }
  pthread_mutex_unlock (&request->share->lock);
  close ((int)in->fh);
  answer (request, 0, NULL, 0);
}

static void
create_file (const Request *request)
{
  const struct fuse_create_in *in = (const void *)request->body;
  const char *name = (const char *)(in + 1);
  Share *share = request->share;
  Node *parent = node_of (request);
  int above = share_open_at (share, parent, O_PATH | O_DIRECTORY);
  int flags = (int)in->flags & (O_ACCMODE | O_TRUNC | O_APPEND | O_EXCL);
  int fd = above < 0 ? above
                     : openat (above, name, flags | O_CREAT | O_NOFOLLOW | O_CLOEXEC, in->mode);
  int error = fd >= 0 ? 0 : above < 0 ? -above : errno;

  if (above >= 0)
    close (above);
  if (error != 0)
    {
      answer (request, error, NULL, 0);
      return;
    }
  pthread_mutex_lock (&share->lock);
  node_stale (parent, name);
  pthread_mutex_unlock (&share->lock);
  answer_entry (request, parent, name, fd);
}

/* --- contents -----------------------------------------------------------------------------------
 */

static void
read_file (const Request *request)
{
  const struct fuse_read_in *in = (const void *)request->body;
  size_t wanted = in->size < SHARE_IO_MOST ? in->size : SHARE_IO_MOST, n = 0;
  int error = 0;

  while (n < wanted)
    {
      ssize_t got = pread ((int)in->fh, request->buffer + n, wanted - n, (off_t)(in->offset + n));

      if (got < 0 && errno == EINTR)
        continue;
      error = got < 0 && n == 0 ? errno : 0;
      if (got <= 0)
        break;
      n += (size_t)got;
    }
  answer (request, error, request->buffer, n);
}

static void
write_file (const Request *request)
{
  const struct fuse_write_in *in = (const void *)request->body;
  const char *data = (const char *)(in + 1);
  size_t most = request->length - sizeof *in, wanted = in->size < most ? in->size : most, n = 0;
  int error = 0;

  while (n < wanted)
    {
      ssize_t put = pwrite ((int)in->fh, data + n, wanted - n, (off_t)(in->offset + n));

      if (put < 0 && errno == EINTR)
        continue;
      error = put < 0 && n == 0 ? errno : 0;
      if (put <= 0)
        break;
      n += (size_t)put;
    }
  changed (request->share, node_of (request));
  struct fuse_write_out out = { .size = (uint32_t)n };
  answer (request, error, &out, sizeof out);
}

static void
sync_file (const Request *request)
{
  const struct fuse_fsync_in *in = (const void *)request->body;
  int failed
      = (in->fsync_flags & FUSE_FSYNC_FDATASYNC) ? fdatasync ((int)in->fh) : fsync ((int)in->fh);

  answer (request, failed ? errno : 0, NULL, 0);
}

static void
sync_dir (const Request *request)
{
  int fd = share_open_at (request->share, node_of (request), O_RDONLY | O_DIRECTORY);
  int error = fd < 0 ? -fd : fsync (fd) < 0 ? errno : 0;

  answer (request, error, NULL, 0);
  if (fd >= 0)
    close (fd);
}

bool
share_file (const Request *request)
{
  switch (request->in->opcode)
    {
    case FUSE_OPEN:
      open_file (request);
      return true;
    case FUSE_CREATE:
      create_file (request);
      return true;
    case FUSE_READ:
      read_file (request);
      return true;
    case FUSE_WRITE:
      write_file (request);
      return true;
    case FUSE_FLUSH:
      answer (request, 0, NULL, 0);
      return true;
    case FUSE_RELEASE:
      release_file (request);
      return true;
    case FUSE_FSYNC:
      sync_file (request);
      return true;
    case FUSE_FSYNCDIR:
      sync_dir (request);
      return true;
    default:
      return false;
    }
}
