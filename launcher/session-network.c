/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A change (`Op`) goes through its steps, each begun when the one before has been answered; the
 * gate may die at any moment, which fails the change under way and all that come. */
#include "launcher/session-network-internal.h"

#include "common/fd.h"
#include "launcher/qmp-steps.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define NETDEV "uplink"
#define CARD "network"
#define BUS_PORT (SG_N_SPARE - 3)
/* How long a gate may take to look at this computer's network. */
#define READY_SEC 15
/* passt listens to a forwarded port within a moment, or says why it cannot. */
#define LISTEN_MSEC 20
#define LISTEN_TRIES 150
#define FORWARDS_MOST 32

typedef enum
{
  OP_OPEN,    /* a gate, and a card */
  OP_RULES,   /* rules to send */
  OP_APPLIED, /* rules are sent */
  OP_LINK,    /* the card's cable */
  OP_INSIDE,  /* addresses */
  OP_FORWARD, /* a passt that listens */
  OP_DONE
} Step;

typedef struct
{
  GTask *task; /* owned */
  Step step;
  gboolean under_way; /* an answer is waited for */
  SgGateMode mode;
  char **hosts;           /* owned */
  SgPasstForward forward; /* host_port 0: none is wanted */
  guint tries;
  guint32 serial; /* of the rules */
} Op;

struct SgUplink
{
  SgUplinkFuncs funcs;
  gpointer data;
  SgUplinkMachine machine; /* qmp NULL: there is none yet */
  gboolean over;
  SgGateway *gateway;
  guint deadline;  /* for the gate */
  guint listening; /* for passt */
  gboolean ready, plugged, inside;
  gboolean died; /* a gate did: its card is dead, too */
  SgGateMode mode, last;
  char **hosts; /* owned: of `last` */
  char *through, *mac;
  GQueue ops; /* the first is under way */
  guint32 serial;
  GArray *forwards; /* SgPasstForward */
  GQueue lists;     /* List: asked of the gate */
  int capture;      /* -1: none, or handed over */
  guint64 capture_limit;
};

typedef struct
{
  GTask *task; /* owned */
  guint32 serial;
  GVariantBuilder records;
} List;

static void advance (SgUplink *uplink);

static void
uplink_clear (gpointer data)
{
  SgUplink *uplink = data;

  g_strfreev (uplink->hosts);
  g_free (uplink->through);
  g_free (uplink->mac);
  g_array_unref (uplink->forwards);
  sg_fd_clear (&uplink->capture);
}

typedef SgUplink Held;

static Held *
hold (SgUplink *uplink)
{
  return g_rc_box_acquire (uplink);
}

static void
let_loose (Held *uplink)
{
  g_rc_box_release_full (uplink, uplink_clear);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Held, let_loose)

/* --- answers ------------------------------------------------------------------------------------
 */

static void
op_free (Op *op)
{
  g_strfreev (op->hosts);
  g_clear_object (&op->task);
  g_free (op);
}

/* Takes ERROR (NULL: it holds) and answers the change under way; the next one begins. */
static void
settle (SgUplink *uplink, GError *error)
{
  Op *op = g_queue_pop_head (&uplink->ops);

  if (error != NULL)
    g_task_return_error (op->task, error);
  else
    g_task_return_boolean (op->task, TRUE);
  op_free (op);
  advance (uplink);
}

static void
list_settle (List *list, GError *error)
{
  if (error != NULL)
    {
      g_task_return_error (list->task, error);
      g_variant_builder_clear (&list->records);
    }
  else
    g_task_return_pointer (list->task, g_variant_ref_sink (g_variant_builder_end (&list->records)),
                           (GDestroyNotify)g_variant_unref);
  g_object_unref (list->task);
  g_free (list);
}

