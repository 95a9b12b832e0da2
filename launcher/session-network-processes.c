/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gate is started once, in an empty network namespace; passt is replaced whenever it must: it
 * is told the host's families and the forwarded ports at its start only.
 *
 * passt is the one process of a session that is where the host's network is.  What it may connect
 * to is the gate's to say: passt does as the frames tell, and only those that passed reach it. */
#include "launcher/session-network-internal.h"

#include "common/fd.h"
#include "launcher/netgate/resolver.h"
#include "launcher/netgate/watch.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As large as an ordinary user may: passt drops what does not fit. */
#define STREAM_BUFFER (4 * 1024 * 1024)
#define RESOLV_CONF "/etc/resolv.conf"
/* A file that is written is not read half-way. */
#define RESOLVER_MSEC 300
/* A passt that does not stay is tried this often, later each time, until the host's network
 * changes.
 */
#define PASST_TRIES 5
/* How long one may take to end. */
#define PASST_END_MSEC 1000
#define PASST_RETRY_MSEC 200
/* How long a gate that records may take to write what it has. */
#define WRITE_MSEC 300
#define PASST_STAYS_USEC (10 * G_USEC_PER_SEC)

struct SgGateway
{
  const SgPlan *plan;
  const SgGateFuncs *funcs;
  gpointer data;
  int control;
  guint watch, resolver, retry, kill;
  SgChild *gate, *passt;
  SgConsole *gate_said, *passt_said;
  GFileMonitor *monitors[2]; /* of resolv.conf: the link, and what it leads to */
  char *help;                /* of passt */
  gboolean ready, lost;
  gboolean switched;               /* the far side is the switch between sandboxes, not passt */
  gboolean records;                /* every frame, into a file of a person's */
  gboolean again;                  /* another passt, once this one is gone */
  gboolean ipv4, ipv6;             /* the host has a way out */
  gboolean passt_ipv4, passt_ipv6; /* passt was told so */
  SgPasstForward *forwards;        /* owned */
  gsize n_forwards;
  guint tries;
  gint64 started; /* passt, when */
};

/* --- the end ------------------------------------------------------------------------------------
 */

static void
forget_passt (SgGateway *gateway)
{
  g_clear_handle_id (&gateway->retry, g_source_remove);
  g_clear_handle_id (&gateway->kill, g_source_remove);
  if (gateway->passt != NULL)
    sg_child_kill (gateway->passt);
  g_clear_pointer (&gateway->passt, sg_child_free);
}

