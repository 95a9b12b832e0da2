/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sandglass-share FOLDER PLACE ro|rw [SECONDS]: shows FOLDER, of a 9p mount, at PLACE.  Asks the
 * host's index on its standard output, hears it on its standard input.  Says on standard error, a
 * line each: "shown" once it can be used; "full", "quota" when the host has no room for what is
 * written, "slow" when it does not answer.  SECONDS: how long it is waited for, for tests.  Ends
 * when PLACE is unmounted. */
#include "baseimage/guest/share/share.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define SAID_AGAIN_SEC 30

/* --- answers ------------------------------------------------------------------------------------
 */

/* A line to the host, which tells the person; each at most once in a while. */
static void
say (const char *line, time_t *last)
{
  struct timespec now;
  time_t before = __atomic_load_n (last, __ATOMIC_RELAXED);

  clock_gettime (CLOCK_BOOTTIME, &now);
  if ((before != 0 && now.tv_sec - before < SAID_AGAIN_SEC)
      || !__atomic_compare_exchange_n (last, &before, now.tv_sec, false, __ATOMIC_RELAXED,
                                       __ATOMIC_RELAXED))
    return;
  if (write (STDERR_FILENO, line, strlen (line)) < 0)
    return; /* nobody hears it: as good */
}

void
say_slow (void)
{
  static time_t last;

  say ("slow\n", &last);
}

static void
say_room (int error)
{
  static time_t full, quota;

  if (error == ENOSPC)
    say ("full\n", &full);
  else if (error == EDQUOT)
    say ("quota\n", &quota);
}

void
answer (const Request *request, int error, const void *body, size_t length)
{
  struct fuse_out_header out = { .error = -error, .unique = request->in->unique };
  struct iovec parts[] = { { &out, sizeof out }, { (void *)body, error == 0 ? length : 0 } };

  out.len = (uint32_t)(sizeof out + parts[1].iov_len);
  if (!work_may_answer (request->work))
    return;
  say_room (error);
  /* ENOENT: who asked does not wait any more. */
  if (writev (request->share->fuse, parts, 2) < 0 && errno != ENOENT && errno != ENODEV)
    perror ("sandglass-share: an answer");
}

void
tell (Share *share, int what, const void *body, size_t length, const char *name)
{
  struct fuse_out_header out = { .error = what };
  size_t n = name != NULL ? strlen (name) + 1 : 0;
  struct iovec parts[] = { { &out, sizeof out }, { (void *)body, length }, { (void *)name, n } };

  out.len = (uint32_t)(sizeof out + length + n);
  if (writev (share->fuse, parts, 3) < 0)
    return; /* the kernel does not know it: as good */
}

void
fuse_attr_from (struct fuse_attr *to, const SgShareAttr *attr)
{
  *to = (struct fuse_attr){
    .ino = attr->ino,
    .size = attr->size,
    .blocks = attr->blocks,
    .atime = (uint64_t)attr->atime,
    .mtime = (uint64_t)attr->mtime,
    .ctime = (uint64_t)attr->ctime,
    .atimensec = attr->atime_ns,
    .mtimensec = attr->mtime_ns,
    .ctimensec = attr->ctime_ns,
    .mode = attr->mode,
    .nlink = attr->nlink,
    .uid = attr->uid,
    .gid = attr->gid,
    .rdev = attr->rdev,
    .blksize = attr->blksize,
  };
}

/* --- requests -----------------------------------------------------------------------------------
 */

#define WANTED                                                                                     \
  (FUSE_ASYNC_READ | FUSE_ATOMIC_O_TRUNC | FUSE_BIG_WRITES | FUSE_AUTO_INVAL_DATA                  \
   | FUSE_DO_READDIRPLUS | FUSE_PARALLEL_DIROPS | FUSE_HANDLE_KILLPRIV | FUSE_MAX_PAGES)

static void
greet (const Request *request)
{
  const struct fuse_init_in *in = (const void *)request->body;
  struct fuse_init_out out = { .major = FUSE_KERNEL_VERSION,
                               .minor = 31,
                               .max_readahead = SHARE_READ_AHEAD_KIB * 1024,
                               .flags = in->flags & WANTED,
                               .max_background = 16,
                               .congestion_threshold = 12,
                               .max_write = SHARE_IO_MOST,
                               .time_gran = 1,
                               .max_pages = SHARE_IO_MOST / 4096 };

  answer (request, in->major == FUSE_KERNEL_VERSION && in->minor >= 31 ? 0 : EPROTO, &out,
          sizeof out);
}

void
serve (const Request *request)
{
  switch (request->in->opcode)
    {
    case FUSE_INIT:
      greet (request);
      return;
    case FUSE_DESTROY:
      answer (request, 0, NULL, 0);
      exit (0);
    case FUSE_INTERRUPT:
      return;
    default:
      if (!share_look (request) && !share_list (request) && !share_file (request)
          && !share_change (request))
        answer (request, ENOSYS, NULL, 0);
    }
}

/* --- start --------------------------------------------------------------------------------------
 */

static int
mount_at (Share *share, const char *place, bool writable)
{
  char options[200];

  share->fuse = open ("/dev/fuse", O_RDWR | O_CLOEXEC);
  if (share->fuse < 0)
    return errno;
  snprintf (
      options, sizeof options,
      "fd=%d,rootmode=40000,user_id=%u,group_id=%u,allow_other,default_permissions,max_read=%u",
      share->fuse, getuid (), getgid (), SHARE_IO_MOST);
  if (mount ("sandglass-share", place, "fuse.sandglass-share",
             MS_NOSUID | MS_NODEV | (writable ? 0 : MS_RDONLY), options)
      < 0)
    return errno;
  return 0;
}

static int
fail (const char *what, int error)
{
  fprintf (stderr, "%s: %s\n", what, strerror (error));
  return 1;
}

int
main (int argc, char **argv)
{
  static Share share;
  struct rlimit files;
  int error, reader;

  if (argc < 4 || argc > 5)
    return fail ("usage: sandglass-share FOLDER PLACE ro|rw [SECONDS]", EINVAL);
  umask (0);
  if (getrlimit (RLIMIT_NOFILE, &files) == 0)
    {
      files.rlim_cur = files.rlim_max; /* each file that is open inside is one */
      setrlimit (RLIMIT_NOFILE, &files);
    }
  reader = reader_start (argv[2]);
  if (reader < 0)
    return fail ("a process", -reader);
  share.ask = STDOUT_FILENO;
  share.told = STDIN_FILENO;
  share.nodes = nodes_new ();
  pthread_mutex_init (&share.lock, NULL);
  share.folder = open (argv[1], O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (share.folder < 0)
    return fail (argv[1], errno);
  error = index_start (&share);
  if (error == 0)
    error = index_stat (&share, nodes_root (share.nodes), NULL, NULL);
  if (error != 0)
    return fail ("the index", error);
  error = mount_at (&share, argv[2], strcmp (argv[3], "rw") == 0);
  if (error != 0)
    return fail (argv[2], error);
  error = ahead_start (&share, reader);
  if (error == 0)
    error = work_start (&share, argc == 5 ? (unsigned)strtoul (argv[4], NULL, 10) : 0);
  if (error != 0)
    return fail ("threads", error);
  reader_mounted (reader);
  fputs ("shown\n", stderr);
  work_watch (&share);
}
