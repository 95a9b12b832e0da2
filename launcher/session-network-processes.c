/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gate is started once, in an empty network namespace; passt is replaced whenever it must: it
 * is told the host's families and the forwarded ports at its start only.
 *
 * passt is the one process of a session that is where the host's network is.  What it may connect
 * to is the gate's to say: passt does as the frames tell, and only those that passed reach it. */
#include "launcher/session-network-gateway.h"

#include "common/fd.h"
#include "launcher/netgate/watch.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* How long a gate that records may take to write what it has. */
#define WRITE_MSEC 300
/* As large as an ordinary user may: passt drops what does not fit. */
#define STREAM_BUFFER (4 * 1024 * 1024)

/* --- the end ------------------------------------------------------------------------------------
 */

/* Nothing may touch GATEWAY after this. */
static void
lose (SgGateway *gateway)
{
  g_autofree char *said = NULL;

  if (gateway->lost)
    return;
  gateway->lost = TRUE;
  g_clear_handle_id (&gateway->watch, g_source_remove);
  sg_gateway_forget_passt (gateway);
  sg_console_drain (gateway->gate_said);
  said = sg_console_words (gateway->gate_said, 3);
  gateway->funcs->lost (said != NULL ? said : "it gives no reason", gateway->data);
}

static void
gate_ended (SgChild *child, int status, gpointer data)
{
  lose (data);
}

/* A recording has all that the machine sent: without a supervisor the gate takes what is there,
 * writes it and ends.  Bounded: the session ends meanwhile. */
static void
let_it_write (SgGateway *gateway)
{
  sg_fd int pidfd = (int)syscall (SYS_pidfd_open, sg_child_pid (gateway->gate), 0);
  struct pollfd wait = { pidfd, POLLIN, 0 };

  sg_fd_clear (&gateway->control);
  if (pidfd >= 0)
    poll (&wait, 1, WRITE_MSEC);
}

void
sg_gateway_free (SgGateway *gateway)
{
  if (gateway == NULL)
    return;
  g_clear_handle_id (&gateway->watch, g_source_remove);
  g_clear_handle_id (&gateway->resolver, g_source_remove);
  sg_gateway_forget_passt (gateway);
  for (gsize i = 0; i < G_N_ELEMENTS (gateway->monitors); i++)
    if (gateway->monitors[i] != NULL)
      {
        g_signal_handlers_disconnect_by_data (gateway->monitors[i], gateway);
        g_clear_object (&gateway->monitors[i]);
      }
  if (gateway->gate != NULL && gateway->records && sg_child_pid (gateway->gate) > 0)
    let_it_write (gateway);
  if (gateway->gate != NULL)
    sg_child_kill (gateway->gate);
  g_clear_pointer (&gateway->gate, sg_child_free);
  g_clear_pointer (&gateway->gate_said, sg_console_free);
  g_clear_pointer (&gateway->passt_said, sg_console_free);
  sg_fd_clear (&gateway->control);
  g_free (gateway->help);
  g_free (gateway->forwards);
  g_free (gateway);
}

gboolean
sg_gateway_send (SgGateway *gateway, SgGateKind kind, GVariant *body, int fd, GError **error)
{
  if (kind == SG_GATE_PCAP)
    gateway->records = fd >= 0;
  return sg_gate_send (gateway->control, kind, body, fd, error);
}

/* --- what the gate says -------------------------------------------------------------------------
 */

static void
network_changed (SgGateway *gateway, GVariant *body)
{
  const char *vpns;

  g_variant_get (body, "(&sbb)", &vpns, &gateway->ipv4, &gateway->ipv6);
  gateway->tries = 0;
  sg_gateway_resolver_soon (gateway);
  sg_gateway_consider_passt (gateway);
  gateway->funcs->through (vpns, gateway->data);
}

static void
lost_something (SgGateway *gateway, const char *what)
{
  if (g_str_equal (what, "passt") && gateway->switched)
    gateway->funcs->switch_lost (gateway->data);
  else if (g_str_equal (what, "passt"))
    sg_gateway_lost_passt (gateway);
  else if (g_str_equal (what, "pcap"))
    gateway->funcs->notice ("network", "The network's recording ended: the file cannot be written",
                            gateway->data);
  else
    gateway->funcs->notice ("network",
                            "This computer's network cannot be followed any more, so nothing of "
                            "the sandbox's gets through",
                            gateway->data);
}

