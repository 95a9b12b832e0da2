/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A change (`SgUplinkOp`) goes through its steps, each begun when the one before has been answered.
 * The gate may die at any moment, which fails the changes under way; then another gate and another
 * card take over what was on, unless gates die one after the other. */
#include "launcher/session-network-internal.h"

#include "common/fd.h"
#include "launcher/session-network-private.h"

#include <fcntl.h>
#include <string.h>

/* Gates that die sooner than this are counted; after so many none is started again. */
#define STAYS_USEC (60 * G_USEC_PER_SEC)
#define DEATHS_MOST 3

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

/* Takes OP and ERROR (NULL: it holds).  What nobody asked for is told as news. */
static void
answer (SgUplink *uplink, SgUplinkOp *op, GError *error)
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
  answer (uplink, g_queue_pop_head (&uplink->ops), error);
  sg_uplink_advance (uplink);
}

/* The network is off, whatever was asked. */
static void
close_all (SgUplink *uplink, const GError *why)
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
    answer (uplink, op, g_error_copy (why));
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

void
sg_uplink_lose_gate (SgUplink *lost, const char *why)
{
  g_autoptr (SgUplinkHeld) uplink = sg_uplink_hold (lost);
  g_autoptr (GError) error
      = g_error_new (G_IO_ERROR, G_IO_ERROR_CLOSED,
                     "The sandbox's network is off: the gate that watches over it ended (%s)", why);
  gboolean asked = uplink->ops.length > 0 && ((SgUplinkOp *)uplink->ops.head->data)->task != NULL;
  SgGateMode mode = uplink->mode;

  uplink->deaths = g_get_monotonic_time () - uplink->opened < STAYS_USEC ? uplink->deaths + 1 : 1;
  uplink->died = !uplink->plugged || uplink->deaths > DEATHS_MOST;
  if (uplink->plugged)
    sg_qmp_call_async (uplink->machine.qmp, "set_link",
                       sg_qmp_args ("{'name': <'" SG_UPLINK_CARD "'>, 'up': <false>}"), -1, NULL,
                       NULL, NULL);
  close_all (uplink, error);
  set_mode (uplink, SG_GATE_OFF, NULL);
  if (!uplink->died && mode != SG_GATE_OFF)
    repair (uplink, mode);
  else if (uplink->died && !asked) /* else who asked says it */
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
  op->step = SG_STEP_LINK;
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

static const SgGateFuncs gate_funcs
    = { gate_ready,   gate_applied, sg_uplink_take_records, gate_blocked,
        gate_through, gate_notice,  gate_switch_lost,       gate_lost };

/* --- the switch between sandboxes ---------------------------------------------------------------
 */

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
  if (op->mode == SG_GATE_INTERNET || op->mode == SG_GATE_LAN)
    sg_proxies_ask_async (uplink->machine.cancellable, proxies_found, sg_uplink_hold (uplink));
  else
    take_proxies (uplink, sg_proxies_new ());
}

static void
join (SgUplink *uplink, SgUplinkOp *op)
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

/* --- steps --------------------------------------------------------------------------------------
 */

static const char *
private_address (const SgUplink *uplink)
{
  return uplink->private != NULL ? sg_private_address (uplink->private) : NULL;
}

/* Limits, and what belongs to the internet here. */
static void
take_policy (SgGateRules *rules, const SgPolicy *policy)
{
  gint64 connections = sg_policy_lowest (policy, SG_POLICY_NETWORK_MAX_CONNECTIONS);
  gint64 kbytes = sg_policy_lowest (policy, SG_POLICY_NETWORK_MAX_KBYTES);

  if (connections > 0)
    rules->connections_per_second = (guint32)connections;
  if (kbytes > 0)
    rules->bytes_per_second = (guint64)kbytes * 1000;
  rules->networks = sg_policy_words (policy, SG_POLICY_NETWORK_COMPANY_NETWORKS);
  rules->local_domains = sg_policy_words (policy, SG_POLICY_NETWORK_COMPANY_DOMAINS);
}

