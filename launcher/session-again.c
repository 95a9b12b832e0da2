/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/session-again.h"

#include "common/fd.h"
#include "launcher/session-leavings.h"
#include "launcher/session-network-calls.h"
#include "launcher/share-calls.h"
#include "launcher/usb-calls.h"

#include <glib/gi18n.h>

/* Killed processes take this long at most. */
#define GONE_MSEC 8000
#define LOOK_MSEC 10

struct SgAgain
{
  gboolean inside; /* restarts; it is not usable yet */
  gboolean clean;  /* another machine is being made */
  GDBusMethodInvocation *asked;
  /* Of RestartClean: */
  GVariant *folders; /* a(ssb), owned; NULL: given */
  SgGateMode mode;
  char **hosts;         /* owned */
  SgLeavings *leavings; /* processes of the old machine */
  gint64 deadline;
  guint look;
  guint giving; /* folders */
};

static SgAgain *
again_of (SgSession *session)
{
  if (session->again == NULL)
    session->again = g_new0 (SgAgain, 1);
  return session->again;
}

static void
begin (SgSession *session, const char *stage)
{
  session->desktop_ready = FALSE;
  session->network_opens = TRUE; /* a desktop that comes before waits */
  session->ready_waits = FALSE;
  sg_session1_set_stage (session->object, stage);
  sg_session_set_state (session, SG_STATE_BOOTING);
  sg_session_calls_restarts (session);
}

/* --- the system inside restarts -----------------------------------------------------------------
 */

void
sg_session_again_restarts (SgSession *session)
{
  if (session->state != SG_STATE_RUNNING)
    return;
  again_of (session)->inside = TRUE;
  begin (session, "The system inside restarts");
  if (session->shares != NULL)
    sg_shares_no_machine (session->shares);
  if (session->uplink != NULL)
    sg_uplink_restarts (session->uplink);
}

static void
is_back (SgSession *session)
{
  session->network_opens = FALSE;
  sg_session_run_commands (session);
  if (session->enforce == NULL)
    return;
  sg_enforce_go_on (session->enforce);
  if (session->ready_waits)
    sg_enforce_ready (session->enforce);
}

static void
folders_are_back (GObject *source, GAsyncResult *result, gpointer data)
{
  SgSession *session = data;

  if (sg_shares_show_again_finish (result) && session->state == SG_STATE_BOOTING)
    is_back (session);
}

static void
settings_are_back (SgSession *session)
{
  if (session->state != SG_STATE_BOOTING)
    return;
  if (session->shares == NULL)
    {
      is_back (session);
      return;
    }
  sg_share_calls_usable (session);
  sg_shares_show_again_async (session->shares, folders_are_back, session);
}

static void
network_is_back (SgSession *session)
{
  if (session->state != SG_STATE_BOOTING)
    return;
  if (session->enforce != NULL)
    sg_enforce_inside_again (session->enforce, settings_are_back);
  else
    settings_are_back (session);
}

gboolean
sg_session_again_usable (SgSession *session)
{
  if (session->again == NULL || !session->again->inside)
    return FALSE;
  session->again->inside = FALSE;
  sg_network_calls_again (session, network_is_back);
  return TRUE;
}

/* --- another machine ----------------------------------------------------------------------------
 */

gboolean
sg_session_again_network (SgSession *session, SgGateMode *ret_mode, char ***ret_hosts)
{
  if (session->again == NULL || !session->again->clean)
    return FALSE;
  *ret_mode = session->again->mode;
  *ret_hosts = session->again->hosts;
  return TRUE;
}

/* Waits until nothing of the old machine runs. */
static gboolean
look (gpointer data)
{
  SgSession *session = data;
  SgAgain *again = session->again;
  g_autoptr (GError) error = NULL;
  gboolean gone = sg_leavings_are_gone (again->leavings);

  if (!gone && g_get_monotonic_time () < again->deadline)
    return G_SOURCE_CONTINUE;
  again->look = 0;
  g_clear_pointer (&again->leavings, sg_leavings_free);
  if (!gone)
    sg_session_end (session, _ ("A process of the old sandbox could not be ended, so no new one was "
                                "started"));
  else if (!sg_session_begin_again (session, &error))
    sg_session_end (session, error->message);
  return G_SOURCE_REMOVE;
}

