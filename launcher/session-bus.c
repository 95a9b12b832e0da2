/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/session-bus.h"

#include "common/fd.h"

#include <fcntl.h>
#include <gio/gunixsocketaddress.h>
#include <unistd.h>

#define OBJECT_PATH "/org/sandglass/Session1"
#define MOST_CLIENTS 32
#define FLUSH_MSEC 500

struct SgBus
{
  SgSession1 *object;
  const SgBusFuncs *funcs;
  gpointer data;
  char *guid;
  GCancellable *cancellable;
  GSocketListener *listener;
  GDBusConnection *owner; /* in `connections` too; NULL: not yet, or gone */
  GPtrArray *connections;
  guint pending; /* that authenticate */
};

/* What a connection that is being made belongs to. */
typedef struct
{
  SgBus *bus;
  gboolean is_owner;
} Greeting;

static void
on_closed (GDBusConnection *connection, gboolean vanished, GError *error, SgBus *bus)
{
  g_autoptr (GDBusConnection) keep = g_object_ref (connection);
  gboolean was_owner = connection == bus->owner;

  g_signal_handlers_disconnect_by_data (connection, bus);
  g_dbus_interface_skeleton_unexport_from_connection (G_DBUS_INTERFACE_SKELETON (bus->object),
                                                      connection);
  if (was_owner)
    bus->owner = NULL;
  g_ptr_array_remove (bus->connections, connection);
  bus->funcs->client_gone (connection, bus->data);
  if (was_owner)
    bus->funcs->owner_gone (bus->data);
}

static gboolean
serve (SgBus *bus, GDBusConnection *connection, gboolean is_owner, GError **error)
{
  if (!g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (bus->object), connection,
                                         OBJECT_PATH, error))
    return FALSE;
  g_dbus_connection_set_exit_on_close (connection, FALSE);
  g_signal_connect (connection, "closed", G_CALLBACK (on_closed), bus);
  g_ptr_array_add (bus->connections, g_object_ref (connection));
  if (is_owner)
    bus->owner = connection;
  g_dbus_connection_start_message_processing (connection);
  return TRUE;
}

static void
authenticated (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Greeting *greeting = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) connection = g_dbus_connection_new_finish (result, &error);
  SgBus *bus = greeting->bus;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the bus is gone */
  bus->pending--;
  if ((connection == NULL || !serve (bus, connection, greeting->is_owner, &error))
      && greeting->is_owner)
    bus->funcs->owner_gone (bus->data);
}

static void
greet (SgBus *bus, GSocketConnection *stream, gboolean is_owner)
{
  Greeting *greeting = g_new (Greeting, 1);

  greeting->bus = bus;
  greeting->is_owner = is_owner;
  bus->pending++;
  g_dbus_connection_new (G_IO_STREAM (stream), bus->guid,
                         G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER
                             | G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_REQUIRE_SAME_USER
                             | G_DBUS_CONNECTION_FLAGS_DELAY_MESSAGE_PROCESSING,
                         NULL, bus->cancellable, authenticated, greeting);
}

SgBus *
sg_bus_new (SgSession1 *object, const SgBusFuncs *funcs, gpointer data)
{
  SgBus *bus = g_new0 (SgBus, 1);

  bus->object = g_object_ref (object);
  bus->funcs = funcs;
  bus->data = data;
  bus->guid = g_dbus_generate_guid ();
  bus->cancellable = g_cancellable_new ();
  bus->connections = g_ptr_array_new_with_free_func (g_object_unref);
  return bus;
}

gboolean
sg_bus_add (SgBus *bus, int fd, gboolean is_owner, GError **error)
{
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, error);
  g_autoptr (GSocketConnection) stream = NULL;

  if (socket == NULL)
    {
      close (fd);
      return FALSE;
    }
  stream = g_socket_connection_factory_create_connection (socket);
  greet (bus, stream, is_owner);
  return TRUE;
}

