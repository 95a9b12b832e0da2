/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A child that we started is in our own pid namespace, and whoever watches it waits for it.  What
 * is in another one, and a child of ours, was left by one of them: bubblewrap's init, or the
 * program. */
#include "launcher/bury.h"

#include "common/fd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif
#define STEP_MSEC 250
#define STEPS 40

typedef struct
{
  int pidfd; /* owned */
  guint steps;
} Burying;

static void
burying_free (gpointer data)
{
  Burying *burying = data;

  sg_fd_clear (&burying->pidfd);
  g_free (burying);
}

/* How many pid namespaces the process is in, as we see them; 0: it is gone. */
static guint
depth_of (const char *pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%s/status", pid);
  g_autofree char *text = NULL, *line = NULL;
  const char *at;
  guint depth = 0;

  if (!g_file_get_contents (path, &text, NULL, NULL) || (at = strstr (text, "\nNSpid:")) == NULL)
    return 0;
  at += strlen ("\nNSpid:");
  line = g_strndup (at, strcspn (at, "\n"));
  for (const char *p = line; *p != '\0'; p++)
    depth += *p == '\t';
  return depth;
}

/* FALSE: it has not ended. */
static gboolean
bury (idtype_t type, id_t id)
{
  siginfo_t about = { 0 };
  int result;

  do
    result = waitid (type, id, &about, WEXITED | WNOHANG);
  while (result < 0 && errno == EINTR);
  return result < 0 || about.si_pid != 0;
}

/* Each child is one thread's (proc(5): /proc/PID/task/TID/children). */
GPtrArray *
sg_bury_children (void)
{
  g_autoptr (GDir) threads = g_dir_open ("/proc/self/task", 0, NULL);
  GPtrArray *children = g_ptr_array_new_with_free_func (g_free);
  const char *thread;

  while (threads != NULL && (thread = g_dir_read_name (threads)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/task", thread, "children", NULL);
      g_autofree char *text = NULL;
      g_auto (GStrv) pids = NULL;

      if (!g_file_get_contents (path, &text, NULL, NULL))
        continue;
      pids = g_strsplit (g_strstrip (text), " ", -1);
      for (char **pid = pids; *pid != NULL; pid++)
        if (**pid != '\0')
          g_ptr_array_add (children, g_strdup (*pid));
    }
  return children;
}

gboolean
sg_bury_orphans (void)
{
  g_autoptr (GPtrArray) children = sg_bury_children ();
  guint ours = depth_of ("self");
  gboolean left = FALSE;

  for (guint i = 0; ours > 0 && i < children->len; i++)
    if (depth_of (children->pdata[i]) > ours)
      left |= !bury (P_PID, (id_t)atoi (children->pdata[i]));
  return left;
}

static gboolean
step (gpointer data)
{
  Burying *burying = data;

  if (burying->pidfd >= 0 && bury ((idtype_t)P_PIDFD, (id_t)burying->pidfd))
    sg_fd_clear (&burying->pidfd);
  return (sg_bury_orphans () || burying->pidfd >= 0) && ++burying->steps < STEPS ? G_SOURCE_CONTINUE
                                                                                 : G_SOURCE_REMOVE;
}

void
sg_bury_soon (int pidfd)
{
  Burying *burying = g_new0 (Burying, 1);

  burying->pidfd = pidfd;
  g_timeout_add_full (G_PRIORITY_LOW, STEP_MSEC, step, burying, burying_free);
}
