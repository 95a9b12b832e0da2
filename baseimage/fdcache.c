/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One table with a slot per run, one mutex, one list in the order of last use.
 *
 * The mutex is held for a few dozen instructions only; opening and looking at a file happen outside
 * it.  Two threads may therefore open the same file at once: the later one closes its own.  A file
 * in use (pins > 0) is never closed, so the number of descriptors is at most the limit plus one per
 * thread. */
#include "baseimage/fdcache.h"

#include "baseimage/identity.h"
#include "common/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define FEWEST_DESCRIPTORS 64u
#define MOST_DESCRIPTORS (1u << 20)

struct SgFile
{
  int fd; /* owned */
  guint index;
  guint pins;
  gint changed; /* atomic: a look at it has failed once */
  SgIdentity identity;
  SgFile *newer, *older; /* neighbours in the list of use */
};

struct SgFdCache
{
  SgMap *map; /* not owned */
  int rootfd; /* not owned */
  guint limit;
  GMutex lock; /* guards all below */
  SgFile **slots;
  SgFile *newest, *oldest;
  guint n_open;
};

const char *
sg_file_verdict_word (SgFileVerdict verdict)
{
  static const char *const words[]
      = { "intact", "changed", "missing", "unreadable", "no-disk", "damaged" };

  return words[verdict];
}

guint
sg_fdcache_claim_descriptors (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) < 0)
    return FEWEST_DESCRIPTORS;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit (RLIMIT_NOFILE, &limit) < 0 && getrlimit (RLIMIT_NOFILE, &limit) < 0)
    return FEWEST_DESCRIPTORS;
  return (guint)CLAMP (limit.rlim_cur / 2, FEWEST_DESCRIPTORS, MOST_DESCRIPTORS);
}

SgFdCache *
sg_fdcache_new (SgMap *map, int rootfd, guint limit)
{
  SgFdCache *cache = g_new0 (SgFdCache, 1);

  cache->map = map;
  cache->rootfd = rootfd;
  cache->limit = MAX (limit, 1);
  cache->slots = g_new0 (SgFile *, sg_map_n_runs (map));
  g_mutex_init (&cache->lock);
  return cache;
}

static void
file_free (SgFile *file)
{
  if (file == NULL)
    return;
  sg_fd_clear (&file->fd);
  g_free (file);
}

void
sg_fdcache_free (SgFdCache *cache)
{
  if (cache == NULL)
    return;
  while (cache->newest != NULL)
    {
      SgFile *file = cache->newest;
      cache->newest = file->older;
      file_free (file);
    }
  g_free (cache->slots);
  g_mutex_clear (&cache->lock);
  g_free (cache);
}

/* ---- the list of use; with the lock held ---- */

static void
unlink_file (SgFdCache *cache, SgFile *file)
{
  *(file->newer != NULL ? &file->newer->older : &cache->newest) = file->older;
  *(file->older != NULL ? &file->older->newer : &cache->oldest) = file->newer;
  file->newer = file->older = NULL;
}

static void
link_newest (SgFdCache *cache, SgFile *file)
{
  file->older = cache->newest;
  *(cache->newest != NULL ? &cache->newest->newer : &cache->oldest) = file;
  cache->newest = file;
}

/* Takes the least recently used file that nobody holds out of the cache; NULL if there is none. */
static SgFile *
take_oldest (SgFdCache *cache)
{
  SgFile *file = cache->oldest;

  while (file != NULL && file->pins > 0)
    file = file->newer;
  if (file == NULL)
    return NULL;
  unlink_file (cache, file);
  cache->slots[file->index] = NULL;
  cache->n_open--;
  return file;
}

static void
pin (SgFdCache *cache, SgFile *file)
{
  file->pins++;
  if (cache->newest != file)
    {
      unlink_file (cache, file);
      link_newest (cache, file);
    }
}

/* ---- opening ---- */

static SgFileVerdict
verdict_of_errno (int error)
{
  return error == ENOENT || error == ENOTDIR ? SG_FILE_MISSING : SG_FILE_UNREADABLE;
}

