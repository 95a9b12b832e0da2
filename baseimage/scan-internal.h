/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between scan.c (what a scan knows), scan-walk.c (the threads and the tree) and scan-entry.c (one
 * entry of one directory). */
#pragma once

#include "baseimage/scan.h"

#include <sys/stat.h>

typedef struct
{
  SgNode *node;
  const char *path; /* in the tree's arena, absolute; "" for the root */
  SgZone zone;
} SgScanDir;

/* A file that has more than one name. */
typedef struct
{
  guint64 dev, ino;
  SgInode *inode;
} SgScanShared;

struct SgScan
{
  char *root; /* owned; "" for "/", so that paths can be put behind */
  int rootfd; /* owned */
  uid_t owner;
  guint64 root_type;         /* f_type of the root's file system */
  SgTree *tree;              /* not owned */
  GCancellable *cancellable; /* owned, may be NULL */
  SgPackages *packages;      /* owned */

  GMutex lock;   /* guards everything below, and the tree */
  GCond more;    /* a directory was pushed, or all is done */
  GCond over;    /* all is done */
  GArray *dirs;  /* SgScanDir, a stack */
  guint busy;    /* threads in a directory */
  guint waiting; /* threads that have nothing to do for now */
  GHashTable *shared;
  GHashTable *left_out; /* path -> rule */
  GHashTable *devices;  /* dev -> 1 (a system's file system) or 2 (another) */
  guint64 n_entries;
  GError *error; /* owned; the first */
  char *watch;   /* owned, may be NULL */
  char *watched_path;
  const SgRule *watched_rule;
};

/* Notes what a rule said; the lock is held, or there is one thread only. */
void sg_scan_decide_locked (SgScan *scan, const char *path, const SgRule *rule);

/* Is an entry told in `left-out` though RULE lets it in (empty)? */
gboolean sg_scan_is_told_though_in (const SgRule *rule);

/* Does the entry of MODE at (or in the directory) PATH keep its time? */
gboolean sg_scan_has_own_time (mode_t mode, const char *path);

/* One entry, as it was seen. */
typedef struct
{
  guint32 name;  /* offset into the directory's names */
  guint64 order; /* inode number, for the order of looking */
  mode_t mode;
  uid_t uid;
  gid_t gid;
  guint32 nlink;
  SgIdentity identity;
  const SgRule *rule; /* NULL: it vanished, or is nothing to speak of */
  char *target;       /* owned; a symbolic link's */
  GBytes *data;       /* owned; copied contents */
  guint8 *cap;        /* owned; security.capability */
  gsize cap_len;
} SgEntry;

/* What a thread needs while it is in one directory. */
typedef struct
{
  SgScan *scan;
  int fd;           /* the directory's */
  const char *path; /* absolute, below the root; "" for the root itself */
  SgZone zone;
  dev_t dev;
  GString *scratch; /* the entry's full path */
  SgRuleAsk ask;
  /* the entry that is being judged, for the answer about ownership */
  SgEntry *entry;
  const char *entry_name;
  gboolean tried_data;
} SgLook;

/* Looks at the entry NAME of LOOK's directory: fills ENTRY (zeroed), with rule NULL when it went
 * away. */
void sg_entry_look (SgLook *look, const char *name, SgEntry *entry);
void sg_entry_clear (SgEntry *entry);

/* Is the file system of the open FD one that a system is installed on, or the root's own kind? */
gboolean sg_scan_is_system_fs (SgScan *scan, int fd, dev_t dev);
