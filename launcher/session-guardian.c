/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/session-guardian.h"

#include "common/fd.h"
#include "common/paths.h"
#include "common/report.h"
#include "launcher/spawn.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* One that dies at once each time is given up: the next start clears what is left. */
#define MOST_STARTS 20

struct SgGuardian
{
  SgHome *home;
  char *program;
  SgChild *child;
  guint starts;
};

static void ended (SgChild *child, int status, gpointer data);

static gboolean
start (SgGuardian *guardian, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (sg_home_path (guardian->home));
  g_autofree char *above = g_path_get_dirname (parent);
  g_autofree char *name = g_path_get_basename (parent);
  g_autofree char *shares = g_build_filename (sg_home_path (guardian->home), "shares", NULL);
  const char *argv[] = { guardian->program, sg_home_id (guardian->home), name, NULL };
  sg_fd int self = (int)syscall (SYS_pidfd_open, getpid (), 0);
  sg_fd int above_fd = sg_open_at (AT_FDCWD, above, O_PATH | O_DIRECTORY, 0, error);
  int fds[] = { self, sg_home_parent_fd (guardian->home), above_fd };
  SgSpawn spawn = { .name = "The guardian",
                    .argv = argv,
                    .in = -1,
                    .out = -1,
                    .err = -1,
                    .fds = fds,
                    .n_fds = G_N_ELEMENTS (fds),
                    .files = 64,
                    .outlive = TRUE,
                    .without_mount = shares };

  if (above_fd < 0)
    return FALSE;
  if (self < 0)
    return sg_errno (error, "Cannot watch over the session");
  guardian->starts++;
  guardian->child = sg_spawn (&spawn, ended, guardian, error);
  return guardian->child != NULL;
}

static void
ended (SgChild *child, int status, gpointer data)
{
  SgGuardian *guardian = data;
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&guardian->child, sg_child_free);
  if (guardian->starts < MOST_STARTS && !start (guardian, &error))
    sg_report (error);
}

SgGuardian *
sg_guardian_new (SgHome *home, const char *program, GError **error)
{
  g_autoptr (SgGuardian) guardian = g_new0 (SgGuardian, 1);

  guardian->home = home;
  guardian->program
      = program != NULL ? g_strdup (program) : sg_paths_program ("sandglass-guardian", error);
  if (guardian->program == NULL || !start (guardian, error))
    return NULL;
  return g_steal_pointer (&guardian);
}

pid_t
sg_guardian_process (const SgGuardian *guardian)
{
  return guardian->child != NULL ? sg_child_pid (guardian->child) : 0;
}

void
sg_guardian_free (SgGuardian *guardian)
{
  if (guardian == NULL)
    return;
  sg_child_kill (guardian->child);
  sg_child_free (guardian->child);
  g_free (guardian->program);
  g_free (guardian);
}