/* The network is off, whatever was asked. */
static void
close_all (SgUplink *uplink, const GError *why)
{
  List *list;
  Op *op;

  g_clear_handle_id (&uplink->deadline, g_source_remove);
  g_clear_handle_id (&uplink->listening, g_source_remove);
  g_clear_pointer (&uplink->gateway, sg_gateway_free);
  uplink->ready = FALSE;
  while ((list = g_queue_pop_head (&uplink->lists)) != NULL)
    list_settle (list, g_error_copy (why));
  while ((op = g_queue_pop_head (&uplink->ops)) != NULL)
    {
      g_task_return_error (op->task, g_error_copy (why));
      op_free (op);
    }
}

static void
set_mode (SgUplink *uplink, SgGateMode mode, char *const *hosts)
{
  if (mode != SG_GATE_OFF)
    {
      g_strfreev (uplink->hosts);
      uplink->hosts = hosts != NULL ? g_strdupv ((char **)hosts) : g_new0 (char *, 1);
      uplink->last = mode;
    }
  if (uplink->mode == mode)
    return;
  uplink->mode = mode;
  uplink->funcs.changed (uplink->data);
}

static void
gate_lost (const char *why, gpointer data)
{
  g_autoptr (Held) uplink = hold (data);
  g_autoptr (GError) error
      = g_error_new (G_IO_ERROR, G_IO_ERROR_CLOSED,
                     "The sandbox's network is off: the gate that watches over it ended (%s). "
                     "The sandbox goes on without; to have a network, open another one",
                     why);
  gboolean asked = uplink->ops.length > 0;

  uplink->died = TRUE;
  if (uplink->plugged)
    sg_qmp_call_async (uplink->machine.qmp, "set_link",
                       sg_qmp_args ("{'name': <'" CARD "'>, 'up': <false>}"), -1, NULL, NULL, NULL);
  close_all (uplink, error);
  set_mode (uplink, SG_GATE_OFF, NULL);
  if (!asked) /* else who asked says it */
    uplink->funcs.notice ("network", error->message, uplink->data);
}

/* --- what the gate says -------------------------------------------------------------------------
 */

static void
gate_ready (gpointer data)
{
  SgUplink *uplink = data;

  uplink->ready = TRUE;
  if (uplink->capture >= 0)
    sg_gateway_send (uplink->gateway, SG_GATE_PCAP, g_variant_new ("(t)", uplink->capture_limit),
                     uplink->capture, NULL);
  sg_fd_clear (&uplink->capture);
  advance (uplink);
}

static void
gate_applied (guint32 serial, const char *problem, gpointer data)
{
  SgUplink *uplink = data;
  Op *op = g_queue_peek_head (&uplink->ops);

  if (op == NULL || op->step != OP_APPLIED || op->serial != serial)
    return;
  if (*problem != '\0')
    {
      settle (uplink, g_error_new (G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                                   "The network is as it was: %s", problem));
      return;
    }
  op->under_way = FALSE;
  op->step = OP_LINK;
  set_mode (uplink, op->mode, op->hosts);
  advance (uplink);
}

static void
gate_records (guint32 serial, gboolean more, GVariant *records, gpointer data)
{
  SgUplink *uplink = data;
  List *list = g_queue_peek_head (&uplink->lists);
  GVariantIter iter;
  GVariant *record;

  if (list == NULL || list->serial != serial)
    return;
  g_variant_iter_init (&iter, records);
  while ((record = g_variant_iter_next_value (&iter)) != NULL)
    {
      g_variant_builder_add_value (&list->records, record);
      g_variant_unref (record);
    }
  if (more)
    return;
  g_queue_pop_head (&uplink->lists);
  list_settle (list, NULL);
  list = g_queue_peek_head (&uplink->lists);
  if (list != NULL)
    sg_gateway_send (uplink->gateway, SG_GATE_LIST, g_variant_new ("(u)", list->serial), -1, NULL);
}

static void
gate_blocked (GVariant *what, gpointer data)
{
  SgUplink *uplink = data;

  uplink->funcs.blocked (what, uplink->data);
}

