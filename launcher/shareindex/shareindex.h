/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A shared folder's index: names and attributes of whole directories at a time, and word of what
 * changes in them, for the file system inside (baseimage/guest/share).
 *
 * Why: over 9p each look at a file is several requests, and a request through a machine's queue
 * costs far more than what it asks for.  Contents and all changes still go over 9p; this process
 * can only look.  What it reads comes from a guest and may be anything. */
#pragma once

#include "baseimage/guest/share-protocol.h"

#include <glib.h>

typedef struct ShareIndex ShareIndex;

/* Below FOLDER (a descriptor, taken); answers go to OUT. */
ShareIndex *share_index_new (int folder, int out);
void share_index_free (ShareIndex *index);

/* Answers ASK with its PATH (NUL-terminated).  FALSE: OUT is closed. */
gboolean share_index_ask (ShareIndex *index, const SgShareAsk *ask, const char *path);

/* To be polled, -1 without inotify; then tells.  Not before share_index_wait() milliseconds have
 * passed (-1: at once): a file that is written to all the time is told of now and then. */
int share_index_fd (const ShareIndex *index);
int share_index_wait (const ShareIndex *index);
gboolean share_index_tell (ShareIndex *index);
