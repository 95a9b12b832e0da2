/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/netgate/pipe.h"
#include "launcher/netgate/packet.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define PREFIX 4
#define BUFFER (256 * 1024)
#define RUNS_MAX 64
#define QUEUE_MAX (512 * 1024)
#define READS_PER_PUMP 16

/* Frames that follow each other in the buffer and all pass: [start, end), of which the first sent
 * bytes are gone.  start is always the border of a frame. */
typedef struct
{
  gsize start, end;
} Run;

struct _SgPipe
{
  SgPipeJudge judge;
  gpointer data;
  int from, to;

  guint8 *buffer;
  gsize have;   /* bytes in the buffer */
  gsize judged; /* up to here, the border of a frame */
  Run runs[RUNS_MAX];
  guint n_runs, first_run;
  gsize sent; /* of the first run */

  GByteArray *queue; /* whole frames of our own, prefixes included */
  gsize queue_sent;
};

SgPipe *
sg_pipe_new (SgPipeJudge judge, gpointer data)
{
  SgPipe *pipe = g_new0 (SgPipe, 1);

  pipe->judge = judge;
  pipe->data = data;
  pipe->from = pipe->to = -1;
  pipe->buffer = g_malloc (BUFFER);
  pipe->queue = g_byte_array_new ();
  return pipe;
}

void
sg_pipe_free (SgPipe *pipe)
{
  g_free (pipe->buffer);
  g_byte_array_unref (pipe->queue);
  g_free (pipe);
}

static void
forget_output (SgPipe *pipe)
{
  pipe->n_runs = pipe->first_run = 0;
  pipe->sent = pipe->queue_sent = 0;
  g_byte_array_set_size (pipe->queue, 0);
}

void
sg_pipe_set_to (SgPipe *pipe, int fd)
{
  pipe->to = fd;
  forget_output (pipe);
}

/* --- out
 * ------------------------------------------------------------------------------------------- */

static void
drop_sent (SgPipe *pipe, gsize n)
{
  while (n > 0)
    {
      Run *run = &pipe->runs[pipe->first_run];
      gsize left = run->end - run->start - pipe->sent;

      if (n < left)
        {
          pipe->sent += n;
          return;
        }
      n -= left;
      pipe->sent = 0;
      pipe->first_run++;
    }
  if (pipe->first_run == pipe->n_runs)
    pipe->first_run = pipe->n_runs = 0;
}

