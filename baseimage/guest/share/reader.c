/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process that looks at what this one shows.
 *
 * A thread could, but who waits for an answer of its own process cannot be killed: the kernel's
 * connection is cut when its last descriptor is closed, which is when the last thread has ended,
 * and that one waits.  Process and mount would stay for ever, and the folder with them.  So this
 * one is started before the kernel is spoken to and holds nothing of that.
 *
 * Nobody waits for its threads, so they may wait for anybody: for who makes a name there, too. */
#include "baseimage/guest/share/share.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define THREADS 24u
#define THREAD_STACK (256u * 1024)

typedef struct
{
  int told;
  const char *place;
} Reader;

/* What any program inside swaps there meanwhile is read in its place, which does no harm.  PLACE is
 * opened each time: whoever has it open keeps it from being unmounted. */
static void
read_folder (const char *place, const char *path)
{
  static const struct open_how how
      = { .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
          .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV };
  char names[16384];
  int root = open (place, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -1;

  if (root >= 0)
    fd = (int)syscall (SYS_openat2, root, *path != '\0' ? path : ".", &how, sizeof how);
  while (fd >= 0 && syscall (SYS_getdents64, fd, names, sizeof names) > 0)
    continue;
  if (fd >= 0)
    close (fd);
  if (root >= 0)
    close (root);
}

static void *
read_thread (void *data)
{
  Reader *reader = data;
  char path[SG_SHARE_PATH_MOST + 1];
  ssize_t n;

  while ((n = recv (reader->told, path, sizeof path - 1, 0)) > 0 || (n < 0 && errno == EINTR))
    if (n > 0)
      {
        path[n] = '\0';
        read_folder (reader->place, path);
      }
  _exit (0);
}

/* The kernel's own figure is made for small requests.  stat() waits for the first answers. */
static void
set_read_ahead (const char *place)
{
  struct stat st;
  char path[100];
  FILE *file;

  if (stat (place, &st) < 0)
    return;
  snprintf (path, sizeof path, "/sys/class/bdi/%u:%u/read_ahead_kb", major (st.st_dev),
            minor (st.st_dev));
  file = fopen (path, "w");
  if (file == NULL)
    return;
  fprintf (file, "%d", SHARE_READ_AHEAD_KIB);
  fclose (file);
}

/* The first word: it is mounted. */
__attribute__ ((noreturn)) static void
run (int told, const char *place)
{
  Reader reader = { told, place };
  pthread_attr_t attr;
  pthread_t thread;
  char first[2];

  /* The host's index is told of our end by the other process alone. */
  for (int fd = 0; fd <= 2; fd++)
    close (fd);
  for (int fd = 0; fd >= 0 && fd <= 2;)
    fd = open ("/dev/null", O_RDWR | O_CLOEXEC);
  if (recv (told, first, sizeof first, 0) <= 0)
    _exit (0);
  set_read_ahead (place);
  pthread_attr_init (&attr);
  pthread_attr_setdetachstate (&attr, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize (&attr, THREAD_STACK);
  for (unsigned i = 1; i < THREADS; i++)
    if (pthread_create (&thread, &attr, read_thread, &reader) != 0)
      break;
  read_thread (&reader);
  _exit (0);
}

int
reader_start (const char *place)
{
  pid_t parent = getpid (), pid;
  int ends[2];

  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
    return -errno;
  pid = fork ();
  if (pid < 0)
    return -errno;
  if (pid > 0)
    {
      close (ends[1]);
      return ends[0];
    }
  close (ends[0]);
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (getppid () != parent)
    _exit (0);
  run (ends[1], place);
}

void
reader_mounted (int reader)
{
  send (reader, "", 1, MSG_NOSIGNAL);
}
