/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the two halves of a pipe share: pipe.c lets in, pipe-out.c sends. */
#pragma once

#include "launcher/netgate/body.h"
#include "launcher/netgate/pipe.h"

/* The length before each frame. */
#define PREFIX 4
#define RUNS_MAX 64

/* Frames that follow each other in the buffer and all pass: [start, end), of which the first sent
 * bytes are gone.  start is always the border of a frame. */
typedef struct
{
  gsize start, end;
} SgPipeRun;

struct _SgPipe
{
  SgPipeJudge judge;
  SgPipeEnough enough; /* NULL: never */
  gpointer data;
  int from, to;

  guint8 *buffer;
  gsize have;   /* bytes in the buffer */
  gsize judged; /* up to here, the border of a frame */
  SgPipeRun runs[RUNS_MAX];
  guint n_runs, first_run;
  gsize sent; /* of the first run */

  GByteArray *queue; /* whole frames of our own, prefixes included */
  gsize queue_sent;

  /* A frame that is not read: while some of it is missing its head is in the buffer, too; nothing
   * else is. */
  SgBody body;
  gboolean passes; /* it is whole, was judged and is being sent */
  guint expected;  /* for so many frames more a large one is expected */
};

/* --- pipe-out.c */

/* The buffer holds no frame then, but perhaps the head of this one. */
void sg_pipe_forget_body (SgPipe *pipe);
