/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

/* Commands' output is not read while more than this waits for the host. */
#define OUT_HIGH (1024 * 1024)
/* How often an unconnected port is looked at. */
#define UNCONNECTED_PATIENCE 250

#define N_FIXED 3

/* The port's device by its name in /sys: without udev, so that the agent can be the first to run.
 */
static int
open_port (void)
{
  DIR *dir = opendir ("/sys/class/virtio-ports");
  struct dirent *entry;
  int fd = -1;

  while (fd < 0 && dir != NULL && (entry = readdir (dir)) != NULL)
    {
      g_autofree char *file
          = g_build_filename ("/sys/class/virtio-ports", entry->d_name, "name", NULL);
      g_autofree char *device = g_build_filename ("/dev", entry->d_name, NULL);
      g_autofree char *name = NULL;

      if (entry->d_name[0] != '.' && g_file_get_contents (file, &name, NULL, NULL)
          && g_str_equal (g_strstrip (name), SG_AGENT_PORT))
        fd = open (device, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    }
  if (dir != NULL)
    closedir (dir);
  return fd;
}

static int
watch_children (void)
{
  sigset_t set;

  signal (SIGPIPE, SIG_IGN);
  sigemptyset (&set);
  sigaddset (&set, SIGCHLD);
  sigprocmask (SIG_BLOCK, &set, NULL);
  return signalfd (-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static Agent *
agent_new (int fd, gboolean inside)
{
  Agent *agent = g_new0 (Agent, 1);

  agent->inside = inside;
  agent->commands = g_ptr_array_new_with_free_func ((GDestroyNotify)command_free);
  agent->waiting = g_array_new (FALSE, FALSE, sizeof (guint32));
  agent->signal_fd = watch_children ();
  agent->desktop = desktop_new (inside);
  agent->cgroup = inside ? cgroup_prepare () : NULL;
  cgroup_kill_all (agent->cgroup);
  agent->wire = wire_new (fd);
  return agent;
}

static void
agent_free (Agent *agent)
{
  wire_free (agent->wire);
  desktop_free (agent->desktop);
  agent_close (&agent->signal_fd);
  g_ptr_array_unref (agent->commands);
  g_array_unref (agent->waiting);
  g_free (agent->cgroup);
  g_free (agent);
}

/* Also what settings started, and nobody waits for. */
static void
reap (Agent *agent)
{
  struct signalfd_siginfo info;

  while (read (agent->signal_fd, &info, sizeof info) > 0)
    ;
  for (guint i = 0; i < agent->commands->len; i++)
    command_reap (g_ptr_array_index (agent->commands, i));
}

static void
finish_commands (Agent *agent)
{
  for (guint i = agent->commands->len; i-- > 0;)
    if (command_finished (agent, g_ptr_array_index (agent->commands, i)))
      g_ptr_array_remove_index (agent->commands, i);
}

static int
patience (Agent *agent, gboolean connected)
{
  int least = connected ? -1 : UNCONNECTED_PATIENCE;

  for (guint i = 0; i < agent->commands->len; i++)
    {
      int one = command_patience (g_ptr_array_index (agent->commands, i));
      if (one >= 0 && (least < 0 || one < least))
        least = one;
    }
  return least;
}

/* Takes what the host has sent; FALSE when the connection is over or broken. */
static gboolean
receive (Agent *agent, gboolean *ret_connected)
{
  Frame frame;
  int got;

  if (!wire_receive (agent->wire))
    {
      /* A port without a host reads as ended, and may get one again; a socket may not. */
      *ret_connected = FALSE;
      return agent->inside;
    }
  *ret_connected = TRUE;
  while ((got = wire_next (agent->wire, &frame)) > 0)
    if (!agent_take (agent, &frame))
      return FALSE;
  return got == 0;
}

static gboolean
turn (Agent *agent, gboolean *connected)
{
  struct pollfd fds[N_FIXED + N_STREAM_FDS * SG_MAX_CHANNELS];
  guint n = agent->commands->len;
  gboolean room = wire_waiting (agent->wire) < OUT_HIGH;

  fds[0] = (struct pollfd){ *connected ? wire_fd (agent->wire) : -1, POLLIN, 0 };
  if (wire_waiting (agent->wire) > 0)
    fds[0].events |= POLLOUT;
  fds[1] = (struct pollfd){ agent->signal_fd, POLLIN, 0 };
  fds[2] = (struct pollfd){ desktop_fd (agent->desktop), POLLIN, 0 };
  for (guint i = 0; i < n; i++)
    command_poll (g_ptr_array_index (agent->commands, i), room, fds + N_FIXED + N_STREAM_FDS * i);
  poll (fds, N_FIXED + N_STREAM_FDS * n, patience (agent, *connected));

  for (guint i = 0; i < n; i++)
    command_pump (agent, g_ptr_array_index (agent->commands, i), fds + N_FIXED + N_STREAM_FDS * i);
  if (fds[1].revents != 0)
    reap (agent);
  finish_commands (agent);
  if (fds[2].revents != 0)
    {
      desktop_look (agent->desktop);
      agent_desktop_changed (agent);
    }
  if ((!*connected || fds[0].revents != 0) && !receive (agent, connected))
    return FALSE;
  return !*connected || wire_flush (agent->wire);
}

/* A clone's first answer should not wait for pages: what runs now stays in memory. */
static void
stay_in_memory (void)
{
  if (mlockall (MCL_CURRENT) < 0)
    g_debug ("Memory is not locked: %s", g_strerror (errno));
}

/* Tells systemd that the desktop's directory is there and commands can come (sd_notify(3)). */
static void
tell_systemd (void)
{
  const char *path = g_getenv ("NOTIFY_SOCKET");
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = path != NULL ? socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;

  if (fd < 0 || strlen (path) >= sizeof address.sun_path)
    return;
  memcpy (address.sun_path, path, strlen (path));
  if (address.sun_path[0] == '@')
    address.sun_path[0] = '\0';
  if (sendto (fd, "READY=1", 7, MSG_NOSIGNAL, (struct sockaddr *)&address,
              (socklen_t)(offsetof (struct sockaddr_un, sun_path) + strlen (path)))
      < 0)
    g_warning ("systemd is not told: %s", g_strerror (errno));
  close (fd);
}

static int
run (int fd, gboolean inside)
{
  Agent *agent = agent_new (fd, inside);
  gboolean connected = TRUE;

  if (inside)
    {
      stay_in_memory ();
      tell_systemd ();
    }
  while (turn (agent, &connected))
    if (agent->ending && wire_waiting (agent->wire) == 0)
      agent_power_off ();
  commands_drop (agent);
  agent_free (agent);
  return 1;
}

int
main (int argc, char **argv)
{
  int fd = -1;

  if (argc == 3 && strcmp (argv[1], "--fd") == 0)
    return run (atoi (argv[2]), FALSE); /* for tests: the machine is left alone */
  if (argc != 1)
    {
      fprintf (stderr, "Usage: sandglass-agent [--fd N]\n");
      return 2;
    }
  fd = open_port ();
  if (fd < 0)
    {
      fprintf (stderr, "sandglass-agent: the port %s is not there\n", SG_AGENT_PORT);
      return 1;
    }
  return run (fd, TRUE);
}
