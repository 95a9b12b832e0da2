/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between scan.c (the threads and the tree) and scan-entry.c (one entry of one directory). */
#pragma once

#include "baseimage/scan.h"

#include <sys/stat.h>

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
