/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A number can be another process's by the time it is looked at, so each is held by a pidfd.  One
 * whose parent dies becomes our child (sg_reap_prepare()), or was buried by the one above it. */
#include "launcher/session-leavings.h"

#include "common/fd.h"

#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEPTH 8

typedef struct
{
  pid_t pid;
  int pidfd;
} Leaving;

struct SgLeavings
{
  GArray *all; /* Leaving */
};

static void
leaving_clear (gpointer data)
{
  sg_fd_clear (&((Leaving *)data)->pidfd);
}

static void
add_below (SgLeavings *leavings, pid_t pid, pid_t spared, guint depth)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/task/%d/children", (int)pid, (int)pid);
  g_autofree char *text = NULL;
  g_auto (GStrv) words = NULL;

  if (depth == 0 || !g_file_get_contents (path, &text, NULL, NULL))
    return;
  words = g_strsplit (g_strstrip (text), " ", -1);
  for (char **word = words; *word != NULL; word++)
    {
      Leaving one = { (pid_t)g_ascii_strtoll (*word, NULL, 10), -1 };

      if (one.pid <= 0 || one.pid == spared)
        continue;
      one.pidfd = (int)syscall (SYS_pidfd_open, one.pid, 0);
      if (one.pidfd < 0)
        continue; /* gone already */
      g_array_append_val (leavings->all, one);
      add_below (leavings, one.pid, spared, depth - 1);
    }
}

SgLeavings *
sg_leavings_new (pid_t spared)
{
  SgLeavings *leavings = g_new0 (SgLeavings, 1);

  leavings->all = g_array_new (FALSE, FALSE, sizeof (Leaving));
  g_array_set_clear_func (leavings->all, leaving_clear);
  add_below (leavings, getpid (), spared, DEPTH);
  return leavings;
}

/* A pidfd is readable once its process has ended, also before it is buried. */
static gboolean
has_ended (const Leaving *one)
{
  struct pollfd ended = { .fd = one->pidfd, .events = POLLIN };

  return poll (&ended, 1, 0) > 0;
}

gboolean
sg_leavings_are_gone (SgLeavings *leavings)
{
  for (guint i = leavings->all->len; i-- > 0;)
    {
      Leaving *one = &g_array_index (leavings->all, Leaving, i);

      if (!has_ended (one))
        continue;
      waitpid (one->pid, NULL, WNOHANG); /* where it is ours to bury */
      g_array_remove_index_fast (leavings->all, i);
    }
  return leavings->all->len == 0;
}

void
sg_leavings_free (SgLeavings *leavings)
{
  if (leavings == NULL)
    return;
  g_array_unref (leavings->all);
  g_free (leavings);
}
