/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that come before the guest is there wait in a queue. */
#include "launcher/session-calls.h"

#include "launcher/enforce-inside.h"
#include "launcher/session-again.h"
#include "launcher/session-exec.h"
#include "launcher/session-memory.h"
#include "launcher/session-network-calls.h"
#include "launcher/session-pause.h"
#include "launcher/session-rescue.h"
#include "launcher/session-picture.h"
#include "launcher/session-window.h"
#include "launcher/share-calls.h"
#include "launcher/usb-calls.h"

#include <gio/gunixfdlist.h>
#include <signal.h>
#include <unistd.h>

void
sg_session_refuse (GDBusMethodInvocation *invocation, const char *words)
{
  g_dbus_method_invocation_return_error_literal (invocation, G_IO_ERROR, G_IO_ERROR_FAILED, words);
}

gboolean
sg_session_is_over (SgSession *session, GDBusMethodInvocation *invocation)
{
  const char *failure = sg_session1_get_failure (session->object);

  if (session->state < SG_STATE_ENDING)
    return FALSE;
  sg_session_refuse (invocation,
                     failure != NULL && *failure != '\0' ? failure : "The sandbox is gone");
  return TRUE;
}

gboolean
sg_session_has_stopped (SgSession *session, GDBusMethodInvocation *invocation)
{
  if (session->state != SG_STATE_STOPPED)
    return sg_session_is_over (session, invocation);
  sg_session_refuse (invocation, sg_session1_get_failure (session->object));
  return TRUE;
}

/* --- the display --------------------------------------------------------------------------------
 */

/* Answers with FD, or with ERROR where there is none.  Takes both. */
static void
answer_fd (GDBusMethodInvocation *invocation, int fd, GError *error)
{
  g_autoptr (GUnixFDList) list = NULL;

  if (fd < 0)
    {
      g_dbus_method_invocation_take_error (invocation, error);
      return;
    }
  list = g_unix_fd_list_new_from_array (&fd, 1);
  g_dbus_method_invocation_return_value_with_unix_fd_list (invocation, g_variant_new ("(h)", 0),
                                                           list);
}

static void
display_opened (GObject *source, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;
  int fd = sg_machine_open_display_finish (result, &error);

  answer_fd (data, fd, error);
}

static gboolean
on_open_display (SgSession1 *object, GDBusMethodInvocation *invocation, GUnixFDList *fds,
                 SgSession *session)
{
  if (sg_session_has_stopped (session, invocation))
    return TRUE;
  if (session->machine == NULL)
    sg_session_refuse (invocation, "The sandbox has no display yet");
  else
    {
      if (session->enforce != NULL && session->standby == NULL) /* else when it is taken */
        sg_enforce_window (session->enforce, g_dbus_method_invocation_get_connection (invocation));
      sg_machine_open_display_async (session->machine, display_opened, invocation);
    }
  return TRUE;
}

static void
picture_taken (GObject *source, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;
  int fd = sg_machine_picture_finish (result, &error);

  answer_fd (data, fd, error);
}

static gboolean
on_picture (SgSession1 *object, GDBusMethodInvocation *invocation, GUnixFDList *fds,
            SgSession *session)
{
  if (sg_session_has_stopped (session, invocation))
    return TRUE;
  if (session->machine == NULL)
    sg_session_refuse (invocation, "The sandbox has no display yet");
  else
    sg_machine_picture_async (session->machine, picture_taken, invocation);
  return TRUE;
}

static gboolean
on_used (SgSession1 *object, GDBusMethodInvocation *invocation, SgSession *session)
{
  if (session->enforce != NULL)
    sg_enforce_used (session->enforce, g_dbus_method_invocation_get_connection (invocation));
  sg_session1_complete_used (object, invocation);
  return TRUE;
}

static gboolean
on_step_log (SgSession1 *object, GDBusMethodInvocation *invocation, guint n, SgSession *session)
{
  g_autoptr (GBytes) log = session->enforce != NULL ? sg_enforce_log (session->enforce, n) : NULL;

  if (log == NULL)
    sg_session_refuse (invocation, "There is no such step");
  else
    g_dbus_method_invocation_return_value (
        invocation,
        g_variant_new ("(@ay)", g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, log, TRUE)));
  return TRUE;
}

/* --- waiting ------------------------------------------------------------------------------------
 */

static gboolean
on_wait_ready (SgSession1 *object, GDBusMethodInvocation *invocation, SgSession *session)
{
  if (sg_session_has_stopped (session, invocation))
    return TRUE;
  if (session->desktop_ready)
    sg_session1_complete_wait_ready (object, invocation);
  else if (session->waiting_ready.length >= MOST_WAITING)
    sg_session_refuse (invocation, "Too many calls wait for the desktop");
  else
    g_queue_push_tail (&session->waiting_ready, invocation);
  return TRUE;
}

