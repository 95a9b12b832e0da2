/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sandglass-session: the supervisor of one sandbox.  session.h tells its states.
 *
 * The order in main() is not free: the administrator's rules (whose owner is root only out here),
 * then namespaces, both before anything of GLib that could start a thread, and only then the rest.
 */
#include "launcher/session.h"

#include "common/domain.h"
#include "common/fd.h"
#include "common/report.h"
#include "launcher/session-again.h"
#include "launcher/session-arguments.h"
#include "launcher/session-namespace.h"
#include "launcher/session-rescue.h"
#include "launcher/spawn.h"
#include "launcher/standby.h"
#include "launcher/usb-calls.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Killed processes take this long at most; one in the kernel's hands (a dead disk) can take longer.
 */
#define REAP_MSEC 8000
/* How long "why" is served to an owner that neither asks nor leaves. */
#define LINGER_SEC 30

static const char *const state_names[] = { "preparing", "booting", "running",
                                          "stopped",   "ending",  "gone" };

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
  sg_usb_calls_end (session);
  if (session->machine != NULL)
    sg_machine_kill (session->machine);
  g_clear_pointer (&session->machine, sg_machine_free);
  sg_session_rescue_free (session);
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

/* What the computer was when this sandbox was opened, if it is another by now and nobody else is
 * still as it was. */
static void
drop_old (const char *base, const char *template)
{
  if (base != NULL && sg_base_drop_old (NULL, base) && template != NULL)
    sg_template_drop (NULL, template);
}

static gboolean
finish (gpointer data)
{
  SgSession *session = data;
  gboolean makes = session->request.prepare; /* for a base that is not current yet */
  g_autofree char *base
      = session->base != NULL && !makes ? g_strdup (sg_base_digest (session->base)) : NULL;
  g_autofree char *template
      = session->template != NULL ? g_strdup (sg_template_name (session->template)) : NULL;

  tear_down (session);
  sg_session_set_state (session, SG_STATE_GONE);
  sg_session_calls_gone (session);
  drop_old (base, template);
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
  sg_session_calls_fail (session, failure != NULL ? failure : _ ("The sandbox was thrown away"));
  sg_session_again_done (session, failure != NULL ? failure : _ ("The sandbox was thrown away"));
  sg_session_rescue_done (session, failure != NULL ? failure : _ ("The sandbox was thrown away"));
  /* A probing machine is killed and reaped by GLib, which takes a turn of the loop: accel_known().
   */
  if (!session->probing)
    g_idle_add_full (G_PRIORITY_HIGH, finish, session, NULL);
}

void
sg_session_end_by_error (SgSession *session, const GError *error)
{
  if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    sg_session_end (session, error->message);
}

void
sg_session_finish_later (SgSession *session, guint msec)
{
  g_timeout_add (msec, finish, session);
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
    sg_session_end (session, _ ("The sandbox was ended from outside"));
  return G_SOURCE_CONTINUE;
}

/* --- main ---------------------------------------------------------------------------------------
 */

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

static void
make_bus (SgSession *session)
{
  static const SgBusFuncs funcs = { owner_gone, client_gone };

  if (session->bus == NULL)
    session->bus = sg_bus_new (session->object, &funcs, session);
}

gboolean
sg_session_take_owner (SgSession *session, int owner_fd, GError **error)
{
  gboolean ok;

  make_bus (session);
  ok = sg_bus_add (session->bus, owner_fd, TRUE, error);
  session->owner_gone = !ok;
  return ok;
}

gboolean
sg_session_take_window (SgSession *session, int fd, GError **error)
{
  make_bus (session);
  sg_bus_drop_all (session->bus); /* one window waits with a machine: the last that came */
  return sg_bus_add (session->bus, fd, FALSE, error);
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
  g_clear_pointer (&session->plan_before, sg_plan_free);
  g_clear_pointer (&session->enforce, sg_enforce_free);
  g_clear_pointer (&session->policy, sg_policy_free);
  sg_ask_clear (&session->ask);
  g_clear_pointer (&session->commands, g_hash_table_unref);
  g_clear_pointer (&session->leftover, g_free);
  g_clear_pointer (&session->untold, g_ptr_array_unref);
  g_free (session->new_base);
  g_free (session->mark);
  g_clear_object (&session->object);
  g_clear_object (&session->cancellable);
  g_clear_pointer (&session->loop, g_main_loop_unref);
}

int
main (int argc, char **argv)
{
  SgSession session = { 0 };
  SgSessionArguments arguments = { .owner_fd = -1 };
  g_autoptr (GError) error = NULL;
  int code = SG_EXIT_OK;

  session.policy = sg_policy_load (argv); /* root is nobody in a namespace; starts no thread */
  if (!sg_namespace_enter ())
    session.walls = errno;
  prctl (PR_SET_DUMPABLE, 0);
  sg_domain_init ();
  if (!sg_session_parse (&argc, &argv, &session.request, &session.ask, &arguments, &error))
    {
      sg_report (error);
      return SG_EXIT_USAGE;
    }
  if (arguments.plan)
    return sg_session_print_plan (&session.request, g_steal_pointer (&session.policy), &session.ask,
                                  arguments.json);
  session.timings = arguments.timings;
  session.new_base = arguments.base;
  session.standby_sec = (guint)MAX (arguments.standby_sec, 0);
  if (session.standby_sec > 0 && session.ask.file != NULL)
    {
      /* What was looked at is what is read, now and when it is taken. */
      g_clear_pointer (&session.ask.sha256, g_free);
      session.mark = sg_standby_mark (session.ask.file, &session.ask.sha256);
      if (session.mark == NULL)
        return SG_EXIT_OURS;
    }
  close_strangers (arguments.owner_fd);
  if (serve (&session, arguments.owner_fd, &error))
    {
      g_idle_add (sg_session_begin, &session);
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
