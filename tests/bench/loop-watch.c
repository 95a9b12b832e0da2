/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A preload that watches a program's main loop: the longest time between two polls of its first
 * thread, after the first SKIP seconds (LOOP_WATCH_SKIP).  LOOP_WATCH_CPU: of the thread's
 * processor time, which a busy computer does not lengthen (and which leaves out what waits). Writes
 * "MILLISECONDS" to the file LOOP_WATCH each time that a longer one is met. */
#include <dlfcn.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double began, left, longest;
static const char *file;
static double skip;
static clockid_t measured = CLOCK_MONOTONIC;

static double
read_clock (clockid_t clock)
{
  struct timespec t;

  clock_gettime (clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

__attribute__ ((constructor)) static void
start (void)
{
  const char *seconds = getenv ("LOOP_WATCH_SKIP");

  began = read_clock (CLOCK_MONOTONIC);
  if (getenv ("LOOP_WATCH_CPU") != NULL)
    measured = CLOCK_THREAD_CPUTIME_ID;
  file = getenv ("LOOP_WATCH");
  skip = seconds != NULL ? atof (seconds) : 0;
  /* Programs that it starts are not watched. */
  unsetenv ("LD_PRELOAD");
}

int
poll (struct pollfd *fds, nfds_t n, int timeout)
{
  static int (*real) (struct pollfd *, nfds_t, int);
  int first = gettid () == getpid (), result;

  if (real == NULL)
    real = (int (*) (struct pollfd *, nfds_t, int))dlsym (RTLD_NEXT, "poll");
  if (first && file != NULL && left > 0 && read_clock (CLOCK_MONOTONIC) - began > skip
      && read_clock (measured) - left > longest)
    {
      FILE *out = fopen (file, "w");

      longest = read_clock (measured) - left;
      if (out != NULL)
        {
          fprintf (out, "%.1f\n", longest * 1e3);
          fclose (out);
        }
    }
  result = real (fds, n, timeout);
  if (first)
    left = read_clock (measured);
  return result;
}
