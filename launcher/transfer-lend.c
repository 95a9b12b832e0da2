/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cancelled, the call goes on: the session does what it was asked, and what it has lent must be given
 * back. */
#include "launcher/transfer-lend.h"

#include "launcher/client.h"

#include <gio/gunixfdlist.h>

static void
lent (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GDBusConnection *connection = G_DBUS_CONNECTION (source);
  GError *error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_with_unix_fd_list_finish (connection, NULL, result, &error);
  const char *place;

  if (reply == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  g_variant_get (reply, "(&s)", &place);
  if (!g_task_return_error_if_cancelled (task))
    g_task_return_pointer (task, g_strdup (place), g_free);
  else
    sg_transfer_lend_end (connection, place);
}

void
sg_transfer_lend_async (GDBusConnection *connection, int fd, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  g_autoptr (GUnixFDList) list = g_unix_fd_list_new ();
  GError *error = NULL;

  g_task_set_check_cancellable (task, FALSE);
  if (g_unix_fd_list_append (list, fd, &error) < 0)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  g_dbus_connection_call_with_unix_fd_list (connection, NULL, SG_CLIENT_PATH, SG_CLIENT_INTERFACE,
                                            "Lend", g_variant_new ("(h)", 0),
                                            G_VARIANT_TYPE ("(s)"), G_DBUS_CALL_FLAGS_NONE,
                                            G_MAXINT, list, NULL, lent, task);
}

char *
sg_transfer_lend_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
sg_transfer_lend_end (GDBusConnection *connection, const char *place)
{
  g_dbus_connection_call (connection, NULL, SG_CLIENT_PATH, SG_CLIENT_INTERFACE, "EndLoan",
                          g_variant_new ("(s)", place), NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, -1,
                          NULL, NULL, NULL);
}