/* Opens PATH; where descriptors have run out all the same, closes one of ours and tries again. */
static int
open_or_make_room (SgFdCache *cache, const char *path)
{
  int fd = sg_open_below (cache->rootfd, path, O_RDONLY);

  while (fd < 0 && (errno == EMFILE || errno == ENFILE))
    {
      g_mutex_lock (&cache->lock);
      SgFile *victim = take_oldest (cache);
      g_mutex_unlock (&cache->lock);
      if (victim == NULL)
        {
          errno = EMFILE;
          return -1;
        }
      file_free (victim);
      fd = sg_open_below (cache->rootfd, path, O_RDONLY);
    }
  return fd;
}

static SgFile *
open_file (SgFdCache *cache, guint index, SgFileVerdict *ret_verdict)
{
  g_autoptr (SgMapRun) run = sg_map_run (cache->map, index, NULL);
  SgIdentity found;
  mode_t mode;

  *ret_verdict = SG_FILE_DAMAGED;
  if (run == NULL)
    return NULL;
  *ret_verdict = SG_FILE_NO_DISK;
  if (run->identity.dev == 0)
    return NULL;
  sg_fd int fd = open_or_make_room (cache, run->path);
  if (fd < 0)
    {
      *ret_verdict = verdict_of_errno (errno);
      return NULL;
    }
  *ret_verdict = SG_FILE_CHANGED;
  if (!sg_identity_of_fd (fd, &found, &mode) || !S_ISREG (mode) || found.dev != run->identity.dev
      || !sg_identity_same_file (&found, &run->identity))
    return NULL;
  SgFile *file = g_new0 (SgFile, 1);
  file->fd = sg_fd_steal (&fd);
  file->index = index;
  file->identity = found;
  *ret_verdict = SG_FILE_INTACT;
  return file;
}

/* Puts FILE into the cache and pins it; *ret_surplus is what has to be closed for it. */
static SgFile *
adopt (SgFdCache *cache, SgFile *file, SgFile **ret_surplus)
{
  SgFile *there = cache->slots[file->index];

  *ret_surplus = NULL;
  if (there != NULL)
    {
      *ret_surplus = file;
      pin (cache, there);
      return there;
    }
  if (cache->n_open >= cache->limit)
    *ret_surplus = take_oldest (cache);
  cache->slots[file->index] = file;
  cache->n_open++;
  link_newest (cache, file);
  file->pins++;
  return file;
}

SgFile *
sg_fdcache_get (SgFdCache *cache, guint index, SgFileVerdict *ret_verdict)
{
  SgFile *surplus;

  g_mutex_lock (&cache->lock);
  SgFile *file = cache->slots[index];
  if (file != NULL)
    pin (cache, file);
  g_mutex_unlock (&cache->lock);
  if (file != NULL)
    {
      *ret_verdict = SG_FILE_INTACT;
      return file;
    }
  file = open_file (cache, index, ret_verdict);
  if (file == NULL)
    return NULL;
  g_mutex_lock (&cache->lock);
  file = adopt (cache, file, &surplus);
  g_mutex_unlock (&cache->lock);
  file_free (surplus);
  return file;
}

void
sg_fdcache_put (SgFdCache *cache, SgFile *file)
{
  g_mutex_lock (&cache->lock);
  file->pins--;
  g_mutex_unlock (&cache->lock);
}

int
sg_file_fd (const SgFile *file)
{
  return file->fd;
}

guint64
sg_file_size (const SgFile *file)
{
  return file->identity.size;
}

SgFileVerdict
sg_file_recheck (SgFile *file)
{
  SgIdentity found;

  if (g_atomic_int_get (&file->changed))
    return SG_FILE_CHANGED;
  if (sg_identity_of_fd (file->fd, &found, NULL) && sg_identity_same_file (&found, &file->identity))
    return SG_FILE_INTACT;
  g_atomic_int_set (&file->changed, 1);
  return SG_FILE_CHANGED;
}
