/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The child is built like a login: a session of its own, the user's groups and ids, a fresh
 * environment, nothing inherited.  Everything that takes memory is done before the fork; what the
 * child finds wrong it writes as text to a pipe that closes on a successful exec. */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>

typedef struct
{
  char **argv, **env;
  char *cwd; /* empty: the home directory */
  gboolean tty;
  struct winsize size;
  Login *login;
  guint32 channel;
  const char *cgroup;
  int theirs[N_STREAM_FDS]; /* with a terminal all are its slave */
  int status;
} Child;

static void
child_clear (Child *child)
{
  g_strfreev (child->argv);
  g_strfreev (child->env);
  g_free (child->cwd);
  login_free (child->login);
  for (int i = 0; i < N_STREAM_FDS; i++)
    agent_close (&child->theirs[i]);
  agent_close (&child->status);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Child, child_clear)

/* ---- in the child ---- */

static void __attribute__ ((noreturn))
give_up (const Child *child, int code, const char *what, const char *about)
{
  char text[1024];
  int len = snprintf (text, sizeof text, "%s %s: %s", what, about, strerror (errno));

  if (len > 0 && write (child->status, text, MIN ((gsize)len, sizeof text - 1)) < 0)
    _exit (125);
  _exit (code);
}

static void
reset_signals (void)
{
  sigset_t none;

  for (int number = 1; number < NSIG; number++)
    signal (number, SIG_DFL);
  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
}

