/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sandbox's network card, over the machine's monitor: plugged in with the gate behind it, its
 * cable, and out again when the gate died. */
#include "launcher/session-network-internal.h"

#include "common/fd.h"
#include "launcher/qmp-steps.h"

#include <sys/random.h>

#define NETDEV "uplink"
#define CARD SG_UPLINK_CARD
#define BUS_PORT (SG_N_SPARE - 3)
/* How long a gate may take to look at this computer's network. */
#define READY_SEC 15
/* How long a guest may take to let its card go. */
#define UNPLUG_SEC 30
#define WITHDRAW_SEC 5 /* somebody waits, and would have another machine */

static gboolean
too_late (gpointer data)
{
  SgUplink *uplink = data;

  uplink->deadline = 0;
  sg_uplink_lose_gate (uplink, "it does not answer");
  return G_SOURCE_REMOVE;
}

static void
plugged (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgUplinkHeld) uplink = data;
  g_autoptr (GError) error = NULL;
  gboolean ok = sg_qmp_steps_run_finish (SG_QMP (source), result, &error);

  if (uplink->over || sg_uplink_is_given_up (error))
    return;
  if (ok)
    {
      uplink->plugged = TRUE;
      sg_uplink_advance (uplink);
    }
  else
    sg_uplink_lose_gate (uplink, error->message);
}

/* A stream is connected by a thread of QEMU's, which does not know the monitor's names for
 * descriptors (getfd; QEMU 7.2 and later), so it is told the number that "add-fd" answers.
 *
 * The card is there with its cable in; the gate is off until it is told otherwise. */
static void
descriptor_added (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgUplinkHeld) uplink = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = sg_qmp_call_finish (SG_QMP (source), result, &error);
  g_autofree char *bus = g_strdup_printf (SG_BUS_SPARE, BUS_PORT), *number = NULL;
  gint64 fd = answer != NULL && JSON_NODE_HOLDS_OBJECT (answer)
                  ? sg_qmp_int (json_node_get_object (answer), "fd", -1)
                  : -1;
  SgQmpSteps *steps;

  if (uplink->over || uplink->gateway == NULL || sg_uplink_is_given_up (error))
    return;
  if (fd < 0)
    {
      sg_uplink_lose_gate (uplink, error != NULL ? error->message : "the machine does not take it");
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
                          plugged, sg_uplink_hold (uplink));
}

static gboolean
draw_mac (SgUplink *uplink, GError **error)
{
  guint8 r[3];

  if (getrandom (r, sizeof r, 0) != sizeof r)
    return sg_errno (error, "Cannot draw an address for the network card");
  uplink->mac = g_strdup_printf ("52:54:00:%02x:%02x:%02x", r[0], r[1], r[2]);
  return TRUE;
}

void
sg_uplink_open (SgUplink *uplink, const SgGateFuncs *funcs)
{
  const SgPlan *plan = uplink->machine.plan;
  GError *error = NULL;
  sg_fd int stream = -1;

  if (uplink->died)
    g_set_error (
        &error, G_IO_ERROR, G_IO_ERROR_CLOSED,
        "The gates that watch over this sandbox's network ended one after the other; to have "
        "a network, open another sandbox");
  else if (plan->netgate == NULL)
    g_set_error (&error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                 "The sandbox has no network: passt, which connects it, is not installed; "
                 "`sandglass doctor` names the command that installs it");
  else if (uplink->mac != NULL || draw_mac (uplink, &error))
    uplink->gateway = sg_gateway_new (plan, uplink->mac, funcs, uplink, &stream, &error);
  if (uplink->gateway == NULL)
    {
      sg_uplink_settle (uplink, error);
      return;
    }
  sg_gateway_keep_forwards (uplink->gateway, (const SgPasstForward *)uplink->forwards->data,
                            uplink->forwards->len);
  uplink->opened = g_get_monotonic_time ();
  uplink->deadline = g_timeout_add_seconds (READY_SEC, too_late, uplink);
  sg_qmp_call_async (uplink->machine.qmp, "add-fd", NULL, stream, uplink->machine.cancellable,
                     descriptor_added, sg_uplink_hold (uplink));
}

