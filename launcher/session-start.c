/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From nothing to a machine that is started: grants, the directory, the base, the scope, the
 * accelerator, the plan; in that order. */
#include "launcher/session.h"

#include "launcher/clone-choose.h"
#include "launcher/session-host.h"
#include "launcher/session-network-calls.h"
#include "launcher/session-scope.h"
#include "launcher/share-calls.h"

/* How long GLib has to bury a probing machine that was given up. */
#define PROBE_REAP_MSEC 100

void
sg_session_tell_plan (SgSession *session)
{
  sg_session1_set_title (session->object, session->plan->title);
  sg_session1_set_accelerator (session->object, sg_accel_name (session->plan->accel));
  sg_session1_set_accelerator_reason (session->object, session->plan->accel_why);
}

/* FALSE without an error when the session has nothing to do. */
gboolean
sg_session_choose_start (SgSession *session, GError **error)
{
  g_autofree char *damaged = NULL;

  if (session->request.prepare)
    {
      if (!sg_choose_prepare (session->plan, &session->draft, error))
        return FALSE;
      if (session->draft == NULL)
        sg_session_end (session, NULL); /* the template is there */
      return session->draft != NULL;
    }
  sg_choose_clone (session->plan, &session->request, &session->template, &damaged);
  if (damaged != NULL)
    sg_session_notice (session, "cold", damaged);
  else if (session->plan->unprepared)
    sg_session_notice (
        session, "no-template",
        "No sandbox is prepared for quick starts, so this one boots, which takes longer.");
  if (session->standby_sec == 0 || session->template != NULL)
    return TRUE;
  sg_session_end (session, session->plan->start_why); /* what boots cannot wait */
  return FALSE;
}

static void
accel_known (GObject *source, GAsyncResult *result, gpointer data)
{
  SgSession *session = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SgAccel) accel = sg_accel_probe_finish (result, &error);

  session->probing = FALSE;
  if (session->state == SG_STATE_ENDING)
    sg_session_finish_later (session, PROBE_REAP_MSEC);
  if (session->state != SG_STATE_PREPARING)
    return;
  if (accel != NULL)
    session->plan = sg_session_plan (&session->request, session->base, accel, &error);
  if (session->plan == NULL)
    {
      sg_session_end_by_error (session, error);
      return;
    }
  sg_session_tell_plan (session);
  if (!sg_session_choose_start (session, &error))
    {
      sg_session_end_by_error (session, error);
      return;
    }
  sg_session_set_state (session, SG_STATE_BOOTING);
  sg_session1_set_stage (session->object, "Starting the machine");
  if (!sg_session_start_machine (session, &error))
    sg_session_end_by_error (session, error);
}

/* In a scope or not: what is started from now on is where we are. */
static void
scope_entered (GObject *source, GAsyncResult *result, gpointer data)
{
  SgSession *session = data;
  g_autoptr (GError) error = NULL;
  SgAccelOptions accel = { 0 };

  if (!sg_scope_enter_finish (result, &error))
    g_debug ("no scope: %s", error->message);
  if (session->state != SG_STATE_PREPARING)
    return;
  accel.kernel = sg_base_kernel (session->base);
  sg_session1_set_stage (session->object, "Looking at this computer's processor");
  session->probing = TRUE;
  sg_accel_probe_async (&accel, session->cancellable, accel_known, session);
}

/* What is not allowed does not get as far as a directory. */
static gboolean
ask_grants (SgSession *session, GError **error)
{
  if (session->request.prepare)
    return TRUE;
  session->ask.memory_mb = session->request.memory_mb;
  session->ask.cpus = session->request.cpus;
  session->request.title = session->ask.program;
  session->enforce
      = sg_enforce_new (session, g_steal_pointer (&session->policy), &session->ask, error);
  if (session->enforce == NULL)
    return FALSE;
  session->request.grants = sg_enforce_granted (session->enforce)->grants;
  return TRUE;
}

static gboolean
prepare (SgSession *session, GError **error)
{
  if (!ask_grants (session, error))
    return FALSE;
  session->home = sg_home_new (error);
  if (session->home == NULL)
    return FALSE;
  sg_session1_set_id (session->object, sg_home_id (session->home));
  session->guardian = sg_guardian_new (session->home, NULL, error);
  if (session->guardian == NULL
      || (session->bus != NULL && !session->request.prepare
          && !sg_bus_listen (session->bus, session->home, error))
      || (session->bus != NULL && session->enforce != NULL
          && !sg_enforce_may_start (session->enforce, error)))
    return FALSE;
  session->shares = sg_share_calls_new (session);
  if (session->uplink == NULL) /* else there is a wish to record it */
    session->uplink = sg_network_calls_new (session);
  session->base = session->request.prepare && session->new_base != NULL
                      ? sg_base_open_digest (NULL, session->new_base, error)
                      : sg_base_open (NULL, error);
  if (session->base == NULL)
    return FALSE;
  if (session->enforce != NULL && session->standby_sec == 0)
    sg_enforce_look (session->enforce); /* one that waits: when it is taken */
  sg_scope_enter_async (sg_home_id (session->home), session->cancellable, scope_entered, session);
  return TRUE;
}

gboolean
sg_session_begin (gpointer data)
{
  SgSession *session = data;
  g_autoptr (GError) error = NULL;

  if (session->state == SG_STATE_PREPARING && !prepare (session, &error))
    sg_session_end_by_error (session, error);
  return G_SOURCE_REMOVE;
}
