/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/session-rescue.h"

#include "launcher/enforce-inside.h"
#include "launcher/session-host.h"
#include "launcher/session-leavings.h"
#include "launcher/usb-calls.h"

#include <glib/gi18n.h>

/* Killed processes take this long at most. */
#define GONE_MSEC 8000
#define LOOK_MSEC 10
/* Enough for a system without a desktop: what stopped may have been memory that ran out. */
#define MEMORY_MB 1024
#define MOST_WAITING 16

struct SgRescue
{
  SgOverlay *disk;      /* owned; NULL while a machine has it */
  SgPlan *plan;         /* owned: of the machine that shows it; NULL: there was none */
  SgLeavings *leavings; /* owned: processes of the machine before; NULL: none is left */
  gint64 deadline;
  guint take_down, look;
  gboolean usable;
  GQueue waiting; /* GDBusMethodInvocation, owned */
};

static void begin (SgSession *session);

/* --- waiting ------------------------------------------------------------------------------------
 */

/* WHY: NULL: it can be used. */
static void
answer (SgSession *session, const char *why)
{
  GDBusMethodInvocation *invocation;

  while ((invocation = g_queue_pop_head (&session->rescue->waiting)) != NULL)
    if (why == NULL)
      sg_session1_complete_rescue (session->object, invocation);
    else
      g_dbus_method_invocation_return_error_literal (invocation, G_IO_ERROR, G_IO_ERROR_FAILED,
                                                     why);
}

/* --- the machine goes, its disk stays -----------------------------------------------------------
 */

static gboolean
look (gpointer data)
{
  SgSession *session = data;
  SgRescue *rescue = session->rescue;
  gboolean gone = sg_leavings_are_gone (rescue->leavings);

  if (!gone && g_get_monotonic_time () < rescue->deadline)
    return G_SOURCE_CONTINUE;
  rescue->look = 0;
  g_clear_pointer (&rescue->leavings, sg_leavings_free);
  if (!gone) /* two machines on one disk would destroy it */
    sg_session_end (session, _ ("A process of the sandbox that stopped could not be ended, so its "
                                "files cannot be read"));
  else if (!g_queue_is_empty (&rescue->waiting))
    begin (session);
  return G_SOURCE_REMOVE;
}

/* Not in the middle of what the machine tells. */
static gboolean
take_down (gpointer data)
{
  SgSession *session = data;
  SgRescue *rescue = session->rescue;

  rescue->take_down = 0;
  g_clear_pointer (&session->uplink, sg_uplink_free);
  sg_usb_calls_end (session);
  rescue->disk = sg_machine_take_disk (session->machine);
  g_clear_pointer (&session->machine, sg_machine_free);
  g_clear_pointer (&session->shares, sg_shares_free);
  g_clear_pointer (&rescue->plan, sg_plan_free);
  rescue->deadline = g_get_monotonic_time () + GONE_MSEC * 1000;
  rescue->look = g_timeout_add (LOOK_MSEC, look, session);
  return G_SOURCE_REMOVE;
}

static void
give_machine_up (SgSession *session)
{
  SgRescue *rescue = session->rescue;

  rescue->usable = FALSE;
  rescue->leavings = sg_leavings_new (sg_guardian_process (session->guardian));
  sg_machine_kill (session->machine);
  rescue->take_down = g_idle_add_full (G_PRIORITY_HIGH, take_down, session, NULL);
}

/* It runs, or restarts: then what a person has in it is on its disk. */
static gboolean
is_worth (const SgSession *session)
{
  return session->state == SG_STATE_RUNNING
         || (session->state == SG_STATE_BOOTING && session->worth);
}

gboolean
sg_session_rescue_keeps (SgSession *session)
{
  return is_worth (session) && session->pause_source == 0
         && session->enforce != NULL && sg_enforce_has_window (session->enforce);
}

static void
nothing_is_shared (SgSession *session)
{
  static const char *const none[] = { NULL };

  sg_session1_set_shares (session->object, g_variant_new ("a(ssb)", NULL));
  sg_session1_set_network_mode (session->object, "off");
  sg_session1_set_network_through (session->object, "");
  sg_session1_set_network_addresses (session->object, none);
}

gboolean
sg_session_rescue_stops (SgSession *session, const char *why)
{
  if (!is_worth (session) || session->rescue != NULL || !sg_machine_is_kept (session->machine))
    return FALSE;
  session->rescue = g_new0 (SgRescue, 1);
  g_queue_init (&session->rescue->waiting);
  sg_session1_set_failure (session->object, why);
  sg_session1_set_stage (session->object, "");
  sg_session_set_state (session, SG_STATE_STOPPED);
  nothing_is_shared (session);
  sg_session_calls_stopped (session, why);
  sg_enforce_machine_gone (session->enforce);
  give_machine_up (session);
  return TRUE;
}

/* --- the machine that shows it ------------------------------------------------------------------
 */

static void
on_stage (const char *stage, gpointer data)
{
}

