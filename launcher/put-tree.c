/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/put-tree.h"

#include "common/fd.h"
#include "common/report.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEEPEST 200
#define MOST_FILES 1000000
#define PIECE (1024 * 1024)
#define WORDS_MAX 400
#define END_USEC (800 * 1000)

/* --- counting --- */

typedef struct
{
  guint64 files, bytes;
  GCancellable *cancellable;
} Count;

static gboolean count_folder (Count *count, int fd, guint depth, GError **error);

static gboolean
count_entry (Count *count, int dirfd, const char *name, guint depth, GError **error)
{
  struct stat about;
  sg_fd int below = -1;

  if (g_cancellable_set_error_if_cancelled (count->cancellable, error))
    return FALSE;
  if (fstatat (dirfd, name, &about, AT_SYMLINK_NOFOLLOW) < 0)
    return errno == ENOENT || sg_errno (error, "The folder cannot be looked through");
  if (!S_ISDIR (about.st_mode))
    {
      count->bytes += S_ISREG (about.st_mode) ? (guint64)about.st_size : 0;
      if (++count->files <= MOST_FILES)
        return TRUE;
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                   "There are more than %d files in it; share the folder instead", MOST_FILES);
      return FALSE;
    }
  below = openat (dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (below < 0)
    return errno == ENOENT || errno == ELOOP || errno == ENOTDIR
           || sg_errno (error, "A folder in it cannot be read");
  return count_folder (count, sg_fd_steal (&below), depth + 1, error);
}

/* Takes FD. */
static gboolean
count_folder (Count *count, int fd, guint depth, GError **error)
{
  DIR *dir = fdopendir (fd);
  gboolean ok = TRUE;
  struct dirent *entry;

  if (dir == NULL)
    {
      sg_fd_clear (&fd);
      return sg_errno (error, "The folder cannot be read");
    }
  if (depth > DEEPEST)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                   "There are more than %d folders in one another", DEEPEST);
      ok = FALSE;
    }
  while (ok && (entry = readdir (dir)) != NULL)
    if (strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0)
      ok = count_entry (count, dirfd (dir), entry->d_name, depth, error);
  closedir (dir);
  return ok;
}

gboolean
sg_put_tree_count (int fd, guint64 *ret_files, guint64 *ret_bytes, GCancellable *cancellable,
                   GError **error)
{
  Count count = { .cancellable = cancellable };
  /* Not a duplicate: it has a position of its own. */
  int own = sg_open_at (fd, ".", O_RDONLY | O_DIRECTORY, 0, error);

  if (own < 0 || !count_folder (&count, own, 0, error))
    return FALSE;
  *ret_files = count.files;
  *ret_bytes = count.bytes;
  return TRUE;
}

/* --- the stream --- */

struct SgPutTree
{
  GSubprocess *tar; /* owned */
  GThread *pump;    /* NULL once joined */
  int from, to;     /* the pump's: from tar, to the reader; owned */
  int stop;         /* the pump's: ends it; owned */
  int reader;       /* owned */
  int stopper;      /* closing it stops the pump; owned */
  GMutex lock;
  GCond ended; /* the pump has, or is about to: */
  gboolean pumped;
  _Atomic guint64 moved;
  _Atomic gboolean broken; /* the reader has gone */
};

/* FALSE: the pump is stopped. */
static gboolean
wait_for (const SgPutTree *tree, int fd, short what)
{
  struct pollfd polls[] = { { fd, what, 0 }, { tree->stop, POLLIN, 0 } };

  while (poll (polls, G_N_ELEMENTS (polls), -1) < 0)
    if (errno != EINTR)
      return FALSE;
  return polls[1].revents == 0;
}

/* From one pipe to the other, in the kernel.  Whoever reads may never do so: the pump can be stopped
 * at any time. */