/* The agent is protected from the out-of-memory killer; what it starts is not. */
static void
be_ordinary (void)
{
  int fd = open ("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

  if (fd >= 0)
    {
      if (write (fd, "0", 1) < 0)
        errno = 0; /* an unprivileged test may not */
      close (fd);
    }
}

static void
become_user (const Child *child)
{
  const Login *login = child->login;

  if (geteuid () != 0)
    return; /* login_find() made sure that it is the same user */
  if (setgroups ((gsize)login->n_groups, login->groups) < 0
      || setresgid (login->gid, login->gid, login->gid) < 0
      || setresuid (login->uid, login->uid, login->uid) < 0)
    give_up (child, 126, "Cannot become the user", login->name);
}

static void
take_streams (const Child *child)
{
  /* Above 2 first, so that none is overwritten before it is copied. */
  int copies[N_STREAM_FDS];

  for (int i = 0; i < N_STREAM_FDS; i++)
    copies[i] = fcntl (child->theirs[i], F_DUPFD_CLOEXEC, 3);
  for (int i = 0; i < N_STREAM_FDS; i++)
    if (dup2 (copies[i], i) < 0)
      _exit (125);
  if (child->tty && ioctl (0, TIOCSCTTY, 0) < 0)
    give_up (child, 126, "Cannot take", "the terminal");
}

static void __attribute__ ((noreturn)) run_child (const Child *child)
{
  const char *cwd = child->cwd[0] != '\0' ? child->cwd : child->login->home;

  reset_signals ();
  setsid ();
  if (child->cgroup != NULL)
    cgroup_enter (child->cgroup, child->channel);
  be_ordinary ();
  take_streams (child);
  become_user (child);
  umask (022);
  close_range (3, ~0U, CLOSE_RANGE_CLOEXEC);
  if (chdir (cwd) < 0 && (child->cwd[0] != '\0' || chdir ("/") < 0))
    give_up (child, 126, "Cannot go to", cwd);
  environ = child->env;
  execvp (child->argv[0], child->argv);
  if (errno == ENOENT
      && (strchr (child->argv[0], '/') == NULL || access (child->argv[0], F_OK) < 0))
    give_up (child, 127, "There is no program", child->argv[0]);
  give_up (child, 126, "Cannot run", child->argv[0]);
}

/* ---- before the fork ---- */

static char **
complete_environment (const Agent *agent, const Login *login, char **given)
{
  char **env = login_environment (agent, login);

  for (char **entry = given; *entry != NULL; entry++)
    {
      const char *equals = strchr (*entry, '=');
      g_autofree char *name = equals != NULL ? g_strndup (*entry, (gsize)(equals - *entry)) : NULL;

      if (name != NULL && name[0] != '\0')
        env = g_environ_setenv (env, name, equals + 1, TRUE);
    }
  return env;
}

static char *
open_terminal (Child *child, Spawned *ret)
{
  int master, slave;

  if (openpty (&master, &slave, NULL, NULL, &child->size) < 0)
    return g_strdup_printf ("Cannot get a terminal: %s", g_strerror (errno));
  ret->fds[1] = master;
  ret->fds[0] = fcntl (master, F_DUPFD_CLOEXEC, 3);
  for (int i = 0; i < N_STREAM_FDS; i++)
    child->theirs[i] = fcntl (slave, F_DUPFD_CLOEXEC, 3);
  close (slave);
  fcntl (master, F_SETFD, FD_CLOEXEC);
  /* mesg n, and the terminal is the user's, as login(1) does it. */
  if (geteuid () == 0
      && (fchown (child->theirs[0], child->login->uid, child->login->gid) < 0
          || fchmod (child->theirs[0], 0600) < 0))
    return g_strdup ("Cannot give the terminal to the user");
  return NULL;
}

static char *
open_pipes (Child *child, Spawned *ret)
{
  for (int i = 0; i < N_STREAM_FDS; i++)
    {
      int ends[2];

      if (pipe2 (ends, O_CLOEXEC) < 0)
        return g_strdup_printf ("Cannot get a pipe: %s", g_strerror (errno));
      child->theirs[i] = ends[i == 0 ? 0 : 1];
      ret->fds[i] = ends[i == 0 ? 1 : 0];
    }
  return NULL;
}

static char *
open_streams (Child *child, Spawned *ret)
{
  char *why = child->tty ? open_terminal (child, ret) : open_pipes (child, ret);
  int ends[2];

  if (why != NULL)
    return why;
  if (pipe2 (ends, O_CLOEXEC) < 0)
    return g_strdup_printf ("Cannot get a pipe: %s", g_strerror (errno));
  ret->status_fd = ends[0];
  child->status = ends[1];
  fcntl (ret->status_fd, F_SETFL, O_NONBLOCK);
  for (int i = 0; i < N_STREAM_FDS; i++)
    if (ret->fds[i] >= 0)
      fcntl (ret->fds[i], F_SETFL, fcntl (ret->fds[i], F_GETFL) | O_NONBLOCK);
  return NULL;
}

char *
spawn_command (Agent *agent, guint32 channel, GVariant *exec, Spawned *ret, int *ret_code)
{
  g_auto (Child) child
      = { .channel = channel, .cgroup = agent->cgroup, .status = -1, .theirs = { -1, -1, -1 } };
  g_auto (GStrv) given = NULL;
  const char *user;
  char *why = NULL;

  g_variant_get (exec, "(^aay^aay^ay&sbqq)", &child.argv, &given, &child.cwd, &user, &child.tty,
                 &child.size.ws_row, &child.size.ws_col);
  *ret_code = 126;
  if (child.argv[0] == NULL)
    return g_strdup ("There is no command to run");
  if (user[0] == '\0' && !agent->inside)
    child.login = login_self ();
  else
    child.login = login_find (user[0] != '\0' ? user : AGENT_USER, &why);
  if (child.login == NULL)
    return why;
  login_make_runtime_dir (child.login);
  child.env = complete_environment (agent, child.login, given);
  why = open_streams (&child, ret);
  if (why != NULL)
    return why;
  ret->pid = fork ();
  if (ret->pid == 0)
    run_child (&child);
  if (ret->pid < 0)
    return g_strdup_printf ("Cannot start a process: %s", g_strerror (errno));
  return NULL;
}