static void
gate_through (const char *vpns, gpointer data)
{
  SgUplink *uplink = data;

  if (g_str_equal (vpns, uplink->through))
    return;
  g_free (uplink->through);
  uplink->through = g_strdup (vpns);
  uplink->funcs.changed (uplink->data);
}

static void
gate_notice (const char *kind, const char *message, gpointer data)
{
  SgUplink *uplink = data;

  uplink->funcs.notice (kind, message, uplink->data);
}

static const SgGateFuncs gate_funcs = { gate_ready,   gate_applied, gate_records, gate_blocked,
                                        gate_through, gate_notice,  gate_lost };

/* --- a gate, and a card -------------------------------------------------------------------------
 */

static gboolean
too_late (gpointer data)
{
  SgUplink *uplink = data;

  uplink->deadline = 0;
  gate_lost ("it does not answer", uplink);
  return G_SOURCE_REMOVE;
}

/* The machine is over; what is pending here is answered at our own end, which comes. */
static gboolean
is_given_up (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
plugged (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Held) uplink = data;
  g_autoptr (GError) error = NULL;
  gboolean ok = sg_qmp_steps_run_finish (SG_QMP (source), result, &error);

  if (uplink->over || is_given_up (error))
    return;
  if (ok)
    {
      uplink->plugged = TRUE;
      advance (uplink);
    }
  else
    gate_lost (error->message, uplink);
}

/* A stream is connected by a thread of QEMU's, which does not know the monitor's names for
 * descriptors (getfd; QEMU 7.2 and later), so it is told the number that "add-fd" answers.
 *
 * The card is there with its cable in; the gate is off until it is told otherwise. */
static void
descriptor_added (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Held) uplink = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = sg_qmp_call_finish (SG_QMP (source), result, &error);
  g_autofree char *bus = g_strdup_printf (SG_BUS_SPARE, BUS_PORT), *number = NULL;
  gint64 fd = answer != NULL && JSON_NODE_HOLDS_OBJECT (answer)
                  ? sg_qmp_int (json_node_get_object (answer), "fd", -1)
                  : -1;
  SgQmpSteps *steps;

  if (uplink->over || uplink->gateway == NULL || is_given_up (error))
    return;
  if (fd < 0)
    {
      gate_lost (error != NULL ? error->message : "the machine does not take it", uplink);
      return;
    }
  number = g_strdup_printf ("%" G_GINT64_FORMAT, fd);
  steps = sg_qmp_steps_new ();
  sg_qmp_steps_call (steps, "netdev_add",
                     sg_qmp_args ("{'type': <'stream'>, 'id': <'" NETDEV "'>, "
                                  "'addr': <{'type': <'fd'>, 'str': <%s>}>}",
                                  number));
  sg_qmp_steps_await (steps, "NETDEV_STREAM_CONNECTED", "netdev-id", NETDEV, NULL);
  sg_qmp_steps_call (steps, "device_add",
                     sg_qmp_args ("{'driver': <'virtio-net-pci'>, 'id': <'" CARD "'>, "
                                  "'netdev': <'" NETDEV "'>, 'mac': <%s>, 'romfile': <''>, "
                                  "'bus': <%s>}",
                                  uplink->mac, bus));
  sg_qmp_steps_run_async (steps, uplink->machine.qmp, NULL, NULL, uplink->machine.cancellable,
                          plugged, hold (uplink));
}

static gboolean
draw_mac (SgUplink *uplink, GError **error)
{
  guint8 r[3];

  if (getrandom (r, sizeof r, 0) != sizeof r)
    return sg_errno (error, "Cannot draw an address for the network card");
  g_free (uplink->mac);
  uplink->mac = g_strdup_printf ("52:54:00:%02x:%02x:%02x", r[0], r[1], r[2]);
  return TRUE;
}

