/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Both end by themselves with this process: the manager's with the connection, logind's with the
 * descriptor. */
#include "ui/stay.h"

#include "common/fd.h"

#include <gio/gio.h>
#include <gio/gunixfdlist.h>
#include <glib/gi18n.h>

#define PATIENCE_MSEC 2000
#define LOGOUT 1 /* flags of org.gnome.SessionManager */
#define SUSPEND 4

struct SgStay
{
  GDBusConnection *session; /* owned; NULL: not held there */
  int logind;               /* owned; -1: not held there */
};

static const char *
reason (void)
{
  return _ ("A sandbox is open; everything in it disappears when it ends.");
}

/* Without one, GLib would start a bus, which nobody wants. */
static gboolean
has_session_bus (void)
{
  g_autofree char *socket = g_build_filename (g_get_user_runtime_dir (), "bus", NULL);

  return g_getenv ("DBUS_SESSION_BUS_ADDRESS") != NULL || g_file_test (socket, G_FILE_TEST_EXISTS);
}

/* The person's own bus; it stays connected as long as it is held. */
static void
ask_session (SgStay *stay)
{
  g_autoptr (GDBusConnection) bus
      = has_session_bus () ? g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL) : NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  if (bus == NULL)
    return;
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  reply = g_dbus_connection_call_sync (
      bus, "org.gnome.SessionManager", "/org/gnome/SessionManager", "org.gnome.SessionManager",
      "Inhibit",
      g_variant_new ("(susu)", "org.sandglass.Sandglass", 0, reason (), LOGOUT | SUSPEND),
      G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, PATIENCE_MSEC, NULL, &error);
  if (reply != NULL)
    stay->session = g_steal_pointer (&bus);
  else
    g_info ("the session's end is not held back: %s", error->message);
}

static void
ask_logind (SgStay *stay)
{
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, NULL);
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  if (bus == NULL)
    return;
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  reply = g_dbus_connection_call_with_unix_fd_list_sync (
      bus, "org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager",
      "Inhibit", g_variant_new ("(ssss)", "shutdown:sleep", "Sandglass", reason (), "block"),
      G_VARIANT_TYPE ("(h)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, PATIENCE_MSEC, NULL, &fds, NULL,
      &error);
  if (reply != NULL && fds != NULL && g_unix_fd_list_get_length (fds) == 1)
    stay->logind = g_unix_fd_list_get (fds, 0, NULL);
  else
    g_info ("shutdown and sleep are not held back: %s",
            error != NULL ? error->message : "no descriptor");
}

SgStay *
sg_stay_begin (void)
{
  SgStay *stay = g_new0 (SgStay, 1);

  stay->logind = -1;
  ask_session (stay);
  ask_logind (stay);
  return stay;
}

int
sg_stay_holds (const SgStay *stay)
{
  return (stay->session != NULL ? SG_STAY_SESSION : 0) | (stay->logind >= 0 ? SG_STAY_LOGIND : 0);
}

void
sg_stay_end (SgStay *stay)
{
  if (stay == NULL)
    return;
  if (stay->session != NULL)
    g_dbus_connection_close_sync (stay->session, NULL, NULL);
  g_clear_object (&stay->session);
  sg_fd_clear (&stay->logind);
  g_free (stay);
}
