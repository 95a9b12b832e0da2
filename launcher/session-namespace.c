/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/session-namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

/* No GLib in here, see the header. */
static gboolean
write_file (const char *path, const char *text)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC);
  ssize_t n, length = (ssize_t)strlen (text);
  int code;

  if (fd < 0)
    return FALSE;
  n = write (fd, text, (size_t)length);
  code = errno;
  close (fd);
  errno = code;
  return n == length;
}

static gboolean
map_itself (const char *path, unsigned id)
{
  char line[64];

  snprintf (line, sizeof line, "%u %u 1\n", id, id);
  return write_file (path, line);
}

gboolean
sg_namespace_enter (void)
{
  unsigned uid = geteuid (), gid = getegid ();

  if (unshare (CLONE_NEWUSER | CLONE_NEWNS) < 0)
    return FALSE;
  return write_file ("/proc/self/setgroups", "deny\n") && map_itself ("/proc/self/uid_map", uid)
         && map_itself ("/proc/self/gid_map", gid)
         /* What is mounted and ejected outside happens here too; never the other way. */
         && mount (NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) == 0;
}

char *
sg_namespace_words (int number)
{
  return g_strdup_printf (
      "This computer does not let ordinary programs build walls of their own (user namespaces: "
      "%s), and without them no sandbox is started; `sandglass doctor` names the command that "
      "allows it",
      g_strerror (number));
}
