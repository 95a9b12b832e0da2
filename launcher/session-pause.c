/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/session-pause.h"

#include "common/memory.h"
#include "launcher/clock-watch.h"
#include "launcher/session-greet.h"

/* A machine that only waits to be thrown away must not be what others lack. */
#define LITTLE_MEMORY (1024 * G_GUINT64_CONSTANT (1048576))

static void
refuse (GDBusMethodInvocation *invocation, const char *words)
{
  g_dbus_method_invocation_return_error_literal (invocation, G_IO_ERROR, G_IO_ERROR_FAILED, words);
}

static void
forget (SgSession *session)
{
  g_clear_handle_id (&session->pause_source, g_source_remove);
  session->paused_by = NULL;
}

static gboolean
too_late (gpointer data)
{
  SgSession *session = data;

  session->pause_source = 0;
  forget (session);
  sg_session_end (session, NULL);
  return G_SOURCE_REMOVE;
}

void
sg_session_pause_client_gone (SgSession *session, GDBusConnection *client)
{
  if (session->pause_source == 0 || session->paused_by != client)
    return;
  forget (session);
  sg_session_end (session, NULL);
}

/* --- calls to QEMU */

static void
stopped (GObject *source, GAsyncResult *result, gpointer data)
{
  GDBusMethodInvocation *invocation = data;
  SgSession *session = g_object_get_data (G_OBJECT (invocation), "session");
  GError *error = NULL;
  g_autoptr (JsonNode) answer = sg_qmp_call_finish (SG_QMP (source), result, &error);

  if (answer == NULL)
    {
      forget (session);
      g_dbus_method_invocation_take_error (invocation, error);
      return;
    }
  sg_session1_set_paused (session->object, TRUE);
  sg_session1_complete_pause (session->object, invocation);
}

/* Its clock stood still, as it does while this computer sleeps; entropy is given because a machine
 * that was stopped is one that could have been copied. */
static void
set_right (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (!sg_greet_finish (SG_AGENT (source), result, &error))
    g_message ("the clock inside was not set: %s", error->message);
}

static void
went_on (GObject *source, GAsyncResult *result, gpointer data)
{
  GDBusMethodInvocation *invocation = data;
  SgSession *session = g_object_get_data (G_OBJECT (invocation), "session");
  GError *error = NULL;
  g_autoptr (JsonNode) answer = sg_qmp_call_finish (SG_QMP (source), result, &error);

  if (answer == NULL)
    {
      g_dbus_method_invocation_take_error (invocation, error);
      return;
    }
  sg_session1_set_paused (session->object, FALSE);
  sg_session1_complete_resume (session->object, invocation);
  if (session->state == SG_STATE_RUNNING)
    sg_greet_again_async (sg_machine_agent (session->machine), NULL, set_right, NULL);
}

static void
clock_jumped (gpointer data)
{
  SgSession *session = data;

  if (session->state == SG_STATE_RUNNING && session->pause_source == 0)
    sg_greet_again_async (sg_machine_agent (session->machine), NULL, set_right, NULL);
}

static void
tell_qemu (SgSession *session, const char *command, GDBusMethodInvocation *invocation,
           GAsyncReadyCallback callback)
{
  GCancellable *cancellable;
  SgQmp *qmp = sg_machine_monitor (session->machine, &cancellable);

  g_object_set_data (G_OBJECT (invocation), "session", session);
  sg_qmp_call_async (qmp, command, NULL, -1, cancellable, callback, invocation);
}

/* --- what clients ask */

static gboolean
on_pause (SgSession1 *object, GDBusMethodInvocation *invocation, guint seconds, SgSession *session)
{
  if (session->state != SG_STATE_RUNNING)
    refuse (invocation, "Only a sandbox that runs can be paused");
  else if (session->pause_source != 0)
    refuse (invocation, "The sandbox is paused already");
  else if (sg_memory_available () < LITTLE_MEMORY)
    refuse (invocation, "There is too little free memory to keep a closed sandbox");
  else
    {
      seconds = CLAMP (seconds, 1, SG_PAUSE_SECONDS_MAX);
      session->pause_source = g_timeout_add_seconds (seconds, too_late, session);
      session->paused_by = g_dbus_method_invocation_get_connection (invocation);
      tell_qemu (session, "stop", invocation, stopped);
    }
  return TRUE;
}

static gboolean
on_resume (SgSession1 *object, GDBusMethodInvocation *invocation, SgSession *session)
{
  if (session->state != SG_STATE_RUNNING || session->pause_source == 0)
    refuse (invocation, "The sandbox is not paused, or it is too late");
  else
    {
      forget (session);
      tell_qemu (session, "cont", invocation, went_on);
    }
  return TRUE;
}

void
sg_session_pause_connect (SgSession *session)
{
  g_autoptr (GError) error = NULL;
  SgClockWatch *watch = sg_clock_watch_new (clock_jumped, session, &error);

  if (watch != NULL)
    g_object_set_data_full (G_OBJECT (session->object), "clock", watch,
                            (GDestroyNotify)sg_clock_watch_free);
  else
    g_message ("%s", error->message);
  g_signal_connect (session->object, "handle-pause", G_CALLBACK (on_pause), session);
  g_signal_connect (session->object, "handle-resume", G_CALLBACK (on_resume), session);
}
