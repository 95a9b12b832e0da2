/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the gate's far side leads: into the switch between sandboxes in mode private; else to
 * passt, with the desktop's proxies looked for first. */
#include "launcher/session-network-internal.h"
#include "launcher/session-network-private.h"

/* Also when another sandbox has taken the switch over while ours runs: then the address is the same
 * one, if nobody else has it by now. */
static void
joined (int stream, const char *address, gpointer data)
{
  SgUplink *uplink = data;
  SgUplinkOp *op = g_queue_peek_head (&uplink->ops);
  GError *error = NULL;

  if (uplink->gateway == NULL || !sg_gateway_switch (uplink->gateway, stream, &error))
    {
      if (op != NULL && op->step == SG_STEP_JOIN)
        sg_uplink_settle (uplink, error);
      else
        g_clear_error (&error);
      return;
    }
  if (op != NULL && op->step == SG_STEP_JOIN)
    {
      op->under_way = FALSE;
      op->step = SG_STEP_RULES;
      sg_uplink_advance (uplink);
    }
  else if (uplink->mode == SG_GATE_PRIVATE && g_strcmp0 (uplink->inside, address) != 0)
    {
      op = g_new0 (SgUplinkOp, 1);
      op->step = SG_STEP_OPEN;
      op->mode = SG_GATE_PRIVATE;
      sg_uplink_enqueue (uplink, op);
    }
}

static void
not_joined (const char *why, gpointer data)
{
  SgUplink *uplink = data;
  SgUplinkOp *op = g_queue_peek_head (&uplink->ops);
  GError *error = g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED,
                               "The network between sandboxes cannot be reached (%s)", why);

  if (op != NULL && op->step == SG_STEP_JOIN)
    sg_uplink_settle (uplink, error);
  else
    {
      uplink->funcs.notice ("network", error->message, uplink->data);
      g_error_free (error);
    }
}

static void
take_proxies (SgUplink *uplink, SgProxies *proxies)
{
  SgUplinkOp *op = g_queue_peek_head (&uplink->ops);

  sg_proxies_free (uplink->proxies);
  uplink->proxies = proxies;
  if (uplink->over || op == NULL || op->step != SG_STEP_JOIN)
    return;
  op->under_way = FALSE;
  op->step = SG_STEP_RULES;
  sg_uplink_advance (uplink);
}

static void
proxies_found (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgUplinkHeld) uplink = data;

  take_proxies (uplink, sg_proxies_ask_finish (result));
}

/* A proxy goes where it likes, so beside a list of hosts there is none. */
static void
find_proxies (SgUplink *uplink, const SgUplinkOp *op)
{
  if (op->mode == SG_GATE_INTERNET || op->mode == SG_GATE_LAN || op->prepare)
    sg_proxies_ask_async (uplink->machine.cancellable, proxies_found, sg_uplink_hold (uplink));
  else
    take_proxies (uplink, sg_proxies_new ());
}

void
sg_uplink_join (SgUplink *uplink, SgUplinkOp *op)
{
  static const SgPrivateFuncs funcs = { joined, not_joined };

  op->under_way = TRUE;
  if (op->mode != SG_GATE_PRIVATE)
    {
      sg_gateway_switch (uplink->gateway, -1, NULL);
      find_proxies (uplink, op);
      return;
    }
  if (uplink->private == NULL)
    uplink->private
        = sg_private_new (uplink->machine.plan, uplink->machine.home, uplink->mac, &funcs, uplink);
  sg_private_join (uplink->private);
}

const char *
sg_uplink_private_address (const SgUplink *uplink)
{
  return uplink->private != NULL ? sg_private_address (uplink->private) : NULL;
}