static void
detach (SgSession *session, GDBusMethodInvocation *invocation)
{
  session->detached = TRUE;
  sg_session1_complete_detach (session->object, invocation);
}

static gboolean
on_detach (SgSession1 *object, GDBusMethodInvocation *invocation, SgSession *session)
{
  if (sg_session_has_stopped (session, invocation))
    return TRUE;
  if (session->state == SG_STATE_RUNNING)
    detach (session, invocation);
  else if (session->waiting_detach.length >= MOST_WAITING)
    sg_session_refuse (invocation, "Too many calls wait for the sandbox to start");
  else
    g_queue_push_tail (&session->waiting_detach, invocation);
  return TRUE;
}

static gboolean
on_memory (SgSession1 *object, GDBusMethodInvocation *invocation, SgSession *session)
{
  GError *error = NULL;
  SgMemory memory;

  if (sg_session_is_over (session, invocation))
    return TRUE;
  if (sg_memory_of_descendants (getpid (), &memory, &error))
    sg_session1_complete_memory (object, invocation, memory.private_bytes, memory.shared_bytes,
                                 memory.proportional_bytes);
  else
    g_dbus_method_invocation_take_error (invocation, error);
  return TRUE;
}

static gboolean
on_discard (SgSession1 *object, GDBusMethodInvocation *invocation, SgSession *session)
{
  g_queue_push_tail (&session->waiting_gone, invocation);
  if (session->state == SG_STATE_GONE)
    sg_session_calls_gone (session);
  else
    sg_session_end (session, NULL);
  return TRUE;
}

void
sg_session_tell_state_first (SgSession *session)
{
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (session->object));
}

void
sg_session_calls_usable (SgSession *session)
{
  GDBusMethodInvocation *invocation;

  sg_session_tell_state_first (session);
  sg_session_exec_usable (session);
  while ((invocation = g_queue_pop_head (&session->waiting_detach)) != NULL)
    detach (session, invocation);
}

void
sg_session_calls_ready (SgSession *session)
{
  GDBusMethodInvocation *invocation;

  session->desktop_ready = TRUE;
  sg_session_tell_state_first (session);
  while ((invocation = g_queue_pop_head (&session->waiting_ready)) != NULL)
    sg_session1_complete_wait_ready (session->object, invocation);
}

void
sg_session_calls_restarts (SgSession *session)
{
  sg_session_exec_end (session, "The sandbox was restarted, which ended this");
}

void
sg_session_calls_stopped (SgSession *session, const char *why)
{
  sg_session_exec_end (session, why);
  sg_session_calls_fail (session, why);
}

void
sg_session_calls_fail (SgSession *session, const char *why)
{
  GDBusMethodInvocation *invocation;

  sg_session_exec_fail (session, why);
  while ((invocation = g_queue_pop_head (&session->waiting_ready)) != NULL)
    sg_session_refuse (invocation, why);
  while ((invocation = g_queue_pop_head (&session->waiting_detach)) != NULL)
    sg_session_refuse (invocation, why);
}

void
sg_session_calls_gone (SgSession *session)
{
  GDBusMethodInvocation *invocation;

  sg_session_tell_state_first (session);
  while ((invocation = g_queue_pop_head (&session->waiting_gone)) != NULL)
    if (session->leftover == NULL)
      sg_session1_complete_discard (session->object, invocation);
    else
      sg_session_refuse (invocation, session->leftover);
}

void
sg_session_calls_client_gone (SgSession *session, GDBusConnection *connection)
{
  if (session->enforce != NULL)
    sg_enforce_client_gone (session->enforce, connection);
  sg_session_pause_client_gone (session, connection);
  sg_session_exec_client_gone (session, connection);
  sg_session_rescue_client_gone (session);
}

void
sg_session_calls_connect (SgSession *session)
{
  sg_session_exec_connect (session);
  g_signal_connect (session->object, "handle-open-display", G_CALLBACK (on_open_display), session);
  g_signal_connect (session->object, "handle-picture", G_CALLBACK (on_picture), session);
  g_signal_connect (session->object, "handle-wait-ready", G_CALLBACK (on_wait_ready), session);
  g_signal_connect (session->object, "handle-detach", G_CALLBACK (on_detach), session);
  g_signal_connect (session->object, "handle-used", G_CALLBACK (on_used), session);
  g_signal_connect (session->object, "handle-step-log", G_CALLBACK (on_step_log), session);
  g_signal_connect (session->object, "handle-memory", G_CALLBACK (on_memory), session);
  g_signal_connect (session->object, "handle-discard", G_CALLBACK (on_discard), session);
  sg_session_window_connect (session);
  sg_session_pause_connect (session);
  sg_session_again_connect (session);
  sg_session_rescue_connect (session);
  sg_share_calls_connect (session);
  sg_usb_calls_connect (session);
  sg_network_calls_connect (session);
}
