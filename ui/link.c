/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The proxy is made in three steps that each may take time (a session that is just being started
 * answers late), so calls made earlier wait in a list until it is there, or fail with it. */
#include "ui/link-internal.h"

#include "common/fd.h"
#include "common/paths.h"

#include <gio/gunixfdlist.h>
#include <glib/gi18n.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PATH "/org/sandglass/Session1"
#define INTERFACE "org.sandglass.Session1"

G_DEFINE_TYPE (SgLink, sg_link, G_TYPE_OBJECT)

enum
{
  CHANGED,
  NOTICE,
  ASKED,
  GONE,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* --- what changes --- */

static void
take_property (SgLink *self, const char *name, GVariant *value)
{
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    g_hash_table_insert (self->texts, g_strdup (name), g_variant_dup_string (value, NULL));
  else if (g_str_equal (name, "StartedAt") && g_variant_is_of_type (value, G_VARIANT_TYPE_INT64))
    self->started_at = g_variant_get_int64 (value);
  else if (g_str_equal (name, "Windows") && g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32))
    self->windows = g_variant_get_uint32 (value);
  else if (g_str_equal (name, "Transfers") && g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32))
    self->transfers = g_variant_get_uint32 (value);
  else if (g_str_equal (name, "Shares") && g_variant_is_of_type (value, G_VARIANT_TYPE ("a(ssb)")))
    {
      g_clear_pointer (&self->shares, g_variant_unref);
      self->shares = g_variant_ref (value);
    }
  else if (g_str_equal (name, "UsbDevices")
           && g_variant_is_of_type (value, G_VARIANT_TYPE ("a(ssb)")))
    {
      g_clear_pointer (&self->usb, g_variant_unref);
      self->usb = g_variant_ref (value);
    }
}

static void
tell (SgLink *self)
{
  g_autoptr (SgLink) alive = g_object_ref (self);

  g_signal_emit (self, signals[CHANGED], 0);
  if (sg_link_is_over (self) && !self->said_gone)
    {
      self->said_gone = TRUE;
      g_signal_emit (self, signals[GONE], 0);
    }
}

static void
on_properties (GDBusProxy *proxy, GVariant *changed, char **invalidated, gpointer data)
{
  SgLink *self = data;
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&iter, changed);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    take_property (self, name, value);
  tell (self);
}

static void
on_signal (GDBusProxy *proxy, const char *sender, const char *name, GVariant *parameters,
           gpointer data)
{
  const char *kind, *message;

  if (g_str_equal (name, "WindowAsked")
      && g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(s)")))
    {
      g_variant_get (parameters, "(&s)", &kind);
      g_signal_emit (data, signals[ASKED], 0, kind);
      return;
    }
  if (!g_str_equal (name, "Notice") || !g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ss)")))
    return;
  g_variant_get (parameters, "(&s&s)", &kind, &message);
  g_signal_emit (data, signals[NOTICE], 0, kind, message);
}

static void start_call (SgLink *self, GTask *task);

static void
flush_waiting (SgLink *self)
{
  GList *waiting = g_list_reverse (g_steal_pointer (&self->waiting));

  for (GList *l = waiting; l != NULL; l = l->next)
    start_call (self, l->data);
  g_list_free (waiting);
}

static void
break_link (SgLink *self, const char *words)
{
  if (self->broken != NULL)
    return;
  self->broken = g_strdup (words);
  flush_waiting (self);
  tell (self);
}

static void
on_closed (GDBusConnection *connection, gboolean vanished, GError *error, gpointer data)
{
  break_link (data, _ ("The part of Sandglass that ran the sandbox stopped unexpectedly; "
                       "everything in the sandbox is gone."));
}

/* --- connecting --- */

gboolean
sg_link_is_id (const char *text)
{
  return strlen (text) == 8 && strspn (text, "0123456789abcdef") == 8;
}

int
sg_link_reach (const char *id, GError **error)
{
  g_autofree char *runtime = sg_paths_runtime (error);
  g_autofree char *path = NULL;
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  sg_fd int fd = -1;

  if (runtime == NULL)
    return -1;
  path = g_build_filename (runtime, id, "control", NULL);
  if (g_strlcpy (address.sun_path, path, sizeof address.sun_path) >= sizeof address.sun_path)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME, "%s is too long", path);
      return -1;
    }
  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || connect (fd, (struct sockaddr *)&address, sizeof address) < 0)
    {
      sg_errno (error, "The sandbox %s cannot be reached", id);
      return -1;
    }
  return sg_fd_steal (&fd);
}

static void
proxy_made (GObject *source, GAsyncResult *result, gpointer data)
{
  SgLink *self = data;
  g_autoptr (GError) error = NULL;
  GDBusProxy *proxy = g_dbus_proxy_new_finish (result, &error);
  g_auto (GStrv) names = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* SELF is gone */
  if (proxy == NULL)
    {
      break_link (self, _ ("The sandbox does not answer."));
      return;
    }
  self->proxy = proxy;
  g_signal_connect (proxy, "g-properties-changed", G_CALLBACK (on_properties), self);
  g_signal_connect (proxy, "g-signal", G_CALLBACK (on_signal), self);
  names = g_dbus_proxy_get_cached_property_names (proxy);
  for (gsize i = 0; names != NULL && names[i] != NULL; i++)
    {
      g_autoptr (GVariant) value = g_dbus_proxy_get_cached_property (proxy, names[i]);
      take_property (self, names[i], value);
    }
  flush_waiting (self);
  tell (self);
}

