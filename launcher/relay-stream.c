/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ring is shared by exactly two threads, one that fills and one that empties it.  `fill` is the
 * only field both change, under the lock; the bytes themselves are touched without it, because the
 * filled part belongs to the emptier and the rest to the filler. */
#include "launcher/relay-stream.h"

#include "baseimage/guest/protocol.h"
#include "common/fd.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define RING SG_WINDOW
/* One system call's worth: credit goes back while a slow reader is still at the rest. */
#define CHUNK (64 * 1024)
#define STACK (256 * 1024)
#define INTERRUPT SIGUSR1

struct SgStream
{
  gboolean reading;
  int fd;     /* owned by the thread */
  int wake;   /* eventfd: `stop` was set */
  int notify; /* borrowed */
  pthread_t thread;

  pthread_mutex_t lock;
  pthread_cond_t changed;
  gsize fill;      /* bytes in the ring */
  gsize gone;      /* written since they were last told */
  gboolean ending; /* loop -> writer: no more comes; reader -> loop: end of input */
  gboolean stop;
  gboolean done; /* the thread touches nothing any more */
  int failure;

  gsize head; /* next byte out: the emptier's */
  gsize tail; /* next byte in: the filler's */
  guint8 ring[RING];
};

static void
interrupted (int signal)
{
}

void
sg_stream_init (void)
{
  struct sigaction action = { .sa_handler = interrupted }; /* no SA_RESTART: that is its use */

  sigaction (INTERRUPT, &action, NULL);
  signal (SIGPIPE, SIG_IGN);
}

static void
announce (SgStream *stream)
{
  guint64 one = 1;

  /* Fails only when the counter is full, and then the loop is told already. */
  while (write (stream->notify, &one, sizeof one) < 0 && errno == EINTR)
    ;
}

/* Waits until the descriptor is ready; FALSE when the stream was stopped.  Descriptors that cannot
 * be polled count as ready: the call blocks, in this thread only. */
static gboolean
wait_ready (SgStream *stream)
{
  struct pollfd fds[] = { { .fd = stream->fd, .events = stream->reading ? POLLIN : POLLOUT },
                          { .fd = stream->wake, .events = POLLIN } };

  while (poll (fds, G_N_ELEMENTS (fds), -1) < 0)
    if (errno != EINTR)
      return TRUE;
  return fds[1].revents == 0;
}

/* Waits for bytes (writing) or room (reading).  Returns how many are contiguous, 0: nothing more.
 */
static gsize
wait_work (SgStream *stream)
{
  gsize work = 0;

  pthread_mutex_lock (&stream->lock);
  for (;;)
    {
      work = stream->reading ? RING - stream->fill : stream->fill;
      if (stream->stop || work > 0 || stream->ending)
        break;
      pthread_cond_wait (&stream->changed, &stream->lock);
    }
  if (stream->stop)
    work = 0;
  pthread_mutex_unlock (&stream->lock);
  work = MIN (work, RING - (stream->reading ? stream->tail : stream->head));
  return MIN (work, CHUNK);
}

static void
moved (SgStream *stream, gsize n)
{
  pthread_mutex_lock (&stream->lock);
  if (stream->reading)
    {
      stream->tail = (stream->tail + n) % RING;
      stream->fill += n;
    }
  else
    {
      stream->head = (stream->head + n) % RING;
      stream->fill -= n;
      stream->gone += n;
    }
  pthread_mutex_unlock (&stream->lock);
  announce (stream);
}

/* Closes the descriptor and lets the loop know; a writer's leftover bytes count as gone. */
static void
finish (SgStream *stream, int failure)
{
  if (close (stream->fd) < 0 && failure == 0 && !stream->reading && errno != EINTR)
    failure = errno; /* some file systems report a full disk only here */
  pthread_mutex_lock (&stream->lock);
  stream->fd = -1;
  stream->failure = failure;
  stream->ending = TRUE;
  stream->done = TRUE;
  if (!stream->reading)
    {
      stream->gone += stream->fill;
      stream->fill = 0;
    }
  pthread_mutex_unlock (&stream->lock);
  announce (stream);
}

static void *
stream_thread (void *data)
{
  SgStream *stream = data;
  int failure = 0;
  gsize work;

  while ((work = wait_work (stream)) > 0 && wait_ready (stream))
    {
      ssize_t n = stream->reading ? read (stream->fd, stream->ring + stream->tail, work)
                                  : write (stream->fd, stream->ring + stream->head, work);
      if (n < 0 && (errno == EINTR || errno == EAGAIN))
        continue;
      if (n < 0)
        failure = errno;
      if (n <= 0)
        break;
      moved (stream, (gsize)n);
    }
  finish (stream, failure);
  return NULL;
}