/* Behind what is in *LIST (taken over), NULL or not. */
static void
append_words (char ***list, char *const *more)
{
  g_autoptr (GStrvBuilder) all = g_strv_builder_new ();
  g_auto (GStrv) before = *list;

  if (before != NULL)
    g_strv_builder_addv (all, (const char **)before);
  if (more != NULL)
    g_strv_builder_addv (all, (const char **)more);
  *list = g_strv_builder_end (all);
}

/* What the profile adds to the administrator's: granted for these two modes. */
static void
take_company (SgGateRules *rules, const SgPlan *plan)
{
  if (rules->mode != SG_GATE_INTERNET && rules->mode != SG_GATE_LAN)
    return;
  append_words (&rules->networks, plan->company_networks);
  append_words (&rules->local_domains, plan->company_domains);
}

/* Their names lead into the local network, mostly. */
static void
take_proxy_rules (SgGateRules *rules, const SgProxies *proxies)
{
  append_words (&rules->local_domains, proxies->names);
  rules->proxies = g_strdupv (proxies->places);
}

static void
send_rules (SgUplink *uplink, SgUplinkOp *op)
{
  g_autoptr (SgGateRules) rules = sg_gate_rules_new ();
  GError *error = NULL;

  take_policy (rules, uplink->machine.policy);
  take_proxy_rules (rules, uplink->proxies);
  rules->mode = op->mode;
  take_company (rules, uplink->machine.plan);
  rules->hosts = g_strdupv (op->mode == SG_GATE_ALLOWLIST ? op->hosts : NULL);
  rules->own = g_strdup (op->mode == SG_GATE_PRIVATE ? private_address (uplink) : NULL);
  rules->n_forwards = uplink->forwards->len;
  rules->forwards = g_new0 (guint16, uplink->forwards->len + 1);
  for (guint i = 0; i < uplink->forwards->len; i++)
    rules->forwards[i] = g_array_index (uplink->forwards, SgPasstForward, i).guest_port;
  op->serial = ++uplink->serial;
  op->step = SG_STEP_APPLIED;
  op->under_way = TRUE;
  if (!sg_gateway_send (uplink->gateway, SG_GATE_RULES,
                        g_variant_new ("(u@" SG_GATE_TYPE_RULES_BODY ")", op->serial,
                                       sg_gate_rules_to_variant (rules)),
                        -1, &error))
    sg_uplink_settle (uplink, error);
}

/* What has to be set inside, to tell whether it is. */
static char *
words_of_inside (const SgUplink *uplink, SgGateMode mode)
{
  const SgProxies *proxies = uplink->proxies;

  if (mode == SG_GATE_PRIVATE)
    return g_strdup (private_address (uplink));
  return g_strdup_printf ("%s %s", proxies->http != NULL ? proxies->http : "",
                          proxies->https != NULL ? proxies->https : "");
}

static void
set_up_inside (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgUplinkHeld) uplink = data;
  SgUplinkOp *op = g_queue_peek_head (&uplink->ops);
  GError *error = NULL;
  gboolean ok = sg_network_guest_finish (SG_AGENT (source), result, &error);

  if (uplink->over || op == NULL || op->step != SG_STEP_INSIDE || sg_uplink_is_given_up (error))
    {
      g_clear_error (&error);
      return;
    }
  g_free (uplink->inside);
  uplink->inside = ok ? words_of_inside (uplink, op->mode) : NULL;
  if (error != NULL)
    g_prefix_error (&error, "The network card could not be set up inside: ");
  else
    uplink->funcs.changed (uplink->data);
  sg_uplink_settle (uplink, error);
}

