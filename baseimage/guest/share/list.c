/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folders that are read.
 *
 * The kernel keeps the names of a folder that the host tells about, until it is told.  What it has
 * been given from a view that was old by then it is told to forget when that view is closed. */
#include "baseimage/guest/share/share.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What one opendir() sees. */
typedef struct
{
  char **names;
  SgShareAttr *attrs;
  size_t n;
  bool kept;        /* the kernel may keep the names until it is told of a change */
  unsigned changes; /* the folder's, when it was seen */
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
see (const Node *node)
{
  const Listing *listing = node->listing;
  Seen *seen = calloc (1, sizeof *seen);

  if (seen == NULL)
    return NULL;
  seen->kept = listing->watched;
  seen->changes = node->changes;
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
        seen = see (node);
      else if (tries == 0 && node_listing (node) != NULL && listing_whole (node_listing (node)))
        seen = see (node);
      pthread_mutex_unlock (&share->lock);
    }
  if (seen == NULL && (error == E2BIG || error == 0))
    seen = see_names (share, node, &error);
  struct fuse_open_out out = { .fh = (uintptr_t)seen };
  if (seen != NULL && seen->kept)
    out.open_flags = FOPEN_CACHE_DIR | FOPEN_KEEP_CACHE;
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

static void
close_dir (const Request *request)
{
  const struct fuse_release_in *in = (const void *)request->body;
  Seen *seen = (Seen *)(uintptr_t)in->fh;
  Node *node = node_of (request);

  pthread_mutex_lock (&request->share->lock);
  if (seen->kept && seen->changes != node->changes)
    index_forget_names (request->share, node);
  pthread_mutex_unlock (&request->share->lock);
  seen_free (seen);
  answer (request, 0, NULL, 0);
}

bool
share_list (const Request *request)
{
  switch (request->in->opcode)
    {
    case FUSE_OPENDIR:
      open_dir (request);
      return true;
    case FUSE_READDIR:
    case FUSE_READDIRPLUS:
      read_dir (request, request->in->opcode == FUSE_READDIRPLUS);
      return true;
    case FUSE_RELEASEDIR:
      close_dir (request);
      return true;
    default:
      return false;
    }
}
