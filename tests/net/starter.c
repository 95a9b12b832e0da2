/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/net/starter.h"

#include "common/fd.h"
#include "launcher/netgate/passt-args.h"
#include "launcher/netgate/resolver.h"
#include "launcher/netgate/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define BUFFER (1024 * 1024)
#define WAIT_MS 10000

static void
die (const char *what)
{
  fprintf (stderr, "%s: %s\n", what, strerror (errno));
  exit (1);
}

static void
pair (int type, int fds[2])
{
  if (socketpair (AF_UNIX, type | SOCK_CLOEXEC, 0, fds) < 0)
    die ("socketpair");
}

/* Runs ARGV with FDS kept open, ended with us; in an empty network namespace where not NETWORKED.
 */
static GPid
spawn (char **argv, const int *fds, int n_fds, gboolean networked)
{
  GPid pid = fork ();

  if (pid < 0)
    die ("fork");
  if (pid > 0)
    return pid;
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (!networked && unshare (CLONE_NEWNET) < 0)
    die ("unshare");
  for (int i = 0; i < n_fds; i++)
    fcntl (fds[i], F_SETFD, 0);
  execvp (argv[0], argv);
  die (argv[0]);
  return 0;
}

/* As large as an ordinary user may: passt drops what does not fit. */
static void
large_buffers (int fd)
{
  int size = 4 * 1024 * 1024;

  setsockopt (fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

void
net_pair (int fds[2])
{
  pair (SOCK_STREAM, fds);
  large_buffers (fds[0]);
  large_buffers (fds[1]);
}

/* A passt on the other end of the descriptor that is returned. */
static int
start_passt (Net *net)
{
  SgPasstOptions options = { .program = "passt", .help = NULL, .ipv4 = TRUE, .ipv6 = TRUE };
  g_auto (GStrv) args = NULL;
  int fds[2];

  net_pair (fds);
  options.fd = fds[1];
  args = sg_passt_args (&options);
  net->passt = spawn (args, &fds[1], 1, TRUE);
  close (fds[1]);
  return fds[0];
}

static GVariant *
await (Net *net, SgGateKind wanted)
{
  gint64 deadline = g_get_monotonic_time () + WAIT_MS * 1000;

  while (g_get_monotonic_time () < deadline)
    {
      struct pollfd fd = { .fd = net->control, .events = POLLIN };
      g_autoptr (GError) error = NULL;
      GVariant *body;
      SgGateKind kind;
      int passed;

      poll (&fd, 1, 100);
      if (!sg_gate_receive (net->control, &kind, &body, &passed, &error))
        {
          fprintf (stderr, "%s\n", error->message);
          exit (1);
        }
      if (body != NULL && kind == wanted)
        return body;
      g_clear_pointer (&body, g_variant_unref);
    }
  fprintf (stderr, "the gate does not answer\n");
  exit (1);
}

void
net_set_rules (Net *net, const SgGateRules *rules)
{
  g_autoptr (GVariant) applied = NULL;
  const char *problem;

  if (!sg_gate_send (net->control, SG_GATE_RULES,
                     g_variant_new ("(u@" SG_GATE_TYPE_RULES_BODY ")", ++net->serial,
                                    sg_gate_rules_to_variant (rules)),
                     -1, NULL))
    die ("send");
  applied = await (net, SG_GATE_APPLIED);
  g_variant_get (applied, "(u&s)", NULL, &problem);
  if (*problem != '\0')
    {
      fprintf (stderr, "rules: %s\n", problem);
      exit (1);
    }
}

static void
give_passt (Net *net)
{
  int fd = start_passt (net);

  if (!sg_gate_send (net->control, SG_GATE_PASST, g_variant_new ("()"), fd, NULL))
    die ("send");
  close (fd);
}

static void
start_gate (Net *net, const char *netgate, const SgGateRules *rules)
{
  int stream[2], control[2], netlink = sg_watch_open (NULL), keep[3];
  g_autoptr (GVariant) ready = NULL;
  char guest_fd[16], control_fd[16], netlink_fd[16];
  char *argv[] = { (char *)netgate, "--guest-fd", guest_fd, "--control-fd", control_fd,
                   "--netlink-fd",  netlink_fd,   "--mac",  KIT_GUEST_MAC,  NULL };

  if (netlink < 0)
    die ("netlink");
  net_pair (stream);
  pair (SOCK_SEQPACKET, control);
  snprintf (guest_fd, sizeof guest_fd, "%d", stream[1]);
  snprintf (control_fd, sizeof control_fd, "%d", control[1]);
  snprintf (netlink_fd, sizeof netlink_fd, "%d", netlink);
  keep[0] = stream[1];
  keep[1] = control[1];
  keep[2] = netlink;
  net->gate = spawn (argv, keep, 3, FALSE);
  for (int i = 0; i < 3; i++)
    close (keep[i]);
  net->stream = stream[0];
  net->control = control[0];
  ready = await (net, SG_GATE_READY);
  if (!sg_resolver_send (net->control, NULL))
    die ("name servers");
  net_set_rules (net, rules);
  give_passt (net);
}

Net *
net_start (const char *netgate, SgGateRules *rules)
{
  Net *net = g_new0 (Net, 1);

  signal (SIGPIPE, SIG_IGN);
  net->control = -1;
  net->buffer = g_malloc (BUFFER);
  if (netgate != NULL)
    start_gate (net, netgate, rules);
  else
    net->stream = start_passt (net);
  g_usleep (300000); /* passt confines itself first */
  return net;
}

static void
end_process (GPid *pid)
{
  if (*pid > 0)
    {
      kill (*pid, SIGKILL);
      waitpid (*pid, NULL, 0);
    }
  *pid = 0;
}

void
net_restart_passt (Net *net, const char *netgate)
{
  g_autoptr (GVariant) lost = NULL;

  end_process (&net->passt);
  lost = await (net, SG_GATE_LOST);
  give_passt (net);
  g_usleep (300000);
}

void
net_stop (Net *net)
{
  close (net->stream);
  if (net->control >= 0)
    close (net->control);
  end_process (&net->gate);
  end_process (&net->passt);
  g_free (net->buffer);
  g_free (net);
}

void
net_send (Net *net, const KitFrame *frame)
{
  g_autofree guint8 *message = g_malloc (4 + frame->len);

  sg_put32 (message, (guint32)frame->len);
  memcpy (message + 4, frame->bytes, frame->len);
  if (!sg_write_all (net->stream, message, 4 + frame->len, NULL))
    die ("the stream");
}

gboolean
net_receive (Net *net, KitFrame *frame, int timeout_ms)
{
  gint64 deadline = g_get_monotonic_time () + timeout_ms * 1000LL;

  for (;;)
    {
      gsize left = net->have - net->at, len = left >= 4 ? sg_get32 (net->buffer + net->at) : 0;
      struct pollfd fd = { .fd = net->stream, .events = POLLIN };
      gint64 wait = (deadline - g_get_monotonic_time ()) / 1000;
      gssize n;

      if (left >= 4 && left >= 4 + len)
        {
          memcpy (frame->bytes, net->buffer + net->at + 4, len);
          frame->len = len;
          net->at += 4 + len;
          return TRUE;
        }
      memmove (net->buffer, net->buffer + net->at, left);
      net->have = left;
      net->at = 0;
      if (wait < 0 || poll (&fd, 1, (int)wait) <= 0)
        return FALSE;
      n = recv (net->stream, net->buffer + net->have, BUFFER - net->have, MSG_DONTWAIT);
      if (n <= 0)
        return FALSE;
      net->have += (gsize)n;
    }
}

GVariant *
net_records (Net *net)
{
  if (!sg_gate_send (net->control, SG_GATE_LIST, g_variant_new ("(u)", ++net->serial), -1, NULL))
    die ("send");
  return await (net, SG_GATE_RECORDS);
}
