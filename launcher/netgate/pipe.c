/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/netgate/packet.h"
#include "launcher/netgate/pipe-internal.h"

#include <errno.h>
#include <sys/socket.h>

#define BUFFER (256 * 1024)
#define READS_PER_PUMP 64
#define BYTES_PER_PUMP (4 * 1024 * 1024)
/* From so many bytes on that need not be read, splicing is less work than copying. */
#define SPLICE_MIN (16 * 1024)
/* What is read of a frame that is probably large: headers, and the part that the kernel would copy
 * anyway. */
#define HEAD 2048
/* After so many small frames there is probably no large one next. */
#define SMALL_RUN 16

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

/* The rest of a begun frame moves to the queue, out of the buffer that is emptied. */
void
sg_pipe_set_from (SgPipe *pipe, int fd)
{
  sg_pipe_revoke (pipe);
  if (pipe->n_runs > 0)
    {
      const SgPipeRun *run = &pipe->runs[pipe->first_run];

      g_byte_array_prepend (pipe->queue, pipe->buffer + run->start, (guint)(run->end - run->start));
      pipe->queue_sent = pipe->sent;
      pipe->n_runs = pipe->first_run = 0;
      pipe->sent = 0;
    }
  if (!pipe->passes)
    sg_pipe_forget_body (pipe);
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
    pipe->runs[pipe->n_runs++] = (SgPipeRun){ start, end };
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
      guint8 *at = pipe->buffer + pipe->judged;
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
    sg_pipe_forget_body (pipe);
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
