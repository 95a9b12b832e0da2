/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sandglass-session: the supervisor of one sandbox.  session.h tells its states.
 *
 * The order in main() is not free: the administrator's rules (whose owner is root only out here),
 * then namespaces, both before anything of GLib that could start a thread, and only then the rest.
 */
#include "launcher/session.h"

#include "common/fd.h"
#include "common/report.h"
#include "launcher/clone-choose.h"
#include "launcher/session-again.h"
#include "launcher/session-host.h"
#include "launcher/session-namespace.h"
#include "launcher/session-network-calls.h"
#include "launcher/share-calls.h"
#include "launcher/session-scope.h"
#include "launcher/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <locale.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Killed processes take this long at most; one in the kernel's hands (a dead disk) can take longer.
 */
#define REAP_MSEC 8000
/* How long GLib has to bury a probing machine that was given up. */
#define PROBE_REAP_MSEC 100
/* How long "why" is served to an owner that neither asks nor leaves. */
#define LINGER_SEC 30

static const char *const state_names[] = { "preparing", "booting", "running", "ending", "gone" };

void
sg_session_set_state (SgSession *session, SgState state)
{
  session->state = state;
  sg_session1_set_state (session->object, state_names[state]);
}

/* --- the end ------------------------------------------------------------------------------------
 */

static gboolean
quit (gpointer data)
{
  g_main_loop_quit (((SgSession *)data)->loop);
  return G_SOURCE_REMOVE;
}

/* Everything that the session started or named goes, in an order that leaves nothing behind where
 * it is cut short: the directory while the guardian lives, then the guardian. */
static void
tear_down (SgSession *session)
{
  g_autoptr (GError) error = NULL;

  sg_session_again_free (session);
  g_clear_pointer (&session->uplink, sg_uplink_free);
  g_clear_pointer (&session->enforce, sg_enforce_free);
  if (session->machine != NULL)
    sg_machine_kill (session->machine);
  g_clear_pointer (&session->machine, sg_machine_free);
  g_clear_pointer (&session->standby, sg_standby_free);
  if (session->bus != NULL)
    sg_bus_stop_listening (session->bus);
  g_clear_pointer (&session->shares, sg_shares_free);
  if (session->home != NULL && !sg_home_remove (session->home, &error))
    session->leftover = g_strdup (error->message);
  g_clear_pointer (&session->guardian, sg_guardian_free);
  if (!sg_reap_all (REAP_MSEC))
    {
      g_free (session->leftover);
      session->leftover = g_strdup ("a process of the sandbox could not be ended");
    }
  else if (session->saved && !sg_template_draft_publish (session->draft, &error))
    sg_session1_set_failure (session->object, error->message);
  g_clear_pointer (&session->draft, sg_template_draft_free);
  g_clear_pointer (&session->template, sg_template_unref);
  g_clear_pointer (&session->home, sg_home_free);
  g_clear_pointer (&session->base, sg_base_free);
}

static gboolean
finish (gpointer data)
{
  SgSession *session = data;

  tear_down (session);
  sg_session_set_state (session, SG_STATE_GONE);
  sg_session_calls_gone (session);
  if (session->owner_gone)
    quit (session);
  else
    g_timeout_add_seconds (LINGER_SEC, quit, session);
  return G_SOURCE_REMOVE;
}

void
sg_session_end (SgSession *session, const char *failure)
{
  if (session->state >= SG_STATE_ENDING)
    return;
  if (failure != NULL)
    sg_session1_set_failure (session->object, failure);
  sg_session1_set_stage (session->object, "");
  sg_session_set_state (session, SG_STATE_ENDING);
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (session->object));
  g_cancellable_cancel (session->cancellable);
  sg_session_calls_fail (session, failure != NULL ? failure : "The sandbox was thrown away");
  sg_session_again_done (session, failure != NULL ? failure : "The sandbox was thrown away");
  /* A probing machine is killed and reaped by GLib, which takes a turn of the loop: accel_known().
   */
  if (!session->probing)
    g_idle_add_full (G_PRIORITY_HIGH, finish, session, NULL);
}

static void
end_by_error (SgSession *session, const GError *error)
{
  if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    sg_session_end (session, error->message);
}

static void
owner_gone (gpointer data)
{
  SgSession *session = data;

  session->owner_gone = TRUE;
  if (session->state == SG_STATE_GONE)
    quit (session);
  else if (!session->detached)
    sg_session_end (session, NULL);
}

