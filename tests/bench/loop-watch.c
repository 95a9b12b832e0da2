/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A preload that watches a program's main loop: the longest time between two polls of its first
 * thread, after the first SKIP seconds (LOOP_WATCH_SKIP).  Writes "MILLISECONDS" to the file
 * LOOP_WATCH each time that a longer one is met. */
#include <dlfcn.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double began, left, longest;
static const char *file;
static double skip;

static double
now (void)
{
  struct timespec t;

  clock_gettime (CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

__attribute__ ((constructor)) static void
start (void)
{
  const char *seconds = getenv ("LOOP_WATCH_SKIP");

  began = now ();
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
  if (first && file != NULL && left > 0 && now () - began > skip && now () - left > longest)
    {
      FILE *out = fopen (file, "w");

      longest = now () - left;
      if (out != NULL)
        {
          fprintf (out, "%.1f\n", longest * 1e3);
          fclose (out);
        }
    }
  result = real (fds, n, timeout);
  if (first)
    left = now ();
  return result;
}
