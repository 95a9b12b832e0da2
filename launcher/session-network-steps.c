/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps of a change: rules for the gate, addresses inside, and which comes next. */
#include "launcher/session-network-internal.h"
#include "launcher/session-network-private.h"

#include <string.h>

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
  rules->own = g_strdup (op->mode == SG_GATE_PRIVATE ? sg_uplink_private_address (uplink) : NULL);
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
    return g_strdup (sg_uplink_private_address (uplink));
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
  const char *address = op->mode == SG_GATE_PRIVATE ? sg_uplink_private_address (uplink) : NULL;
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
  if (uplink->gateway == NULL && op->mode == SG_GATE_OFF && !op->prepare)
    sg_uplink_settle (uplink, NULL); /* as it is */
  else if (uplink->gateway == NULL && uplink->plugged && !uplink->died)
    {
      op->step = SG_STEP_UNPLUG; /* the gate behind it died while the network was off */
      sg_uplink_advance (uplink);
    }
  else if (uplink->gateway == NULL)
    sg_uplink_open (uplink, &sg_uplink_gate_funcs);
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
      sg_uplink_join (uplink, op);
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
