/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/run-streams.h"

#include "common/fd.h"
#include "launcher/run-terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* How often a background job looks whether it has become the foreground. */
#define BACKGROUND_MSEC 250

typedef struct
{
  SgStreams
      *streams; /* a reference: a thread outlives everything else when the terminal is stuck */
  int from, to;
  int stop; /* eventfd of the input's pump; -1: runs to the end of what it reads */
  int pipe; /* the one of the two that is ours to close */
} Pump;

struct SgStreams
{
  int given[3]; /* to hand on: owned pipe ends, or a standard descriptor */
  gboolean owned[3];
  int ours[3]; /* our ends of the pipes; -1: no pump */
  int stop;
  gboolean tty;
  /* Output pumps that still run, and one for sg_streams_finish() not having been called: whoever
   * takes it to zero calls `done`. */
  int unfinished;
  GSourceOnceFunc done;
  gpointer data;
};

static void
streams_clear (gpointer data)
{
  SgStreams *streams = data;

  for (int i = 0; i < 3; i++)
    {
      if (streams->owned[i])
        sg_fd_clear (&streams->given[i]);
      sg_fd_clear (&streams->ours[i]);
    }
  sg_fd_clear (&streams->stop);
}

static void
one_less (SgStreams *streams)
{
  if (g_atomic_int_dec_and_test (&streams->unfinished))
    g_idle_add_once (streams->done, streams->data);
}

/* FALSE when told to stop.  A background job leaves the person's keys to the shell: it would be
 * stopped by the first of them, although its command may never ask for input. */
static gboolean
wait_input (const Pump *pump)
{
  for (;;)
    {
      gboolean ours = pump->stop < 0 || sg_terminal_is_foreground (pump->from);
      struct pollfd fds[] = { { .fd = pump->stop, .events = POLLIN },
                              { .fd = ours ? pump->from : -1, .events = POLLIN } };
      int n = poll (fds, G_N_ELEMENTS (fds), ours ? -1 : BACKGROUND_MSEC);

      if (n < 0 && errno != EINTR)
        return FALSE;
      if (n > 0)
        return fds[0].revents == 0;
    }
}

static gpointer
pump_thread (gpointer data)
{
  Pump *pump = data;
  char piece[16 * 1024];
  sigset_t pipe_signal;

  sigemptyset (&pipe_signal);
  sigaddset (&pipe_signal, SIGPIPE); /* a command that reads no more is no reason to die */
  pthread_sigmask (SIG_BLOCK, &pipe_signal, NULL);
  while (wait_input (pump))
    {
      gssize n = read (pump->from, piece, sizeof piece);
      if (n < 0 && (errno == EINTR || errno == EAGAIN))
        continue;
      if (n <= 0 || !sg_write_all (pump->to, piece, (gsize)n, NULL))
        break;
    }
  sg_fd_clear (&pump->pipe);
  if (pump->stop < 0)
    one_less (pump->streams);
  g_atomic_rc_box_release_full (pump->streams, streams_clear);
  g_free (pump);
  return NULL;
}

/* Descriptor I is a terminal: a pipe instead, whose our end is pumped. */
static gboolean
interpose (SgStreams *streams, int i, GError **error)
{
  int ends[2];

  if (pipe2 (ends, O_CLOEXEC) < 0)
    return sg_errno (error, "Cannot create a pipe");
  streams->given[i] = ends[i == 0 ? 0 : 1];
  streams->ours[i] = ends[i == 0 ? 1 : 0];
  streams->owned[i] = TRUE;
  return TRUE;
}

SgStreams *
sg_streams_new (gboolean tty, GError **error)
{
  g_autoptr (SgStreams) streams = g_atomic_rc_box_new0 (SgStreams);

  streams->tty = tty;
  streams->unfinished = 1;
  for (int i = 0; i < 3; i++)
    {
      streams->given[i] = i;
      streams->ours[i] = -1;
    }
  streams->stop = eventfd (0, EFD_CLOEXEC);
  if (streams->stop < 0)
    {
      sg_errno (error, "Cannot create an eventfd");
      return NULL;
    }
  for (int i = 0; i < (tty ? 2 : 3); i++)
    if (isatty (i) && !interpose (streams, i, error))
      return NULL;
  return g_steal_pointer (&streams);
}

void
sg_streams_get (SgStreams *streams, int ret_fds[3])
{
  for (int i = 0; i < 3; i++)
    ret_fds[i] = i == 2 && streams->tty ? -1 : streams->given[i];
}

/* Our copy of a descriptor that was handed on would keep its other end waiting: a writer would not
 * get SIGPIPE, a reader no end of file while the sandbox is taken down.  stderr stays, for our own
 * words. */
static void
let_go (int fd)
{
  sg_fd int null = open ("/dev/null", O_RDWR | O_CLOEXEC);

  if (null >= 0)
    dup2 (null, fd);
}

void
sg_streams_handed_on (SgStreams *streams)
{
  for (int i = 0; i < 3; i++)
    {
      Pump *pump;

      if (!streams->owned[i] && i != STDERR_FILENO)
        let_go (i);
      if (!streams->owned[i])
        continue;
      sg_fd_clear (&streams->given[i]);
      streams->owned[i] = FALSE;
      pump = g_new0 (Pump, 1);
      pump->streams = g_atomic_rc_box_acquire (streams);
      pump->from = i == 0 ? STDIN_FILENO : streams->ours[i];
      pump->to = i == 0 ? streams->ours[i] : i;
      pump->stop = i == 0 ? streams->stop : -1;
      pump->pipe = sg_fd_steal (&streams->ours[i]);
      if (i != 0)
        g_atomic_int_inc (&streams->unfinished);
      g_thread_unref (g_thread_new ("terminal", pump_thread, pump));
    }
}

static void
stop_input (SgStreams *streams)
{
  guint64 one = 1;

  while (write (streams->stop, &one, sizeof one) < 0 && errno == EINTR)
    ;
}

void
sg_streams_finish (SgStreams *streams, GSourceOnceFunc done, gpointer data)
{
  stop_input (streams);
  streams->done = done;
  streams->data = data;
  one_less (streams);
}

void
sg_streams_free (SgStreams *streams)
{
  if (streams == NULL)
    return;
  if (streams->stop >= 0)
    stop_input (streams);
  g_atomic_rc_box_release_full (streams, streams_clear);
}