static void
client_gone (GDBusConnection *connection, gpointer data)
{
  sg_session_calls_client_gone (data, connection);
}

static gboolean
on_signal (gpointer data)
{
  SgSession *session = data;

  session->owner_gone = TRUE; /* nobody is waited for */
  if (session->state == SG_STATE_GONE)
    quit (session);
  else
    sg_session_end (session, "The sandbox was ended from outside");
  return G_SOURCE_CONTINUE;
}

/* --- what the machine tells ---------------------------------------------------------------------
 */

static gboolean start_machine (SgSession *session, GError **error);
static gboolean choose_start (SgSession *session, GError **error);

static void
on_stage (const char *stage, gpointer data)
{
  SgSession *session = data;

  if (session->state < SG_STATE_ENDING)
    sg_session1_set_stage (session->object, stage);
}

/* Kept until somebody listens: at the very beginning a client has not subscribed yet. */
static void
notice (SgSession *session, const char *kind, const char *message)
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
  notice (data, kind, message);
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
  session->plan = sg_session_plan (&session->request, session->base, accel, &error);
  if (session->plan == NULL || !start_machine (session, &error))
    end_by_error (session, error);
  return G_SOURCE_REMOVE;
}

gboolean
sg_session_begin_again (SgSession *session, GError **error)
{
  g_autoptr (SgAccel) accel = sg_accel_peek (&(SgAccelOptions){ .kernel = session->plan->kernel });

  session->worth = session->network_opens = FALSE;
  g_clear_pointer (&session->plan, sg_plan_free);
  session->shares = sg_share_calls_new (session);
  sg_session1_set_shares (session->object, g_variant_new ("a(ssb)", NULL));
  session->uplink = sg_network_calls_new (session);
  session->plan = sg_session_plan (&session->request, session->base, accel, error);
  if (session->plan == NULL || !choose_start (session, error))
    return FALSE;
  sg_session1_set_started_at (session->object, g_get_real_time ());
  return start_machine (session, error);
}

/* A clone that does not wake is no reason not to have a sandbox: it boots, and that is said. */
static void
on_ended (const char *why, gpointer data)
{
  SgSession *session = data;
  g_autofree char *walls = session->walls != 0 && session->state == SG_STATE_BOOTING
                               ? sg_namespace_words (session->walls)
                               : NULL;

  if (walls != NULL || session->state != SG_STATE_BOOTING || session->plan->start != SG_START_CLONE
      || session->worth || session->bus == NULL) /* one that stands by has nobody to boot for */
    {
      sg_session_end (session, walls != NULL ? walls : why);
      return;
    }
  g_autofree char *words = g_strdup_printf (
      "The prepared sandbox did not wake (%s), so this one boots, which takes longer.", why);
  notice (session, "cold", words);
  sg_machine_kill (session->machine);
  g_idle_add (start_cold, session);
}

static void
on_held (gpointer data)
{
  SgSession *session = data;
  g_autoptr (GError) error = NULL;

  session->standby = sg_standby_new (session, session->standby_sec, &error);
  if (session->standby == NULL)
    end_by_error (session, error);
}

static const SgMachineFuncs machine_funcs
    = { on_stage,  on_usable, on_restarts, on_ready, on_exited,
        on_notice, on_held,   on_saved,    on_ended };

static gboolean
start_machine (SgSession *session, GError **error)
{
  SgMachineSource source
      = { session->template, session->draft, session->timings, session->standby_sec > 0 };

  if (session->shares != NULL)
    sg_shares_open_door (session->shares, session->plan, sg_base_user_uid (session->base));
  session->machine = sg_machine_start (session->plan, &source, sg_home_id (session->home),
                                       &machine_funcs, session, error);
  return session->machine != NULL;
}

/* --- starting -----------------------------------------------------------------------------------
 */

void
sg_session_tell_plan (SgSession *session)
{
  sg_session1_set_title (session->object, session->plan->title);
  sg_session1_set_accelerator (session->object, sg_accel_name (session->plan->accel));
  sg_session1_set_accelerator_reason (session->object, session->plan->accel_why);
}