static void
linked (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgUplinkHeld) uplink = data;
  SgUplinkOp *op = g_queue_peek_head (&uplink->ops);
  GError *error = NULL;
  g_autoptr (JsonNode) answer = sg_qmp_call_finish (SG_QMP (source), result, &error);

  if (uplink->over || op == NULL || op->step != SG_STEP_LINK || sg_uplink_is_given_up (error))
    g_clear_error (&error);
  else if (answer == NULL)
    sg_uplink_settle (uplink, error);
  else
    {
      op->under_way = FALSE;
      op->step = op->forward.host_port != 0 ? SG_STEP_FORWARD
                 : op->mode == SG_GATE_OFF  ? SG_STEP_DONE
                                            : SG_STEP_INSIDE;
      sg_uplink_advance (uplink);
    }
}

void
sg_uplink_switch_link (SgUplink *uplink, SgUplinkOp *op)
{
  op->under_way = TRUE;
  sg_qmp_call_async (uplink->machine.qmp, "set_link",
                     sg_qmp_args ("{'name': <'" CARD "'>, 'up': <%b>}", op->mode != SG_GATE_OFF),
                     -1, uplink->machine.cancellable, linked, sg_uplink_hold (uplink));
}

static void
unplugged (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgUplinkHeld) uplink = data;
  SgUplinkOp *op = g_queue_peek_head (&uplink->ops);
  g_autoptr (GError) error = NULL;
  gboolean ok = sg_qmp_steps_run_finish (SG_QMP (source), result, &error);

  if (uplink->over || op == NULL || op->step != SG_STEP_UNPLUG || sg_uplink_is_given_up (error))
    return;
  g_clear_handle_id (&uplink->deadline, g_source_remove);
  if (!ok)
    {
      uplink->died = TRUE;
      sg_uplink_settle (uplink, g_steal_pointer (&error));
      return;
    }
  uplink->plugged = FALSE;
  g_clear_pointer (&uplink->inside, g_free);
  if (op->withdraw)
    {
      g_clear_pointer (&uplink->gateway, sg_gateway_free);
      uplink->ready = FALSE;
    }
  op->under_way = FALSE;
  op->step = SG_STEP_OPEN;
  sg_uplink_advance (uplink);
}

static gboolean
stays (gpointer data)
{
  SgUplink *uplink = data;

  uplink->deadline = 0;
  uplink->died = TRUE;
  sg_uplink_settle (uplink, g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                                         "The sandbox's network stays off: it does not let go of "
                                         "its old network card"));
  return G_SOURCE_REMOVE;
}

/* A stream that was closed cannot be given to a card that is there (and half a frame may be in it),
 * so the card goes with it, and the guest has to agree. */
void
sg_uplink_unplug (SgUplink *uplink, SgUplinkOp *op)
{
  SgQmpSteps *steps = sg_qmp_steps_new ();

  op->under_way = TRUE;
  g_clear_handle_id (&uplink->deadline, g_source_remove);
  uplink->deadline
      = g_timeout_add_seconds (op->withdraw ? WITHDRAW_SEC : UNPLUG_SEC, stays, uplink);
  sg_qmp_steps_call (steps, "device_del", sg_qmp_args ("{'id': <'" CARD "'>}"));
  sg_qmp_steps_await (steps, "DEVICE_DELETED", "device", CARD, NULL);
  sg_qmp_steps_call (steps, "netdev_del", sg_qmp_args ("{'id': <'" NETDEV "'>}"));
  sg_qmp_steps_run_async (steps, uplink->machine.qmp, NULL, NULL, uplink->machine.cancellable,
                          unplugged, sg_uplink_hold (uplink));
}
