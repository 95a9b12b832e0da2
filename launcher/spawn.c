/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between fork and exec only async-signal-safe calls: GLib has threads.  A failed exec tells its
 * errno through a pipe that a successful one closes. */
#include "launcher/spawn.h"

#include "common/fd.h"
#include "launcher/bury.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define FIRST_FD 3
#define MOST_FDS 16
#define REAP_STEP_USEC 2000
#define STRAYS_MSEC 1000

struct SgChild
{
  pid_t pid;
  int pidfd;
  guint watch;
  SgChildEnded ended;
  gpointer data;
};

/* --- the child, before exec ---------------------------------------------------------------------
 */

typedef struct
{
  const SgSpawn *spawn;
  int null_fd, report_fd;
  pid_t parent;
} Start;

static G_NORETURN void
give_up (int fd)
{
  int code = errno;

  if (write (fd, &code, sizeof code) < 0)
    _exit (126);
  _exit (127);
}

/* First all out of the way, then each to its place: a source may sit where a target goes. */
static int
arrange (Start *start)
{
  const SgSpawn *s = start->spawn;
  int sources[FIRST_FD + MOST_FDS];
  int n = FIRST_FD + (int)s->n_fds;

  sources[0] = s->in;
  sources[1] = s->out;
  sources[2] = s->err;
  for (guint i = 0; i < s->n_fds; i++)
    sources[FIRST_FD + i] = s->fds[i];
  for (int i = 0; i < n; i++)
    {
      sources[i] = fcntl (sources[i] >= 0 ? sources[i] : start->null_fd, F_DUPFD_CLOEXEC, n + 1);
      if (sources[i] < 0)
        return -1;
    }
  start->report_fd = fcntl (start->report_fd, F_DUPFD_CLOEXEC, n + 1);
  if (start->report_fd < 0)
    return -1;
  for (int i = 0; i < n; i++)
    if (dup2 (sources[i], i) < 0)
      return -1;
  if (dup3 (start->report_fd, n, O_CLOEXEC) < 0)
    return -1;
  start->report_fd = n;
  return (int)syscall (SYS_close_range, (unsigned)n + 1, ~0u, 0);
}

static int
set_limits (const SgSpawn *spawn)
{
  struct rlimit one = { 1, 1 }, files;

  /* Memory of a sandbox does not get onto the disk by way of a crash.  One byte, not none: where a
   * program takes the dumps (systemd-coredump, apport), the kernel hands it a whole one whatever
   * the limit is, but for this value (do_coredump() in fs/coredump.c); to a file, none is too
   * small. */
  if (setrlimit (RLIMIT_CORE, &one) < 0)
    return -1;
  if (spawn->files == 0)
    return 0;
  if (getrlimit (RLIMIT_NOFILE, &files) < 0)
    return -1;
  files.rlim_max = MIN (files.rlim_max, spawn->files);
  files.rlim_cur = files.rlim_max;
  return setrlimit (RLIMIT_NOFILE, &files);
}

/* A directory that something is mounted on cannot be removed by who sees that mount.  Where this is
 * not allowed there is no mount of ours either (session-namespace.h). */
static void
leave_mounts (const char *without)
{
  if (unshare (CLONE_NEWNS) == 0 && mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0)
    umount2 (without, MNT_DETACH);
}

static G_NORETURN void
become (Start *start)
{
  static char *const environment[] = { (char *)"LC_ALL=C.UTF-8", NULL };
  struct sigaction by_default = { .sa_handler = SIG_DFL };
  sigset_t none;

  if (!start->spawn->outlive
      && (prctl (PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid () != start->parent))
    _exit (127);
  for (int number = 1; number < NSIG; number++)
    sigaction (number, &by_default, NULL);
  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
  setsid ();
  if (start->spawn->without_mount != NULL)
    leave_mounts (start->spawn->without_mount);
  if (chdir ("/") < 0 || arrange (start) < 0 || set_limits (start->spawn) < 0)
    give_up (start->report_fd);
  execve (start->spawn->argv[0], (char *const *)start->spawn->argv, environment);
  give_up (start->report_fd);
}

/* --- the parent ---------------------------------------------------------------------------------
 */

static gboolean
on_pidfd (int fd, GIOCondition condition, gpointer data)
{
  SgChild *child = data;
  int status;
  pid_t pid;

  do
    pid = waitpid (child->pid, &status, WNOHANG);
  while (pid < 0 && errno == EINTR);
  if (pid == 0)
    return G_SOURCE_CONTINUE;
  child->watch = 0;
  child->pid = 0;
  sg_bury_soon (-1); /* what it leaves is our child now */
  if (child->ended != NULL)
    child->ended (child, pid > 0 ? status : 0, child->data);
  return G_SOURCE_REMOVE;
}

/* Waits for exec: TRUE when the program runs. */
static gboolean
was_executed (int report_fd, const SgSpawn *spawn, GError **error)
{
  int code;
  gssize n = sg_read_all (report_fd, &code, sizeof code, error);

  if (n == 0)
    return TRUE;
  if (n == sizeof code)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s cannot be started (%s): %s",
                 spawn->name, spawn->argv[0], g_strerror (code));
  return FALSE;
}

