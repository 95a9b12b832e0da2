/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What only looks at names and attributes. */
#include "baseimage/guest/share/share.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

Node *
node_number (const Share *share, uint64_t number)
{
  return number == FUSE_ROOT_ID ? nodes_root (share->nodes) : (Node *)(uintptr_t)number;
}

Node *
node_of (const Request *request)
{
  return node_number (request->share, request->in->nodeid);
}

/* --- one name -----------------------------------------------------------------------------------
 */

/* With the lock: the kernel's node for what is there now. */
static Node *
known_node (Share *share, Node *parent, const char *name, const SgShareAttr *attr)
{
  Node *node = nodes_find (share->nodes, parent, name);

  /* Another file under the same name is another node. */
  if (node != NULL && node->ino != 0 && node->ino != attr->ino)
    {
      nodes_list (share->nodes, node, NULL);
      nodes_gone (share->nodes, node);
      node = NULL;
    }
  if (node == NULL)
    node = nodes_get (share->nodes, parent, name);
  node->ino = attr->ino;
  node->is_dir = S_ISDIR (attr->mode);
  node->lookups++;
  return node;
}

void
fill_entry (Share *share, Node *parent, const char *name, const SgShareAttr *attr,
            const Listing *listing, struct fuse_entry_out *out)
{
  Node *node = known_node (share, parent, name, attr);

  memset (out, 0, sizeof *out);
  out->nodeid = (uintptr_t)node;
  listing_keep (listing, &out->entry_valid, &out->entry_valid_nsec);
  out->attr_valid = out->entry_valid;
  out->attr_valid_nsec = out->entry_valid_nsec;
  fuse_attr_from (&out->attr, attr);
}

bool
is_told (const SgShareAttr *attr)
{
  return S_ISDIR (attr->mode) || attr->nlink <= 1;
}

/* With the lock: from what is known.  FALSE: it is not. */
static bool
answer_known (const Request *request, Node *parent, const char *name)
{
  Listing *listing = node_listing (parent);
  const Entry *entry = listing != NULL ? listing_find (listing, name) : NULL;
  struct fuse_entry_out out = { 0 };

  if (listing == NULL
      || (entry != NULL
          && (entry->state == ENTRY_STALE
              || (entry->state == ENTRY_THERE && !is_told (&entry->attr)))))
    return false;
  if (entry != NULL && entry->state == ENTRY_THERE)
    {
      fill_entry (request->share, parent, name, &entry->attr, listing, &out);
      ahead_looked (request->share, parent);
    }
  else
    listing_keep (listing, &out.entry_valid, &out.entry_valid_nsec);
  /* Nobody can tell of a name that has no node, when everything may have changed. */
  if (out.nodeid == 0 && out.entry_valid > 1)
    out.entry_valid = 1;
  answer (request, 0, &out, sizeof out);
  return true;
}

static void
lookup (const Request *request)
{
  Share *share = request->share;
  Node *parent = node_of (request);
  const char *name = request->body;
  SgShareAttr attr;
  bool known, list;
  int error;

  pthread_mutex_lock (&share->lock);
  known = answer_known (request, parent, name);
  list = node_listing (parent) == NULL;
  pthread_mutex_unlock (&share->lock);
  if (known)
    return;
  if (list && index_list (share, parent) == 0)
    {
      pthread_mutex_lock (&share->lock);
      known = answer_known (request, parent, name);
      pthread_mutex_unlock (&share->lock);
    }
  if (known)
    return;
  error = index_stat (share, parent, name, &attr);
  pthread_mutex_lock (&share->lock);
  if (!answer_known (request, parent, name))
    {
      struct fuse_entry_out out;

      if (error == 0)
        fill_entry (share, parent, name, &attr, NULL, &out);
      answer (request, error, &out, sizeof out);
    }
  pthread_mutex_unlock (&share->lock);
}

void
answer_entry (const Request *request, Node *parent, const char *name, int opened)
{
  Share *share = request->share;
  struct
  {
    struct fuse_entry_out entry;
    struct fuse_open_out open;
  } out = { .open.fh = (uint64_t)(unsigned)opened };
  SgShareAttr attr;
  int error = index_stat (share, parent, name, &attr);

  pthread_mutex_lock (&share->lock);
  if (error == 0)
    {
      const Entry *entry
          = node_listing (parent) != NULL ? listing_find (node_listing (parent), name) : NULL;
      bool good = entry != NULL && entry->state == ENTRY_THERE && is_told (&entry->attr);

      fill_entry (share, parent, name, &attr, good ? node_listing (parent) : NULL, &out.entry);
      if (opened >= 0)
        file_opened (share, (Node *)(uintptr_t)out.entry.nodeid, opened);
    }
  answer (request, error, &out, opened >= 0 ? sizeof out : sizeof out.entry);
  pthread_mutex_unlock (&share->lock);
}

