/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A node stays while the kernel looks at it, while it has children, and while its listing is kept:
 * names that the kernel forgot for want of memory are found again without the host. */
#include "baseimage/guest/share/share.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BUCKETS 65536u
#define ENTRIES_KEPT 400000u
/* Where changes are told: for what no watch sees, a host's program that writes through a mapping.
 */
#define WATCHED_SEC 60
#define UNWATCHED_MSEC 500
/* A slot is the last one's that wanted it. */
#define DIRS 256u

struct Nodes
{
  Node root;
  Node *buckets[BUCKETS];
  size_t entries;
  struct
  {
    const Node *node;
    int fd;
  } dirs[DIRS];
};

static void *
need (void *memory)
{
  if (memory == NULL)
    abort ();
  return memory;
}

static uint64_t
now_msec (void)
{
  struct timespec t;

  clock_gettime (CLOCK_BOOTTIME, &t);
  return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

Nodes *
nodes_new (void)
{
  Nodes *nodes = need (calloc (1, sizeof *nodes));

  nodes->root.name = need (strdup (""));
  nodes->root.lookups = 1;
  return nodes;
}

Node *
nodes_root (Nodes *nodes)
{
  return &nodes->root;
}

static Node **
bucket (Nodes *nodes, const Node *parent, const char *name)
{
  uint64_t hash = 14695981039346656037u ^ (uintptr_t)parent;

  for (; *name != '\0'; name++)
    hash = (hash ^ (unsigned char)*name) * 1099511628211u;
  return &nodes->buckets[(hash ^ hash >> 32) % BUCKETS];
}

Node *
nodes_find (Nodes *nodes, Node *parent, const char *name)
{
  Node *node = *bucket (nodes, parent, name);

  while (node != NULL && (node->parent != parent || strcmp (node->name, name) != 0))
    node = node->next;
  return node;
}

static void
link_node (Nodes *nodes, Node *node, Node *parent, const char *name)
{
  Node **at = bucket (nodes, parent, name);

  node->parent = parent;
  node->name = need (strdup (name));
  parent->children++;
  node->next = *at;
  *at = node;
}

static void
unlink_node (Nodes *nodes, Node *node)
{
  Node **at = bucket (nodes, node->parent, node->name);

  while (*at != node)
    at = &(*at)->next;
  *at = node->next;
  node->parent->children--;
  free (node->name);
}

Node *
nodes_get (Nodes *nodes, Node *parent, const char *name)
{
  Node *node = nodes_find (nodes, parent, name);

  if (node == NULL)
    {
      node = need (calloc (1, sizeof *node));
      link_node (nodes, node, parent, name);
    }
  return node;
}

static size_t
slot_of (const Node *node)
{
  uintptr_t number = (uintptr_t)node;

  return (number >> 4 ^ number >> 12) % DIRS;
}

int
nodes_dir (const Nodes *nodes, const Node *node)
{
  size_t slot = slot_of (node);

  return nodes->dirs[slot].node == node ? fcntl (nodes->dirs[slot].fd, F_DUPFD_CLOEXEC, 3) : -1;
}

void
nodes_keep_dir (Nodes *nodes, const Node *node, int fd)
{
  size_t slot = slot_of (node);

  if (fd < 0 && nodes->dirs[slot].node != node)
    return;
  if (nodes->dirs[slot].node != NULL)
    close (nodes->dirs[slot].fd);
  nodes->dirs[slot].fd = fd >= 0 ? fcntl (fd, F_DUPFD_CLOEXEC, 3) : -1;
  nodes->dirs[slot].node = nodes->dirs[slot].fd >= 0 ? node : NULL;
}

void
nodes_let_go (Nodes *nodes, const Node *node)
{
  for (size_t i = 0; i < DIRS; i++)
    for (const Node *at = nodes->dirs[i].node; at != NULL; at = at->parent)
      if (at == node)
        {
          nodes_keep_dir (nodes, nodes->dirs[i].node, -1);
          break;
        }
}

bool
node_is_told (const Node *node)
{
  for (; node->parent != NULL; node = node->parent)
    if (node->parent->listing == NULL || !node->parent->listing->watched)
      return false;
  return true;
}

static void
drop (Nodes *nodes, Node *node)
{
  while (node->parent != NULL && node->lookups == 0 && node->children == 0
         && (node->listing == NULL || !node->listing->watched))
    {
      Node *parent = node->parent;

      nodes_list (nodes, node, NULL);
      nodes_keep_dir (nodes, node, -1);
      unlink_node (nodes, node);
      free (node);
      node = parent;
    }
}

void
nodes_forget (Nodes *nodes, Node *node, uint64_t lookups)
{
  node->lookups -= lookups < node->lookups ? lookups : node->lookups;
  drop (nodes, node);
}

/* Longer than a name can be. */
static const char *
gone_name (void)
{
  static char name[258];

  if (name[0] == '\0')
    memset (name, '?', sizeof name - 1);
  return name;
}

void
nodes_gone (Nodes *nodes, Node *node)
{
  Node *parent = node->parent;

  if (parent == NULL)
    return;
  nodes_keep_dir (nodes, node, -1);
  parent->children++;
  unlink_node (nodes, node);
  link_node (nodes, node, parent, gone_name ());
  parent->children--;
}

bool
node_is_gone (const Node *node)
{
  return strcmp (node->name, gone_name ()) == 0;
}

void
nodes_move (Nodes *nodes, Node *node, Node *parent, const char *name)
{
  Node *old = nodes_find (nodes, parent, name);

  if (old == node || node->parent == NULL)
    return;
  if (old != NULL)
    nodes_gone (nodes, old);
  Node *before = node->parent;
  parent->children++; /* not to be dropped with the last one */
  unlink_node (nodes, node);
  link_node (nodes, node, parent, name);
  parent->children--;
  drop (nodes, before);
}

Node *
nodes_walk (Nodes *nodes, const char *path)
{
  Node *node = &nodes->root;
  char part[256];

  while (node != NULL && *path != '\0')
    {
      size_t n = strcspn (path, "/");

      if (n >= sizeof part)
        return NULL;
      memcpy (part, path, n);
      part[n] = '\0';
      node = nodes_find (nodes, node, part);
      path += n + (path[n] == '/');
    }
  return node;
}

int
node_path (const Node *node, char path[SG_SHARE_PATH_MOST + 1])
{
  size_t at = SG_SHARE_PATH_MOST;

  path[at] = '\0';
  for (; node->parent != NULL; node = node->parent)
    {
      size_t n = strlen (node->name);

      if (n + 1 > at)
        return ENAMETOOLONG;
      if (path[at] != '\0')
        path[--at] = '/';
      at -= n;
      memcpy (path + at, node->name, n);
    }
  memmove (path, path + at, SG_SHARE_PATH_MOST + 1 - at);
  return 0;
}

void
nodes_each (Nodes *nodes, void (*each) (Node *node, void *data), void *data)
{
  each (&nodes->root, data);
  for (size_t i = 0; i < BUCKETS; i++)
    for (Node *node = nodes->buckets[i]; node != NULL; node = node->next)
      each (node, data);
}

/* --- listings -----------------------------------------------------------------------------------
 */

static void
unlist (Node *node, void *data)
{
  node->changes++;
  nodes_list (data, node, NULL);
}

void
nodes_unlist_all (Nodes *nodes)
{
  nodes_each (nodes, unlist, nodes);
  for (size_t i = 0; i < DIRS; i++)
    if (nodes->dirs[i].node != NULL)
      nodes_keep_dir (nodes, nodes->dirs[i].node, -1);
  for (size_t i = 0; i < BUCKETS; i++)
    for (Node **at = &nodes->buckets[i]; *at != NULL;)
      {
        Node *node = *at;

        drop (nodes, node);
        if (*at == node)
          at = &node->next;
        else
          at = &nodes->buckets[i];
      }
}

void
nodes_list (Nodes *nodes, Node *node, Listing *listing)
{
  if (node->listing != NULL)
    nodes->entries -= node->listing->n < nodes->entries ? node->listing->n : nodes->entries;
  listing_free (node->listing);
  node->listing = NULL;
  if (listing == NULL)
    return;
  if (nodes->entries > ENTRIES_KEPT)
    nodes_each (nodes, unlist, nodes);
  nodes->entries += listing->n;
  node->listing = listing;
}

Listing *
node_listing (const Node *node)
{
  Listing *listing = node->listing;

  return listing != NULL && (listing->watched || now_msec () - listing->born_msec < UNWATCHED_MSEC)
             ? listing
             : NULL;
}

static size_t
place_of (const Listing *listing, const char *name, bool *found)
{
  size_t low = 0, high = listing->n;

  *found = false;
  while (low < high && !*found)
    {
      size_t middle = low + (high - low) / 2;
      int order = strcmp (listing->entries[middle].name, name);

      if (order == 0)
        *found = true;
      if (order < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return *found ? high : low;
}

Entry *
listing_find (Listing *listing, const char *name)
{
  bool found;
  size_t at = place_of (listing, name, &found);

  return found ? &listing->entries[at] : NULL;
}

static void
make_room (Listing *listing)
{
  if (listing->n < listing->room)
    return;
  listing->room = listing->room * 2 + 16;
  listing->entries
      = need (reallocarray (listing->entries, listing->room, sizeof *listing->entries));
}

void
listing_put (Listing *listing, const char *name, EntryState state, const SgShareAttr *attr)
{
  bool found;
  size_t at = place_of (listing, name, &found);
  Entry *entry;

  if (!found)
    {
      make_room (listing);
      entry = &listing->entries[at];
      memmove (entry + 1, entry, (listing->n - at) * sizeof *entry);
      entry->name = need (strdup (name));
      listing->n++;
    }
  entry = &listing->entries[at];
  entry->state = state;
  if (attr != NULL)
    entry->attr = *attr;
}

bool
listing_whole (const Listing *listing)
{
  for (size_t i = 0; i < listing->n; i++)
    if (listing->entries[i].state == ENTRY_STALE)
      return false;
  return true;
}

static int
by_name (const void *a, const void *b)
{
  return strcmp (((const Entry *)a)->name, ((const Entry *)b)->name);
}

Listing *
listing_parse (const char *body, size_t length, bool watched)
{
  Listing *listing = need (calloc (1, sizeof *listing));

  listing->watched = watched;
  listing->born_msec = now_msec ();
  while (length > 0)
    {
      Entry entry = { .state = ENTRY_THERE };
      uint16_t n;

      if (length < sizeof entry.attr + sizeof n)
        break;
      memcpy (&entry.attr, body, sizeof entry.attr);
      memcpy (&n, body + sizeof entry.attr, sizeof n);
      body += sizeof entry.attr + sizeof n;
      length -= sizeof entry.attr + sizeof n;
      if (n == 0 || n > length)
        break;
      entry.name = need (strndup (body, n));
      body += n;
      length -= n;
      make_room (listing);
      listing->entries[listing->n++] = entry;
    }
  if (listing->n > 0)
    qsort (listing->entries, listing->n, sizeof *listing->entries, by_name);
  if (length == 0)
    return listing;
  listing_free (listing);
  return NULL;
}

void
listing_free (Listing *listing)
{
  if (listing == NULL)
    return;
  for (size_t i = 0; i < listing->n; i++)
    free (listing->entries[i].name);
  free (listing->entries);
  free (listing);
}

void
node_stale (Node *parent, const char *name)
{
  parent->changes++;
  if (parent->listing != NULL)
    listing_put (parent->listing, name, ENTRY_STALE, NULL);
}

void
listing_keep (const Listing *listing, uint64_t *seconds, uint32_t *nsec)
{
  *seconds = listing != NULL && listing->watched ? WATCHED_SEC : 0;
  *nsec = listing != NULL && !listing->watched ? UNWATCHED_MSEC * 1000000u : 0;
}
