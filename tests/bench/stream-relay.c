/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/bench/stream-relay.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER (1024 * 1024)

typedef struct
{
  int from, to;
  guint8 *buffer;
  gsize have, sent;
} Way;

/* FALSE: one end is gone. */
static gboolean
move (Way *way)
{
  gssize n;

  if (way->have == 0)
    {
      n = recv (way->from, way->buffer, BUFFER, MSG_DONTWAIT);
      if (n == 0 || (n < 0 && errno != EAGAIN))
        return FALSE;
      way->have = (gsize)MAX (n, 0);
      way->sent = 0;
    }
  while (way->sent < way->have)
    {
      n = send (way->to, way->buffer + way->sent, way->have - way->sent,
                MSG_DONTWAIT | MSG_NOSIGNAL);
      if (n < 0)
        return errno == EAGAIN;
      way->sent += (gsize)n;
    }
  way->have = 0;
  return TRUE;
}

static void
relay (int a, int b)
{
  Way ways[2] = { { a, b, g_malloc (BUFFER), 0, 0 }, { b, a, g_malloc (BUFFER), 0, 0 } };

  do
    {
      struct pollfd fds[2] = { { .fd = a }, { .fd = b } };

      for (int i = 0; i < 2; i++)
        {
          if (ways[i].have == 0)
            fds[i].events |= POLLIN;
          else
            fds[1 - i].events |= POLLOUT;
        }
      poll (fds, 2, -1);
    }
  while (move (&ways[0]) && move (&ways[1]));
}

GPid
stream_relay_start (int a, int b)
{
  GPid pid = fork ();

  if (pid != 0)
    return pid;
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  relay (a, b);
  _exit (0);
}
