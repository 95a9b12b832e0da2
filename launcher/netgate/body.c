/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/netgate/body.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#define CAPACITY (256 * 1024)

static gboolean
make_pipe (SgBody *body)
{
  int ends[2];

  if (pipe2 (ends, O_CLOEXEC | O_NONBLOCK) < 0)
    return FALSE;
  body->out = ends[0];
  body->in = ends[1];
  /* Room for a frame in pieces; with less it works, too. */
  fcntl (body->in, F_SETPIPE_SZ, CAPACITY);
  return TRUE;
}

/* A byte goes round: pipe, socket, pipe. */
static gboolean
goes_round (SgBody *body, int a, int b)
{
  guint8 byte = 0;

  return write (body->in, &byte, 1) == 1
         && splice (body->out, NULL, a, NULL, 1, SPLICE_F_NONBLOCK) == 1
         && splice (b, NULL, body->in, NULL, 1, SPLICE_F_NONBLOCK) == 1
         && read (body->out, &byte, 1) == 1;
}

void
sg_body_init (SgBody *body)
{
  int pair[2];

  *body = SG_BODY_NONE;
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
    return;
  if (make_pipe (body) && !goes_round (body, pair[0], pair[1]))
    sg_body_clear (body);
  close (pair[0]);
  close (pair[1]);
}

void
sg_body_clear (SgBody *body)
{
  if (body->in >= 0)
    {
      close (body->in);
      close (body->out);
    }
  *body = SG_BODY_NONE;
}

gboolean
sg_body_usable (const SgBody *body)
{
  return body->in >= 0;
}

gboolean
sg_body_begin (SgBody *body, const guint8 *head, gsize len, gsize missing)
{
  gssize n = write (body->in, head, len);

  body->held = (gsize)MAX (n, 0);
  if (body->held < len)
    {
      sg_body_clear (body);
      return FALSE;
    }
  body->missing = missing;
  body->begun = FALSE;
  return TRUE;
}

SgBodyState
sg_body_fill (SgBody *body, int from)
{
  while (body->missing > 0)
    {
      gssize n = splice (from, NULL, body->in, NULL, body->missing, SPLICE_F_NONBLOCK);
      guint8 byte;

      if (n == 0)
        return SG_BODY_GONE;
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && errno != EAGAIN)
        return SG_BODY_STUCK;
      /* Who has nothing to say: the sender's socket, or the pipe, which is full? */
      if (n < 0)
        return recv (from, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0 ? SG_BODY_STUCK : SG_BODY_LATER;
      body->held += (gsize)n;
      body->missing -= (gsize)n;
    }
  return SG_BODY_WHOLE;
}

gboolean
sg_body_send (SgBody *body, int to)
{
  while (body->held > 0)
    {
      gssize n = splice (body->out, NULL, to, NULL, body->held, SPLICE_F_NONBLOCK);

      if (n < 0 && errno == EINTR)
        continue;
      if (n == 0)
        errno = EPIPE;
      if (n <= 0)
        return FALSE;
      body->held -= (gsize)n;
      body->begun = TRUE;
    }
  body->begun = FALSE;
  return TRUE;
}

gsize
sg_body_read (SgBody *body, guint8 *bytes)
{
  gsize got = 0, held = body->held;

  while (got < held)
    {
      gssize n = read (body->out, bytes + got, held - got);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          /* What a pipe holds can always be read; if not, it is of no use. */
          sg_body_clear (body);
          return 0;
        }
      got += (gsize)n;
    }
  body->held = body->missing = 0;
  body->begun = FALSE;
  return got;
}
