/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sandglass-guardian ID: waits until the supervisor is gone, then removes the session's directory.
 *
 * Started by the supervisor, in a session of its own and without the death signal.  Descriptor 3 is
 * a pidfd of the supervisor, 4 the directory that holds the session's, 5 the one above.  It takes
 * no signals but the deadly ones: what ends the session from a terminal must not end this first. */
#include "launcher/session-leftovers.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

enum
{
  SUPERVISOR = 3,
  SESSIONS,
  ABOVE
};

int
main (int argc, char **argv)
{
  struct pollfd supervisor = { .fd = SUPERVISOR, .events = POLLIN };
  bool gone;

  if (argc != 3 || !sg_leftovers_is_id (argv[1]))
    {
      fputs ("sandglass-guardian is started by a session\n", stderr);
      return 2;
    }
  prctl (PR_SET_DUMPABLE, 0);
  signal (SIGHUP, SIG_IGN);
  signal (SIGINT, SIG_IGN);
  signal (SIGQUIT, SIG_IGN);
  signal (SIGTERM, SIG_IGN);
  while (poll (&supervisor, 1, -1) < 0 && errno == EINTR)
    ;
  gone = sg_leftovers_remove (SESSIONS, argv[1]);
  /* The parent goes when no other session has a directory in it. */
  unlinkat (ABOVE, argv[2], AT_REMOVEDIR);
  return gone ? 0 : 1;
}
