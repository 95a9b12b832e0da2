/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cpu-of COMMAND...: runs it and waits for it and everything it has left behind; prints wall
 * seconds of the command, of all, processor seconds of all, and page faults of all.  What a session
 * starts is not the command's child any more when it ends, so the shell's `time` does not see it.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double
now (void)
{
  struct timespec t;

  clock_gettime (CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double
seconds (const struct timeval *t)
{
  return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

int
main (int argc, char **argv)
{
  double begun = now (), ended = 0;
  int status = 0, code = 1;
  struct rusage used;
  pid_t pid, one;

  if (argc < 2 || prctl (PR_SET_CHILD_SUBREAPER, 1) < 0)
    return 2;
  pid = fork ();
  if (pid == 0)
    {
      dup2 (STDERR_FILENO, STDOUT_FILENO);
      execvp (argv[1], argv + 1);
      _exit (127);
    }
  while ((one = wait (&status)) > 0 || errno == EINTR)
    if (one == pid)
      {
        ended = now ();
        code = WIFEXITED (status) ? WEXITSTATUS (status) : 1;
      }
  getrusage (RUSAGE_CHILDREN, &used);
  printf ("%.3f %.3f %.3f %ld\n", ended - begun, now () - begun,
          seconds (&used.ru_utime) + seconds (&used.ru_stime), used.ru_minflt + used.ru_majflt);
  return code;
}
