/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "child.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define GROUPS_MAX 64

struct SgChild
{
  SgChildSpec spec;
  GPid pid; /* 0: not running */
  guint watch;
  gint64 starts[SG_CHILD_STARTS];
  guint n_starts;
  gboolean restarting; /* its next end was asked for */
  gid_t groups[GROUPS_MAX];
  int n_groups;
};

static void start (SgChild *child);

gboolean
sg_child_may_start (const gint64 *times, guint count, gint64 now)
{
  return count < SG_CHILD_STARTS || now - times[0] > SG_CHILD_WINDOW * G_USEC_PER_SEC;
}

/* In the new process, between fork and exec: system calls only. */
static void
become_user (gpointer data)
{
  const SgChild *child = data;
  const SgUser *user = child->spec.user;
  sigset_t none;

  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
  setsid ();
  if (user
      && (setgroups ((gsize)child->n_groups, child->groups) != 0
          || setresgid (user->gid, user->gid, user->gid) != 0
          || setresuid (user->uid, user->uid, user->uid) != 0 || chdir (user->home) != 0))
    _exit (126);
}

static void
give_up (SgChild *child, const char *why)
{
  if (!child->spec.once)
    g_printerr ("sandglass-desktop: %s: %s\n", child->spec.name, why);
  if (child->spec.gave_up)
    child->spec.gave_up (child->spec.data, why);
}

static void
on_end (GPid pid, int status, gpointer data)
{
  SgChild *child = data;
  gboolean asked = child->restarting;

  child->pid = 0;
  child->watch = 0;
  child->restarting = FALSE;
  if (asked)
    child->n_starts = 0;
  else if (child->spec.once && status == 0)
    ; /* as it should be */
  else if (WIFSIGNALED (status))
    g_printerr ("sandglass-desktop: %s was ended by signal %d\n", child->spec.name,
                WTERMSIG (status));
  else
    g_printerr ("sandglass-desktop: %s ended with status %d\n", child->spec.name,
                WEXITSTATUS (status));
  if (child->spec.once)
    give_up (child, "it ended");
  else
    start (child);
}

static void
start (SgChild *child)
{
  const SgChildSpec *spec = &child->spec;
  g_autoptr (GError) error = NULL;
  gint64 now = g_get_monotonic_time ();
  int inside = spec->fd_inside;

  if (!sg_child_may_start (child->starts, child->n_starts, now))
    {
      give_up (child, "it ended again and again");
      return;
    }
  if (child->n_starts == SG_CHILD_STARTS)
    memmove (child->starts, child->starts + 1, sizeof child->starts[0] * --child->n_starts);
  child->starts[child->n_starts++] = now;
  if (!g_spawn_async_with_pipes_and_fds (
          NULL, spec->argv, spec->env, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH, become_user,
          child, -1, -1, -1, &spec->fd, &inside, spec->fd >= 0 ? 1 : 0, &child->pid, NULL, NULL,
          NULL, &error))
    {
      child->pid = 0;
      give_up (child, error->message);
      return;
    }
  child->watch = g_child_watch_add (child->pid, on_end, child);
  if (spec->started)
    spec->started (spec->data);
}

SgChild *
sg_child_start (const SgChildSpec *spec)
{
  SgChild *child = g_new0 (SgChild, 1);

  child->spec = *spec;
  if (spec->user)
    {
      child->n_groups = GROUPS_MAX;
      if (getgrouplist (spec->user->name, spec->user->gid, child->groups, &child->n_groups) < 0)
        child->n_groups = GROUPS_MAX;
    }
  start (child);
  return child;
}

void
sg_child_restart (SgChild *child)
{
  if (child->pid)
    {
      child->restarting = TRUE;
      kill (child->pid, SIGTERM);
    }
  else
    {
      child->n_starts = 0;
      start (child);
    }
}

void
sg_child_set_env (SgChild *child, const char *const *env)
{
  child->spec.env = env;
}

void
sg_child_stop (SgChild *child)
{
  if (!child)
    return;
  if (child->watch)
    g_source_remove (child->watch);
  if (child->pid)
    kill (child->pid, SIGTERM);
  g_free (child);
}