/* FALSE without an error when the session has nothing to do. */
static gboolean
choose_start (SgSession *session, GError **error)
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
    notice (session, "cold", damaged);
  else if (session->plan->unprepared)
    notice (session, "no-template",
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
    g_timeout_add (PROBE_REAP_MSEC, finish, session);
  if (session->state != SG_STATE_PREPARING)
    return;
  if (accel != NULL)
    session->plan = sg_session_plan (&session->request, session->base, accel, &error);
  if (session->plan == NULL)
    {
      end_by_error (session, error);
      return;
    }
  sg_session_tell_plan (session);
  if (!choose_start (session, &error))
    {
      end_by_error (session, error);
      return;
    }
  sg_session_set_state (session, SG_STATE_BOOTING);
  sg_session1_set_stage (session->object, "Starting the machine");
  if (!start_machine (session, &error))
    end_by_error (session, error);
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
  session->base = sg_base_open (NULL, error);
  if (session->base == NULL)
    return FALSE;
  sg_scope_enter_async (sg_home_id (session->home), session->cancellable, scope_entered, session);
  return TRUE;
}

static gboolean
begin (gpointer data)
{
  SgSession *session = data;
  g_autoptr (GError) error = NULL;

  if (session->state == SG_STATE_PREPARING && !prepare (session, &error))
    end_by_error (session, error);
  return G_SOURCE_REMOVE;
}

/* --- main ---------------------------------------------------------------------------------------
 */

typedef struct
{
  int owner_fd;
  gboolean plan, json, timings;
  int standby_sec;
} Arguments;

