/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A desktop's screen saver for tests, on the session bus: "L" on its standard input locks the screen,
 * "U" unlocks it, the end is its end. */
#include <gio/gio.h>
#include <unistd.h>

#define NAME "org.freedesktop.ScreenSaver"
#define PATH "/org/freedesktop/ScreenSaver"

int
main (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);
  g_autoptr (GVariant) reply = NULL;
  char c;

  if (bus != NULL)
    reply = g_dbus_connection_call_sync (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                         "org.freedesktop.DBus", "RequestName",
                                         g_variant_new ("(su)", NAME, 0), G_VARIANT_TYPE ("(u)"),
                                         G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  if (reply == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  while (read (STDIN_FILENO, &c, 1) == 1)
    if (c == 'L' || c == 'U')
      {
        g_dbus_connection_emit_signal (bus, NULL, PATH, NAME, "ActiveChanged",
                                       g_variant_new ("(b)", c == 'L'), NULL);
        g_dbus_connection_flush_sync (bus, NULL, NULL);
      }
  return 0;
}
