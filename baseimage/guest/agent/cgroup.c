/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The agent's unit has Delegate=yes, so the group below /sys/fs/cgroup is the agent's.  A group
 * with members may have no groups with controllers in it, so the agent itself moves to "agent"
 * first.  Each command gets "cNUMBER"; whatever its children do (sessions, double forks), they
 * stay in there, and one write to cgroup.kill ends them all. */
#include "agent.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define MOUNT "/sys/fs/cgroup"

static gboolean
write_text (const char *path, const char *text)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC);
  gboolean written = fd >= 0 && write (fd, text, strlen (text)) == (gssize)strlen (text);

  if (fd >= 0)
    close (fd);
  return written;
}

static gboolean
enter (const char *group)
{
  char path[512];

  if (mkdir (group, 0755) < 0 && errno != EEXIST)
    return FALSE;
  snprintf (path, sizeof path, "%s/cgroup.procs", group);
  return write_text (path, "0");
}

char *
cgroup_prepare (void)
{
  g_autofree char *text = NULL;
  g_autofree char *base = NULL;
  g_autofree char *own = NULL;
  char *at, *end;

  if (!g_file_get_contents ("/proc/self/cgroup", &text, NULL, NULL))
    return NULL;
  at = g_str_has_prefix (text, "0::/") ? text : strstr (text, "\n0::/");
  if (at == NULL)
    return NULL; /* no unified hierarchy */
  at = strchr (at, '/');
  end = strchr (at, '\n');
  if (end != NULL)
    *end = '\0';
  /* Started again: the process is in "agent" no more, but its commands' groups may be there. */
  base = g_strconcat (MOUNT, at, NULL);
  own = g_build_filename (base, "agent", NULL);
  return enter (own) ? g_steal_pointer (&base) : NULL;
}

/* Async-signal-safe as far as it matters: the agent has one thread. */
void
cgroup_enter (const char *cgroup, guint32 channel)
{
  char group[480];

  snprintf (group, sizeof group, "%s/c%u", cgroup, channel);
  enter (group);
}

void
cgroup_leave (const char *cgroup, guint32 channel)
{
  char group[480];

  if (cgroup == NULL)
    return;
  snprintf (group, sizeof group, "%s/c%u", cgroup, channel);
  rmdir (group);
}

void
cgroup_kill_all (const char *cgroup)
{
  DIR *dir = cgroup != NULL ? opendir (cgroup) : NULL;
  struct dirent *entry;

  while (dir != NULL && (entry = readdir (dir)) != NULL)
    if (entry->d_name[0] == 'c' && g_ascii_isdigit (entry->d_name[1]))
      {
        g_autofree char *group = g_build_filename (cgroup, entry->d_name, NULL);
        g_autofree char *kill_file = g_build_filename (group, "cgroup.kill", NULL);

        write_text (kill_file, "1");
        rmdir (group); /* fails while they are dying: the next time then */
      }
  if (dir != NULL)
    closedir (dir);
}
