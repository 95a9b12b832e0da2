/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/netgate/pipe.h"
#include "launcher/netgate/body.h"
#include "launcher/netgate/packet.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define PREFIX 4
#define BUFFER (256 * 1024)
#define RUNS_MAX 64
#define QUEUE_MAX (512 * 1024)
#define READS_PER_PUMP 64
#define BYTES_PER_PUMP (4 * 1024 * 1024)
/* From so many bytes on that need not be read, splicing is less work than copying. */
#define SPLICE_MIN (16 * 1024)
/* What is read of a frame that is probably large: headers, and the part that the kernel would copy
 * anyway. */
#define HEAD 2048
/* After so many small frames there is probably no large one next. */
#define SMALL_RUN 16

/* Frames that follow each other in the buffer and all pass: [start, end), of which the first sent
 * bytes are gone.  start is always the border of a frame. */
typedef struct
{
  gsize start, end;
} Run;

struct _SgPipe
{
  SgPipeJudge judge;
  SgPipeEnough enough; /* NULL: never */
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

  /* A frame that is not read: while some of it is missing its head is in the buffer, too; nothing
   * else is. */
  SgBody body;
  gboolean passes; /* it is whole, was judged and is being sent */
  guint expected;  /* for so many frames more a large one is expected */
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
  pipe->body = SG_BODY_NONE;
  return pipe;
}

void
sg_pipe_set_enough (SgPipe *pipe, SgPipeEnough enough)
{
  pipe->enough = enough;
  sg_body_init (&pipe->body);
}

void
sg_pipe_free (SgPipe *pipe)
{
  g_free (pipe->buffer);
  g_byte_array_unref (pipe->queue);
  sg_body_clear (&pipe->body);
  g_free (pipe);
}

/* The buffer holds no frame then, but perhaps the head of this one. */
static void
forget_body (SgPipe *pipe)
{
  sg_body_read (&pipe->body, pipe->buffer);
  pipe->passes = FALSE;
}

static void
forget_output (SgPipe *pipe)
{
  if (pipe->passes)
    forget_body (pipe);
  pipe->n_runs = pipe->first_run = 0;
  pipe->sent = pipe->queue_sent = 0;
  g_byte_array_set_size (pipe->queue, 0);
}

