/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A handler writes the signal's number into a pipe, which the main loop reads.  Handlers and not a
 * signalfd: blocked signals would stay blocked in every program that is started from here. */
#include "launcher/run-signals.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <unistd.h>

static int bell[2] = { -1, -1 }; /* global: the handler must find it */

static struct
{
  SgSignalFunc func;
  gpointer data;
} receiver;

static void
ring (int number)
{
  int saved = errno;
  guint8 byte = (guint8)number;

  /* A full pipe means thousands of signals nobody has looked at: one more says nothing new. */
  if (write (bell[1], &byte, 1) < 0)
    errno = saved;
  errno = saved;
}

static gboolean
rung (int fd, GIOCondition condition, gpointer data)
{
  guint8 numbers[64];
  gssize n = read (fd, numbers, sizeof numbers);

  for (gssize i = 0; i < n; i++)
    receiver.func (numbers[i], receiver.data);
  return G_SOURCE_CONTINUE;
}

void
sg_signals_watch (SgSignalFunc func, gpointer data)
{
  static const int watched[]
      = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT };
  struct sigaction action = { .sa_handler = ring, .sa_flags = SA_RESTART };

  g_assert (bell[0] < 0);
  receiver.func = func;
  receiver.data = data;
  if (!g_unix_open_pipe (bell, FD_CLOEXEC, NULL))
    g_error ("no pipe for signals");
  g_unix_set_fd_nonblocking (bell[0], TRUE, NULL);
  g_unix_set_fd_nonblocking (bell[1], TRUE, NULL);
  g_unix_fd_add (bell[0], G_IO_IN, rung, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (watched); i++)
    {
      struct sigaction before;

      /* A signal that our starter ignores (nohup) stays ignored. */
      if (sigaction (watched[i], NULL, &before) == 0 && before.sa_handler == SIG_IGN)
        continue;
      sigaction (watched[i], &action, NULL);
    }
}
