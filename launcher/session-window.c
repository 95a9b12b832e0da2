/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/session-window.h"

#define MARK "sandglass-window"
#define COPIES "sandglass-copies"

static const char *const allowed[] = {
  "OpenDisplay", /* what it is for */
  "WaitReady",   /* when there is a desktop to see */
  "Used",        /* the person works in it */
  "Network",     /* the switch in its bar, within what is granted */
  "NetworkRecords", "Memory",  "StepLog",      "Unshare", /* takes away, gives nothing */
  "TakeUsb",
  "RestartClean",                                         /* the same request again */
  "Rescue", /* shows the files of one that stopped to others; gives nothing */
  "Pause",                                                /* closing, and taking that back */
  "Resume",         "Discard", "BecomeWindow", NULL,
};

static gboolean
on_become_window (SgSession1 *object, GDBusMethodInvocation *invocation, SgSession *session)
{
  GDBusConnection *client = g_dbus_method_invocation_get_connection (invocation);

  g_object_set_data (G_OBJECT (client), MARK, GINT_TO_POINTER (TRUE));
  sg_session1_complete_become_window (object, invocation);
  return TRUE;
}

/* --- a client that copies files */

static void
copies_no_more (GDBusConnection *client, gboolean vanished, GError *error, SgSession *session)
{
  g_signal_handlers_disconnect_by_func (client, copies_no_more, session);
  sg_session1_set_transfers (session->object, sg_session1_get_transfers (session->object) - 1);
}

static gboolean
on_transferring (SgSession1 *object, GDBusMethodInvocation *invocation, SgSession *session)
{
  GDBusConnection *client = g_dbus_method_invocation_get_connection (invocation);

  if (g_object_get_data (G_OBJECT (client), COPIES) == NULL && !g_dbus_connection_is_closed (client))
    {
      g_object_set_data (G_OBJECT (client), COPIES, GINT_TO_POINTER (TRUE));
      g_signal_connect (client, "closed", G_CALLBACK (copies_no_more), session);
      sg_session1_set_transfers (object, sg_session1_get_transfers (object) + 1);
    }
  sg_session1_complete_transferring (object, invocation);
  return TRUE;
}

/* FALSE: it has been answered. */
static gboolean
on_authorize (GDBusInterfaceSkeleton *object, GDBusMethodInvocation *invocation, SgSession *session)
{
  GDBusConnection *client = g_dbus_method_invocation_get_connection (invocation);
  const char *method = g_dbus_method_invocation_get_method_name (invocation);

  if (g_object_get_data (G_OBJECT (client), MARK) == NULL || g_strv_contains (allowed, method))
    return TRUE;
  g_message ("a window asked for %s, which no window may", method);
  g_dbus_method_invocation_return_error (invocation, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                                         "A sandbox's window may not do that");
  return FALSE;
}

void
sg_session_window_connect (SgSession *session)
{
  g_signal_connect (session->object, "g-authorize-method", G_CALLBACK (on_authorize), session);
  g_signal_connect (session->object, "handle-become-window", G_CALLBACK (on_become_window),
                    session);
  g_signal_connect (session->object, "handle-transferring", G_CALLBACK (on_transferring), session);
}
