/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads an NBD export as QEMU would and says how fast: disk-read MODE SIZE DEPTH -- NBDKIT ARGS…
 *
 * MODE "seq": SIZE-byte requests from front to end, DEPTH under way; prints MB/s.
 * MODE "random": 20,000 requests of SIZE bytes at random places, DEPTH under way; prints the median
 * and the 99th percentile in microseconds.
 * One connection over a socket pair, as in a session. */
#include <inttypes.h>
#include <libnbd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_DEPTH 64
#define RANDOM_READS 20000

static struct nbd_handle *nbd;
static uint64_t size, request;
static int depth;

static double
now (void)
{
  struct timespec t;

  clock_gettime (CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
fail (void)
{
  fprintf (stderr, "disk-read: %s\n", nbd_get_error ());
  exit (EXIT_FAILURE);
}

/* Where request number I goes; UINT64_MAX when there is none any more. */
typedef uint64_t (*Place) (uint64_t i);

static uint64_t
place_seq (uint64_t i)
{
  return (i + 1) * request <= size ? i * request : UINT64_MAX;
}

static uint64_t
place_random (uint64_t i)
{
  uint64_t x = (i + 1) * 0x9e3779b97f4a7c15u;

  x ^= x >> 31;
  x *= 0xbf58476d1ce4e5b9u;
  x ^= x >> 29;
  return i < RANDOM_READS ? x % (size / request) * request : UINT64_MAX;
}

/* Keeps DEPTH requests under way; each one's time goes to TIMES if given.  Returns how many. */
static uint64_t
run (Place place, double *times)
{
  static char *buffers[MAX_DEPTH];
  int64_t cookies[MAX_DEPTH];
  double started[MAX_DEPTH];
  uint64_t next = 0, done = 0;
  int busy = 0;

  memset (cookies, 0, sizeof cookies);
  for (int k = 0; k < depth; k++)
    if (buffers[k] == NULL && (buffers[k] = malloc (request)) == NULL)
      abort ();
  do
    {
      for (int k = 0; k < depth; k++)
        {
          if (cookies[k] > 0)
            {
              int r = nbd_aio_command_completed (nbd, (uint64_t)cookies[k]);
              if (r < 0)
                fail ();
              if (r == 0)
                continue;
              if (times != NULL)
                times[done] = now () - started[k];
              done++;
              busy--;
              cookies[k] = 0;
            }
          uint64_t at = place (next);
          if (at == UINT64_MAX)
            continue;
          next++;
          busy++;
          started[k] = now ();
          cookies[k] = nbd_aio_pread (nbd, buffers[k], request, at, NBD_NULL_COMPLETION, 0);
          if (cookies[k] < 0)
            fail ();
        }
      if (busy > 0 && nbd_poll (nbd, -1) < 0)
        fail ();
    }
  while (busy > 0);
  return done;
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

int
main (int argc, char **argv)
{
  static double times[RANDOM_READS];

  if (argc < 6 || (depth = atoi (argv[3])) < 1 || depth > MAX_DEPTH)
    {
      fprintf (stderr, "usage: disk-read seq|random SIZE DEPTH -- NBDKIT ARGS...\n");
      return 2;
    }
  request = strtoull (argv[2], NULL, 0);
  nbd = nbd_create ();
  if (nbd == NULL || nbd_connect_command (nbd, argv + 5) < 0)
    fail ();
  size = (uint64_t)nbd_get_size (nbd);
  if (strcmp (argv[1], "seq") == 0)
    {
      double before = now ();
      uint64_t n = run (place_seq, NULL);
      printf ("%.0f MB/s\n", (double)(n * request) / 1e6 / (now () - before));
    }
  else
    {
      uint64_t n = run (place_random, times);
      qsort (times, n, sizeof *times, compare);
      printf ("median %.1f us, p99 %.1f us\n", times[n / 2] * 1e6, times[n * 99 / 100] * 1e6);
    }
  nbd_close (nbd);
  return EXIT_SUCCESS;
}