static void
throw_away (SgSession *session)
{
  SgAgain *again = session->again;

  g_clear_pointer (&again->folders, g_variant_unref);
  g_clear_pointer (&again->hosts, g_strfreev);
  if (session->shares != NULL)
    again->folders = g_variant_ref_sink (sg_shares_list (session->shares));
  again->mode = sg_uplink_mode (session->uplink);
  again->hosts = g_strdupv ((char **)sg_uplink_last_hosts (session->uplink));
  again->leavings = sg_leavings_new (sg_guardian_process (session->guardian));
  sg_enforce_anew (session->enforce);
  g_clear_pointer (&session->uplink, sg_uplink_free);
  sg_usb_calls_end (session);
  sg_machine_kill (session->machine);
  g_clear_pointer (&session->machine, sg_machine_free);
  g_clear_pointer (&session->shares, sg_shares_free);
  g_clear_pointer (&session->template, sg_template_unref);
  again->deadline = g_get_monotonic_time () + GONE_MSEC * 1000;
  again->look = g_timeout_add (LOOK_MSEC, look, session);
}

static gboolean
on_restart_clean (SgSession1 *object, GDBusMethodInvocation *invocation, SgSession *session)
{
  SgAgain *again = again_of (session);

  if (session->state != SG_STATE_RUNNING || session->enforce == NULL || session->pause_source != 0)
    {
      g_dbus_method_invocation_return_error_literal (
          invocation, G_IO_ERROR, G_IO_ERROR_FAILED,
          session->state == SG_STATE_RUNNING ? "The sandbox is just closing"
          : session->state < SG_STATE_RUNNING
              ? "The sandbox is just starting; try again in a moment"
          : session->state == SG_STATE_STOPPED
              ? "The sandbox has stopped; save its files, close it, and open a new one"
              : "The sandbox is gone");
      return TRUE;
    }
  again->asked = invocation;
  again->clean = TRUE;
  begin (session, "Starting a clean sandbox");
  throw_away (session);
  return TRUE;
}

/* --- folders that were shared -------------------------------------------------------------------
 */

static void
one_folder_less (SgSession *session)
{
  if (--session->again->giving == 0 && session->state == SG_STATE_BOOTING)
    sg_session_run_commands (session);
}

static void
folder_given (GObject *source, GAsyncResult *result, gpointer data)
{
  SgSession *session = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *place = sg_shares_give_finish (result, NULL, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the session may be gone */
  if (place == NULL)
    sg_session1_emit_notice (session->object, "folder", error->message);
  one_folder_less (session);
}

/* The profile's are there already. */
static gboolean
is_given (SgSession *session, const char *path)
{
  g_autoptr (GVariant) now = g_variant_ref_sink (sg_shares_list (session->shares));
  GVariantIter iter;
  const char *one;

  g_variant_iter_init (&iter, now);
  while (g_variant_iter_next (&iter, "(&s&sb)", &one, NULL, NULL))
    if (g_str_equal (one, path))
      return TRUE;
  return FALSE;
}

void
sg_session_again_folders (SgSession *session)
{
  SgAgain *again = session->again;
  g_autoptr (GVariant) folders = NULL;
  GVariantIter iter;
  const char *path, *place;
  gboolean writable;

  if (again == NULL || again->folders == NULL || session->shares == NULL)
    {
      sg_session_run_commands (session);
      return;
    }
  folders = g_steal_pointer (&again->folders);
  again->giving = 1;
  g_variant_iter_init (&iter, folders);
  while (g_variant_iter_next (&iter, "(&s&sb)", &path, &place, &writable))
    {
      g_autoptr (GError) error = NULL;
      sg_fd int fd = is_given (session, path) ? -1 : sg_share_open (path, &error);

      if (error != NULL)
        sg_session1_emit_notice (session->object, "folder", error->message);
      if (fd < 0)
        continue;
      again->giving++;
      sg_shares_give_async (session->shares, fd, place, writable, folder_given, session);
    }
  one_folder_less (session);
}

/* --- the end of it ------------------------------------------------------------------------------
 */

void
sg_session_again_done (SgSession *session, const char *why)
{
  SgAgain *again = session->again;
  GDBusMethodInvocation *asked;

  if (again == NULL)
    return;
  again->clean = FALSE;
  g_clear_handle_id (&again->look, g_source_remove);
  asked = g_steal_pointer (&again->asked);
  if (asked != NULL && why != NULL)
    g_dbus_method_invocation_return_error_literal (asked, G_IO_ERROR, G_IO_ERROR_FAILED, why);
  else if (asked != NULL)
    sg_session1_complete_restart_clean (session->object, asked);
}

void
sg_session_again_free (SgSession *session)
{
  SgAgain *again = g_steal_pointer (&session->again);

  if (again == NULL)
    return;
  g_clear_handle_id (&again->look, g_source_remove);
  g_clear_pointer (&again->leavings, sg_leavings_free);
  g_clear_pointer (&again->folders, g_variant_unref);
  g_strfreev (again->hosts);
  g_free (again);
}

void
sg_session_again_connect (SgSession *session)
{
  g_signal_connect (session->object, "handle-restart-clean", G_CALLBACK (on_restart_clean),
                    session);
}