/* What was not allowed inside is not allowed now. */
static void
set_for_rescue (GObject *source, GAsyncResult *result, gpointer data)
{
  SgSession *session = data;
  g_autofree char *notice = NULL;
  g_autoptr (GError) error = NULL;
  gboolean ok = sg_enforce_inside_finish (SG_AGENT (source), result, &notice, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the session may be gone */
  if (session->state != SG_STATE_STOPPED || session->machine == NULL
      || sg_machine_agent (session->machine) != SG_AGENT (source)
      || session->rescue->take_down != 0)
    return; /* that machine has ended, which was told */
  if (!ok)
    {
      answer (session, error->message);
      give_machine_up (session);
      return;
    }
  session->rescue->usable = TRUE;
  answer (session, NULL);
}

static void
on_usable (gpointer data)
{
  SgSession *session = data;

  sg_enforce_inside_async (sg_machine_agent (session->machine), session->request.grants, NULL,
                           FALSE, session->cancellable, set_for_rescue, session);
}

static void
on_restarts (gpointer data)
{
}

static void
on_ready (gboolean desktop, gpointer data)
{
}

static void
on_exited (guint handle, gboolean signalled, int code, const char *message, gpointer data)
{
  sg_session_calls_exited (data, handle, signalled, code, message);
}

static void
on_notice (const char *kind, const char *message, gpointer data)
{
  SgSession *session = data;

  sg_session1_emit_notice (session->object, kind, message);
}

static void
on_never (gpointer data)
{
  g_warn_if_reached (); /* neither held nor saved */
}

static gboolean
on_keeps (gpointer data)
{
  return TRUE;
}

static void
on_ended (const char *why, gpointer data)
{
  SgSession *session = data;

  if (session->state != SG_STATE_STOPPED)
    return;
  answer (session, why);
  sg_session_calls_stopped (session, why);
  give_machine_up (session);
}

static const SgMachineFuncs rescue_funcs
    = { on_stage,  on_usable, on_restarts, on_ready, on_exited,
        on_notice, on_never,  on_never,    on_keeps, on_ended };

static SgPlan *
make_plan (SgSession *session, GError **error)
{
  g_autoptr (SgAccel) accel = sg_accel_peek (&(SgAccelOptions){ .kernel = session->plan->kernel });
  SgPlanRequest request = { .memory_mb = MEMORY_MB,
                            .cpus = 1,
                            .cold = TRUE,
                            .text = TRUE,
                            .title = session->request.title };

  return sg_session_plan (&request, session->base, accel, error);
}

static void
begin (SgSession *session)
{
  SgRescue *rescue = session->rescue;
  SgMachineSource source = { .timings = session->timings,
                             .keep_disk = TRUE,
                             .disk = rescue->disk,
                             .disk_of = session->template };
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&rescue->plan, sg_plan_free);
  rescue->plan = make_plan (session, &error);
  if (rescue->plan != NULL)
    session->machine = sg_machine_start (rescue->plan, &source, sg_home_id (session->home),
                                         &rescue_funcs, session, &error);
  if (session->machine != NULL)
    rescue->disk = NULL; /* the machine's */
  else
    answer (session, error->message);
}

/* --- what clients ask ---------------------------------------------------------------------------
 */

static gboolean
on_rescue (SgSession1 *object, GDBusMethodInvocation *invocation, SgSession *session)
{
  SgRescue *rescue = session->rescue;

  if (session->state != SG_STATE_STOPPED)
    g_dbus_method_invocation_return_error_literal (
        invocation, G_IO_ERROR, G_IO_ERROR_FAILED,
        session->state < SG_STATE_STOPPED ? "The sandbox has not stopped: its files can be saved "
                                            "as they are"
                                          : "The sandbox is gone");
  else if (rescue->usable)
    sg_session1_complete_rescue (object, invocation);
  else if (rescue->waiting.length >= MOST_WAITING)
    g_dbus_method_invocation_return_error_literal (invocation, G_IO_ERROR, G_IO_ERROR_FAILED,
                                                   "Too many calls wait for the files");
  else
    {
      g_queue_push_tail (&rescue->waiting, invocation);
      if (session->machine == NULL && rescue->look == 0)
        begin (session);
    }
  return TRUE;
}

gboolean
sg_session_rescue_is_usable (const SgSession *session)
{
  return session->rescue != NULL && session->rescue->usable;
}

/* --- the end of it ------------------------------------------------------------------------------
 */

void
sg_session_rescue_client_gone (SgSession *session)
{
  if (session->state == SG_STATE_STOPPED && !sg_enforce_has_window (session->enforce))
    sg_session_end (session, NULL);
}

void
sg_session_rescue_done (SgSession *session, const char *why)
{
  SgRescue *rescue = session->rescue;

  if (rescue == NULL)
    return;
  rescue->usable = FALSE;
  g_clear_handle_id (&rescue->take_down, g_source_remove);
  g_clear_handle_id (&rescue->look, g_source_remove);
  answer (session, why);
}

void
sg_session_rescue_free (SgSession *session)
{
  SgRescue *rescue = g_steal_pointer (&session->rescue);

  if (rescue == NULL)
    return;
  g_clear_pointer (&rescue->disk, sg_overlay_free);
  g_clear_pointer (&rescue->plan, sg_plan_free);
  g_clear_pointer (&rescue->leavings, sg_leavings_free);
  g_free (rescue);
}

void
sg_session_rescue_connect (SgSession *session)
{
  g_signal_connect (session->object, "handle-rescue", G_CALLBACK (on_rescue), session);
}
