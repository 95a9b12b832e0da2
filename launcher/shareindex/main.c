/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sandglass-share-index FOLDER: answers on its standard output what is asked on its standard input,
 * until that ends.  Confined: it sees the folder, read-only, and libraries. */
#include "launcher/shareindex/shareindex.h"

#include "common/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

/* FALSE: nobody asks any more, or what is asked has no sense. */
static gboolean
one_question (ShareIndex *index)
{
  SgShareAsk ask;
  char path[SG_SHARE_PATH_MOST + 1];

  if (sg_read_all (STDIN_FILENO, &ask, sizeof ask, NULL) != sizeof ask
      || ask.length > SG_SHARE_PATH_MOST || ask.tag == 0
      || sg_read_all (STDIN_FILENO, path, ask.length, NULL) != (gssize)ask.length)
    return FALSE;
  path[ask.length] = '\0';
  return share_index_ask (index, &ask, path);
}

int
main (int argc, char **argv)
{
  int folder = argc == 2 ? open (argv[1], O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
  ShareIndex *index;
  gboolean more = TRUE;

  if (folder < 0)
    {
      perror (argc == 2 ? argv[1] : "usage: sandglass-share-index FOLDER");
      return 2;
    }
  index = share_index_new (folder, STDOUT_FILENO);
  while (more)
    {
      int wait = share_index_wait (index);
      struct pollfd fds[]
          = { { STDIN_FILENO, POLLIN, 0 }, { wait < 0 ? share_index_fd (index) : -1, POLLIN, 0 } };

      if (poll (fds, G_N_ELEMENTS (fds), wait) < 0 && errno != EINTR)
        break;
      if (fds[1].revents != 0)
        more = share_index_tell (index);
      if (more && fds[0].revents != 0)
        more = one_question (index);
    }
  share_index_free (index);
  return 0;
}
