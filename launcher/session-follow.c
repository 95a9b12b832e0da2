/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the machine tells, and what the session makes of it. */
#include "launcher/session.h"

#include "launcher/session-again.h"
#include "launcher/session-host.h"
#include "launcher/session-namespace.h"
#include "launcher/session-network-calls.h"
#include "launcher/session-rescue.h"
#include "launcher/share-calls.h"

#include <glib/gi18n.h>

static void
on_stage (const char *stage, gpointer data)
{
  SgSession *session = data;

  if (session->state < SG_STATE_ENDING)
    sg_session1_set_stage (session->object, stage);
}

/* Kept until somebody listens: at the very beginning a client has not subscribed yet. */
void
sg_session_notice (SgSession *session, const char *kind, const char *message)
{
  if (session->state == SG_STATE_RUNNING)
    sg_session1_emit_notice (session->object, kind, message);
  else if (session->state < SG_STATE_RUNNING)
    {
      if (session->untold == NULL)
        session->untold = g_ptr_array_new_with_free_func (g_free);
      g_ptr_array_add (session->untold, g_strdup (kind));
      g_ptr_array_add (session->untold, g_strdup (message));
    }
}

static void
tell_what_was_kept (SgSession *session)
{
  for (guint i = 0; session->untold != NULL && i < session->untold->len; i += 2)
    sg_session1_emit_notice (session->object, session->untold->pdata[i],
                             session->untold->pdata[i + 1]);
  g_clear_pointer (&session->untold, g_ptr_array_unref);
}

void
sg_session_run_commands (SgSession *session)
{
  session->worth = TRUE;
  sg_session_set_state (session, SG_STATE_RUNNING);
  sg_machine_may_restart (session->machine);
  tell_what_was_kept (session);
  sg_session_again_done (session, NULL);
  sg_session_calls_usable (session);
}

/* The network is as it is granted: steps of the profile may need it. */
static void
connected (SgSession *session)
{
  session->network_opens = FALSE;
  if (session->enforce != NULL)
    sg_enforce_usable (session->enforce, sg_session_again_folders);
  else
    sg_session_run_commands (session);
  if (session->ready_waits && session->enforce != NULL)
    sg_enforce_ready (session->enforce);
}

static void
on_usable (gpointer data)
{
  SgSession *session = data;

  if (session->state != SG_STATE_BOOTING || sg_session_again_usable (session))
    return;
  sg_share_calls_usable (session);
  session->network_opens = TRUE;
  sg_network_calls_usable (session, connected);
}

static void
on_ready (gboolean desktop, gpointer data)
{
  SgSession *session = data;

  sg_session_calls_ready (session);
  session->ready_waits = session->network_opens;
  if (session->enforce != NULL && !session->network_opens)
    sg_enforce_ready (session->enforce);
}

static void
on_restarts (gpointer data)
{
  sg_session_again_restarts (data);
}

static void
on_exited (guint handle, gboolean signalled, int code, const char *message, gpointer data)
{
  sg_session_calls_exited (data, handle, signalled, code, message);
}

static void
on_notice (const char *kind, const char *message, gpointer data)
{
  sg_session_notice (data, kind, message);
}

static void
on_saved (gpointer data)
{
  SgSession *session = data;

  session->saved = TRUE;
  sg_session_end (session, NULL);
}

static gboolean
start_cold (gpointer data)
{
  SgSession *session = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SgAccel) accel = sg_accel_peek (&(SgAccelOptions){ .kernel = session->plan->kernel });

  if (session->state != SG_STATE_BOOTING)
    return G_SOURCE_REMOVE;
  g_clear_pointer (&session->uplink, sg_uplink_free);
  session->uplink = sg_network_calls_new (session);
  g_clear_pointer (&session->machine, sg_machine_free);
  g_clear_pointer (&session->plan, sg_plan_free);
  g_clear_pointer (&session->template, sg_template_unref);
  g_clear_pointer (&session->draft, sg_template_draft_free);
  session->plan = sg_session_plan (&session->request, session->base, accel, &error);
  if (session->plan == NULL
      || (session->request.prepare && !sg_session_choose_start (session, &error))
      || !sg_session_start_machine (session, &error))
    sg_session_end_by_error (session, error);
  return G_SOURCE_REMOVE;
}

