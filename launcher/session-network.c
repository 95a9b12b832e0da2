/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A change (`SgUplinkOp`) goes through its steps, each begun when the one before has been answered.
 * The gate may die at any moment, which fails the changes under way; then another gate and another
 * card take over what was on, unless gates die one after the other. */
#include "launcher/session-network-internal.h"

#include "common/fd.h"
#include "launcher/session-network-private.h"

#include <fcntl.h>
#include <string.h>

static void
uplink_clear (gpointer data)
{
  SgUplink *uplink = data;

  g_strfreev (uplink->hosts);
  g_free (uplink->through);
  g_free (uplink->mac);
  g_free (uplink->inside);
  sg_proxies_free (uplink->proxies);
  g_array_unref (uplink->forwards);
  sg_fd_clear (&uplink->capture);
}

SgUplinkHeld *
sg_uplink_hold (SgUplink *uplink)
{
  return g_rc_box_acquire (uplink);
}

void
sg_uplink_let_loose (SgUplinkHeld *uplink)
{
  g_rc_box_release_full (uplink, uplink_clear);
}

gboolean
sg_uplink_is_given_up (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* --- answers ------------------------------------------------------------------------------------
 */

void
sg_uplink_answer (SgUplink *uplink, SgUplinkOp *op, GError *error)
{
  if (op->task == NULL && error != NULL)
    {
      if (!sg_uplink_is_given_up (error))
        uplink->funcs.notice ("network", error->message, uplink->data);
      g_error_free (error);
    }
  else if (error != NULL)
    g_task_return_error (op->task, error);
  else if (op->task != NULL)
    g_task_return_boolean (op->task, TRUE);
  g_strfreev (op->hosts);
  g_clear_object (&op->task);
  g_free (op);
}

void
sg_uplink_settle (SgUplink *uplink, GError *error)
{
  sg_uplink_answer (uplink, g_queue_pop_head (&uplink->ops), error);
  sg_uplink_advance (uplink);
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
  uplink->proxies = sg_proxies_new ();
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
  sg_uplink_close_all (uplink, why);
  g_clear_pointer (&uplink->private, sg_private_free);
  sg_uplink_let_loose (uplink);
}

void
sg_uplink_restarts (SgUplink *uplink)
{
  g_clear_pointer (&uplink->inside, g_free);
}

void
sg_uplink_machine (SgUplink *uplink, const SgUplinkMachine *machine)
{
  uplink->machine = *machine;
  sg_uplink_advance (uplink);
}

static SgUplinkOp *
new_op (SgUplinkStep step, SgGateMode mode, GAsyncReadyCallback callback, gpointer data)
{
  SgUplinkOp *op = g_new0 (SgUplinkOp, 1);

  op->task = g_task_new (NULL, NULL, callback, data);
  op->step = step;
  op->mode = mode;
  return op;
}

void
sg_uplink_set_async (SgUplink *uplink, SgGateMode mode, const char *const *hosts,
                     GAsyncReadyCallback callback, gpointer data)
{
  SgUplinkOp *op = new_op (SG_STEP_OPEN, mode, callback, data);

  op->hosts = g_strdupv ((char **)hosts);
  sg_uplink_enqueue (uplink, op);
}

void
sg_uplink_prepare_async (SgUplink *uplink, GAsyncReadyCallback callback, gpointer data)
{
  SgUplinkOp *op = new_op (SG_STEP_OPEN, SG_GATE_OFF, callback, data);

  op->prepare = TRUE;
  sg_uplink_enqueue (uplink, op);
}

gboolean
sg_uplink_has_card (const SgUplink *uplink)
{
  return uplink->plugged;
}

void
sg_uplink_withdraw_async (SgUplink *uplink, GAsyncReadyCallback callback, gpointer data)
{
  SgUplinkOp *op = new_op (SG_STEP_UNPLUG, SG_GATE_OFF, callback, data);

  op->withdraw = TRUE;
  sg_uplink_enqueue (uplink, op);
}

gboolean
sg_uplink_set_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
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

const char *
sg_uplink_own_address (const SgUplink *uplink)
{
  return uplink->mode == SG_GATE_PRIVATE ? sg_uplink_private_address (uplink) : NULL;
}

const char *
sg_uplink_own_address6 (const SgUplink *uplink)
{
  return sg_uplink_own_address (uplink) != NULL ? sg_private_address6 (uplink->private) : NULL;
}