static void
open_gate (SgUplink *uplink)
{
  const SgPlan *plan = uplink->machine.plan;
  GError *error = NULL;
  sg_fd int stream = -1;

  if (uplink->died)
    g_set_error (&error, G_IO_ERROR, G_IO_ERROR_CLOSED,
                 "The gate that watches over this sandbox's network has ended; to have a network, "
                 "open another one");
  else if (plan->netgate == NULL)
    g_set_error (&error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                 "The sandbox has no network: passt, which connects it, is not installed; "
                 "`sandglass doctor` names the command that installs it");
  else if (draw_mac (uplink, &error))
    uplink->gateway = sg_gateway_new (plan, uplink->mac, &gate_funcs, uplink, &stream, &error);
  if (uplink->gateway == NULL)
    {
      settle (uplink, error);
      return;
    }
  uplink->deadline = g_timeout_add_seconds (READY_SEC, too_late, uplink);
  sg_qmp_call_async (uplink->machine.qmp, "add-fd", NULL, stream, uplink->machine.cancellable,
                     descriptor_added, hold (uplink));
}

/* --- steps --------------------------------------------------------------------------------------
 */

static void
send_rules (SgUplink *uplink, Op *op)
{
  g_autoptr (SgGateRules) rules = sg_gate_rules_new ();
  GError *error = NULL;

  rules->mode = op->mode;
  rules->hosts = g_strdupv (op->mode == SG_GATE_ALLOWLIST ? op->hosts : NULL);
  rules->n_forwards = uplink->forwards->len;
  rules->forwards = g_new0 (guint16, uplink->forwards->len + 1);
  for (guint i = 0; i < uplink->forwards->len; i++)
    rules->forwards[i] = g_array_index (uplink->forwards, SgPasstForward, i).guest_port;
  op->serial = ++uplink->serial;
  op->step = OP_APPLIED;
  op->under_way = TRUE;
  if (!sg_gateway_send (uplink->gateway, SG_GATE_RULES,
                        g_variant_new ("(u@" SG_GATE_TYPE_RULES_BODY ")", op->serial,
                                       sg_gate_rules_to_variant (rules)),
                        -1, &error))
    settle (uplink, error);
}

static void
linked (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Held) uplink = data;
  Op *op = g_queue_peek_head (&uplink->ops);
  GError *error = NULL;
  g_autoptr (JsonNode) answer = sg_qmp_call_finish (SG_QMP (source), result, &error);

  if (uplink->over || op == NULL || op->step != OP_LINK || is_given_up (error))
    g_clear_error (&error);
  else if (answer == NULL)
    settle (uplink, error);
  else
    {
      op->under_way = FALSE;
      op->step = op->forward.host_port != 0 ? OP_FORWARD
                 : op->mode == SG_GATE_OFF  ? OP_DONE
                                            : OP_INSIDE;
      advance (uplink);
    }
}

static void
switch_link (SgUplink *uplink, Op *op)
{
  op->under_way = TRUE;
  sg_qmp_call_async (uplink->machine.qmp, "set_link",
                     sg_qmp_args ("{'name': <'" CARD "'>, 'up': <%b>}", op->mode != SG_GATE_OFF),
                     -1, uplink->machine.cancellable, linked, hold (uplink));
}

static void
set_up_inside (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Held) uplink = data;
  Op *op = g_queue_peek_head (&uplink->ops);
  GError *error = NULL;

  uplink->inside = sg_network_guest_finish (SG_AGENT (source), result, &error);
  if (uplink->over || op == NULL || op->step != OP_INSIDE || is_given_up (error))
    {
      g_clear_error (&error);
      return;
    }
  if (error != NULL)
    g_prefix_error (&error, "The network card could not be set up inside: ");
  settle (uplink, error);
}

static gboolean
port_is_free (guint16 port, GError **error)
{
  sg_fd int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (port) };
  int on = 1;

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  if (fd >= 0 && setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0
      && bind (fd, (struct sockaddr *)&address, sizeof address) == 0 && listen (fd, 1) == 0)
    return TRUE;
  if (errno == EADDRINUSE)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE,
                 "Port %u of this computer is in use; choose another one", port);
  else if (errno == EACCES)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                 "Port %u of this computer is for the administrator's programs only; choose one "
                 "from 1024 on",
                 port);
  else
    sg_errno (error, "Port %u of this computer", port);
  return FALSE;
}

