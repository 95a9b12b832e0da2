/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One direction of the gate: frames from one stream socket to another, those that may pass.
 *
 * The framing is QEMU's `-netdev stream` and passt's: a big-endian length of four bytes, then the
 * frame.  Frames that pass are sent from the buffer they were received in, neighbours in one piece;
 * frames of the gate's own go between them.  Of a large one only the head is received where that is
 * enough to judge it.  When the receiver does not read, nothing more is read
 * from the sender: a full socket stops the stream, it never breaks a frame. */
#pragma once

#include <gio/gio.h>

typedef struct _SgPipe SgPipe;

/* TRUE: the frame passes, with what was changed in it.  (Not in one of which only the head was
 * received: that is on its way already.) */
typedef gboolean (*SgPipeJudge) (gpointer data, guint8 *frame, gsize len);

/* TRUE: what the judge says of a frame of LEN bytes depends on its first HAVE bytes at HEAD only,
 * and it will not read on. */
typedef gboolean (*SgPipeEnough) (gpointer data, const guint8 *head, gsize have, gsize len);

/* Descriptors are not owned; -1: nobody there (what would be sent is dropped). */
SgPipe *sg_pipe_new (SgPipeJudge judge, gpointer data);
void sg_pipe_free (SgPipe *pipe);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgPipe, sg_pipe_free)

/* Large frames may pass unread (see body.h), where the kernel can do that; to be called first. */
void sg_pipe_set_enough (SgPipe *pipe, SgPipeEnough enough);

/* Another sender: what was received is forgotten; a frame that is half sent is still finished. */
void sg_pipe_set_from (SgPipe *pipe, int fd);

/* Another receiver: what it has not got is forgotten.  FD will not block from now on. */
void sg_pipe_set_to (SgPipe *pipe, int fd);

typedef enum
{
  SG_PIPE_FINE,
  SG_PIPE_FROM_GONE, /* closed, or it broke the framing: *RET_BROKEN */
  SG_PIPE_TO_GONE,
} SgPipeState;

/* Reads, judges and sends what can be without waiting, for a bounded time. */
SgPipeState sg_pipe_pump (SgPipe *pipe, gboolean *ret_broken);

/* Sends what is left over. */
SgPipeState sg_pipe_flush (SgPipe *pipe);

/* Queues a frame of our own; dropped when the queue is full. */
void sg_pipe_insert (SgPipe *pipe, const guint8 *frame, gsize len);

/* Takes back all frames that have passed but were not begun to be sent, and those queued. */
void sg_pipe_revoke (SgPipe *pipe);

/* What to wait for: whether it could read, and whether it has something to send. */
gboolean sg_pipe_wants_in (const SgPipe *pipe);
gboolean sg_pipe_wants_out (const SgPipe *pipe);