gboolean
sg_session_begin_again (SgSession *session, GError **error)
{
  g_autoptr (SgAccel) accel = sg_accel_peek (&(SgAccelOptions){ .kernel = session->plan->kernel });

  session->worth = session->crashed = session->network_opens = FALSE;
  g_clear_pointer (&session->plan, sg_plan_free);
  session->shares = sg_share_calls_new (session);
  sg_session1_set_shares (session->object, g_variant_new ("a(ssb)", NULL));
  session->uplink = sg_network_calls_new (session);
  session->plan = sg_session_plan (&session->request, session->base, accel, error);
  if (session->plan == NULL || !sg_session_choose_start (session, error))
    return FALSE;
  sg_session1_set_started_at (session->object, g_get_real_time ());
  return sg_session_start_machine (session, error);
}

static gboolean
on_keeps (gpointer data)
{
  return sg_session_rescue_keeps (data);
}

void
sg_session_boot_instead (SgSession *session, const char *why)
{
  g_autofree char *words = g_strdup_printf (
      "The prepared sandbox did not wake (%s), so this one boots, which takes longer.", why);

  session->network_opens = session->ready_waits = FALSE;
  sg_session_notice (session, "cold", words);
  sg_machine_kill (session->machine);
  g_idle_add (start_cold, session);
}

/* A machine of software emulation crashes now and then while it boots (QEMU 7.2 with two processors
 * on a busy computer, in memory_region_dispatch_write()).  Nobody has lost anything by then. */
static gboolean
starts_once_more (SgSession *session, const char *why)
{
  g_autofree char *words = NULL;

  if (session->state != SG_STATE_BOOTING || session->worth || session->bus == NULL
      || session->crashed || !sg_machine_has_crashed (session->machine))
    return FALSE;
  session->crashed = TRUE;
  words = g_strdup_printf (_ ("%s. It is started once more."), why);
  sg_session_notice (session, "crashed", words);
  sg_machine_kill (session->machine);
  g_idle_add (start_cold, session);
  return TRUE;
}

/* A clone that does not wake is no reason not to have a sandbox: it boots, and that is said. */
static void
on_ended (const char *why, gpointer data)
{
  SgSession *session = data;
  g_autofree char *walls = session->walls != 0 && session->state == SG_STATE_BOOTING
                               ? sg_namespace_words (session->walls)
                               : NULL;

  if (sg_session_rescue_stops (session, why))
    return;
  if (walls == NULL && session->plan->start != SG_START_CLONE && starts_once_more (session, why))
    return;
  if (walls != NULL || session->state != SG_STATE_BOOTING || session->plan->start != SG_START_CLONE
      || session->worth || session->bus == NULL
      || session->standby != NULL) /* one that stands by has nobody to boot for */
    {
      sg_session_end (session, walls != NULL ? walls : why);
      return;
    }
  sg_session_boot_instead (session, why);
}

static void
on_held (gpointer data)
{
  SgSession *session = data;
  g_autoptr (GError) error = NULL;

  session->standby = sg_standby_new (session, session->standby_sec, &error);
  if (session->standby == NULL)
    sg_session_end_by_error (session, error);
}

static const SgMachineFuncs machine_funcs
    = { on_stage,  on_usable, on_restarts, on_ready, on_exited,
        on_notice, on_held,   on_saved,    on_keeps, on_ended };

gboolean
sg_session_start_machine (SgSession *session, GError **error)
{
  SgMachineSource source
      = { .template = session->template,
          .draft = session->draft,
          .timings = session->timings,
          .hold = session->standby_sec > 0,
          .keep_disk = session->enforce != NULL && sg_enforce_may_rescue (session->enforce) };

  if (session->shares != NULL)
    sg_shares_open_door (session->shares, session->plan, sg_base_user_uid (session->base));
  session->machine = sg_machine_start (session->plan, &source, sg_home_id (session->home),
                                       &machine_funcs, session, error);
  return session->machine != NULL;
}
