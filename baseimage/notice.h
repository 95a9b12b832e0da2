/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notices from the block device to the session: one line of JSON each.
 *
 *   {"event":"file","problem":"changed","path":"/usr/bin/vim"}   at most one per file
 *   {"event":"suppressed","count":17}                            there were too many at once
 *
 * "problem" is one of the words of sg_file_verdict_word().  A reader that does not read costs
 * notices, never a guest's time. */
#pragma once

#include <glib.h>

typedef struct SgNotices SgNotices;

/* FD: a pipe or socket (not owned), -1 for none.  N_FILES: for "at most one per file". */
SgNotices *sg_notices_new (int fd, guint n_files);
void sg_notices_free (SgNotices *notices);

/* Says once that there is a PROBLEM with file INDEX.  PATH are bytes; in the notice it is valid
 * UTF-8, and shortened in the middle when it is long.  TRUE when this is the first time. */
gboolean sg_notices_file (SgNotices *notices, guint index, const char *problem, const char *path);