static bool
answer_attr_known (const Request *request, Node *node)
{
  Listing *listing = node->parent != NULL ? node_listing (node->parent) : NULL;
  const Entry *entry = listing != NULL ? listing_find (listing, node->name) : NULL;
  struct fuse_attr_out out = { 0 };

  if (entry == NULL || entry->state != ENTRY_THERE || entry->attr.ino != node->ino
      || !is_told (&entry->attr))
    return false;
  listing_keep (listing, &out.attr_valid, &out.attr_valid_nsec);
  if (node->opens != NULL)
    out.attr_valid = out.attr_valid > 1 ? 1 : out.attr_valid;
  fuse_attr_from (&out.attr, &entry->attr);
  answer (request, 0, &out, sizeof out);
  return true;
}

/* What has no name any more is asked of the open file. */
static int
attr_now (Share *share, Node *node, SgShareAttr *attr)
{
  char name[300];
  Node *parent;
  int error;

  if (node->parent == NULL)
    return index_stat (share, node, NULL, attr);
  pthread_mutex_lock (&share->lock);
  parent = node->parent;
  snprintf (name, sizeof name, "%s", node->name);
  error = node_is_gone (node) ? ENOENT : 0;
  pthread_mutex_unlock (&share->lock);
  if (error == 0)
    error = index_stat (share, parent, name, attr);
  if (error == 0 && attr->ino != node->ino)
    error = ENOENT;
  if (error == ENOENT)
    {
      pthread_mutex_lock (&share->lock);
      error = file_attr (node, attr);
      pthread_mutex_unlock (&share->lock);
    }
  return error;
}

void
answer_attr (const Request *request, bool known)
{
  Share *share = request->share;
  Node *node = node_of (request);
  struct fuse_attr_out out = { 0 };
  SgShareAttr attr;
  int error;

  pthread_mutex_lock (&share->lock);
  known = known && answer_attr_known (request, node);
  pthread_mutex_unlock (&share->lock);
  if (known)
    return;
  error = attr_now (share, node, &attr);
  pthread_mutex_lock (&share->lock);
  if (error != 0 || !answer_attr_known (request, node))
    {
      if (error == 0)
        fuse_attr_from (&out.attr, &attr);
      if (node->parent == NULL)
        out.attr_valid_nsec = 500000000;
      answer (request, error, &out, sizeof out);
    }
  pthread_mutex_unlock (&share->lock);
}

static void
forget (const Request *request)
{
  Share *share = request->share;

  pthread_mutex_lock (&share->lock);
  if (request->in->opcode == FUSE_FORGET)
    nodes_forget (share->nodes, node_of (request),
                  ((const struct fuse_forget_in *)(const void *)request->body)->nlookup);
  else
    {
      const struct fuse_batch_forget_in *in = (const void *)request->body;
      const struct fuse_forget_one *one = (const void *)(in + 1);

      for (uint32_t i = 0; i < in->count; i++)
        if (one[i].nodeid != FUSE_ROOT_ID)
          nodes_forget (share->nodes, (Node *)(uintptr_t)one[i].nodeid, one[i].nlookup);
    }
  pthread_mutex_unlock (&share->lock);
}

/* --- the rest -----------------------------------------------------------------------------------
 */

static void
read_link (const Request *request)
{
  int fd = share_open_at (request->share, node_of (request), O_PATH | O_NOFOLLOW);
  ssize_t n = fd >= 0 ? readlinkat (fd, "", request->buffer, SG_SHARE_PATH_MOST) : -1;

  answer (request, fd < 0 ? -fd : n < 0 ? errno : 0, request->buffer, n > 0 ? (size_t)n : 0);
  if (fd >= 0)
    close (fd);
}

static void
stat_fs (const Request *request)
{
  struct statvfs st;
  struct fuse_statfs_out out = { 0 };
  int fd
      = share_open_at (request->share, nodes_root (request->share->nodes), O_RDONLY | O_DIRECTORY);
  int error = fd < 0 ? -fd : fstatvfs (fd, &st) < 0 ? errno : 0;

  if (error == 0)
    out.st = (struct fuse_kstatfs){ .blocks = st.f_blocks,
                                    .bfree = st.f_bfree,
                                    .bavail = st.f_bavail,
                                    .files = st.f_files,
                                    .ffree = st.f_ffree,
                                    .bsize = (uint32_t)st.f_bsize,
                                    .namelen = (uint32_t)st.f_namemax,
                                    .frsize = (uint32_t)st.f_frsize };
  answer (request, error, &out, sizeof out);
  if (fd >= 0)
    close (fd);
}

bool
share_look (const Request *request)
{
  switch (request->in->opcode)
    {
    case FUSE_LOOKUP:
      lookup (request);
      return true;
    case FUSE_GETATTR:
      answer_attr (request, true);
      return true;
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
      forget (request);
      return true;
    case FUSE_READLINK:
      read_link (request);
      return true;
    case FUSE_STATFS:
      stat_fs (request);
      return true;
    default:
      return false;
    }
}
