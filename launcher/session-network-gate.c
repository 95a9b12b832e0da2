/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the gate says, and what becomes of the network when it dies: another gate and another card
 * take over what was on, unless gates die one after the other. */
#include "launcher/session-network-internal.h"

#include "common/fd.h"
#include "launcher/session-network-private.h"

/* Gates that die sooner than this are counted; after so many none is started again. */
#define STAYS_USEC (60 * G_USEC_PER_SEC)
#define DEATHS_MOST 3

/* --- a gate is gone -----------------------------------------------------------------------------
 */

/* The network is off, whatever was asked. */
void
sg_uplink_close_all (SgUplink *uplink, const GError *why)
{
  SgUplinkOp *op;

  g_clear_handle_id (&uplink->deadline, g_source_remove);
  g_clear_handle_id (&uplink->listening, g_source_remove);
  if (uplink->private != NULL)
    sg_private_leave (uplink->private); /* the switch may be ours, and others be in it */
  g_clear_pointer (&uplink->gateway, sg_gateway_free);
  uplink->ready = FALSE;
  sg_uplink_fail_lists (uplink, why);
  while ((op = g_queue_pop_head (&uplink->ops)) != NULL)
    sg_uplink_answer (uplink, op, g_error_copy (why));
}

static void
set_mode (SgUplink *uplink, SgGateMode mode, char *const *hosts)
{
  if (mode != SG_GATE_OFF)
    {
      g_auto (GStrv) before = uplink->hosts;

      uplink->hosts = hosts != NULL ? g_strdupv ((char **)hosts) : g_new0 (char *, 1);
      uplink->last = mode;
    }
  if (uplink->mode == mode)
    return;
  uplink->mode = mode;
  uplink->funcs.changed (uplink->data);
}

/* What was on before comes back with another gate and another card. */
static void
repair (SgUplink *uplink, SgGateMode mode)
{
  SgUplinkOp *op = g_new0 (SgUplinkOp, 1);

  op->step = SG_STEP_UNPLUG;
  op->mode = mode;
  op->hosts = g_strdupv (uplink->hosts);
  uplink->funcs.notice ("network",
                        "The gate that watches over the sandbox's network has ended; another one "
                        "is started, and the network comes back in a moment. Connections that "
                        "were open are over.",
                        uplink->data);
  sg_uplink_enqueue (uplink, op);
}

/* A gate whose card went has nothing to watch over, and may end before we end it. */
static gboolean
is_to_go (SgUplink *uplink)
{
  const SgUplinkOp *op = g_queue_peek_head (&uplink->ops);

  if (op == NULL || !op->withdraw)
    return FALSE;
  g_clear_pointer (&uplink->gateway, sg_gateway_free);
  uplink->ready = FALSE;
  return TRUE;
}

void
sg_uplink_lose_gate (SgUplink *lost, const char *why)
{
  g_autoptr (SgUplinkHeld) uplink = sg_uplink_hold (lost);
  g_autoptr (GError) error
      = g_error_new (G_IO_ERROR, G_IO_ERROR_CLOSED,
                     "The sandbox's network is off: the gate that watches over it ended (%s)", why);
  gboolean asked = uplink->ops.length > 0 && ((SgUplinkOp *)uplink->ops.head->data)->task != NULL;
  SgGateMode mode = uplink->mode;

  if (is_to_go (uplink))
    return;
  uplink->deaths = g_get_monotonic_time () - uplink->opened < STAYS_USEC ? uplink->deaths + 1 : 1;
  uplink->died = !uplink->plugged || uplink->deaths > DEATHS_MOST;
  if (uplink->plugged)
    sg_qmp_call_async (uplink->machine.qmp, "set_link",
                       sg_qmp_args ("{'name': <'" SG_UPLINK_CARD "'>, 'up': <false>}"), -1, NULL,
                       NULL, NULL);
  sg_uplink_close_all (uplink, error);
  set_mode (uplink, SG_GATE_OFF, NULL);
  if (!uplink->died && mode != SG_GATE_OFF)
    repair (uplink, mode);
  else if (uplink->died && !asked) /* else who asked says it */
    uplink->funcs.notice ("network", error->message, uplink->data);
}

/* --- what it says -------------------------------------------------------------------------------
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
  sg_uplink_advance (uplink);
}

static void
gate_applied (guint32 serial, const char *problem, gpointer data)
{
  SgUplink *uplink = data;
  SgUplinkOp *op = g_queue_peek_head (&uplink->ops);

  if (op == NULL || op->step != SG_STEP_APPLIED || op->serial != serial)
    return;
  if (*problem != '\0')
    {
      sg_uplink_settle (uplink, g_error_new (G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                                             "The network is as it was: %s", problem));
      return;
    }
  op->under_way = FALSE;
  /* With `prepare` the cable stays in, behind a shut gate. */
  op->step = op->prepare ? SG_STEP_INSIDE : SG_STEP_LINK;
  set_mode (uplink, op->mode, op->hosts);
  sg_uplink_advance (uplink);
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

static void
gate_switch_lost (gpointer data)
{
  SgUplink *uplink = data;

  if (uplink->private != NULL && uplink->mode == SG_GATE_PRIVATE)
    sg_private_join (uplink->private);
}

static void
gate_lost (const char *why, gpointer data)
{
  sg_uplink_lose_gate (data, why);
}

const SgGateFuncs sg_uplink_gate_funcs
    = { gate_ready,   gate_applied, sg_uplink_take_records, gate_blocked,
        gate_through, gate_notice,  gate_switch_lost,       gate_lost };
