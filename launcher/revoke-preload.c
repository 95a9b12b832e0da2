/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loaded into QEMU (LD_PRELOAD, set by its confinement): closes, upon a signal, all that QEMU's 9p
 * server has open of a folder that is taken away.
 *
 * A mount that is gone from a process's namespace goes on for the descriptors that are open in it,
 * and a hostile guest keeps them open; nothing outside of a process can take them.  QEMU has no
 * such command: its device would be unplugged, to which the guest must agree.
 *
 * Each descriptor of the mount is replaced (dup3) by one that can do nothing: QEMU's next read,
 * write or openat on it is an error for the guest, and its close() closes what it thinks.  A thread
 * that has just opened a file escapes one sweep; who sends the signal looks whether anything is
 * left, and sends it again (share-revoke.c).
 *
 * All that the handler calls may be called in a handler. */
#include "launcher/revoke-preload.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static int nothing = -1;

static void
let_go (int number, siginfo_t *info, void *context)
{
  unsigned wanted = (unsigned)info->si_value.sival_int;
  int saved = errno;
  struct rlimit limit;
  struct statx st;

  (void)number;
  (void)context;
  if (getrlimit (RLIMIT_NOFILE, &limit) < 0)
    limit.rlim_cur = 1024;
  for (int fd = 0; (rlim_t)fd < limit.rlim_cur; fd++)
    if (statx (fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st) == 0 && (st.stx_mask & STATX_MNT_ID) != 0
        && st.stx_mnt_id == wanted)
      dup3 (nothing, fd, O_CLOEXEC);
  errno = saved;
}

/* O_PATH: it can be neither read nor written, and nothing is below it. */
__attribute__ ((constructor)) static void
prepare (void)
{
  struct sigaction action = { .sa_sigaction = let_go, .sa_flags = SA_SIGINFO | SA_RESTART };

  nothing = open ("/dev/null", O_PATH | O_CLOEXEC);
  sigfillset (&action.sa_mask);
  if (nothing >= 0)
    sigaction (SG_REVOKE_SIGNAL, &action, NULL);
}