/* Nothing may touch GATEWAY after this. */
static void
lose (SgGateway *gateway)
{
  g_autofree char *said = NULL;

  if (gateway->lost)
    return;
  gateway->lost = TRUE;
  g_clear_handle_id (&gateway->watch, g_source_remove);
  forget_passt (gateway);
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
  forget_passt (gateway);
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

/* --- starting a process -------------------------------------------------------------------------
 */

static gboolean
stream_pair (int *ours, int *theirs, GError **error)
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
static SgChild *
spawn (SgGateway *gateway, const char *name, char **argv, const int *fds, guint n_fds,
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

gboolean
sg_gateway_send (SgGateway *gateway, SgGateKind kind, GVariant *body, int fd, GError **error)
{
  if (kind == SG_GATE_PCAP)
    gateway->records = fd >= 0;
  return sg_gate_send (gateway->control, kind, body, fd, error);
}

/* --- passt --------------------------------------------------------------------------------------
 */

static void consider_passt (SgGateway *gateway);

/* Versions differ in what they know; asked once. */
static const char *
passt_help (SgGateway *gateway)
{
  const char *argv[] = { gateway->plan->passt, "--help", NULL };
  g_autofree char *out = NULL, *err = NULL;

  if (gateway->help == NULL)
    {
      if (g_spawn_sync ("/", (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, &err, NULL,
                        NULL))
        gateway->help = g_strconcat (out, err, NULL);
      else
        gateway->help = g_strdup ("");
    }
  return gateway->help;
}

static gboolean start_passt (SgGateway *gateway, GError **error);

static void
passt_ended (SgChild *child, int status, gpointer data)
{
  SgGateway *gateway = data;
  g_autoptr (GError) error = NULL;

  g_clear_handle_id (&gateway->kill, g_source_remove);
  g_clear_pointer (&gateway->passt, sg_child_free);
  if (gateway->again && !gateway->lost && !start_passt (gateway, &error))
    gateway->funcs->notice ("network", error->message, gateway->data);
  /* else the gate tells that it is gone */
}

static gboolean
kill_passt (gpointer data)
{
  SgGateway *gateway = data;

  gateway->kill = 0;
  sg_child_kill (gateway->passt);
  return G_SOURCE_REMOVE;
}

/* It ends when its stream does, and takes all that it started with it; killing is for one that does
 * not. */
static void
end_passt (SgGateway *gateway)
{
  sg_gate_send (gateway->control, SG_GATE_PASST, g_variant_new ("()"), -1, NULL);
  if (gateway->passt != NULL && gateway->kill == 0)
    gateway->kill = g_timeout_add (PASST_END_MSEC, kill_passt, gateway);
}

static gboolean
start_passt (SgGateway *gateway, GError **error)
{
  SgPasstOptions options = { .help = passt_help (gateway),
                             .ipv4 = gateway->ipv4,
                             .ipv6 = gateway->ipv6,
                             .forwards = gateway->forwards,
                             .n_forwards = gateway->n_forwards };
  sg_fd int ours = -1, theirs = -1;

  gateway->again = FALSE;
  if (!stream_pair (&ours, &theirs, error))
    return FALSE;
  gateway->passt
      = spawn (gateway, "passt", sg_plan_passt (gateway->plan, &options), &theirs, 1,
               gateway->plan->confine_passt->files, passt_ended, &gateway->passt_said, error);
  gateway->passt_ipv4 = gateway->ipv4;
  gateway->passt_ipv6 = gateway->ipv6;
  gateway->started = g_get_monotonic_time ();
  return gateway->passt != NULL
         && sg_gate_send (gateway->control, SG_GATE_PASST, g_variant_new ("()"), ours, error);
}

/* Now, or when the one that is there has gone: the ports that it listens to are free then. */
static gboolean
replace_passt (SgGateway *gateway, GError **error)
{
  if (gateway->passt == NULL)
    return start_passt (gateway, error);
  gateway->again = TRUE;
  end_passt (gateway);
  return TRUE;
}

char *
sg_gateway_passt_words (const SgGateway *gateway)
{
  if (gateway->passt_said == NULL)
    return NULL;
  sg_console_drain (gateway->passt_said);
  return sg_console_words (gateway->passt_said, 2);
}

static gboolean
try_again (gpointer data)
{
  SgGateway *gateway = data;

  gateway->retry = 0;
  consider_passt (gateway);
  return G_SOURCE_REMOVE;
}

static void
lost_passt (SgGateway *gateway)
{
  g_autofree char *words = sg_gateway_passt_words (gateway), *message = NULL;

  if (g_get_monotonic_time () - gateway->started > PASST_STAYS_USEC)
    gateway->tries = 0;
  end_passt (gateway);
  if (++gateway->tries < PASST_TRIES)
    {
      gateway->retry = g_timeout_add (PASST_RETRY_MSEC * gateway->tries, try_again, gateway);
      return;
    }
  message = g_strdup_printf ("The sandbox has lost its way to the network (passt: %s). It is tried "
                             "again when this computer's network changes",
                             words != NULL ? words : "it gives no reason");
  gateway->funcs->notice ("network", message, gateway->data);
}

/* One that knows all families that the host has a way out by, or none where it has none. */
static void
consider_passt (SgGateway *gateway)
{
  g_autoptr (GError) error = NULL;

  if ((!gateway->ipv4 && !gateway->ipv6) || gateway->retry != 0 || gateway->switched
      || (gateway->passt != NULL && gateway->kill == 0 && gateway->ipv4 <= gateway->passt_ipv4
          && gateway->ipv6 <= gateway->passt_ipv6))
    return;
  if (!replace_passt (gateway, &error))
    gateway->funcs->notice ("network", error->message, gateway->data);
}

void
sg_gateway_keep_forwards (SgGateway *gateway, const SgPasstForward *forwards, gsize n)
{
  g_free (gateway->forwards);
  gateway->forwards = g_memdup2 (forwards, n * sizeof *forwards);
  gateway->n_forwards = n;
}

gboolean
sg_gateway_forward (SgGateway *gateway, const SgPasstForward *forwards, gsize n, GError **error)
{
  sg_gateway_keep_forwards (gateway, forwards, n);
  gateway->tries = 0;
  if (gateway->ipv4 || gateway->ipv6)
    return replace_passt (gateway, error);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE,
               "This computer has no network now; try again when it has");
  return FALSE;
}

gboolean
sg_gateway_switch (SgGateway *gateway, int stream, GError **error)
{
  gboolean before = gateway->switched;

  gateway->switched = stream >= 0;
  if (stream >= 0)
    {
      gateway->again = FALSE;
      forget_passt (gateway);
      return sg_gate_send (gateway->control, SG_GATE_SWITCH, g_variant_new ("()"), stream, error);
    }
  if (!before)
    return TRUE;
  gateway->tries = 0;
  if (!sg_gate_send (gateway->control, SG_GATE_PASST, g_variant_new ("()"), -1, error))
    return FALSE;
  consider_passt (gateway);
  return TRUE;
}

/* --- name servers -------------------------------------------------------------------------------
 */

static gboolean
send_resolver (gpointer data)
{
  SgGateway *gateway = data;
  g_autoptr (GError) error = NULL;

  gateway->resolver = 0;
  if (gateway->ready && !gateway->lost && !sg_resolver_send (gateway->control, &error))
    g_debug ("%s", error->message); /* lookups fail at once, until the file changes */
  return G_SOURCE_REMOVE;
}

static void
resolver_soon (SgGateway *gateway)
{
  g_clear_handle_id (&gateway->resolver, g_source_remove);
  gateway->resolver = g_timeout_add (RESOLVER_MSEC, send_resolver, gateway);
}

static void
on_resolv_conf (GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event,
                SgGateway *gateway)
{
  resolver_soon (gateway);
}

static void
watch_resolver (SgGateway *gateway)
{
  char *real = realpath (RESOLV_CONF, NULL);
  const char *paths[] = { RESOLV_CONF, real };

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (GFile) file = paths[i] != NULL ? g_file_new_for_path (paths[i]) : NULL;

      if (file == NULL || (i > 0 && strcmp (paths[0], paths[i]) == 0))
        continue;
      gateway->monitors[i] = g_file_monitor_file (
          file, G_FILE_MONITOR_WATCH_MOVES | G_FILE_MONITOR_WATCH_HARD_LINKS, NULL, NULL);
      if (gateway->monitors[i] != NULL)
        g_signal_connect (gateway->monitors[i], "changed", G_CALLBACK (on_resolv_conf), gateway);
    }
  free (real);
}

/* --- what the gate says -------------------------------------------------------------------------
 */

static void
network_changed (SgGateway *gateway, GVariant *body)
{
  const char *vpns;

  g_variant_get (body, "(&sbb)", &vpns, &gateway->ipv4, &gateway->ipv6);
  gateway->tries = 0;
  resolver_soon (gateway);
  consider_passt (gateway);
  gateway->funcs->through (vpns, gateway->data);
}

static void
lost_something (SgGateway *gateway, const char *what)
{
  if (g_str_equal (what, "passt") && gateway->switched)
    gateway->funcs->switch_lost (gateway->data);
  else if (g_str_equal (what, "passt"))
    lost_passt (gateway);
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
      send_resolver (gateway);
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

static gboolean
on_control (int fd, GIOCondition condition, gpointer data)
{
  SgGateway *gateway = data;

  for (;;)
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
        return G_SOURCE_CONTINUE;
      obey (gateway, kind, body);
    }
}

/* --- starting -----------------------------------------------------------------------------------
 */

static gboolean
start_gate (SgGateway *gateway, const char *mac, int *ret_stream, GError **error)
{
  sg_fd int ours = -1, theirs = -1, netlink = -1;
  int control[2], fds[3];

  if (!stream_pair (&ours, &theirs, error))
    return FALSE;
  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) < 0)
    return sg_errno (error, "Cannot create a socket pair");
  gateway->control = control[0];
  netlink = sg_watch_open (error);
  fds[0] = theirs;
  fds[1] = control[1];
  fds[2] = netlink;
  if (netlink >= 0)
    gateway->gate = spawn (gateway, "The network gate", sg_plan_netgate (gateway->plan, mac), fds,
                           G_N_ELEMENTS (fds), gateway->plan->confine_netgate->files, gate_ended,
                           &gateway->gate_said, error);
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
      = g_unix_fd_add (gateway->control, G_IO_IN | G_IO_HUP | G_IO_ERR, on_control, gateway);
  watch_resolver (gateway);
  return gateway;
}
