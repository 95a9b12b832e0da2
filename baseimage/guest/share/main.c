/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sandglass-share FOLDER PLACE ro|rw: shows FOLDER, of a 9p mount, at PLACE.  Asks the host's index
 * on its standard output, hears it on its standard input; says "shown" on standard error once it
 * can be used.  Ends when PLACE is unmounted. */
#include "baseimage/guest/share/share.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

#define WORKERS 4
#define READ_AHEAD_KIB 1024
#define ROOM (SHARE_IO_MOST + 65536)

/* --- answers ------------------------------------------------------------------------------------
 */

void
answer (const Request *request, int error, const void *body, size_t length)
{
  struct fuse_out_header out = { .error = -error, .unique = request->in->unique };
  struct iovec parts[] = { { &out, sizeof out }, { (void *)body, error == 0 ? length : 0 } };

  out.len = (uint32_t)(sizeof out + parts[1].iov_len);
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
                               .max_readahead = READ_AHEAD_KIB * 1024,
                               .flags = in->flags & WANTED,
                               .max_background = 16,
                               .congestion_threshold = 12,
                               .max_write = SHARE_IO_MOST,
                               .time_gran = 1,
                               .max_pages = SHARE_IO_MOST / 4096 };

  answer (request, in->major == FUSE_KERNEL_VERSION && in->minor >= 31 ? 0 : EPROTO, &out,
          sizeof out);
}

static void
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
      if (!share_look (request) && !share_file (request) && !share_change (request))
        answer (request, ENOSYS, NULL, 0);
    }
}

static void *
work_thread (void *data)
{
  Share *share = data;
  char *room = malloc (ROOM + 1), *buffer = aligned_alloc (4096, SHARE_IO_MOST);

  if (room == NULL || buffer == NULL)
    abort ();
  for (;;)
    {
      ssize_t n = read (share->fuse, room, ROOM);
      Request request = { share, (const void *)room, room + sizeof (struct fuse_in_header),
                          (size_t)n - sizeof (struct fuse_in_header), buffer };

      if (n < 0 && (errno == EINTR || errno == ENOENT || errno == EAGAIN))
        continue;
      if (n < (ssize_t)sizeof (struct fuse_in_header))
        exit (n < 0 && errno == ENODEV ? 0 : 1);
      room[n] = '\0';
      serve (&request);
    }
  return NULL;
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
  snprintf (options, sizeof options,
            "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions,max_read=%u",
            share->fuse, SHARE_IO_MOST);
  if (mount ("sandglass-share", place, "fuse.sandglass-share",
             MS_NOSUID | MS_NODEV | (writable ? 0 : MS_RDONLY), options)
      < 0)
    return errno;
  return 0;
}

/* The kernel's own figure is made for small requests.  stat() waits for our first answers. */
static void
read_ahead (const char *place)
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
  fprintf (file, "%d", READ_AHEAD_KIB);
  fclose (file);
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
  pthread_t threads[WORKERS];
  struct rlimit files;
  int error;

  if (argc != 4)
    return fail ("usage: sandglass-share FOLDER PLACE ro|rw", EINVAL);
  umask (0);
  if (getrlimit (RLIMIT_NOFILE, &files) == 0)
    {
      files.rlim_cur = files.rlim_max; /* each file that is open inside is one */
      setrlimit (RLIMIT_NOFILE, &files);
    }
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
  for (int i = 0; i < WORKERS; i++)
    if (pthread_create (&threads[i], NULL, work_thread, &share) != 0)
      return fail ("threads", EAGAIN);
  read_ahead (argv[2]);
  fputs ("shown\n", stderr);
  for (int i = 0; i < WORKERS; i++)
    pthread_join (threads[i], NULL);
  return 0;
}
