/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Lock signal asks the desktop to lock; most then set LockedHint, and take it back when the person
 * is there again.  A locker that knows nothing of hints would leave the clipboard shut for ever: so a
 * signal that no hint follows counts for some time only, after that the screen saver's word does. */
#include "ui/clipboard-login.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <unistd.h>

#define NAME "org.freedesktop.login1"
#define SESSION NAME ".Session"
#define SOCKET "/run/dbus/system_bus_socket"
#define SIGNAL_SECONDS 60

typedef struct
{
  SgClipLoginFunc func;
  gpointer data;
  gboolean asked, hinted;
  guint source;
} Login;

static void
say (Login *login)
{
  login->func (login->asked || login->hinted, login->data);
}

static gboolean
forget_signal (gpointer data)
{
  Login *login = data;

  login->source = 0;
  login->asked = FALSE;
  say (login);
  return G_SOURCE_REMOVE;
}

static void
on_signal (GDBusConnection *bus, const char *sender, const char *path, const char *interface,
           const char *signal, GVariant *parameters, gpointer data)
{
  Login *login = data;

  g_clear_handle_id (&login->source, g_source_remove);
  login->asked = g_str_equal (signal, "Lock");
  if (login->asked)
    login->source = g_timeout_add_seconds (SIGNAL_SECONDS, forget_signal, login);
  else
    login->hinted = FALSE;
  say (login);
}

static void
take_hint (Login *login, gboolean hinted)
{
  /* The hint has taken over, or was taken back: the signal is history either way. */
  if (hinted != login->hinted)
    {
      login->asked = FALSE;
      g_clear_handle_id (&login->source, g_source_remove);
    }
  login->hinted = hinted;
  say (login);
}

static void
on_properties (GDBusConnection *bus, const char *sender, const char *path, const char *interface,
               const char *signal, GVariant *parameters, gpointer data)
{
  g_autoptr (GVariant) changed = NULL;
  gboolean hinted;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sa{sv}as)")))
    return;
  changed = g_variant_get_child_value (parameters, 1);
  if (g_variant_lookup (changed, "LockedHint", "b", &hinted))
    take_hint (data, hinted);
}

static void
got_hint (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  g_autoptr (GVariant) value = NULL;

  if (reply == NULL)
    return;
  g_variant_get (reply, "(v)", &value);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    take_hint (data, g_variant_get_boolean (value));
}

static void
got_session (GObject *source, GAsyncResult *result, gpointer data)
{
  GDBusConnection *bus = G_DBUS_CONNECTION (source);
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (bus, result, NULL);
  static const char *const signals[] = { "Lock", "Unlock" };
  const char *path;

  if (reply == NULL)
    return; /* no logind, or no session of ours */
  g_variant_get (reply, "(&o)", &path);
  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    g_dbus_connection_signal_subscribe (bus, NAME, SESSION, signals[i], path, NULL,
                                        G_DBUS_SIGNAL_FLAGS_NONE, on_signal, data, NULL);
  g_dbus_connection_signal_subscribe (bus, NAME, "org.freedesktop.DBus.Properties",
                                      "PropertiesChanged", path, SESSION, G_DBUS_SIGNAL_FLAGS_NONE,
                                      on_properties, data, NULL);
  g_dbus_connection_call (bus, NAME, path, "org.freedesktop.DBus.Properties", "Get",
                          g_variant_new ("(ss)", SESSION, "LockedHint"), G_VARIANT_TYPE ("(v)"),
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, got_hint, data);
}

gboolean
sg_clip_login_is_there (void)
{
  return g_getenv ("DBUS_SYSTEM_BUS_ADDRESS") != NULL || g_access (SOCKET, W_OK) == 0;
}

void
sg_clip_login_watch (SgClipLoginFunc func, gpointer data)
{
  GDBusConnection *bus
      = sg_clip_login_is_there () ? g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, NULL) : NULL;
  Login *login;

  if (bus == NULL)
    return;
  /* As long as the process lives. */
  login = g_new0 (Login, 1);
  login->func = func;
  login->data = data;
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  g_dbus_connection_call (bus, NAME, "/org/freedesktop/login1", NAME ".Manager", "GetSession",
                          g_variant_new ("(s)", "auto"), G_VARIANT_TYPE ("(o)"),
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, got_session, login);
}
