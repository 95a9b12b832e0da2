/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/client.h"

#include "common/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixsocketaddress.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER_MSEC 5000

static gboolean
is_id (const char *name)
{
  return strlen (name) == 8 && strspn (name, "0123456789abcdef") == 8;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

char **
sg_client_ids (GError **error)
{
  g_autofree char *runtime = sg_paths_runtime (error);
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (runtime == NULL)
    return NULL;
  dir = g_dir_open (runtime, 0, error);
  if (dir == NULL)
    return NULL;
  while ((name = g_dir_read_name (dir)) != NULL)
    if (is_id (name))
      g_ptr_array_add (ids, g_strdup (name));
  g_ptr_array_sort (ids, compare);
  g_ptr_array_add (ids, NULL);
  return (char **)g_ptr_array_steal (ids, NULL);
}

char *
sg_client_resolve (const char *word, GError **error)
{
  g_auto (GStrv) ids = sg_client_ids (error);
  const char *found = NULL;

  if (ids == NULL)
    return NULL;
  for (char **id = ids; *id != NULL && *word != '\0'; id++)
    {
      if (!g_str_has_prefix (*id, word))
        continue;
      if (found != NULL)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                       "More than one sandbox's id begins with '%s'; give more of it", word);
          return NULL;
        }
      found = *id;
    }
  if (found != NULL)
    return g_strdup (found);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
               "No sandbox '%s' is open; `sandglass list` shows those that are", word);
  return NULL;
}

/* The directory is ours alone (sg_paths_runtime() has checked it), but the socket in it could be of
 * a session that somebody else's mistake put there: look at who listens. */
static gboolean
is_ours (GSocket *socket)
{
  g_autoptr (GCredentials) peer = g_socket_get_credentials (socket, NULL);

  return peer != NULL && g_credentials_get_unix_user (peer, NULL) == geteuid ();
}

int
sg_client_open (const char *id, GError **error)
{
  g_autofree char *runtime = sg_paths_runtime (error);
  g_autofree char *path = runtime != NULL ? g_build_filename (runtime, id, "control", NULL) : NULL;
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GError) local = NULL;
  int fd;

  if (path == NULL)
    return -1;
  address = g_unix_socket_address_new (path);
  socket
      = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, error);
  if (socket == NULL)
    return -1;
  if (!g_socket_connect (socket, address, NULL, &local))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                   "The sandbox %s does not answer; it may have just ended (%s)", id,
                   local->message);
      return -1;
    }
  if (!is_ours (socket))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                   "The sandbox %s belongs to another user", id);
      return -1;
    }
  fd = fcntl (g_socket_get_fd (socket), F_DUPFD_CLOEXEC, 3);
  if (fd < 0)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "No descriptor is free: %s",
                 g_strerror (errno));
  return fd;
}

GDBusConnection *
sg_client_connect (const char *id, GError **error)
{
  int fd = sg_client_open (id, error);
  g_autoptr (GSocket) socket = fd >= 0 ? g_socket_new_from_fd (fd, error) : NULL;
  g_autoptr (GSocketConnection) stream = NULL;

  if (socket == NULL)
    {
      if (fd >= 0)
        close (fd);
      return NULL;
    }
  stream = g_socket_connection_factory_create_connection (socket);
  return g_dbus_connection_new_sync (
      G_IO_STREAM (stream), NULL, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL, NULL, error);
}

GVariant *
sg_client_call (GDBusConnection *connection, const char *method, GVariant *parameters,
                const GVariantType *reply_type, int timeout_msec, GError **error)
{
  GVariant *reply = g_dbus_connection_call_sync (
      connection, NULL, SG_CLIENT_PATH, SG_CLIENT_INTERFACE, method, parameters, reply_type,
      G_DBUS_CALL_FLAGS_NONE, timeout_msec < 0 ? G_MAXINT : timeout_msec, NULL, error);

  if (reply == NULL && error != NULL)
    g_dbus_error_strip_remote_error (*error);
  return reply;
}

GVariant *
sg_client_properties (GDBusConnection *connection, GError **error)
{
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      connection, NULL, SG_CLIENT_PATH, "org.freedesktop.DBus.Properties", "GetAll",
      g_variant_new ("(s)", SG_CLIENT_INTERFACE), G_VARIANT_TYPE ("(a{sv})"),
      G_DBUS_CALL_FLAGS_NONE, ANSWER_MSEC, NULL, error);

  return reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;
}
