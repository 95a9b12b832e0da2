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
 * The last close of a file waits for its disk or network, which may be gone: so the handler, which
 * runs in QEMU's main thread, only hands the number on, and each descriptor is replaced by a thread
 * of its own.  It is out of the table before anything is waited for. */
#include "launcher/revoke-preload.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define HIGH 50

static int nothing = -1, numbers[2] = { -1, -1 };

/* The file system is not asked: it might not answer. */
static bool
is_of (int fd, unsigned mount)
{
  struct statx st;

  return statx (fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID, &st) == 0
         && (st.stx_mask & STATX_MNT_ID) != 0 && st.stx_mnt_id == mount;
}

static void *
replace (void *data)
{
  uint64_t both = (uint64_t)(uintptr_t)data;
  int fd = (int)(both & 0xffffffff);

  if (is_of (fd, (unsigned)(both >> 32)))
    dup3 (nothing, fd, O_CLOEXEC);
  return NULL;
}

static void
let_go (unsigned mount, const pthread_attr_t *detached)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) < 0)
    limit.rlim_cur = 1024;
  for (int fd = 0; (rlim_t)fd < limit.rlim_cur; fd++)
    if (is_of (fd, mount))
      {
        void *both = (void *)(uintptr_t)((uint64_t)mount << 32 | (unsigned)fd);
        pthread_t thread;

        if (pthread_create (&thread, detached, replace, both) != 0)
          replace (both);
      }
}

static void *
sweep (void *data)
{
  pthread_attr_t detached;
  unsigned mount;
  ssize_t n;

  (void)data;
  pthread_attr_init (&detached);
  pthread_attr_setdetachstate (&detached, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize (&detached, 64 * 1024);
  while ((n = read (numbers[0], &mount, sizeof mount)) == (ssize_t)sizeof mount
         || (n < 0 && errno == EINTR))
    if (n > 0)
      let_go (mount, &detached);
  return NULL;
}

/* Where the pipe is full the sender's next signal will do. */
static void
hand_on (int number, siginfo_t *info, void *context)
{
  unsigned mount = (unsigned)info->si_value.sival_int;
  int saved = errno;

  (void)number;
  (void)context;
  if (write (numbers[1], &mount, sizeof mount) < 0)
    errno = saved;
}

/* Out of the way of who uses low numbers by name (a shell). */
static int
high (int fd)
{
  int moved = fd >= 0 ? fcntl (fd, F_DUPFD_CLOEXEC, HIGH) : -1;

  if (moved >= 0)
    close (fd);
  return moved >= 0 ? moved : fd;
}

/* O_PATH: it can be neither read nor written, and nothing is below it. */
__attribute__ ((constructor)) static void
prepare (void)
{
  struct sigaction action = { .sa_sigaction = hand_on, .sa_flags = SA_SIGINFO | SA_RESTART };
  sigset_t all, before;
  pthread_t thread;

  nothing = high (open ("/dev/null", O_PATH | O_CLOEXEC));
  if (nothing < 0 || pipe2 (numbers, O_CLOEXEC) < 0)
    return;
  numbers[0] = high (numbers[0]);
  numbers[1] = high (numbers[1]);
  if (fcntl (numbers[1], F_SETFL, O_NONBLOCK) < 0)
    return;
  sigfillset (&all);
  sigfillset (&action.sa_mask);
  pthread_sigmask (SIG_SETMASK, &all, &before); /* QEMU's signals are for QEMU's threads */
  if (pthread_create (&thread, NULL, sweep, NULL) == 0)
    sigaction (SG_REVOKE_SIGNAL, &action, NULL);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
}
