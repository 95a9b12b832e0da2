/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names that are asked for one by one come to the kernel a folder at a time.
 *
 * `git status` looks at each of its files by its name, and each is a request.  So once some names
 * of a folder were asked for, that folder is read through the mount, as any program would
 * (reader.c): the kernel keeps the names and attributes that it is told with them, and need not ask
 * for the rest. Who goes through one folder after the other is found before the next ones, and
 * farther with each: as a disk's read-ahead is. */
#include "baseimage/guest/share/share.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

/* Reading a folder is a request for each 25 names or so.  It is done after as many questions, so
 * that at worst, when nobody asks on, there are twice as many. */
#define LOOKS_LEAST 1u
#define NAMES_AN_ANSWER 25u
#define WAITING_MOST 64u
/* The kernel does not keep what it knows of a folder for ever. */
#define AGAIN_SEC 30
#define REACH_MOST 16u

struct Ahead
{
  int reader;
  Node *waiting[WAITING_MOST]; /* held */
  size_t first, n;
  pthread_cond_t wanted;
};

/* Not twice in a while. */
static bool
is_due (int64_t *last_sec)
{
  struct timespec now;

  clock_gettime (CLOCK_BOOTTIME, &now);
  if (*last_sec != 0 && now.tv_sec - *last_sec < AGAIN_SEC)
    return false;
  *last_sec = now.tv_sec;
  return true;
}

void
ahead_looked (Share *share, Node *folder)
{
  struct Ahead *ahead = share->ahead;

  if (!folder->listing->watched
      || ++folder->looks < LOOKS_LEAST + folder->listing->n / NAMES_AN_ANSWER
      || ahead->n == WAITING_MOST || !is_due (&folder->looked_sec))
    return;
  folder->looks = 0;
  folder->lookups++;
  ahead->waiting[(ahead->first + ahead->n++) % WAITING_MOST] = folder;
  pthread_cond_signal (&ahead->wanted);
}

/* --- what is read -------------------------------------------------------------------------------
 */

typedef struct
{
  Node *folders[REACH_MOST + 1]; /* held */
  unsigned n;
} Task;

/* With the lock. */
static void
add_folder (Task *task, Node *folder)
{
  if (!is_due (&folder->read_sec))
    return;
  folder->lookups++;
  task->folders[task->n++] = folder;
}

/* With the lock.  Who comes to a folder as the one before it foretold is on the way through all of
 * it already: only the next ones are worth to be read. */
static void
make_task (Share *share, Node *folder, Task *task)
{
  Node *parent = folder->parent;
  const Listing *listing = parent != NULL ? node_listing (parent) : NULL;
  const Entry *entry = listing != NULL ? listing_find (parent->listing, folder->name) : NULL;
  unsigned reach = folder->reach, next = 4 * reach + 3 < REACH_MOST ? 4 * reach + 3 : REACH_MOST;

  task->n = 0;
  folder->reach = 0;
  if (reach == 0)
    add_folder (task, folder);
  if (entry == NULL)
    return;
  for (unsigned seen = 0; ++entry < listing->entries + listing->n && seen <= reach;)
    if (entry->state == ENTRY_THERE && S_ISDIR (entry->attr.mode))
      {
        Node *node = seen < reach ? nodes_get (share->nodes, parent, entry->name)
                                  : nodes_find (share->nodes, parent, entry->name);

        if (node != NULL)
          node->reach = next;
        if (seen++ < reach)
          add_folder (task, node);
      }
}

/* With the lock, which is let go meanwhile: who reads may have much to do. */
static void
read_one (Share *share, Node *folder)
{
  char path[SG_SHARE_PATH_MOST + 1];
  bool known = !node_is_gone (folder) && node_path (folder, path) == 0;

  nodes_forget (share->nodes, folder, 1);
  pthread_mutex_unlock (&share->lock);
  while (known && send (share->ahead->reader, path, strlen (path) + 1, MSG_NOSIGNAL) < 0
         && errno == EINTR)
    continue;
  pthread_mutex_lock (&share->lock);
}

static void *
ahead_thread (void *data)
{
  Share *share = data;
  struct Ahead *ahead = share->ahead;
  Task task;

  pthread_mutex_lock (&share->lock);
  for (;;)
    {
      Node *folder;

      while (ahead->n == 0)
        pthread_cond_wait (&ahead->wanted, &share->lock);
      folder = ahead->waiting[ahead->first];
      ahead->first = (ahead->first + 1) % WAITING_MOST;
      ahead->n--;
      make_task (share, folder, &task);
      nodes_forget (share->nodes, folder, 1);
      for (unsigned i = 0; i < task.n; i++)
        read_one (share, task.folders[i]);
    }
  return NULL;
}

int
ahead_start (Share *share, int reader)
{
  pthread_t thread;

  share->ahead = calloc (1, sizeof *share->ahead);
  if (share->ahead == NULL)
    abort ();
  share->ahead->reader = reader;
  pthread_cond_init (&share->ahead->wanted, NULL);
  return pthread_create (&thread, NULL, ahead_thread, share);
}
