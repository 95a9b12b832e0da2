/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names that are asked for one by one come to the kernel a folder at a time.
 *
 * `git status` looks at each of its files by its name, and each is a request.  So once some names
 * of a folder were asked for, a thread reads that folder through the mount, as any program would:
 * the kernel keeps the names and attributes that it is told with them, and need not ask for the
 * rest. Who goes through one folder after the other is found before the next ones, and farther with
 * each: as a disk's read-ahead is.
 *
 * Nobody waits for these threads, so they may wait for anybody: for who makes a name there, too. */
#include "baseimage/guest/share/share.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Reading a folder is a request for each 25 names or so.  It is done after as many questions, so
 * that at worst, when nobody asks on, there are twice as many. */
#define LOOKS_LEAST 1u
#define NAMES_AN_ANSWER 25u
#define WAITING_MOST 64u
/* The kernel does not keep what it knows of a folder for ever. */
#define AGAIN_SEC 30
#define THREADS 24u
#define THREAD_STACK (256u * 1024)
#define REACH_MOST 16u

struct Ahead
{
  const char *place;
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

/* What any program inside swaps there meanwhile is read in its place, which does no harm.  PLACE is
 * opened each time: whoever has it open keeps it from being unmounted. */
static void
read_folder (const char *place, const char *path)
{
  static const struct open_how how
      = { .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
          .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV };
  char names[16384];
  int root = open (place, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -1;

  if (root >= 0)
    fd = (int)syscall (SYS_openat2, root, *path != '\0' ? path : ".", &how, sizeof how);
  while (fd >= 0 && syscall (SYS_getdents64, fd, names, sizeof names) > 0)
    continue;
  if (fd >= 0)
    close (fd);
  if (root >= 0)
    close (root);
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

/* With the lock, which is let go meanwhile. */
static void
read_one (Share *share, Node *folder)
{
  char path[SG_SHARE_PATH_MOST + 1];
  bool known = !node_is_gone (folder) && node_path (folder, path) == 0;

  pthread_mutex_unlock (&share->lock);
  if (known)
    read_folder (share->ahead->place, path);
  pthread_mutex_lock (&share->lock);
  nodes_forget (share->nodes, folder, 1);
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
ahead_start (Share *share, const char *place)
{
  pthread_attr_t attr;
  pthread_t thread;
  int error = 0;

  share->ahead = calloc (1, sizeof *share->ahead);
  if (share->ahead == NULL)
    abort ();
  share->ahead->place = place;
  pthread_cond_init (&share->ahead->wanted, NULL);
  pthread_attr_init (&attr);
  pthread_attr_setdetachstate (&attr, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize (&attr, THREAD_STACK);
  for (unsigned i = 0; i < THREADS && error == 0; i++)
    error = pthread_create (&thread, &attr, ahead_thread, share);
  pthread_attr_destroy (&attr);
  return error;
}