void
sg_pipe_set_to (SgPipe *pipe, int fd)
{
  forget_output (pipe);
  pipe->to = fd;
  /* splice() has no flag for a socket that is full. */
  if (fd >= 0 && sg_body_usable (&pipe->body) && fcntl (fd, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
    sg_body_clear (&pipe->body);
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

static gboolean
send_body (SgPipe *pipe)
{
  if (pipe->passes && !sg_body_send (&pipe->body, pipe->to))
    return FALSE;
  pipe->passes = FALSE;
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
  sent = (pipe->sent > 0 ? send_runs (pipe) : TRUE) && (pipe->body.begun ? send_body (pipe) : TRUE)
         && send_queue (pipe) && send_body (pipe) && send_runs (pipe);
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
  if (pipe->passes && !pipe->body.begun)
    forget_body (pipe);
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
  if (!pipe->passes)
    forget_body (pipe);
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

static void
note_size (SgPipe *pipe, gsize len)
{
  if (len >= SPLICE_MIN)
    pipe->expected = SMALL_RUN;
  else if (pipe->expected > 0)
    pipe->expected--;
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
      note_size (pipe, len);
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

/* --- large frames
 * ---------------------------------------------------------------------------------- */

/* How long the frame is that the buffer begins with, with its prefix; 0: that is not known yet. */
static gsize
begun_len (const SgPipe *pipe)
{
  return pipe->have >= PREFIX ? PREFIX + (gsize)sg_get32 (pipe->buffer) : 0;
}

/* Whether the frame that the buffer begins with may pass without being read on. */
static gboolean
is_enough (const SgPipe *pipe)
{
  return pipe->enough != NULL && sg_body_usable (&pipe->body)
         && pipe->enough (pipe->data, pipe->buffer + PREFIX, pipe->have - PREFIX,
                          begun_len (pipe) - PREFIX);
}

static void
begin_body (SgPipe *pipe)
{
  gsize len = begun_len (pipe);

  if (pipe->to >= 0 && pipe->n_runs == 0 && pipe->body.missing == 0 && !pipe->passes
      && len <= PREFIX + SG_PACKET_MAX && len >= pipe->have + SPLICE_MIN && is_enough (pipe))
    sg_body_begin (&pipe->body, pipe->buffer, pipe->have, len - pipe->have);
}

/* All of it is there: it is judged now, like any other frame.  What is no longer decided by the
 * head alone is read after all. */
static void
end_body (SgPipe *pipe)
{
  note_size (pipe, begun_len (pipe));
  if (!is_enough (pipe))
    {
      pipe->have = sg_body_read (&pipe->body, pipe->buffer);
      return;
    }
  pipe->passes = pipe->judge (pipe->data, pipe->buffer + PREFIX, begun_len (pipe) - PREFIX);
  pipe->have = 0;
  if (!pipe->passes)
    forget_body (pipe);
}

/* --- the pump
 * -------------------------------------------------------------------------------------- */

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
  begin_body (pipe);
  return SG_PIPE_FINE;
}

/* How much is read: all that there is room for, but of a frame that is probably large only the
 * head. */
static gsize
wanted (const SgPipe *pipe)
{
  gsize room = BUFFER - pipe->have, len = begun_len (pipe);

  if (pipe->expected == 0 || pipe->enough == NULL || !sg_body_usable (&pipe->body))
    return room;
  return MIN (room, HEAD + (len > pipe->have ? len - pipe->have : 0));
}

/* TRUE: there may be more at once. */
static gboolean
take_in (SgPipe *pipe, gsize *ret_bytes, SgPipeState *ret_state)
{
  gsize room = wanted (pipe), missing = pipe->body.missing;
  gssize n;

  if (missing > 0)
    {
      SgBodyState state = sg_body_fill (&pipe->body, pipe->from);

      *ret_bytes = missing - pipe->body.missing;
      if (state == SG_BODY_WHOLE)
        end_body (pipe);
      else if (state == SG_BODY_STUCK)
        {
          pipe->expected = 0;
          pipe->have = sg_body_read (&pipe->body, pipe->buffer);
        }
      if (state == SG_BODY_GONE || (state == SG_BODY_STUCK && pipe->have == 0))
        *ret_state = SG_PIPE_FROM_GONE;
      return state == SG_BODY_WHOLE || state == SG_BODY_STUCK;
    }
  do
    n = recv (pipe->from, pipe->buffer + pipe->have, room, MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  *ret_bytes = (gsize)MAX (n, 0);
  pipe->have += *ret_bytes;
  if (n == 0 || (n < 0 && errno != EAGAIN))
    *ret_state = SG_PIPE_FROM_GONE;
  return n > 0 && (gsize)n == room;
}

SgPipeState
sg_pipe_pump (SgPipe *pipe, gboolean *ret_broken)
{
  SgPipeState state = work_off (pipe, ret_broken);
  gsize total = 0, bytes;
  gboolean more = TRUE;

  for (int i = 0; i < READS_PER_PUMP && total < BYTES_PER_PUMP && more && state == SG_PIPE_FINE
                  && sg_pipe_wants_in (pipe);
       i++, total += bytes)
    {
      more = take_in (pipe, &bytes, &state);
      if (state == SG_PIPE_FINE && bytes > 0)
        state = work_off (pipe, ret_broken);
    }
  return state;
}

gboolean
sg_pipe_wants_in (const SgPipe *pipe)
{
  return pipe->from >= 0 && pipe->n_runs == 0 && !pipe->passes && pipe->have < BUFFER;
}

gboolean
sg_pipe_wants_out (const SgPipe *pipe)
{
  return pipe->to >= 0 && (pipe->n_runs > 0 || pipe->passes || pipe->queue->len > 0);
}