/* passt listens when nobody else can any more. */
static gboolean
look_at_port (gpointer data)
{
  SgUplink *uplink = data;
  Op *op = g_queue_peek_head (&uplink->ops);
  g_autofree char *words = NULL;

  if (!port_is_free (op->forward.host_port, NULL))
    {
      uplink->listening = 0;
      settle (uplink, NULL);
      return G_SOURCE_REMOVE;
    }
  if (++op->tries < LISTEN_TRIES)
    return G_SOURCE_CONTINUE;
  uplink->listening = 0;
  words = sg_gateway_passt_words (uplink->gateway);
  g_array_set_size (uplink->forwards, uplink->forwards->len - 1);
  settle (uplink, g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "passt does not listen: %s",
                               words != NULL ? words : "it gives no reason"));
  return G_SOURCE_REMOVE;
}

static void
forward (SgUplink *uplink, Op *op)
{
  GError *error = NULL;

  op->under_way = TRUE;
  if (sg_gateway_forward (uplink->gateway, (const SgPasstForward *)uplink->forwards->data,
                          uplink->forwards->len, &error))
    uplink->listening = g_timeout_add (LISTEN_MSEC, look_at_port, uplink);
  else
    settle (uplink, error);
}

/* A forward is the mode that is there, with one port more. */
static void
begin (SgUplink *uplink, Op *op)
{
  if (op->forward.host_port != 0 && uplink->mode == SG_GATE_OFF)
    {
      settle (uplink, g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED,
                                   "The sandbox's network is off; first: sandglass network ID on"));
      return;
    }
  if (op->forward.host_port != 0)
    {
      op->mode = uplink->mode;
      op->hosts = g_strdupv (uplink->hosts);
      g_array_append_val (uplink->forwards, op->forward);
    }
  if (uplink->gateway == NULL && op->mode == SG_GATE_OFF)
    settle (uplink, NULL); /* as it is */
  else if (uplink->gateway == NULL)
    open_gate (uplink);
  else if (uplink->ready && uplink->plugged)
    {
      g_clear_handle_id (&uplink->deadline, g_source_remove);
      op->step = OP_RULES;
      advance (uplink);
    }
}

static void
advance (SgUplink *uplink)
{
  Op *op = g_queue_peek_head (&uplink->ops);

  if (op == NULL || op->under_way || uplink->over || uplink->machine.qmp == NULL)
    return;
  switch (op->step)
    {
    case OP_OPEN:
      begin (uplink, op);
      break;
    case OP_RULES:
      send_rules (uplink, op);
      break;
    case OP_LINK:
      switch_link (uplink, op);
      break;
    case OP_INSIDE:
      op->under_way = TRUE;
      if (uplink->inside)
        settle (uplink, NULL);
      else
        sg_network_guest_async (uplink->machine.agent, uplink->mac, uplink->machine.cancellable,
                                set_up_inside, hold (uplink));
      break;
    case OP_FORWARD:
      forward (uplink, op);
      break;
    case OP_APPLIED:
    case OP_DONE:
      settle (uplink, NULL);
      break;
    }
}

/* --- what is asked ------------------------------------------------------------------------------
 */

SgUplink *
sg_uplink_new (const SgUplinkFuncs *funcs, gpointer data)
{
  SgUplink *uplink = g_rc_box_new0 (SgUplink);

  uplink->funcs = *funcs;
  uplink->data = data;
  uplink->through = g_strdup ("");
  uplink->last = SG_GATE_INTERNET;
  uplink->hosts = g_new0 (char *, 1);
  uplink->forwards = g_array_new (FALSE, TRUE, sizeof (SgPasstForward));
  uplink->capture = -1;
  return uplink;
}

