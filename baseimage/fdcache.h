/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Open host files of a base, shared by all threads of the block device, and the place where it is
 * decided whether a file is still the one that was scanned.
 *
 *   file = sg_fdcache_get (cache, run, &verdict);
 *   pread (sg_file_fd (file), ...);
 *   verdict = sg_file_recheck (file);       only then the bytes count
 *   sg_fdcache_put (cache, file);
 *
 * A file stays open after it was read once: should the host's package manager remove its name, the
 * sandbox goes on reading it.  Above the limit the least recently used one is closed. */
#pragma once

#include "baseimage/map.h"

typedef enum
{
  SG_FILE_INTACT,
  SG_FILE_CHANGED,    /* another file, or other contents, under that name */
  SG_FILE_MISSING,    /* no such name any more */
  SG_FILE_UNREADABLE, /* the name is there; opening it failed */
  SG_FILE_NO_DISK,    /* its file system is not mounted */
  SG_FILE_DAMAGED     /* the base's own files cannot be read */
} SgFileVerdict;

/* "changed", "missing", ...: a stable word for notices. */
const char *sg_file_verdict_word (SgFileVerdict verdict);

typedef struct SgFile SgFile;
typedef struct SgFdCache SgFdCache;

/* ROOTFD: the host's tree (not owned, must stay open).  LIMIT: descriptors kept open at most. */
SgFdCache *sg_fdcache_new (SgMap *map, int rootfd, guint limit);
void sg_fdcache_free (SgFdCache *cache);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgFdCache, sg_fdcache_free)

/* How many descriptors may be kept: raises the soft limit to the hard one, returns half of it. */
guint sg_fdcache_claim_descriptors (void);

/* The file behind run INDEX, verified and held until _put(); NULL and a verdict otherwise. */
SgFile *sg_fdcache_get (SgFdCache *cache, guint index, SgFileVerdict *ret_verdict);
void sg_fdcache_put (SgFdCache *cache, SgFile *file);

int sg_file_fd (const SgFile *file);
guint64 sg_file_size (const SgFile *file);

/* Is the open file still what it was when it was scanned?  Once it is not, it never is again. */
SgFileVerdict sg_file_recheck (SgFile *file);