static gboolean
parse (int *argc, char ***argv, SgPlanRequest *request, SgAsk *ask, Arguments *arguments,
       GError **error)
{
  GOptionEntry entries[] = {
    { "owner-fd", 0, 0, G_OPTION_ARG_INT, &arguments->owner_fd, "D-Bus with who started it", "FD" },
    { "memory", 0, 0, G_OPTION_ARG_INT, &request->memory_mb, "Memory inside, in MB", "MB" },
    { "cpus", 0, 0, G_OPTION_ARG_INT, &request->cpus, "Processors inside", "N" },
    { "cold", 0, 0, G_OPTION_ARG_NONE, &request->cold, "Boot, even where a template is", NULL },
    { "prepare", 0, 0, G_OPTION_ARG_NONE, &request->prepare, "Boot, and become the template",
      NULL },
    { "standby", 0, 0, G_OPTION_ARG_INT, &arguments->standby_sec,
      "Wake a machine and wait, at most so long, until it is taken", "SECONDS" },
    { "timings", 0, 0, G_OPTION_ARG_NONE, &arguments->timings, "Tell what takes how long", NULL },
    { "text", 0, 0, G_OPTION_ARG_NONE, &request->text, "Commands only: no desktop inside", NULL },
    { "plan", 0, 0, G_OPTION_ARG_NONE, &arguments->plan, "Print what would be started", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &arguments->json, "With --plan: for programs", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("(started by sandglass)");

  g_autofree GOptionEntry *asked = sg_ask_entries (ask);

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_add_main_entries (context, asked, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  gboolean alone = arguments->plan || arguments->standby_sec > 0;

  if (*argc == 1 && request->memory_mb >= 0 && request->cpus >= 0
      && (alone ? arguments->owner_fd < 0
                : arguments->owner_fd > STDERR_FILENO && fcntl (arguments->owner_fd, F_GETFD) >= 0))
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "sandglass-session is started by `sandglass`; it needs --owner-fd or --plan");
  return FALSE;
}

static int
print_plan (const SgPlanRequest *asked, SgPolicy *policy, SgAsk *ask, gboolean json)
{
  g_autoptr (GError) error = NULL;
  SgPlanRequest with_grants = *asked, *request = &with_grants;
  g_autoptr (SgGranted) granted = NULL;

  ask->memory_mb = asked->memory_mb;
  ask->cpus = asked->cpus;
  granted = sg_granted_new (policy, ask, &error);
  if (granted == NULL || !sg_granted_may_run (granted, &error))
    {
      sg_report (error);
      return SG_EXIT_OURS;
    }
  request->grants = granted->grants;
  g_autoptr (SgBase) base = sg_base_open (NULL, &error);
  SgAccelOptions options = { .kernel = base != NULL ? sg_base_kernel (base) : NULL };
  g_autoptr (SgAccel) accel = base != NULL ? sg_accel_peek (&options) : NULL;
  g_autoptr (SgPlan) plan = base != NULL ? sg_session_plan (request, base, accel, &error) : NULL;
  g_autoptr (SgTemplate) template = NULL;
  g_autofree char *text = NULL, *notice = NULL;

  if (plan == NULL)
    {
      sg_report (error);
      return SG_EXIT_OURS;
    }
  sg_choose_clone (plan, request, &template, &notice);
  text = json ? sg_plan_json (plan) : sg_plan_text (plan);
  fputs (text, stdout);
  if (json)
    fputc ('\n', stdout);
  return fflush (stdout) == 0 ? SG_EXIT_OK : SG_EXIT_FAILED;
}

/* Nothing that whoever started us had open is ours. */
static void
close_strangers (int owner_fd)
{
  if (owner_fd < 0)
    {
      syscall (SYS_close_range, 3u, ~0u, 0);
      return;
    }
  if (owner_fd > 3)
    syscall (SYS_close_range, 3u, (unsigned)owner_fd - 1, 0);
  syscall (SYS_close_range, (unsigned)owner_fd + 1, ~0u, 0);
  fcntl (owner_fd, F_SETFD, FD_CLOEXEC);
}

gboolean
sg_session_take_owner (SgSession *session, int owner_fd, GError **error)
{
  static const SgBusFuncs funcs = { owner_gone, client_gone };

  session->bus = sg_bus_new (owner_fd, session->object, &funcs, session, error);
  session->owner_gone = session->bus == NULL;
  return session->bus != NULL;
}

static gboolean
serve (SgSession *session, int owner_fd, GError **error)
{
  session->loop = g_main_loop_new (NULL, FALSE);
  session->cancellable = g_cancellable_new ();
  session->object = sg_session1_skeleton_new ();
  sg_session1_set_started_at (session->object, g_get_real_time ());
  sg_session1_set_title (session->object, "Sandbox");
  sg_session_set_state (session, SG_STATE_PREPARING);
  sg_session_calls_connect (session);
  g_unix_signal_add (SIGTERM, on_signal, session);
  g_unix_signal_add (SIGINT, on_signal, session);
  g_unix_signal_add (SIGHUP, on_signal, session);
  session->owner_gone = owner_fd < 0;
  return (owner_fd < 0 || sg_session_take_owner (session, owner_fd, error))
         && sg_reap_prepare (error);
}

static void
session_clear (SgSession *session)
{
  g_clear_pointer (&session->bus, sg_bus_free);
  g_clear_pointer (&session->plan, sg_plan_free);
  g_clear_pointer (&session->enforce, sg_enforce_free);
  g_clear_pointer (&session->policy, sg_policy_free);
  sg_ask_clear (&session->ask);
  g_clear_pointer (&session->commands, g_hash_table_unref);
  g_clear_pointer (&session->leftover, g_free);
  g_clear_pointer (&session->untold, g_ptr_array_unref);
  g_clear_object (&session->object);
  g_clear_object (&session->cancellable);
  g_clear_pointer (&session->loop, g_main_loop_unref);
}

int
main (int argc, char **argv)
{
  SgSession session = { 0 };
  Arguments arguments = { .owner_fd = -1 };
  g_autoptr (GError) error = NULL;
  int code = SG_EXIT_OK;

  session.policy = sg_policy_load (argv); /* root is nobody in a namespace; starts no thread */
  if (!sg_namespace_enter ())
    session.walls = errno;
  prctl (PR_SET_DUMPABLE, 0);
  setlocale (LC_ALL, "");
  if (!parse (&argc, &argv, &session.request, &session.ask, &arguments, &error))
    {
      sg_report (error);
      return SG_EXIT_USAGE;
    }
  if (arguments.plan)
    return print_plan (&session.request, g_steal_pointer (&session.policy), &session.ask,
                       arguments.json);
  session.timings = arguments.timings;
  session.standby_sec = (guint)MAX (arguments.standby_sec, 0);
  close_strangers (arguments.owner_fd);
  if (serve (&session, arguments.owner_fd, &error))
    {
      g_idle_add (begin, &session);
      g_main_loop_run (session.loop);
      if (session.bus != NULL)
        sg_bus_flush (session.bus);
      code = session.leftover == NULL ? SG_EXIT_OK : SG_EXIT_FAILED;
    }
  else
    {
      sg_report (error);
      code = SG_EXIT_OURS;
    }
  session_clear (&session);
  return code;
}
