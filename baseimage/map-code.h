/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the folders and runs of a link map are coded: a run takes some 25 bytes instead of 80.
 *
 * A run is written as what differs from the run before it:
 *
 *   flags    one byte: which of the next five are there
 *   gap      blocks since the run before ended, when it is not the usual one (varint)
 *   dir      signed difference (varint, zigzag)
 *   device   varint
 *   btime    signed difference of the seconds; and of the nanoseconds, when they differ as well
 *   mtime    likewise
 *   ino      signed difference
 *   size     bytes (varint)
 *   name     how many bytes are as in the name before; how many more follow (a byte each); those
 *
 * A varint has seven bits in each byte, the lowest first; the top bit says that more follow.
 *
 * Everything here is also fed with what somebody made up: the taking functions stop at END, and
 * accept no number of more than 64 bits, no empty name, and no name with a slash or a NUL in it.
 * Whether a folder's or a device's number exists is for the caller to check. */
#pragma once

#include <glib.h>

#define SG_MAP_NAME_MAX 255u
#define SG_MAP_VARINT_MAX 10u
/* The most and the least that one takes. */
#define SG_MAP_RECORD_MAX (1u + 9u * SG_MAP_VARINT_MAX + 2u + SG_MAP_NAME_MAX)
#define SG_MAP_RUN_MIN 5u
#define SG_MAP_DIR_MAX (SG_MAP_VARINT_MAX + 1u + SG_MAP_NAME_MAX)
#define SG_MAP_DIR_MIN 3u

/* One run: zeros before the first of a group. */
typedef struct
{
  guint64 gap; /* blocks between the end of the run before and this one */
  guint64 size, ino;
  guint64 btime, mtime; /* SG_MAP_TIME; btime 0 where the file system keeps none */
  guint dir, device;
  guint8 name_len;
  char name[SG_MAP_NAME_MAX];
} SgMapRecord;

typedef struct
{
  guint parent;
  guint8 name_len;
  const char *name; /* in what was read; no NUL at its end */
} SgMapDir;

/* How many groups N_RUNS runs make. */
guint sg_map_groups_of (guint n_runs);

/* Appends RUN to OUT; *LAST is the run before, and becomes RUN. */
void sg_map_put_record (GByteArray *out, SgMapRecord *last, const SgMapRecord *run);

/* Reads the next run at *AT, which moves behind it: *RUN is the one before, and becomes it.  FALSE
 * when there is none, or nonsense. */
gboolean sg_map_take_record (const guint8 **at, const guint8 *end, SgMapRecord *run);

/* The folder NAME, number INDEX (from 1), which lies in folder PARENT. */
void sg_map_put_dir (GByteArray *out, guint index, guint parent, const char *name);
gboolean sg_map_take_dir (const guint8 **at, const guint8 *end, guint index, SgMapDir *ret_dir);