static void
obey (SgGateway *gateway, SgGateKind kind, GVariant *body)
{
  g_autoptr (GVariant) records = NULL;
  const char *text;
  guint32 serial;
  gboolean more;

  switch (kind)
    {
    case SG_GATE_READY:
      gateway->ready = TRUE;
      sg_gateway_send_resolver (gateway);
      gateway->funcs->ready (gateway->data);
      break;
    case SG_GATE_APPLIED:
      g_variant_get (body, "(u&s)", &serial, &text);
      gateway->funcs->applied (serial, text, gateway->data);
      break;
    case SG_GATE_RECORDS:
      g_variant_get (body, "(ub@a" SG_GATE_TYPE_RECORD ")", &serial, &more, &records);
      gateway->funcs->records (serial, more, records, gateway->data);
      break;
    case SG_GATE_BLOCKED:
      gateway->funcs->blocked (body, gateway->data);
      break;
    case SG_GATE_LOST:
      g_variant_get (body, "(&s)", &text);
      lost_something (gateway, text);
      break;
    case SG_GATE_NETWORK:
      network_changed (gateway, body);
      break;
    default:
      break;
    }
}

/* Not all at once: one that was taken over could say something for ever, and nobody else were
 * heard. */
gboolean
sg_gateway_hear (int fd, GIOCondition condition, gpointer data)
{
  SgGateway *gateway = data;

  for (guint i = 0; i < SG_GATEWAY_MESSAGES; i++)
    {
      g_autoptr (GVariant) body = NULL;
      g_autoptr (GError) error = NULL;
      sg_fd int passed = -1;
      SgGateKind kind;

      if (!sg_gate_receive (fd, &kind, &body, &passed, &error))
        {
          gateway->watch = 0;
          lose (gateway);
          return G_SOURCE_REMOVE;
        }
      if (body == NULL)
        break;
      obey (gateway, kind, body);
    }
  return G_SOURCE_CONTINUE;
}

/* --- starting a process -------------------------------------------------------------------------
 */

gboolean
sg_gateway_pair (int *ours, int *theirs, GError **error)
{
  int size = STREAM_BUFFER;

  if (!sg_socketpair (ours, theirs, error))
    return FALSE;
  for (int i = 0; i < 2; i++)
    {
      setsockopt (i == 0 ? *ours : *theirs, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
      setsockopt (i == 0 ? *ours : *theirs, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    }
  return TRUE;
}

/* Takes ARGV.  What the child says is kept in *RET_SAID. */
SgChild *
sg_gateway_spawn (SgGateway *gateway, const char *name, char **argv, const int *fds, guint n_fds,
                  guint64 files, SgChildEnded ended, SgConsole **ret_said, GError **error)
{
  g_auto (GStrv) owned = argv;
  SgSpawn settings = { .name = name,
                       .argv = (const char *const *)argv,
                       .in = -1,
                       .out = -1,
                       .fds = fds,
                       .n_fds = n_fds,
                       .files = files };
  SgChild *child;
  int said[2];

  if (pipe2 (said, O_CLOEXEC) < 0)
    {
      sg_errno (error, "Cannot create a pipe");
      return NULL;
    }
  g_clear_pointer (ret_said, sg_console_free);
  *ret_said = sg_console_new (said[0]);
  settings.err = said[1];
  child = sg_spawn (&settings, ended, gateway, error);
  close (said[1]);
  return child;
}

/* --- starting -----------------------------------------------------------------------------------
 */

static gboolean
start_gate (SgGateway *gateway, const char *mac, int *ret_stream, GError **error)
{
  sg_fd int ours = -1, theirs = -1, netlink = -1;
  int control[2], fds[3];

  if (!sg_gateway_pair (&ours, &theirs, error))
    return FALSE;
  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) < 0)
    return sg_errno (error, "Cannot create a socket pair");
  gateway->control = control[0];
  netlink = sg_watch_open (error);
  fds[0] = theirs;
  fds[1] = control[1];
  fds[2] = netlink;
  if (netlink >= 0)
    gateway->gate = sg_gateway_spawn (
        gateway, "The network gate", sg_plan_netgate (gateway->plan, mac), fds, G_N_ELEMENTS (fds),
        gateway->plan->confine_netgate->files, gate_ended, &gateway->gate_said, error);
  close (control[1]);
  *ret_stream = gateway->gate != NULL ? sg_fd_steal (&ours) : -1;
  return gateway->gate != NULL;
}

SgGateway *
sg_gateway_new (const SgPlan *plan, const char *mac, const SgGateFuncs *funcs, gpointer data,
                int *ret_stream, GError **error)
{
  SgGateway *gateway = g_new0 (SgGateway, 1);

  gateway->plan = plan;
  gateway->funcs = funcs;
  gateway->data = data;
  gateway->control = -1;
  if (!start_gate (gateway, mac, ret_stream, error))
    {
      sg_gateway_free (gateway);
      return NULL;
    }
  gateway->watch
      = g_unix_fd_add (gateway->control, G_IO_IN | G_IO_HUP | G_IO_ERR, sg_gateway_hear, gateway);
  sg_gateway_watch_resolver (gateway);
  return gateway;
}
