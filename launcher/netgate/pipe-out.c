/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has passed, on its way out: begun frames are finished, others can be taken back. */
#include "launcher/netgate/packet.h"
#include "launcher/netgate/pipe-internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define QUEUE_MAX (512 * 1024)

void
sg_pipe_forget_body (SgPipe *pipe)
{
  sg_body_read (&pipe->body, pipe->buffer);
  pipe->passes = FALSE;
}

static void
forget_output (SgPipe *pipe)
{
  if (pipe->passes)
    sg_pipe_forget_body (pipe);
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
  if (fd < 0 || !sg_body_usable (&pipe->body) || fcntl (fd, F_SETFL, O_RDWR | O_NONBLOCK) == 0)
    return;
  if (pipe->body.missing > 0)
    {
      pipe->have = sg_body_read (&pipe->body, pipe->buffer);
      if (pipe->have == 0)
        pipe->from = -1; /* out of step */
    }
  sg_body_clear (&pipe->body);
}

static void
drop_sent (SgPipe *pipe, gsize n)
{
  while (n > 0)
    {
      SgPipeRun *run = &pipe->runs[pipe->first_run];
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
      SgPipeRun *run = &pipe->runs[pipe->first_run];

      run->end = border_after (pipe->buffer, run->start, run->start + pipe->sent);
      pipe->n_runs = pipe->first_run + 1;
      if (run->end == run->start + pipe->sent)
        pipe->n_runs = pipe->first_run = 0, pipe->sent = 0;
    }
  else
    pipe->n_runs = pipe->first_run = 0;
  if (pipe->passes && !pipe->body.begun)
    sg_pipe_forget_body (pipe);
}

gboolean
sg_pipe_wants_out (const SgPipe *pipe)
{
  return pipe->to >= 0 && (pipe->n_runs > 0 || pipe->passes || pipe->queue->len > 0);
}
