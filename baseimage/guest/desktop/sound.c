/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sound.h"

#include "child.h"

#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAMS_MAX 3
#define FD_INSIDE 3 /* of systemd's protocol: the first */

/* LISTEN_PID is the process's own. */
#define WITH_SOCKET "sh", "-c", "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$@\"", "sh"

typedef struct
{
  const char *name;
  const char *socket; /* below the runtime folder; NULL: it has none */
  const char *argv[8];
} Program;

/* Each with all that it takes; the first of which all is there. */
static const Program servers[][PROGRAMS_MAX] = {
  { { "pipewire", "pipewire-0", { WITH_SOCKET, "pipewire" } },
    { "wireplumber", NULL, { "wireplumber" } },
    { "pipewire-pulse", "pulse/native", { WITH_SOCKET, "pipewire-pulse" } } },
  { { "pulseaudio", "pulse/native",
      { WITH_SOCKET, "pulseaudio", "--daemonize=no", "--exit-idle-time=-1" } } },
};

struct SgSound
{
  const Program *programs;
  const SgUser *user;
  const char *const *env;
  int sockets[PROGRAMS_MAX]; /* -1: none */
  guint sources[PROGRAMS_MAX];
  SgChild *children[PROGRAMS_MAX];
};

static const Program *
find_server (void)
{
  for (gsize s = 0; s < G_N_ELEMENTS (servers); s++)
    {
      gsize n = 0;

      for (; n < PROGRAMS_MAX && servers[s][n].name != NULL; n++)
        {
          g_autofree char *path = g_find_program_in_path (servers[s][n].name);
          if (path == NULL)
            break;
        }
      if (n == PROGRAMS_MAX || servers[s][n].name == NULL)
        return servers[s];
    }
  return NULL;
}

/* In a process of the user's, so that root follows no link of theirs. */
static gboolean
bind_as (const SgUser *user, int fd, const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  g_autofree char *folder = g_path_get_dirname (path);
  int status = -1;
  pid_t pid;

  if (strlen (path) >= sizeof address.sun_path)
    return FALSE;
  strcpy (address.sun_path, path);
  pid = fork ();
  if (pid == 0)
    {
      umask (0077);
      if (user != NULL
          && (setresgid (user->gid, user->gid, user->gid) != 0
              || setresuid (user->uid, user->uid, user->uid) != 0))
        _exit (1);
      mkdir (folder, 0700);
      unlink (path);
      _exit (bind (fd, (struct sockaddr *)&address, sizeof address) == 0 ? 0 : 1);
    }
  return pid > 0 && waitpid (pid, &status, 0) == pid && status == 0 && listen (fd, 16) == 0;
}

static int
make_socket (const SgUser *user, const char *runtime, const char *name)
{
  g_autofree char *path = g_build_filename (runtime, name, NULL);
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (fd >= 0 && bind_as (user, fd, path))
    return fd;
  if (fd >= 0)
    close (fd);
  return -1;
}

static gboolean
on_connection (int fd, GIOCondition condition, gpointer data)
{
  SgSound *sound = data;

  for (int i = 0; i < PROGRAMS_MAX; i++)
    {
      const Program *program = &sound->programs[i];

      if (sound->sources[i] != 0 && sound->sockets[i] != fd)
        g_source_remove (sound->sources[i]);
      sound->sources[i] = 0;
      if (program->name != NULL)
        sound->children[i] = sg_child_start (&(SgChildSpec){ .name = program->name,
                                                             .argv = program->argv,
                                                             .env = sound->env,
                                                             .user = sound->user,
                                                             .fd = sound->sockets[i],
                                                             .fd_inside = FD_INSIDE });
    }
  return G_SOURCE_REMOVE;
}

SgSound *
sg_sound_watch (const SgUser *user, const char *runtime, const char *const *env)
{
  const Program *programs = find_server ();
  SgSound *sound;

  if (programs == NULL)
    return NULL;
  sound = g_new0 (SgSound, 1);
  *sound = (SgSound){ .programs = programs, .user = user, .env = env };
  memset (sound->sockets, -1, sizeof sound->sockets);
  for (int i = 0; i < PROGRAMS_MAX; i++)
    {
      if (programs[i].socket == NULL)
        continue;
      sound->sockets[i] = make_socket (user, runtime, programs[i].socket);
      if (sound->sockets[i] < 0)
        {
          sg_sound_free (sound);
          return NULL;
        }
    }
  for (int i = 0; i < PROGRAMS_MAX; i++)
    if (sound->sockets[i] >= 0)
      sound->sources[i] = g_unix_fd_add (sound->sockets[i], G_IO_IN, on_connection, sound);
  return sound;
}

void
sg_sound_free (SgSound *sound)
{
  if (sound == NULL)
    return;
  for (int i = 0; i < PROGRAMS_MAX; i++)
    {
      if (sound->sources[i] != 0)
        g_source_remove (sound->sources[i]);
      sg_child_stop (sound->children[i]);
      if (sound->sockets[i] >= 0)
        close (sound->sockets[i]);
    }
  g_free (sound);
}