static gpointer
pump (gpointer data)
{
  SgPutTree *tree = data;
  sigset_t pipe_signal;
  gssize n = -1;

  sigemptyset (&pipe_signal);
  sigaddset (&pipe_signal, SIGPIPE);
  pthread_sigmask (SIG_BLOCK, &pipe_signal, NULL);
  while (wait_for (tree, tree->from, POLLIN) && wait_for (tree, tree->to, POLLOUT))
    {
      n = splice (tree->from, NULL, tree->to, NULL, PIECE, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
      if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        break;
      if (n > 0)
        atomic_fetch_add (&tree->moved, (guint64)n);
    }
  atomic_store (&tree->broken, n != 0); /* 0: the end of what tar had to say */
  sg_fd_clear (&tree->from); /* tar ends with EPIPE where it has more */
  sg_fd_clear (&tree->to);
  g_mutex_lock (&tree->lock);
  tree->pumped = TRUE;
  g_cond_signal (&tree->ended);
  g_mutex_unlock (&tree->lock);
  return NULL;
}

/* No name or number of this computer's users goes along. */
static GSubprocess *
start_tar (int fd, int out, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autofree char *folder = g_strdup_printf ("/proc/%d/fd/%d", getpid (), fd);

  g_subprocess_launcher_set_cwd (launcher, folder);
  g_subprocess_launcher_setenv (launcher, "LC_ALL", "C.UTF-8", TRUE);
  g_subprocess_launcher_unsetenv (launcher, "TAR_OPTIONS");
  g_subprocess_launcher_take_stdout_fd (launcher, out);
  return g_subprocess_launcher_spawn (launcher, error, "tar", "--create", "--file=-",
                                      "--format=gnu", "--owner=0", "--group=0", "--numeric-owner",
                                      ".", NULL);
}

static gboolean
make_pipe (int *ret_read, int *ret_write, GError **error)
{
  int fds[2];

  if (pipe2 (fds, O_CLOEXEC) < 0)
    return sg_errno (error, "No descriptor is free");
  *ret_read = fds[0];
  *ret_write = fds[1];
  fcntl (fds[1], F_SETPIPE_SZ, PIECE); /* faster; not everybody may */
  return TRUE;
}

SgPutTree *
sg_put_tree_new (int fd, GError **error)
{
  g_autoptr (SgPutTree) tree = g_new0 (SgPutTree, 1);
  int out = -1;

  g_mutex_init (&tree->lock);
  g_cond_init (&tree->ended);
  tree->from = tree->to = tree->reader = tree->stop = tree->stopper = -1;
  if (!make_pipe (&tree->stop, &tree->stopper, error) || !make_pipe (&tree->from, &out, error))
    return NULL;
  tree->tar = start_tar (fd, out, error);
  if (tree->tar == NULL)
    {
      g_prefix_error (error, "A folder is copied by tar: ");
      return NULL;
    }
  if (!make_pipe (&tree->reader, &tree->to, error))
    return NULL;
  tree->pump = g_thread_new ("put-tree", pump, tree);
  return g_steal_pointer (&tree);
}

int
sg_put_tree_fd (SgPutTree *tree)
{
  return tree->reader;
}

guint64
sg_put_tree_moved (SgPutTree *tree)
{
  return atomic_load (&tree->moved);
}

/* The first line, of how it was said. */
static char *
complaint (GSubprocess *tar)
{
  char text[WORDS_MAX + 1] = { 0 };
  gsize n = 0;

  g_input_stream_read_all (g_subprocess_get_stderr_pipe (tar), text, WORDS_MAX, &n, NULL, NULL);
  text[strcspn (text, "\n")] = '\0';
  return sg_printable (g_str_has_prefix (text, "tar: ") ? text + 5 : text);
}

/* Who has seen the end has read all; a moment is enough for our own to hear of it. */
static gboolean
pump_ends (SgPutTree *tree)
{
  gint64 until = g_get_monotonic_time () + END_USEC;
  gboolean pumped;

  g_mutex_lock (&tree->lock);
  while (!tree->pumped && g_cond_wait_until (&tree->ended, &tree->lock, until))
    ;
  pumped = tree->pumped;
  g_mutex_unlock (&tree->lock);
  return pumped;
}

gboolean
sg_put_tree_end (SgPutTree *tree, gboolean complete, GError **error)
{
  g_autofree char *words = NULL;

  sg_fd_clear (&tree->reader);
  if (!complete || !pump_ends (tree))
    {
      sg_fd_clear (&tree->stopper);
      g_subprocess_force_exit (tree->tar);
    }
  if (tree->pump != NULL)
    g_thread_join (g_steal_pointer (&tree->pump));
  words = complaint (tree->tar);
  g_subprocess_wait (tree->tar, NULL, NULL);
  if (g_subprocess_get_if_exited (tree->tar) && g_subprocess_get_exit_status (tree->tar) == 0
      && !atomic_load (&tree->broken))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
               "Not all of the folder could be read, or it changed meanwhile%s%s",
               *words != '\0' ? ": " : "", words);
  return FALSE;
}

void
sg_put_tree_free (SgPutTree *tree)
{
  if (tree == NULL)
    return;
  if (tree->tar != NULL)
    {
      g_autoptr (GError) error = NULL;

      if (tree->pump != NULL)
        sg_put_tree_end (tree, FALSE, &error);
      g_subprocess_force_exit (tree->tar);
    }
  sg_fd_clear (&tree->stop);
  sg_fd_clear (&tree->stopper);
  sg_fd_clear (&tree->from);
  sg_fd_clear (&tree->to);
  sg_fd_clear (&tree->reader);
  g_clear_object (&tree->tar);
  g_mutex_clear (&tree->lock);
  g_cond_clear (&tree->ended);
  g_free (tree);
}
