/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manager's interface: org.freedesktop.systemd1(5).  It answers with a job, and tells whoever
 * asked for it when the job is done; a child that was started before that would stay outside.  The
 * guardian is started earlier, and does: what ends the scope must not end it. */
#include "launcher/session-scope.h"

#include <string.h>
#include <unistd.h>

#define NAME "org.freedesktop.systemd1"
#define PATH "/org/freedesktop/systemd1"
#define INTERFACE "org.freedesktop.systemd1.Manager"

typedef struct
{
  char *unit;
  GDBusConnection *connection;
  guint subscription, deadline;
  char *job; /* NULL until the manager has answered */
  /* What was told before the answer: a(job, result). */
  GHashTable *removed;
} Scope;

static void
scope_free (gpointer data)
{
  Scope *scope = data;

  if (scope->subscription != 0)
    g_dbus_connection_signal_unsubscribe (scope->connection, scope->subscription);
  g_clear_handle_id (&scope->deadline, g_source_remove);
  g_clear_object (&scope->connection);
  g_hash_table_unref (scope->removed);
  g_free (scope->unit);
  g_free (scope->job);
  g_free (scope);
}

/* Once, whoever comes first: the job's end, an error, the deadline. */
static void
finish (GTask *task, GError *error)
{
  Scope *scope = g_task_get_task_data (task);

  if (g_task_get_completed (task) || scope->deadline == 0)
    {
      g_clear_error (&error);
      return;
    }
  g_clear_handle_id (&scope->deadline, g_source_remove);
  if (scope->subscription != 0)
    g_dbus_connection_signal_unsubscribe (scope->connection, scope->subscription);
  scope->subscription = 0;
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static gboolean
too_late (gpointer data)
{
  finish (data, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                                     "systemd's user manager did not answer in time"));
  return G_SOURCE_REMOVE;
}

static void
look_at_job (GTask *task)
{
  Scope *scope = g_task_get_task_data (task);
  const char *result = scope->job != NULL ? g_hash_table_lookup (scope->removed, scope->job) : NULL;

  if (result == NULL)
    return;
  finish (task, g_str_equal (result, "done")
                    ? NULL
                    : g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "the scope's job: %s", result));
}

static void
on_job_removed (GDBusConnection *connection, const char *sender, const char *path,
                const char *interface, const char *signal, GVariant *parameters, gpointer data)
{
  GTask *task = data;
  Scope *scope = g_task_get_task_data (task);
  const char *job, *unit, *result;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(uoss)")))
    return;
  g_variant_get (parameters, "(u&o&s&s)", NULL, &job, &unit, &result);
  if (!g_str_equal (unit, scope->unit))
    return;
  g_hash_table_insert (scope->removed, g_strdup (job), g_strdup (result));
  look_at_job (task);
}

static void
answered (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Scope *scope = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply == NULL)
    {
      finish (task, error);
      return;
    }
  g_variant_get (reply, "(o)", &scope->job);
  look_at_job (task);
}

static GVariant *
request (const Scope *scope)
{
  guint32 pid = (guint32)getpid ();
  GVariantBuilder properties;

  g_variant_builder_init (&properties, G_VARIANT_TYPE ("a(sv)"));
  g_variant_builder_add (&properties, "(sv)", "Description",
                         g_variant_new_string ("A Sandglass sandbox"));
  g_variant_builder_add (&properties, "(sv)", "PIDs",
                         g_variant_new_fixed_array (G_VARIANT_TYPE_UINT32, &pid, 1, sizeof pid));
  /* What is in a sandbox's memory does not get onto the disk. */
  g_variant_builder_add (&properties, "(sv)", "MemorySwapMax", g_variant_new_uint64 (0));
  /* Gone with the last process, also after a failure. */
  g_variant_builder_add (&properties, "(sv)", "CollectMode",
                         g_variant_new_string ("inactive-or-failed"));
  return g_variant_new ("(ssa(sv)a(sa(sv)))", scope->unit, "fail", &properties, NULL);
}

static void
connected (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Scope *scope = g_task_get_task_data (task);
  GError *error = NULL;

  scope->connection = g_dbus_connection_new_for_address_finish (result, &error);
  if (scope->connection == NULL || scope->deadline == 0)
    {
      finish (task, error);
      return;
    }
  scope->subscription = g_dbus_connection_signal_subscribe (
      scope->connection, NAME, INTERFACE, "JobRemoved", PATH, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
      on_job_removed, g_object_ref (task), g_object_unref);
  g_dbus_connection_call (scope->connection, NAME, PATH, INTERFACE, "StartTransientUnit",
                          request (scope), G_VARIANT_TYPE ("(o)"), G_DBUS_CALL_FLAGS_NO_AUTO_START,
                          SG_SCOPE_MSEC, g_task_get_cancellable (task), answered,
                          g_object_ref (task));
}

/* The bus that is there.  GLib's own search would start one where none is. */
static char *
bus_address (void)
{
  const char *given = g_getenv ("DBUS_SESSION_BUS_ADDRESS");
  const char *runtime = g_getenv ("XDG_RUNTIME_DIR");
  g_autofree char *path = NULL, *escaped = NULL;

  if (given != NULL && *given != '\0')
    return strstr (given, "autolaunch:") == NULL ? g_strdup (given) : NULL;
  if (runtime == NULL)
    return NULL;
  path = g_build_filename (runtime, "bus", NULL);
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return NULL;
  escaped = g_dbus_address_escape_value (path);
  return g_strdup_printf ("unix:path=%s", escaped);
}

void
sg_scope_enter_async (const char *id, GCancellable *cancellable, GAsyncReadyCallback callback,
                      gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);
  g_autofree char *address = bus_address ();
  Scope *scope = g_new0 (Scope, 1);

  g_task_set_source_tag (task, sg_scope_enter_async);
  g_task_set_task_data (task, scope, scope_free);
  scope->unit = g_strdup_printf ("sandglass-%s.scope", id);
  scope->removed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (address == NULL)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no session bus");
      return;
    }
  scope->deadline = g_timeout_add_full (G_PRIORITY_DEFAULT, SG_SCOPE_MSEC, too_late,
                                        g_object_ref (task), g_object_unref);
  g_dbus_connection_new_for_address (address,
                                     G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                         | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                     NULL, cancellable, connected, g_object_ref (task));
}

gboolean
sg_scope_enter_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