/* TRUE: all sent.  FALSE: errno says why not. */
static gboolean
send_runs (SgPipe *pipe)
{
  while (pipe->first_run < pipe->n_runs)
    {
      struct iovec parts[RUNS_MAX];
      struct msghdr message = { .msg_iov = parts };
      gssize n;

      for (guint i = pipe->first_run; i < pipe->n_runs; i++)
        {
          gsize skip = i == pipe->first_run ? pipe->sent : 0;

          parts[message.msg_iovlen++]
              = (struct iovec){ pipe->buffer + pipe->runs[i].start + skip,
                                pipe->runs[i].end - pipe->runs[i].start - skip };
        }
      n = sendmsg (pipe->to, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      drop_sent (pipe, (gsize)n);
    }
  return TRUE;
}

static gboolean
send_queue (SgPipe *pipe)
{
  while (pipe->queue_sent < pipe->queue->len)
    {
      gssize n = send (pipe->to, pipe->queue->data + pipe->queue_sent,
                       pipe->queue->len - pipe->queue_sent, MSG_DONTWAIT | MSG_NOSIGNAL);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      pipe->queue_sent += (gsize)n;
    }
  if (pipe->queue->len > 0)
    g_byte_array_set_size (pipe->queue, 0);
  pipe->queue_sent = 0;
  return TRUE;
}

/* What is begun is finished first; else our own frames (they are small and urgent) before the rest.
 */
SgPipeState
sg_pipe_flush (SgPipe *pipe)
{
  gboolean sent;

  if (pipe->to < 0)
    {
      forget_output (pipe);
      return SG_PIPE_FINE;
    }
  sent = (pipe->sent > 0 ? send_runs (pipe) : TRUE) && send_queue (pipe) && send_runs (pipe);
  return sent || errno == EAGAIN || errno == ENOBUFS ? SG_PIPE_FINE : SG_PIPE_TO_GONE;
}

void
sg_pipe_insert (SgPipe *pipe, const guint8 *frame, gsize len)
{
  guint8 prefix[PREFIX];

  if (pipe->to < 0 || pipe->queue->len + PREFIX + len > QUEUE_MAX)
    return;
  sg_put32 (prefix, (guint32)len);
  g_byte_array_append (pipe->queue, prefix, PREFIX);
  g_byte_array_append (pipe->queue, frame, (guint)len);
}

/* The border of a frame at or behind BYTE, from START on. */
static gsize
border_after (const guint8 *bytes, gsize start, gsize byte)
{
  while (start < byte)
    start += PREFIX + sg_get32 (bytes + start);
  return start;
}

void
sg_pipe_revoke (SgPipe *pipe)
{
  if (pipe->queue_sent > 0)
    g_byte_array_set_size (pipe->queue,
                           (guint)border_after (pipe->queue->data, 0, pipe->queue_sent));
  else
    g_byte_array_set_size (pipe->queue, 0);
  if (pipe->sent > 0)
    {
      Run *run = &pipe->runs[pipe->first_run];

      run->end = border_after (pipe->buffer, run->start, run->start + pipe->sent);
      pipe->n_runs = pipe->first_run + 1;
      if (run->end == run->start + pipe->sent)
        pipe->n_runs = pipe->first_run = 0, pipe->sent = 0;
    }
  else
    pipe->n_runs = pipe->first_run = 0;
}

/* The rest of a begun frame moves to the queue, out of the buffer that is emptied. */
void
sg_pipe_set_from (SgPipe *pipe, int fd)
{
  sg_pipe_revoke (pipe);
  if (pipe->n_runs > 0)
    {
      const Run *run = &pipe->runs[pipe->first_run];

      g_byte_array_prepend (pipe->queue, pipe->buffer + run->start, (guint)(run->end - run->start));
      pipe->queue_sent = pipe->sent;
      pipe->n_runs = pipe->first_run = 0;
      pipe->sent = 0;
    }
  pipe->from = fd;
  pipe->have = pipe->judged = 0;
}

/* --- in
 * -------------------------------------------------------------------------------------------- */

static void
add_run (SgPipe *pipe, gsize start, gsize end)
{
  if (pipe->n_runs > 0 && pipe->runs[pipe->n_runs - 1].end == start)
    pipe->runs[pipe->n_runs - 1].end = end;
  else
    pipe->runs[pipe->n_runs++] = (Run){ start, end };
}

/* Judges the complete frames in the buffer, as many as there is room for runs. */
static gboolean
judge_frames (SgPipe *pipe)
{
  while (pipe->n_runs < RUNS_MAX && pipe->have - pipe->judged >= PREFIX)
    {
      const guint8 *at = pipe->buffer + pipe->judged;
      gsize len = sg_get32 (at);

      /* No way back into step: this is no frame's length. */
      if (len < SG_PACKET_MIN || len > SG_PACKET_MAX)
        return FALSE;
      if (pipe->have - pipe->judged < PREFIX + len)
        break;
      if (pipe->judge (pipe->data, at + PREFIX, len))
        add_run (pipe, pipe->judged, pipe->judged + PREFIX + len);
      pipe->judged += PREFIX + len;
    }
  return TRUE;
}

/* Whether the buffer holds another complete frame that was not judged for want of room. */
static gboolean
has_frame (const SgPipe *pipe)
{
  return pipe->have - pipe->judged >= PREFIX
         && pipe->have - pipe->judged >= PREFIX + (gsize)sg_get32 (pipe->buffer + pipe->judged);
}

static void
compact (SgPipe *pipe)
{
  if (pipe->judged == 0)
    return;
  memmove (pipe->buffer, pipe->buffer + pipe->judged, pipe->have - pipe->judged);
  pipe->have -= pipe->judged;
  pipe->judged = 0;
}

/* Judges and sends until nothing complete is left or the receiver is full. */
static SgPipeState
work_off (SgPipe *pipe, gboolean *ret_broken)
{
  do
    {
      SgPipeState state;

      if (!judge_frames (pipe))
        {
          *ret_broken = TRUE;
          return SG_PIPE_FROM_GONE;
        }
      state = sg_pipe_flush (pipe);
      if (state != SG_PIPE_FINE || pipe->n_runs > 0)
        return state;
    }
  while (has_frame (pipe));
  compact (pipe);
  return SG_PIPE_FINE;
}

SgPipeState
sg_pipe_pump (SgPipe *pipe, gboolean *ret_broken)
{
  SgPipeState state = work_off (pipe, ret_broken);

  for (int i = 0; i < READS_PER_PUMP && state == SG_PIPE_FINE && sg_pipe_wants_in (pipe); i++)
    {
      gsize room = BUFFER - pipe->have;
      gssize n = recv (pipe->from, pipe->buffer + pipe->have, room, MSG_DONTWAIT);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && errno == EAGAIN)
        break;
      if (n <= 0)
        return SG_PIPE_FROM_GONE;
      pipe->have += (gsize)n;
      state = work_off (pipe, ret_broken);
      if ((gsize)n < room)
        break;
    }
  return state;
}

gboolean
sg_pipe_wants_in (const SgPipe *pipe)
{
  return pipe->from >= 0 && pipe->n_runs == 0 && pipe->have < BUFFER;
}

gboolean
sg_pipe_wants_out (const SgPipe *pipe)
{
  return pipe->to >= 0 && (pipe->n_runs > 0 || pipe->queue->len > 0);
}
