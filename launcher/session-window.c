/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/session-window.h"

#define MARK "sandglass-window"
#define WINDOWS "sandglass-windows"
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

/* While the machine waits for somebody to take it (standby.h): its picture, and no more. */
static const char *const allowed_waiting[] = { "BecomeWindow", "OpenDisplay", "WaitReady", NULL };

/* --- which windows there are; the last one came last */

static GPtrArray *
windows_of (SgSession1 *object)
{
  GPtrArray *windows = g_object_get_data (G_OBJECT (object), WINDOWS);

  if (windows == NULL)
    {
      windows = g_ptr_array_new ();
      g_object_set_data_full (G_OBJECT (object), WINDOWS, windows,
                              (GDestroyNotify)g_ptr_array_unref);
    }
  return windows;
}

static void
on_closed (GDBusConnection *client, gboolean vanished, GError *error, gpointer object)
{
  GPtrArray *windows = windows_of (object);

  g_ptr_array_remove (windows, client);
  sg_session1_set_windows (object, windows->len);
}

static void
add_window (SgSession1 *object, GDBusConnection *client)
{
  GPtrArray *windows = windows_of (object);

  if (g_ptr_array_find (windows, client, NULL))
    return;
  g_ptr_array_add (windows, client);
  g_signal_connect_object (client, "closed", G_CALLBACK (on_closed), object, 0);
  sg_session1_set_windows (object, windows->len);
}

static gboolean
on_ask_window (SgSession1 *object, GDBusMethodInvocation *invocation, const char *what,
               SgSession *session)
{
  static const char *const known[] = { "show", "close", NULL };
  GPtrArray *windows = windows_of (object);

  if (!g_strv_contains (known, what))
    {
      g_dbus_method_invocation_return_error (invocation, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                                             "A window can be asked to show or to close");
      return TRUE;
    }
  if (windows->len > 0)
    g_dbus_connection_emit_signal (windows->pdata[windows->len - 1], NULL,
                                   g_dbus_interface_skeleton_get_object_path (
                                       G_DBUS_INTERFACE_SKELETON (object)),
                                   "org.sandglass.Session1", "WindowAsked",
                                   g_variant_new ("(s)", what), NULL);
  sg_session1_complete_ask_window (object, invocation, windows->len > 0);
  return TRUE;
}

static gboolean
on_become_window (SgSession1 *object, GDBusMethodInvocation *invocation, SgSession *session)
{
  GDBusConnection *client = g_dbus_method_invocation_get_connection (invocation);

  g_object_set_data (G_OBJECT (client), MARK, GINT_TO_POINTER (TRUE));
  add_window (object, client);
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
  gboolean is_window = g_object_get_data (G_OBJECT (client), MARK) != NULL;

  if ((!is_window || g_strv_contains (allowed, method))
      && (session->standby == NULL || g_strv_contains (allowed_waiting, method)))
    return TRUE;
  g_message ("a window asked for %s, which no window may", method);
  g_dbus_method_invocation_return_error (invocation, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                                         "A sandbox's window may not do that");
  return FALSE;
}

gboolean
sg_session_window_goes_on (SgSession *session)
{
  GPtrArray *windows = windows_of (session->object);

  for (guint i = 0; i < windows->len; i++)
    sg_enforce_window (session->enforce, windows->pdata[i]);
  return windows->len > 0;
}

void
sg_session_window_connect (SgSession *session)
{
  g_signal_connect (session->object, "g-authorize-method", G_CALLBACK (on_authorize), session);
  g_signal_connect (session->object, "handle-ask-window", G_CALLBACK (on_ask_window), session);
  g_signal_connect (session->object, "handle-become-window", G_CALLBACK (on_become_window),
                    session);
  g_signal_connect (session->object, "handle-transferring", G_CALLBACK (on_transferring), session);
}
