/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/sound-serve.h"

#include "common/fd.h"
#include "common/paths.h"
#include "ui/sound.h"

#include <errno.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#define AGAIN_MSEC 200      /* between two starts */
#define NO_SOUND_MSEC 10000 /* after a computer without sound, or a refusal */

/* One direction: a socket that is watched while no process has it, a process while one has. */
typedef struct
{
  const char *verb;
  int fd;            /* -1: over */
  int process;       /* pidfd; -1: none runs */
  pid_t pid;
  gint64 not_before; /* monotonic microseconds */
} Way;

static gboolean
start (Way *way, const char *session)
{
  g_autofree char *program = sg_paths_program ("sandglass-sound", NULL);
  const char *argv[] = { program, way->verb, session, NULL };
  posix_spawn_file_actions_t actions;
  int failed;

  if (program == NULL || posix_spawn_file_actions_init (&actions) != 0)
    return FALSE;
  failed = posix_spawn_file_actions_adddup2 (&actions, way->fd, STDIN_FILENO);
  if (failed == 0)
    failed = posix_spawn (&way->pid, program, &actions, NULL, (char **)argv, environ);
  posix_spawn_file_actions_destroy (&actions);
  if (failed == 0)
    way->process = (int)syscall (SYS_pidfd_open, way->pid, 0);
  return failed == 0 && way->process >= 0;
}

static void
ended (Way *way)
{
  int status = 0;
  gint64 pause = AGAIN_MSEC;

  while (waitpid (way->pid, &status, 0) < 0 && errno == EINTR)
    ;
  sg_fd_clear (&way->process);
  if (!WIFEXITED (status) || WEXITSTATUS (status) != 0)
    pause = NO_SOUND_MSEC;
  way->not_before = g_get_monotonic_time () + pause * 1000;
}

/* What to wait for; *ret_msec: for how long at most. */
static struct pollfd
watch (const Way *way, int *ret_msec)
{
  gint64 pause = (way->not_before - g_get_monotonic_time ()) / 1000;

  if (way->process >= 0)
    return (struct pollfd){ .fd = way->process, .events = POLLIN };
  if (way->fd < 0 || pause <= 0)
    return (struct pollfd){ .fd = way->fd, .events = POLLIN };
  *ret_msec = (int)(*ret_msec < 0 ? pause + 1 : MIN (*ret_msec, pause + 1));
  return (struct pollfd){ .fd = way->fd }; /* whether it closes, no more */
}

static void
advance (Way *way, const struct pollfd *seen, const SgSoundServe *serve)
{
  const char *session;

  if (seen->revents == 0)
    return;
  if (way->process >= 0)
    ended (way);
  else if ((seen->revents & (POLLHUP | POLLERR)) != 0) /* the window is gone: with POLLIN, too */
    sg_fd_clear (&way->fd);
  else if ((session = serve->session (serve->data)) == NULL || !start (way, session))
    sg_fd_clear (&way->fd);
}

void
sg_sound_serve (const SgSoundServe *serve)
{
  Way ways[] = { { .verb = SG_SOUND_VERB_PLAY, .fd = serve->play_fd, .process = -1 },
                 { .verb = SG_SOUND_VERB_LISTEN, .fd = serve->listen_fd, .process = -1 } };

  while (ways[0].fd >= 0 || ways[1].fd >= 0)
    {
      int msec = -1;
      struct pollfd fds[] = { watch (&ways[0], &msec), watch (&ways[1], &msec) };

      if (poll (fds, G_N_ELEMENTS (fds), msec) < 0 && errno != EINTR)
        break;
      for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
        advance (&ways[i], &fds[i], serve);
    }
}
