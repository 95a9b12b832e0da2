/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One more that waits: whether there may be one now, and starting it. */
#include "launcher/standby.h"

#include "common/fd.h"
#include "common/memory.h"
#include "common/paths.h"

#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MEMORY_LEAST (2ull << 30)

static gboolean
has_line (const char *path, const char *line)
{
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) && g_str_equal (g_strchomp (text), line);
}

/* A battery that gives power is one that a person wants to last. */
static gboolean
is_on_battery (const char *root)
{
  g_autofree char *supplies = g_build_filename (root, "sys/class/power_supply", NULL);
  g_autoptr (GDir) dir = g_dir_open (supplies, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *type = g_build_filename (supplies, name, "type", NULL);
      g_autofree char *status = g_build_filename (supplies, name, "status", NULL);
      g_autofree char *scope = g_build_filename (supplies, name, "scope", NULL);

      if (has_line (type, "Battery") && has_line (status, "Discharging")
          && !has_line (scope, "Device")) /* a mouse's */
        return TRUE;
    }
  return FALSE;
}

const char *
sg_standby_why_not_at (const char *root)
{
  guint64 available = sg_memory_available_at (root);

  if (is_on_battery (root))
    return "this computer runs on battery";
  if (available != 0 && available < MEMORY_LEAST)
    return "less than 2 GB of memory are free";
  return NULL;
}

const char *
sg_standby_why_not (void)
{
  return sg_standby_why_not_at ("/");
}

/* Twice forked, so that it is nobody's child: neither reaped nor killed with who started it. */
gboolean
sg_standby_start (guint seconds, const char *profile, GError **error)
{
  g_autofree char *program = sg_paths_program ("sandglass-session", error);
  g_autofree char *standby = g_strdup_printf ("--standby=%u", seconds);
  const char *argv[] = { program, standby, profile != NULL ? "--profile" : NULL, profile, NULL };
  sg_fd int null = open ("/dev/null", O_RDWR | O_CLOEXEC);
  int status = 0;
  pid_t pid;

  if (program == NULL)
    return FALSE;
  pid = fork ();
  if (pid == 0)
    {
      setsid ();
      if (fork () != 0)
        _exit (0);
      dup2 (null, STDIN_FILENO);
      dup2 (null, STDOUT_FILENO);
      dup2 (null, STDERR_FILENO);
      execv (program, (char **)argv);
      _exit (127);
    }
  if (pid < 0 || waitpid (pid, &status, 0) != pid)
    return sg_errno (error, "A waiting sandbox could not be started");
  return TRUE;
}