static void
set_up (SgUplink *uplink, SgUplinkOp *op)
{
  const char *address = op->mode == SG_GATE_PRIVATE ? private_address (uplink) : NULL;
  g_autofree char *wanted = words_of_inside (uplink, op->mode);

  op->under_way = TRUE;
  if (g_strcmp0 (uplink->inside, wanted) == 0)
    sg_uplink_settle (uplink, NULL);
  else
    sg_network_guest_async (uplink->machine.agent, uplink->mac, address,
                            address != NULL ? sg_private_address6 (uplink->private) : NULL,
                            uplink->proxies, uplink->machine.cancellable, set_up_inside,
                            sg_uplink_hold (uplink));
}

/* A forward is the mode that is there, with one port more. */
static void
begin (SgUplink *uplink, SgUplinkOp *op)
{
  if (op->forward.host_port != 0
      && (uplink->mode == SG_GATE_OFF || uplink->mode == SG_GATE_PRIVATE))
    {
      sg_uplink_settle (uplink,
                        g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED,
                                     uplink->mode == SG_GATE_OFF
                                         ? "The sandbox's network is off; first: sandglass network "
                                           "ID on"
                                         : "The sandbox's network is one between sandboxes only, "
                                           "which this computer is not in"));
      return;
    }
  if (op->forward.host_port != 0)
    {
      op->mode = uplink->mode;
      op->hosts = g_strdupv (uplink->hosts);
      g_array_append_val (uplink->forwards, op->forward);
    }
  if (uplink->gateway == NULL && op->mode == SG_GATE_OFF)
    sg_uplink_settle (uplink, NULL); /* as it is */
  else if (uplink->gateway == NULL && uplink->plugged && !uplink->died)
    {
      op->step = SG_STEP_UNPLUG; /* the gate behind it died while the network was off */
      sg_uplink_advance (uplink);
    }
  else if (uplink->gateway == NULL)
    sg_uplink_open (uplink, &gate_funcs);
  else if (uplink->ready && uplink->plugged)
    {
      g_clear_handle_id (&uplink->deadline, g_source_remove);
      op->step = SG_STEP_JOIN;
      sg_uplink_advance (uplink);
    }
}

void
sg_uplink_advance (SgUplink *uplink)
{
  SgUplinkOp *op = g_queue_peek_head (&uplink->ops);

  if (op == NULL || op->under_way || uplink->over || uplink->machine.qmp == NULL)
    return;
  switch (op->step)
    {
    case SG_STEP_UNPLUG:
      sg_uplink_unplug (uplink, op);
      break;
    case SG_STEP_OPEN:
      begin (uplink, op);
      break;
    case SG_STEP_JOIN:
      join (uplink, op);
      break;
    case SG_STEP_RULES:
      send_rules (uplink, op);
      break;
    case SG_STEP_LINK:
      sg_uplink_switch_link (uplink, op);
      break;
    case SG_STEP_INSIDE:
      set_up (uplink, op);
      break;
    case SG_STEP_FORWARD:
      sg_uplink_begin_forward (uplink, op);
      break;
    case SG_STEP_APPLIED:
    case SG_STEP_DONE:
      sg_uplink_settle (uplink, NULL);
      break;
    }
}

void
sg_uplink_enqueue (SgUplink *uplink, SgUplinkOp *op)
{
  g_queue_push_tail (&uplink->ops, op);
  if (uplink->ops.length == 1)
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
  close_all (uplink, why);
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

void
sg_uplink_set_async (SgUplink *uplink, SgGateMode mode, const char *const *hosts,
                     GAsyncReadyCallback callback, gpointer data)
{
  SgUplinkOp *op = g_new0 (SgUplinkOp, 1);

  op->task = g_task_new (NULL, NULL, callback, data);
  op->step = SG_STEP_OPEN;
  op->mode = mode;
  op->hosts = g_strdupv ((char **)hosts);
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
  return uplink->mode == SG_GATE_PRIVATE ? private_address (uplink) : NULL;
}

const char *
sg_uplink_own_address6 (const SgUplink *uplink)
{
  return sg_uplink_own_address (uplink) != NULL ? sg_private_address6 (uplink->private) : NULL;
}
