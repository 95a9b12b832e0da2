/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What passes between a shared folder's index (launcher/shareindex, on the host) and the file
 * system that shows the folder (share/, inside), over the streams of a command.
 *
 *   inside asks   SgShareAsk, then the path: bytes below the folder, no '/' in front, "" is itself
 *   host answers  SgShareSay with the same tag; of STAT one SgShareAttr; of LIST for each entry
 *                 an SgShareAttr, a guint16 length and the name
 *   host tells    SgShareSay with tag 0 and what changed: the directory's path, NUL, the name
 *
 * Both ends are on one computer: integers are as the processor has them, structures have no gaps.
 * A LIST comes after the directory is watched, so what changes while it is made is told after it.
 */
#pragma once

#include <stdint.h>

#define SG_SHARE_PATH_MOST 4095u
/* A directory with more is not listed: E2BIG, and each name is asked for. */
#define SG_SHARE_ENTRIES_MOST 20000u
#define SG_SHARE_SAY_MOST (8u << 20)

enum
{
  SG_SHARE_STAT = 1,
  SG_SHARE_LIST = 2
};

typedef struct
{
  uint32_t length; /* of the path */
  uint32_t tag;    /* not 0 */
  uint32_t what;
} SgShareAsk;

enum
{
  SG_SHARE_WATCHED = 1 /* of an answer: what changes in this directory will be told */
};

enum
{
  SG_SHARE_NAME = 1, /* of what is told: this name came, went or is another */
  SG_SHARE_FILE = 2, /* this file's contents or attributes changed */
  SG_SHARE_ALL = 3   /* anything may have changed, and nothing is watched any more */
};

typedef struct
{
  uint32_t length; /* of what follows */
  uint32_t tag;
  uint32_t error; /* an errno */
  uint32_t what;  /* flags, or what is told */
} SgShareSay;

typedef struct
{
  uint64_t ino, size, blocks;
  int64_t atime, mtime, ctime;
  uint32_t atime_ns, mtime_ns, ctime_ns;
  uint32_t mode, nlink, uid, gid, rdev, blksize, zero;
} SgShareAttr;