void
sg_bus_drop_all (SgBus *bus)
{
  g_autoptr (GPtrArray) all = g_ptr_array_copy (bus->connections, (GCopyFunc)(void *)g_object_ref, NULL);

  g_ptr_array_set_free_func (all, g_object_unref);
  g_cancellable_cancel (bus->cancellable); /* those that authenticate; see authenticated() */
  g_object_unref (bus->cancellable);
  bus->cancellable = g_cancellable_new ();
  bus->pending = 0;
  for (guint i = 0; i < all->len; i++)
    {
      g_dbus_connection_close (all->pdata[i], NULL, NULL, NULL);
      on_closed (all->pdata[i], FALSE, NULL, bus); /* nothing of it is heard from here on */
    }
}

/* --- the socket ---------------------------------------------------------------------------------
 */

/* The directory is 0700; this holds where its mode was changed. */
static gboolean
is_same_user (GSocketConnection *stream)
{
  g_autoptr (GCredentials) peer
      = g_socket_get_credentials (g_socket_connection_get_socket (stream), NULL);
  uid_t uid = peer != NULL ? g_credentials_get_unix_user (peer, NULL) : (uid_t)-1;

  return uid == geteuid ();
}

static void
accepted (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) stream
      = g_socket_listener_accept_finish (G_SOCKET_LISTENER (source), result, NULL, &error);
  SgBus *bus = data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED))
    return;
  if (stream != NULL && is_same_user (stream)
      && bus->connections->len + bus->pending < MOST_CLIENTS)
    greet (bus, stream, FALSE);
  g_socket_listener_accept_async (bus->listener, bus->cancellable, accepted, bus);
}

gboolean
sg_bus_listen (SgBus *bus, SgHome *home, GError **error)
{
  /* By the directory's descriptor: a path has at most 107 bytes in a socket's address. */
  sg_fd int dir = sg_open_at (AT_FDCWD, sg_home_path (home), O_PATH | O_DIRECTORY, 0, error);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d/control", dir);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);

  if (dir < 0)
    return FALSE;
  bus->listener = g_socket_listener_new ();
  if (!g_socket_listener_add_address (bus->listener, address, G_SOCKET_TYPE_STREAM,
                                      G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL, error))
    {
      g_prefix_error (error, "The session's socket in %s cannot be made: ", sg_home_path (home));
      return FALSE;
    }
  g_socket_listener_accept_async (bus->listener, bus->cancellable, accepted, bus);
  return TRUE;
}

void
sg_bus_stop_listening (SgBus *bus)
{
  if (bus->listener != NULL)
    g_socket_listener_close (bus->listener);
}

/* --- the end ------------------------------------------------------------------------------------
 */

static void
flushed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_dbus_connection_flush_finish (G_DBUS_CONNECTION (source), result, NULL);
  (*(guint *)data)--;
}

static gboolean
wake (gpointer data)
{
  *(gboolean *)data = TRUE;
  return G_SOURCE_REMOVE;
}

/* A client that does not read must not hold us up. */
void
sg_bus_flush (SgBus *bus)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  guint waiting = bus->connections->len;
  gboolean late = FALSE;
  guint timer = g_timeout_add (FLUSH_MSEC, wake, &late);

  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (bus->object));
  for (guint i = 0; i < bus->connections->len; i++)
    g_dbus_connection_flush (bus->connections->pdata[i], cancellable, flushed, &waiting);
  while (waiting > 0)
    {
      g_main_context_iteration (NULL, TRUE);
      if (late)
        g_cancellable_cancel (cancellable);
    }
  if (!late)
    g_source_remove (timer);
}

void
sg_bus_free (SgBus *bus)
{
  if (bus == NULL)
    return;
  g_cancellable_cancel (bus->cancellable);
  sg_bus_stop_listening (bus);
  for (guint i = 0; i < bus->connections->len; i++)
    g_signal_handlers_disconnect_by_data (bus->connections->pdata[i], bus);
  g_ptr_array_unref (bus->connections);
  g_clear_object (&bus->listener);
  g_clear_object (&bus->cancellable);
  g_clear_object (&bus->object);
  g_free (bus->guid);
  g_free (bus);
}
