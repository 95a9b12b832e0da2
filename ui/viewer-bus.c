/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/viewer-bus.h"

#include "common/fd.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* A desktop that hangs must not hold the window up for ever.  But one that is only busy must be waited
 * for: whoever was not heard now cannot use a screen reader in this window at all. */
#define ANSWER_MSEC 8000
#define CALL_MSEC 7500
#define ADDRESS_MAX 1024
#define NAME "org.a11y.Bus"
#define PATH "/org/a11y/bus"

/* --- the helper --- */

static gboolean
is_used (GDBusConnection *bus)
{
  static const char *const names[] = { "IsEnabled", "ScreenReaderEnabled" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
          bus, NAME, PATH, "org.freedesktop.DBus.Properties", "Get",
          g_variant_new ("(ss)", "org.a11y.Status", names[i]), G_VARIANT_TYPE ("(v)"),
          G_DBUS_CALL_FLAGS_NONE, CALL_MSEC, NULL, NULL);
      g_autoptr (GVariant) value = NULL;

      if (reply == NULL)
        return FALSE;
      g_variant_get (reply, "(v)", &value);
      if (g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN) && g_variant_get_boolean (value))
        return TRUE;
    }
  return FALSE;
}

static void
answer (int fd)
{
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  g_autoptr (GVariant) reply = NULL;
  const char *address = "";

  if (bus == NULL || !is_used (bus))
    return;
  reply = g_dbus_connection_call_sync (bus, NAME, PATH, NAME, "GetAddress", NULL,
                                       G_VARIANT_TYPE ("(s)"), G_DBUS_CALL_FLAGS_NONE, CALL_MSEC,
                                       NULL, NULL);
  if (reply == NULL)
    return;
  g_variant_get (reply, "(&s)", &address);
  if (strlen (address) < ADDRESS_MAX)
    sg_write_all (fd, address, strlen (address), NULL);
}

static gboolean
have_bus (void)
{
  g_autofree char *socket = g_build_filename (g_get_user_runtime_dir (), "bus", NULL);

  return g_getenv ("DBUS_SESSION_BUS_ADDRESS") != NULL || g_access (socket, W_OK) == 0;
}

int
sg_viewer_bus_ask (void)
{
  int ours, theirs;

  if (!have_bus () || g_getenv ("AT_SPI_BUS_ADDRESS") != NULL || g_getenv ("NO_AT_BRIDGE") != NULL
      || !sg_socketpair (&ours, &theirs, NULL))
    return -1;
  switch (fork ())
    {
    case 0:
      close (ours);
      answer (theirs);
      _exit (0);
    case -1:
      close (ours);
      ours = -1;
      /* fall through */
    default:
      close (theirs);
      return ours;
    }
}

/* --- the viewer --- */

static gboolean
read_answer (int fd, char address[ADDRESS_MAX])
{
  gint64 deadline = g_get_monotonic_time () + ANSWER_MSEC * 1000;
  gsize length = 0;

  while (length < ADDRESS_MAX - 1)
    {
      struct pollfd poller = { .fd = fd, .events = POLLIN };
      gint64 left = (deadline - g_get_monotonic_time ()) / 1000;
      gssize n;

      if (left <= 0 || poll (&poller, 1, (int)left) <= 0)
        return FALSE;
      n = read (fd, address + length, ADDRESS_MAX - 1 - length);
      if (n <= 0)
        break;
      length += (gsize)n;
    }
  address[length] = '\0';
  return length > 0;
}

void
sg_viewer_bus_leave (int fd)
{
  char address[ADDRESS_MAX];

  if (fd >= 0 && read_answer (fd, address))
    g_setenv ("AT_SPI_BUS_ADDRESS", address, TRUE);
  else if (g_getenv ("AT_SPI_BUS_ADDRESS") == NULL)
    g_setenv ("NO_AT_BRIDGE", "1", TRUE);
  if (fd >= 0)
    close (fd);
  /* Not unset: then it would be looked for in other places. */
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "disabled:", TRUE);
}