static void
connected (GObject *source, GAsyncResult *result, gpointer data)
{
  SgLink *self = data;
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection = g_dbus_connection_new_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* SELF is gone */
  if (connection == NULL)
    {
      break_link (self, _ ("The part of Sandglass that runs sandboxes did not start."));
      return;
    }
  self->connection = connection;
  g_signal_connect (connection, "closed", G_CALLBACK (on_closed), self);
  g_dbus_proxy_new (connection, G_DBUS_PROXY_FLAGS_NONE, NULL, NULL, PATH, INTERFACE,
                    self->cancellable, proxy_made, self);
}

static gboolean
break_later (gpointer data)
{
  break_link (data, _ ("The sandbox could not be reached."));
  return G_SOURCE_REMOVE;
}

void
sg_link_connect (SgLink *link, int fd)
{
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, NULL);
  g_autoptr (GSocketConnection) stream = NULL;

  if (socket == NULL)
    {
      close (fd);
      g_idle_add_full (G_PRIORITY_DEFAULT, break_later, g_object_ref (link), g_object_unref);
      return;
    }
  stream = g_socket_connection_factory_create_connection (socket);
  g_dbus_connection_new (G_IO_STREAM (stream), NULL, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT,
                         NULL, link->cancellable, connected, link);
}

SgLink *
sg_link_new_later (void)
{
  return g_object_new (SG_TYPE_LINK, NULL);
}

SgLink *
sg_link_new (int fd)
{
  SgLink *self = sg_link_new_later ();

  sg_link_connect (self, fd);
  return self;
}

/* --- calls --- */

typedef struct
{
  const char *method;   /* a literal */
  GVariant *parameters; /* owned; NULL: none */
  GVariant *reply;      /* owned */
} Call;

static void
call_free (gpointer data)
{
  Call *call = data;

  g_clear_pointer (&call->parameters, g_variant_unref);
  g_clear_pointer (&call->reply, g_variant_unref);
  g_free (call);
}

static void
call_done (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GUnixFDList) fds = NULL;
  Call *call = g_task_get_task_data (task);
  GError *error = NULL;

  call->reply
      = g_dbus_proxy_call_with_unix_fd_list_finish (G_DBUS_PROXY (source), &fds, result, &error);
  if (call->reply == NULL)
    {
      g_dbus_error_strip_remote_error (error);
      g_task_return_error (task, error);
    }
  else
    g_task_return_pointer (task, g_steal_pointer (&fds), g_object_unref);
}

static void
start_call (SgLink *self, GTask *task)
{
  Call *call = g_task_get_task_data (task);

  if (self->proxy == NULL || self->broken != NULL)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CLOSED, "%s", self->broken);
      g_object_unref (task);
      return;
    }
  g_dbus_proxy_call_with_unix_fd_list (self->proxy, call->method, call->parameters,
                                       G_DBUS_CALL_FLAGS_NONE, G_MAXINT, NULL, NULL, call_done,
                                       task);
}

void
sg_link_call_with (SgLink *self, const char *method, GVariant *parameters,
                   GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (self, NULL, callback, data);
  Call *call = g_new0 (Call, 1);

  call->method = method;
  call->parameters = parameters != NULL ? g_variant_ref_sink (parameters) : NULL;
  g_task_set_task_data (task, call, call_free);
  if (self->proxy == NULL && self->broken == NULL)
    self->waiting = g_list_prepend (self->waiting, task);
  else
    start_call (self, task);
}

void
sg_link_call (SgLink *self, const char *method, GAsyncReadyCallback callback, gpointer data)
{
  sg_link_call_with (self, method, NULL, callback, data);
}

gboolean
sg_link_call_finish (GAsyncResult *result, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GUnixFDList) fds = g_task_propagate_pointer (G_TASK (result), &local);

  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

GVariant *
sg_link_call_reply (GAsyncResult *result)
{
  Call *call = g_task_get_task_data (G_TASK (result));

  return call->reply;
}

void
sg_link_discard_async (SgLink *link, GAsyncReadyCallback callback, gpointer data)
{
  link->discarding = TRUE;
  sg_link_call (link, "Discard", callback, data);
}

gboolean
sg_link_discard_finish (SgLink *link, GAsyncResult *result, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GUnixFDList) fds = g_task_propagate_pointer (G_TASK (result), &local);

  /* A session whose connection is closed has ended; its guardian has cleaned up after it. */
  if (local == NULL || g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CLOSED))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* --- the object --- */

static void
sg_link_dispose (GObject *object)
{
  SgLink *self = SG_LINK (object);

  g_cancellable_cancel (self->cancellable);
  if (self->proxy != NULL)
    g_signal_handlers_disconnect_by_data (self->proxy, self);
  if (self->connection != NULL)
    g_signal_handlers_disconnect_by_data (self->connection, self);
  g_clear_object (&self->proxy);
  g_clear_object (&self->connection);
  G_OBJECT_CLASS (sg_link_parent_class)->dispose (object);
}

static void
sg_link_finalize (GObject *object)
{
  SgLink *self = SG_LINK (object);

  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->shares, g_variant_unref);
  g_clear_pointer (&self->usb, g_variant_unref);
  g_clear_pointer (&self->texts, g_hash_table_unref);
  g_free (self->broken);
  G_OBJECT_CLASS (sg_link_parent_class)->finalize (object);
}

static void
sg_link_class_init (SgLinkClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sg_link_dispose;
  G_OBJECT_CLASS (class)->finalize = sg_link_finalize;
  signals[CHANGED] = g_signal_new ("changed", SG_TYPE_LINK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 0);
  signals[NOTICE] = g_signal_new ("notice", SG_TYPE_LINK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
  signals[ASKED] = g_signal_new ("asked", SG_TYPE_LINK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[GONE]
      = g_signal_new ("gone", SG_TYPE_LINK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
sg_link_init (SgLink *self)
{
  self->cancellable = g_cancellable_new ();
  self->texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}