SgStream *
sg_stream_new (gboolean reading, int fd, int notify_fd)
{
  SgStream *stream = g_malloc (sizeof *stream); /* not zeroed: the ring is large */
  pthread_attr_t attr;
  int failed;

  memset (stream, 0, offsetof (SgStream, ring));
  stream->reading = reading;
  stream->fd = fd;
  stream->notify = notify_fd;
  stream->wake = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  pthread_mutex_init (&stream->lock, NULL);
  pthread_cond_init (&stream->changed, NULL);
  pthread_attr_init (&attr);
  pthread_attr_setstacksize (&attr, STACK);
  failed
      = stream->wake < 0 ? errno : pthread_create (&stream->thread, &attr, stream_thread, stream);
  pthread_attr_destroy (&attr);
  if (failed != 0)
    {
      /* No thread: a stream that failed at once, which the client is told like any other failure.
       */
      stream->thread = pthread_self ();
      finish (stream, failed);
    }
  return stream;
}

void
sg_stream_free (SgStream *stream)
{
  if (stream == NULL)
    return;
  if (!pthread_equal (stream->thread, pthread_self ()))
    pthread_join (stream->thread, NULL);
  sg_fd_clear (&stream->wake);
  pthread_mutex_destroy (&stream->lock);
  pthread_cond_destroy (&stream->changed);
  g_free (stream);
}

gboolean
sg_stream_put (SgStream *stream, const void *data, gsize len)
{
  const guint8 *from = data;
  gsize first = MIN (len, RING - stream->tail);
  gboolean fits;

  pthread_mutex_lock (&stream->lock);
  fits = len <= RING - stream->fill;
  if (stream->done && fits)
    stream->gone += len; /* nobody reads it: dropped, and credited */
  if (!fits || stream->done)
    {
      pthread_mutex_unlock (&stream->lock);
      return fits;
    }
  pthread_mutex_unlock (&stream->lock);

  memcpy (stream->ring + stream->tail, from, first);
  memcpy (stream->ring, from + first, len - first);

  pthread_mutex_lock (&stream->lock);
  stream->tail = (stream->tail + len) % RING;
  if (stream->done)
    stream->gone += len;
  else
    stream->fill += len;
  pthread_cond_signal (&stream->changed);
  pthread_mutex_unlock (&stream->lock);
  return TRUE;
}

void
sg_stream_end (SgStream *stream)
{
  pthread_mutex_lock (&stream->lock);
  stream->ending = TRUE;
  pthread_cond_signal (&stream->changed);
  pthread_mutex_unlock (&stream->lock);
}

gsize
sg_stream_take_gone (SgStream *stream, gsize at_least)
{
  gsize gone = 0;

  pthread_mutex_lock (&stream->lock);
  if (stream->gone >= at_least)
    {
      gone = stream->gone;
      stream->gone = 0;
    }
  pthread_mutex_unlock (&stream->lock);
  return gone;
}

gsize
sg_stream_get (SgStream *stream, void *into, gsize max)
{
  gsize n, first;

  pthread_mutex_lock (&stream->lock);
  n = MIN (max, stream->fill);
  pthread_mutex_unlock (&stream->lock);
  if (n == 0)
    return 0;
  first = MIN (n, RING - stream->head);
  memcpy (into, stream->ring + stream->head, first);
  memcpy ((guint8 *)into + first, stream->ring, n - first);
  stream->head = (stream->head + n) % RING;

  pthread_mutex_lock (&stream->lock);
  stream->fill -= n;
  pthread_cond_signal (&stream->changed);
  pthread_mutex_unlock (&stream->lock);
  return n;
}

gboolean
sg_stream_at_end (SgStream *stream)
{
  gboolean end;

  pthread_mutex_lock (&stream->lock);
  end = stream->reading && stream->ending && stream->fill == 0;
  pthread_mutex_unlock (&stream->lock);
  return end;
}

int
sg_stream_failure (SgStream *stream)
{
  int failure;

  pthread_mutex_lock (&stream->lock);
  failure = stream->failure;
  pthread_mutex_unlock (&stream->lock);
  return failure;
}

void
sg_stream_stop (SgStream *stream)
{
  guint64 one = 1;

  pthread_mutex_lock (&stream->lock);
  stream->stop = TRUE;
  pthread_cond_signal (&stream->changed);
  if (!stream->done)
    {
      while (write (stream->wake, &one, sizeof one) < 0 && errno == EINTR)
        ;
      pthread_kill (stream->thread, INTERRUPT);
    }
  pthread_mutex_unlock (&stream->lock);
}

gboolean
sg_stream_finished (SgStream *stream)
{
  gboolean done;

  pthread_mutex_lock (&stream->lock);
  done = stream->done;
  pthread_mutex_unlock (&stream->lock);
  return done;
}
