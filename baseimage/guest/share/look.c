/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What only looks at names and attributes. */
#include "baseimage/guest/share/share.h"

#include <dirent.h>
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

static void
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

/* Of a file with several names the host tells under one of them only: it is asked for each time. */
static bool
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
    fill_entry (request->share, parent, name, &entry->attr, listing, &out);
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

/* --- directories --------------------------------------------------------------------------------
 */

/* What one opendir() sees. */
typedef struct
{
  char **names;
  SgShareAttr *attrs;
  size_t n;
} Seen;

static void
seen_free (Seen *seen)
{
  for (size_t i = 0; i < seen->n; i++)
    free (seen->names[i]);
  free (seen->names);
  free (seen->attrs);
  free (seen);
}

/* With the lock. */
static Seen *
see (const Listing *listing)
{
  Seen *seen = calloc (1, sizeof *seen);

  if (seen == NULL)
    return NULL;
  seen->names = calloc (listing->n + 1, sizeof *seen->names);
  seen->attrs = calloc (listing->n + 1, sizeof *seen->attrs);
  for (size_t i = 0; i < listing->n && seen->names != NULL && seen->attrs != NULL; i++)
    if (listing->entries[i].state == ENTRY_THERE)
      {
        seen->attrs[seen->n] = listing->entries[i].attr;
        seen->names[seen->n] = strdup (listing->entries[i].name);
        if (seen->names[seen->n] != NULL)
          seen->n++;
      }
  return seen;
}

/* A directory that is too large to be listed, or never at rest: names only, by 9p. */
static Seen *
see_names (Share *share, Node *node, int *ret_error)
{
  int fd = share_open_at (share, node, O_RDONLY | O_DIRECTORY);
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;
  Seen *seen = dir != NULL ? calloc (1, sizeof *seen) : NULL;
  const struct dirent *entry;
  size_t room = 0;

  *ret_error = fd < 0 ? -fd : seen == NULL ? ENOMEM : 0;
  while (seen != NULL && (entry = readdir (dir)) != NULL)
    {
      if (strcmp (entry->d_name, ".") == 0 || strcmp (entry->d_name, "..") == 0)
        continue;
      if (seen->n == room)
        {
          room = room * 2 + 1024;
          seen->names = reallocarray (seen->names, room, sizeof *seen->names);
          seen->attrs = reallocarray (seen->attrs, room, sizeof *seen->attrs);
          if (seen->names == NULL || seen->attrs == NULL)
            abort ();
        }
      memset (&seen->attrs[seen->n], 0, sizeof *seen->attrs);
      seen->attrs[seen->n].ino = entry->d_ino;
      seen->attrs[seen->n].mode = (uint32_t)DTTOIF (entry->d_type);
      seen->names[seen->n] = strdup (entry->d_name);
      if (seen->names[seen->n] == NULL)
        break;
      seen->n++;
    }
  if (dir != NULL)
    closedir (dir);
  return seen;
}

/* What changed again while it was listed is not known: neither to leave out nor to show. */
#define LISTS_MOST 4

static void
open_dir (const Request *request)
{
  Share *share = request->share;
  Node *node = node_of (request);
  Seen *seen = NULL;
  int error = 0;

  for (int tries = 0; seen == NULL && error == 0 && tries <= LISTS_MOST; tries++)
    {
      if (tries > 0)
        error = index_list (share, node);
      pthread_mutex_lock (&share->lock);
      if (error == 0 && tries > 0 && node->listing != NULL && listing_whole (node->listing))
        seen = see (node->listing);
      else if (tries == 0 && node_listing (node) != NULL && listing_whole (node_listing (node)))
        seen = see (node_listing (node));
      pthread_mutex_unlock (&share->lock);
    }
  if (seen == NULL && (error == E2BIG || error == 0))
    seen = see_names (share, node, &error);
  struct fuse_open_out out = { .fh = (uintptr_t)seen };
  answer (request, seen == NULL && error == 0 ? EIO : error, &out, sizeof out);
}

/* With the lock; false: full.  An entry that changed meanwhile is given as a name only. */
static bool
add_dirent (const Request *request, const Seen *seen, size_t i, bool plus, size_t room, size_t *at)
{
  Node *node = node_of (request);
  const char *name = seen->names[i];
  size_t length = strlen (name);
  size_t before = plus ? offsetof (struct fuse_direntplus, dirent) : 0;
  size_t size = before + FUSE_DIRENT_ALIGN (FUSE_NAME_OFFSET + length);
  struct fuse_dirent *dirent = (void *)(request->buffer + *at + before);

  if (*at + size > room)
    return false;
  memset (request->buffer + *at, 0, size);
  if (plus)
    {
      Listing *listing = node_listing (node);
      const Entry *entry = listing != NULL ? listing_find (listing, name) : NULL;

      if (entry != NULL && entry->state == ENTRY_THERE)
        fill_entry (request->share, node, name, &entry->attr,
                    is_told (&entry->attr) ? listing : NULL, (void *)(request->buffer + *at));
    }
  dirent->ino = seen->attrs[i].ino != 0 ? seen->attrs[i].ino : 1;
  dirent->off = i + 3;
  dirent->namelen = (uint32_t)length;
  dirent->type = IFTODT (seen->attrs[i].mode);
  memcpy (dirent->name, name, length);
  *at += size;
  return true;
}

static bool
add_dot (const Request *request, const char *name, bool plus, uint64_t offset, size_t *at)
{
  size_t before = plus ? offsetof (struct fuse_direntplus, dirent) : 0;
  size_t size = before + FUSE_DIRENT_ALIGN (FUSE_NAME_OFFSET + strlen (name));
  struct fuse_dirent *dirent = (void *)(request->buffer + *at + before);

  memset (request->buffer + *at, 0, size);
  dirent->ino = 1;
  dirent->off = offset;
  dirent->namelen = (uint32_t)strlen (name);
  dirent->type = DT_DIR;
  memcpy (dirent->name, name, dirent->namelen);
  *at += size;
  return true;
}

static void
read_dir (const Request *request, bool plus)
{
  const struct fuse_read_in *in = (const void *)request->body;
  const Seen *seen = (const Seen *)(uintptr_t)in->fh;
  size_t room = in->size < SHARE_IO_MOST ? in->size : SHARE_IO_MOST, at = 0;
  uint64_t i = in->offset;

  if (room < 4096)
    {
      answer (request, EINVAL, NULL, 0);
      return;
    }
  pthread_mutex_lock (&request->share->lock);
  for (; i < 2; i++)
    add_dot (request, i == 0 ? "." : "..", plus, i + 1, &at);
  while (i - 2 < seen->n && add_dirent (request, seen, i - 2, plus, room, &at))
    i++;
  answer (request, 0, request->buffer, at);
  pthread_mutex_unlock (&request->share->lock);
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
    case FUSE_OPENDIR:
      open_dir (request);
      return true;
    case FUSE_READDIR:
    case FUSE_READDIRPLUS:
      read_dir (request, request->in->opcode == FUSE_READDIRPLUS);
      return true;
    case FUSE_RELEASEDIR:
      seen_free (
          (Seen *)(uintptr_t)((const struct fuse_release_in *)(const void *)request->body)->fh);
      answer (request, 0, NULL, 0);
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