static gboolean
open_pipes (int *null_fd, int report[2], GError **error)
{
  *null_fd = open ("/dev/null", O_RDWR | O_CLOEXEC);
  if (*null_fd < 0 || pipe2 (report, O_CLOEXEC) < 0)
    return sg_errno (error, "Cannot start a process");
  return TRUE;
}

SgChild *
sg_spawn (const SgSpawn *spawn, SgChildEnded ended, gpointer data, GError **error)
{
  sg_fd int null_fd = -1;
  int report[2] = { -1, -1 };
  Start start = { .spawn = spawn, .parent = getpid () };
  SgChild *child;
  pid_t pid;

  g_return_val_if_fail (spawn->n_fds <= MOST_FDS, NULL);
  if (!open_pipes (&null_fd, report, error))
    return NULL;
  start.null_fd = null_fd;
  start.report_fd = report[1];
  pid = fork ();
  if (pid == 0)
    become (&start);
  close (report[1]);
  if (pid < 0)
    {
      sg_errno (error, "Cannot start %s", spawn->name);
      close (report[0]);
      return NULL;
    }
  if (!was_executed (report[0], spawn, error))
    {
      close (report[0]);
      while (waitpid (pid, NULL, 0) < 0 && errno == EINTR)
        ;
      return NULL;
    }
  close (report[0]);
  child = g_new0 (SgChild, 1);
  child->pid = pid;
  child->ended = ended;
  child->data = data;
  /* Our own child, not yet reaped: the number is certainly still its. */
  child->pidfd = (int)syscall (SYS_pidfd_open, pid, 0);
  if (child->pidfd < 0)
    {
      sg_errno (error, "Cannot watch %s", spawn->name);
      kill (pid, SIGKILL);
      sg_child_free (child);
      return NULL;
    }
  child->watch = g_unix_fd_add (child->pidfd, G_IO_IN, on_pidfd, child);
  return child;
}

pid_t
sg_child_pid (const SgChild *child)
{
  return child->pid;
}

void
sg_child_kill (SgChild *child)
{
  if (child != NULL && child->pid > 0)
    syscall (SYS_pidfd_send_signal, child->pidfd, SIGKILL, NULL, 0);
}

void
sg_child_free (SgChild *child)
{
  if (child == NULL)
    return;
  if (child->watch != 0)
    g_source_remove (child->watch);
  if (child->pid > 0)
    sg_bury_soon (sg_fd_steal (&child->pidfd));
  sg_fd_clear (&child->pidfd);
  g_free (child);
}

/* --- the end ------------------------------------------------------------------------------------
 */

gboolean
sg_reap_prepare (GError **error)
{
  if (prctl (PR_SET_CHILD_SUBREAPER, 1) < 0)
    return sg_errno (error, "Cannot look after the session's processes");
  return TRUE;
}

/* What is still there is none of ours: a library that one of ours uses started it and let go of it.
 * Only this thread reaps, so no number can be another's. */
static void
kill_strays (void)
{
  g_autoptr (GPtrArray) children = sg_bury_children ();

  for (guint i = 0; i < children->len; i++)
    kill (atoi (children->pdata[i]), SIGKILL);
}

gboolean
sg_reap_all (guint deadline_msec)
{
  gint64 deadline = g_get_monotonic_time () + (gint64)deadline_msec * 1000;
  gint64 patience = MIN (g_get_monotonic_time () + STRAYS_MSEC * 1000, deadline);

  for (;;)
    {
      pid_t pid = waitpid (-1, NULL, WNOHANG);

      if (pid < 0 && errno == ECHILD)
        return TRUE;
      if (pid > 0 || (pid < 0 && errno == EINTR))
        continue;
      if (g_get_monotonic_time () > deadline)
        return FALSE;
      if (g_get_monotonic_time () > patience)
        kill_strays ();
      g_usleep (REAP_STEP_USEC);
    }
}

char *
sg_status_words (int status)
{
  if (WIFSIGNALED (status))
    return g_strdup_printf ("was ended by signal %d (%s)", WTERMSIG (status),
                            strsignal (WTERMSIG (status)));
  if (WEXITSTATUS (status) != 0)
    return g_strdup_printf ("ended with status %d", WEXITSTATUS (status));
  return g_strdup ("ended");
}
