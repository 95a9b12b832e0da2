/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The network as a step of the start: made ready while the machine waits, then as it is granted. */
#include "launcher/session-network-calls.h"

#include "launcher/session-again.h"

typedef struct
{
  SgSession *session;
  void (*then) (SgSession *session);
} Start;

static void
opened (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Start *start = data;
  g_autoptr (GError) error = NULL;
  gboolean ok = sg_uplink_set_finish (result, &error);
  SgSession *session = start->session;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the session may be gone */
  if (session->state != SG_STATE_BOOTING)
    return;
  if (!ok)
    sg_session1_emit_notice (session->object, "network", error->message);
  start->then (session);
}

SgGateMode
sg_network_calls_mode (SgNetwork network)
{
  switch (network)
    {
    case SG_NETWORK_ALLOWLIST:
      return SG_GATE_ALLOWLIST;
    case SG_NETWORK_INTERNET:
      return SG_GATE_INTERNET;
    case SG_NETWORK_LAN:
      return SG_GATE_LAN;
    case SG_NETWORK_PRIVATE:
      return SG_GATE_PRIVATE;
    case SG_NETWORK_NONE:
      break;
    }
  return SG_GATE_OFF;
}

/* A card that was plugged in ahead, and is not granted, goes before anybody's program runs. */
static void
withdrawn (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Start *start = data;
  g_autoptr (GError) error = NULL;
  gboolean ok = sg_uplink_set_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      || start->session->state != SG_STATE_BOOTING)
    return;
  if (ok)
    start->then (start->session);
  else
    sg_session_boot_instead (start->session, error->message);
}

static Start *
new_start (SgSession *session, void (*then) (SgSession *session))
{
  Start *start = g_new (Start, 1);

  *start = (Start){ session, then };
  return start;
}

static void
open_network (SgSession *session, SgGateMode mode, const char *const *hosts,
              void (*then) (SgSession *session))
{
  if (mode == SG_GATE_OFF && sg_uplink_has_card (session->uplink) && !session->worth)
    sg_uplink_withdraw_async (session->uplink, withdrawn, new_start (session, then));
  else if (mode == SG_GATE_OFF)
    then (session);
  else
    {
      sg_session1_set_stage (session->object, "Connecting the network");
      sg_uplink_set_async (session->uplink, mode, hosts, opened, new_start (session, then));
    }
}

static void
tell_machine (SgSession *session)
{
  SgUplinkMachine machine = { .plan = session->plan };

  machine.qmp = sg_machine_monitor (session->machine, &machine.cancellable);
  machine.agent = sg_machine_agent (session->machine);
  machine.home = sg_home_path (session->home);
  if (session->enforce != NULL)
    machine.policy = sg_enforce_granted (session->enforce)->policy;
  sg_uplink_machine (session->uplink, &machine);
}

/* Where it failed, whoever takes the machine is told when it fails again. */
static void
prepared (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Start *start = data;
  g_autoptr (GError) error = NULL;

  sg_uplink_set_finish (result, &error);
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      && start->session->state == SG_STATE_BOOTING)
    start->then (start->session);
}

void
sg_network_calls_prepare (SgSession *session, void (*then) (SgSession *session))
{
  SgGateMode mode = sg_network_calls_mode (session->plan->network);

  if (mode == SG_GATE_OFF || mode == SG_GATE_PRIVATE)
    {
      then (session);
      return;
    }
  tell_machine (session);
  sg_uplink_prepare_async (session->uplink, prepared, new_start (session, then));
}

void
sg_network_calls_usable (SgSession *session, void (*then) (SgSession *session))
{
  const SgPlan *plan = session->plan;
  SgGateMode mode;
  char **hosts;

  tell_machine (session);
  if (!sg_session_again_network (session, &mode, &hosts))
    {
      mode = sg_network_calls_mode (plan->network);
      hosts = plan->hosts;
    }
  open_network (session, mode, (const char *const *)hosts, then);
}

void
sg_network_calls_again (SgSession *session, void (*then) (SgSession *session))
{
  open_network (session, sg_uplink_mode (session->uplink), sg_uplink_last_hosts (session->uplink),
                then);
}
