/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The threads that serve requests, and the patience with each.
 *
 * The host's disk can be a stick that was pulled out, or another computer that is gone: then a call
 * on the 9p mount, or a question to the index, may never return, and no signal ends it.  Who asked
 * inside gets EIO instead, and another thread takes the place of the one that hangs; what that
 * brings back in the end is thrown away.
 *
 * A disk that is slow is not gone: a request is waited for long, fsync() and the last close() for
 * longer.  Once one hangs, others are not given as much. */
#include "baseimage/guest/share/share.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define WORKERS 4u
#define WORKERS_MOST 64u
#define ROOM (SHARE_IO_MOST + 65536)

#define PATIENCE_MSEC 60000
#define SYNC_MSEC 600000
#define PATIENCE_NO_MORE_MSEC 5000
#define LOOK_USEC 500000

struct Work
{
  bool used;           /* by a thread */
  uint64_t unique;     /* 0: nothing is waited for */
  uint64_t since_msec; /* that request */
  uint32_t opcode;
  bool given_up;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Work works[WORKERS_MOST];
static unsigned hanging, serving;
static uint64_t patience_msec = PATIENCE_MSEC;

static uint64_t
now_msec (void)
{
  struct timespec t;

  clock_gettime (CLOCK_BOOTTIME, &t);
  return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

bool
work_may_answer (Work *work)
{
  bool may;

  pthread_mutex_lock (&lock);
  may = !work->given_up;
  work->unique = 0;
  pthread_mutex_unlock (&lock);
  return may;
}

static void
begin (Work *work, const struct fuse_in_header *in)
{
  pthread_mutex_lock (&lock);
  work->unique = in->unique;
  work->since_msec = now_msec ();
  work->opcode = in->opcode;
  pthread_mutex_unlock (&lock);
}

/* FALSE: another thread has taken this one's place. */
static bool
end (Work *work)
{
  bool goes_on = true;

  pthread_mutex_lock (&lock);
  if (work->given_up)
    {
      hanging--;
      goes_on = serving < WORKERS;
      serving += goes_on;
      work->used = goes_on;
    }
  work->unique = 0;
  work->given_up = false;
  pthread_mutex_unlock (&lock);
  return goes_on;
}

typedef struct
{
  Share *share;
  Work *work;
} Start;

static void *
work_thread (void *data)
{
  Start start = *(Start *)data;
  Share *share = start.share;
  char *room = malloc (ROOM + 1), *buffer = aligned_alloc (4096, SHARE_IO_MOST);
  bool goes_on = true;

  free (data);
  if (room == NULL || buffer == NULL)
    abort ();
  while (goes_on)
    {
      ssize_t n = read (share->fuse, room, ROOM);
      Request request = { share,
                          start.work,
                          (const void *)room,
                          room + sizeof (struct fuse_in_header),
                          (size_t)n - sizeof (struct fuse_in_header),
                          buffer };

      if (n < 0 && (errno == EINTR || errno == ENOENT || errno == EAGAIN))
        continue;
      if (n < (ssize_t)sizeof (struct fuse_in_header))
        exit (n < 0 && errno == ENODEV ? 0 : 1);
      room[n] = '\0';
      begin (start.work, request.in);
      serve (&request);
      goes_on = end (start.work);
    }
  free (room);
  free (buffer);
  return NULL;
}

/* With the lock.  Where there are too many, those that hang come back or nothing does. */
static int
start_one (Share *share)
{
  pthread_attr_t detached;
  pthread_t thread;
  Start *start;
  int error;

  for (unsigned i = 0; i < WORKERS_MOST; i++)
    if (!works[i].used)
      {
        start = malloc (sizeof *start);
        if (start == NULL)
          return ENOMEM;
        *start = (Start){ share, &works[i] };
        works[i] = (Work){ .used = true };
        pthread_attr_init (&detached);
        pthread_attr_setdetachstate (&detached, PTHREAD_CREATE_DETACHED);
        error = pthread_create (&thread, &detached, work_thread, start);
        pthread_attr_destroy (&detached);
        works[i].used = error == 0;
        serving += error == 0;
        if (error != 0)
          free (start);
        return error;
      }
  return EAGAIN;
}

/* What nobody waits for. */
static bool
is_silent (uint32_t opcode)
{
  return opcode == FUSE_FORGET || opcode == FUSE_BATCH_FORGET || opcode == FUSE_INTERRUPT;
}

/* It waits until all is on the disk. */
static bool
is_sync (uint32_t opcode)
{
  return opcode == FUSE_FSYNC || opcode == FUSE_FSYNCDIR || opcode == FUSE_RELEASE;
}

static uint64_t
patience (uint32_t opcode)
{
  if (is_sync (opcode))
    return SYNC_MSEC;
  if (hanging > 0 && patience_msec > PATIENCE_NO_MORE_MSEC)
    return PATIENCE_NO_MORE_MSEC;
  return patience_msec;
}

/* With the lock. */
static void
give_up (Share *share, Work *work)
{
  struct fuse_out_header out = { sizeof out, -EIO, work->unique };

  work->given_up = true;
  hanging++;
  serving--;
  if (!is_silent (work->opcode) && write (share->fuse, &out, sizeof out) < 0 && errno != ENOENT)
    perror ("sandglass-share: an answer");
  start_one (share);
}

void
work_watch (Share *share)
{
  for (;;)
    {
      uint64_t now;
      bool slow = false;

      usleep (LOOK_USEC);
      pthread_mutex_lock (&lock);
      now = now_msec ();
      for (unsigned i = 0; i < WORKERS_MOST; i++)
        if (works[i].used && works[i].unique != 0 && !works[i].given_up)
          {
            uint64_t waited = now - works[i].since_msec;

            if (waited > patience (works[i].opcode))
              give_up (share, &works[i]);
            slow = slow || (!is_sync (works[i].opcode) && waited > patience_msec / 4);
          }
      pthread_mutex_unlock (&lock);
      if (slow)
        say_slow ();
    }
}

int
work_start (Share *share, unsigned patience_sec)
{
  int error = 0;

  if (patience_sec > 0)
    patience_msec = (uint64_t)patience_sec * 1000;
  pthread_mutex_lock (&lock);
  for (unsigned i = 0; i < WORKERS && error == 0; i++)
    error = start_one (share);
  pthread_mutex_unlock (&lock);
  return error;
}
