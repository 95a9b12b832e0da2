/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/ask.h"

#include "common/fd.h"
#include "common/paths.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

char **
sg_ask_argv (const char *id, SgAsk what, guint32 parent, guint copying, const char *appearance,
             GError **error)
{
  g_autofree char *program = sg_paths_program ("sandglass-viewer", error);
  g_autoptr (GStrvBuilder) argv = g_strv_builder_new ();
  g_autofree char *question
      = g_strdup_printf ("--question=%s", what == SG_ASK_SAVE  ? "save"
                                          : what == SG_ASK_FOLDERS ? "folders"
                                          : what == SG_ASK_USB ? "usb"
                                          : what == SG_ASK_PUT ? "put"
                                                               : "close");
  g_autofree char *session = g_strdup_printf ("--session=%s", id);
  g_autofree char *window = g_strdup_printf ("--parent=%u", parent);
  g_autofree char *copies = g_strdup_printf ("--copying=%u", copying);
  g_autofree char *look = g_strdup_printf ("--appearance=%s", appearance);

  if (program == NULL)
    return NULL;
  g_strv_builder_add_many (argv, program, question, session, window, NULL);
  if (copying > 0)
    g_strv_builder_add (argv, copies);
  if (appearance != NULL)
    g_strv_builder_add (argv, look);
  return g_strv_builder_end (argv);
}

static int
wait_for (pid_t pid)
{
  int status;

  while (waitpid (pid, &status, 0) < 0)
    if (errno != EINTR)
      return -1;
  return WIFEXITED (status) ? WEXITSTATUS (status) : -1;
}

/* Until the child ended or the other end of WATCHED closed: then FALSE. */
static gboolean
outlives (int pidfd, int watched)
{
  for (;;)
    {
      struct pollfd fds[] = { { .fd = pidfd, .events = POLLIN }, { .fd = watched } };

      if (poll (fds, G_N_ELEMENTS (fds), -1) < 0 && errno != EINTR)
        return FALSE;
      if (fds[0].revents != 0)
        return TRUE;
      if (fds[1].revents != 0)
        return FALSE;
    }
}

pid_t
sg_ask_start (char **argv, const char *paths, gsize length)
{
  sg_fd int file = memfd_create ("sandglass-paths", MFD_CLOEXEC);
  posix_spawn_file_actions_t actions;
  pid_t pid = -1;

  if (file < 0 || !sg_write_all (file, paths, length, NULL)
      || posix_spawn_file_actions_init (&actions) != 0)
    return -1;
  if (posix_spawn_file_actions_adddup2 (&actions, file, 0) != 0
      || posix_spawn (&pid, argv[0], &actions, NULL, argv, environ) != 0)
    pid = -1;
  posix_spawn_file_actions_destroy (&actions);
  return pid;
}

int
sg_ask_run (char **argv, int watched)
{
  sg_fd int pidfd = -1;
  pid_t pid;

  if (posix_spawn (&pid, argv[0], NULL, NULL, argv, environ) != 0)
    return -1;
  pidfd = (int)syscall (SYS_pidfd_open, pid, 0);
  if (pidfd < 0 || !outlives (pidfd, watched))
    {
      kill (pid, SIGTERM);
      wait_for (pid);
      return -1;
    }
  return wait_for (pid);
}