void
sg_uplink_free (SgUplink *uplink)
{
  g_autoptr (GError) why = NULL;

  if (uplink == NULL)
    return;
  why = g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED, "The sandbox is gone");
  uplink->over = TRUE;
  close_all (uplink, why);
  let_loose (uplink);
}

void
sg_uplink_machine (SgUplink *uplink, const SgUplinkMachine *machine)
{
  uplink->machine = *machine;
  advance (uplink);
}

/* Takes OP. */
static void
enqueue (SgUplink *uplink, Op *op)
{
  g_queue_push_tail (&uplink->ops, op);
  if (uplink->ops.length == 1)
    advance (uplink);
}

void
sg_uplink_set_async (SgUplink *uplink, SgGateMode mode, const char *const *hosts,
                     GAsyncReadyCallback callback, gpointer data)
{
  Op *op = g_new0 (Op, 1);

  op->task = g_task_new (NULL, NULL, callback, data);
  op->mode = mode;
  op->hosts = g_strdupv ((char **)hosts);
  enqueue (uplink, op);
}

gboolean
sg_uplink_set_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
sg_uplink_forward_async (SgUplink *uplink, guint16 host_port, guint16 guest_port,
                         GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, data);
  GError *error = NULL;
  Op *op;

  if (uplink->forwards->len >= FORWARDS_MOST)
    g_set_error (&error, G_IO_ERROR, G_IO_ERROR_FAILED,
                 "The sandbox has %d forwarded ports already", FORWARDS_MOST);
  if (error != NULL || !port_is_free (host_port, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  op = g_new0 (Op, 1);
  op->task = g_steal_pointer (&task);
  op->forward = (SgPasstForward){ host_port, guest_port };
  enqueue (uplink, op);
}

gboolean
sg_uplink_forward_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
sg_uplink_records_async (SgUplink *uplink, GAsyncReadyCallback callback, gpointer data)
{
  List *list = g_new0 (List, 1);
  GError *error = NULL;

  list->task = g_task_new (NULL, NULL, callback, data);
  g_variant_builder_init (&list->records, G_VARIANT_TYPE ("a" SG_GATE_TYPE_RECORD));
  if (!uplink->ready)
    {
      list_settle (list, NULL);
      return;
    }
  list->serial = ++uplink->serial;
  g_queue_push_tail (&uplink->lists, list);
  if (uplink->lists.length == 1
      && !sg_gateway_send (uplink->gateway, SG_GATE_LIST, g_variant_new ("(u)", list->serial), -1,
                           &error))
    list_settle (g_queue_pop_tail (&uplink->lists), error);
}

GVariant *
sg_uplink_records_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
sg_uplink_capture (SgUplink *uplink, int fd, guint64 limit, GError **error)
{
  if (uplink->ready)
    return sg_gateway_send (uplink->gateway, SG_GATE_PCAP, g_variant_new ("(t)", limit), fd, error);
  sg_fd_clear (&uplink->capture);
  uplink->capture = fcntl (fd, F_DUPFD_CLOEXEC, 3);
  uplink->capture_limit = limit;
  return uplink->capture >= 0 ? TRUE : sg_errno (error, "The network cannot be recorded");
}

SgGateMode
sg_uplink_mode (const SgUplink *uplink)
{
  return uplink->mode;
}

SgGateMode
sg_uplink_last (const SgUplink *uplink)
{
  return uplink->last;
}

const char *const *
sg_uplink_last_hosts (const SgUplink *uplink)
{
  return (const char *const *)uplink->hosts;
}

const char *
sg_uplink_through (const SgUplink *uplink)
{
  return uplink->through;
}

GVariant *
sg_uplink_forwards (const SgUplink *uplink)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(qq)"));
  for (guint i = 0; i < uplink->forwards->len; i++)
    {
      const SgPasstForward *one = &g_array_index (uplink->forwards, SgPasstForward, i);
      g_variant_builder_add (&builder, "(qq)", one->host_port, one->guest_port);
    }
  return g_variant_builder_end (&builder);
}
