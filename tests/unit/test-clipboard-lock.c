/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A screen saver on a session bus of the test's own; what the helper says of it. */
#include "ui/clipboard-lock.h"

#include <check.h>
#include <gio/gio.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define NAME "org.freedesktop.ScreenSaver"
#define PATH "/org/freedesktop/ScreenSaver"

static const char xml[] = "<node><interface name='" NAME "'><method name='GetActive'>"
                          "<arg type='b' direction='out'/></method></interface></node>";
static gboolean active;

static void
called (GDBusConnection *bus, const char *sender, const char *path, const char *interface,
        const char *method, GVariant *parameters, GDBusMethodInvocation *invocation, gpointer data)
{
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(b)", active));
}

/* What comes within five seconds, while the main loop runs; 0: nothing. */
static char
heard (int fd)
{
  gint64 end = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;
  struct pollfd poller = { .fd = fd, .events = POLLIN };
  char byte = 0;

  while (g_get_monotonic_time () < end)
    {
      while (g_main_context_iteration (NULL, FALSE))
        ;
      if (poll (&poller, 1, 20) > 0)
        return read (fd, &byte, 1) == 1 ? byte : 0;
    }
  return 0;
}

static void
become (GDBusConnection *bus, gboolean now)
{
  active = now;
  g_dbus_connection_emit_signal (bus, NULL, PATH, NAME, "ActiveChanged",
                                 g_variant_new ("(b)", now), NULL);
  g_dbus_connection_flush_sync (bus, NULL, NULL);
}

START_TEST (test_lock)
{
  static const GDBusInterfaceVTable vtable = { called, NULL, NULL, { 0 } };
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (xml, NULL);
  GTestDBus *test = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_autoptr (GDBusConnection) bus = NULL;
  int fd;

  g_test_dbus_up (test);
  fd = sg_clipboard_lock_watch ();
  ck_assert_int_ge (fd, 0);
  ck_assert_int_eq (heard (fd), SG_CLIP_LOCK_OPEN);
  bus = g_dbus_connection_new_for_address_sync (
      g_test_dbus_get_bus_address (test),
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, NULL);
  ck_assert_ptr_nonnull (bus);
  g_dbus_connection_register_object (bus, PATH, node->interfaces[0], &vtable, NULL, NULL, NULL);
  /* Locked already when it appears. */
  active = TRUE;
  g_bus_own_name_on_connection (bus, NAME, G_BUS_NAME_OWNER_FLAGS_NONE, NULL, NULL, NULL, NULL);
  ck_assert_int_eq (heard (fd), SG_CLIP_LOCK_LOCKED);
  become (bus, FALSE);
  ck_assert_int_eq (heard (fd), SG_CLIP_LOCK_OPEN);
  become (bus, TRUE);
  ck_assert_int_eq (heard (fd), SG_CLIP_LOCK_LOCKED);
  /* The bus ends: the descriptor too, and whoever reads takes that for locked. */
  g_dbus_connection_close_sync (bus, NULL, NULL);
  g_test_dbus_stop (test);
  ck_assert_int_eq (heard (fd), 0);
  close (fd);
  g_object_unref (test);
}
END_TEST

/* --- the login manager, on a system bus of the test's own --- */

#define LOGIN "org.freedesktop.login1"
#define SESSION_PATH "/org/freedesktop/login1/session/_32"

static const char login_xml[]
    = "<node><interface name='" LOGIN ".Manager'><method name='GetSession'>"
      "<arg type='s' direction='in'/><arg type='o' direction='out'/></method></interface>"
      "<interface name='" LOGIN ".Session'><property name='LockedHint' type='b' access='read'/>"
      "</interface></node>";

static void
login_called (GDBusConnection *bus, const char *sender, const char *path, const char *interface,
              const char *method, GVariant *parameters, GDBusMethodInvocation *invocation,
              gpointer data)
{
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", SESSION_PATH));
}

static GVariant *
login_property (GDBusConnection *bus, const char *sender, const char *path, const char *interface,
                const char *property, GError **error, gpointer data)
{
  return g_variant_new_boolean (active);
}

static void
hint (GDBusConnection *bus, gboolean locked)
{
  GVariantBuilder changed;

  g_variant_builder_init (&changed, G_VARIANT_TYPE ("a{sv}"));
  g_variant_builder_add (&changed, "{sv}", "LockedHint", g_variant_new_boolean (locked));
  g_dbus_connection_emit_signal (bus, NULL, SESSION_PATH, "org.freedesktop.DBus.Properties",
                                 "PropertiesChanged",
                                 g_variant_new ("(sa{sv}as)", LOGIN ".Session", &changed, NULL),
                                 NULL);
  g_dbus_connection_flush_sync (bus, NULL, NULL);
}

static void
signal_lock (GDBusConnection *bus, const char *path, const char *name)
{
  g_dbus_connection_emit_signal (bus, NULL, path, LOGIN ".Session", name, NULL, NULL);
  g_dbus_connection_flush_sync (bus, NULL, NULL);
}

/* In a process of its own, as the helper must be forked before this one talks D-Bus: does what the
 * letters on FD say. */
static void
be_login_manager (const char *address, int fd)
{
  static const GDBusInterfaceVTable manager = { login_called, NULL, NULL, { 0 } };
  static const GDBusInterfaceVTable session = { NULL, login_property, NULL, { 0 } };
  GDBusNodeInfo *node = g_dbus_node_info_new_for_xml (login_xml, NULL);
  GDBusConnection *bus = g_dbus_connection_new_for_address_sync (
      address,
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, NULL);
  struct pollfd poller = { .fd = fd, .events = POLLIN };
  char letter = 0;

  g_dbus_connection_register_object (bus, "/org/freedesktop/login1", node->interfaces[0], &manager,
                                     NULL, NULL, NULL);
  g_dbus_connection_register_object (bus, SESSION_PATH, node->interfaces[1], &session, NULL, NULL,
                                     NULL);
  active = TRUE; /* locked when the window opens: by another's hand, say */
  g_dbus_connection_call_sync (bus, "org.freedesktop.DBus", "/", "org.freedesktop.DBus",
                               "RequestName", g_variant_new ("(su)", LOGIN, 0), NULL, 0, -1, NULL,
                               NULL);
  if (write (fd, "r", 1) != 1)
    return;
  for (;;)
    {
      while (g_main_context_iteration (NULL, FALSE))
        ;
      if (poll (&poller, 1, 10) <= 0)
        continue;
      if (read (fd, &letter, 1) != 1)
        return;
      if (letter == '0' || letter == '1')
        hint (bus, letter == '1');
      else
        signal_lock (bus, letter == 'x' ? "/org/freedesktop/login1/session/_33" : SESSION_PATH,
                     letter == 'U' ? "Unlock" : "Lock");
    }
}

START_TEST (test_login)
{
  GTestDBus *test = g_test_dbus_new (G_TEST_DBUS_NONE);
  char ready;
  int fds[2], fd;

  g_test_dbus_up (test);
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", g_test_dbus_get_bus_address (test), TRUE);
  g_unsetenv ("DBUS_SESSION_BUS_ADDRESS");
  g_setenv ("XDG_RUNTIME_DIR", "/nonexistent", TRUE);
  ck_assert_int_eq (socketpair (AF_UNIX, SOCK_STREAM, 0, fds), 0);
  if (fork () == 0)
    {
      close (fds[0]);
      be_login_manager (g_test_dbus_get_bus_address (test), fds[1]);
      _exit (0);
    }
  close (fds[1]);
  ck_assert_int_eq (read (fds[0], &ready, 1), 1);
  fd = sg_clipboard_lock_watch ();
  ck_assert_int_ge (fd, 0);
  ck_assert_int_eq (heard (fd), SG_CLIP_LOCK_OPEN); /* until it is known */
  ck_assert_int_eq (heard (fd), SG_CLIP_LOCK_LOCKED);
#define TELL(letters) ck_assert_int_eq (write (fds[0], letters, sizeof letters - 1), sizeof letters - 1)
  TELL ("0");
  ck_assert_int_eq (heard (fd), SG_CLIP_LOCK_OPEN);
  TELL ("x"); /* somebody else's session */
  TELL ("L");
  ck_assert_int_eq (heard (fd), SG_CLIP_LOCK_LOCKED);
  TELL ("U");
  ck_assert_int_eq (heard (fd), SG_CLIP_LOCK_OPEN);
  TELL ("x");
  TELL ("L1"); /* the signal, then the hint; the hint alone opens again */
  ck_assert_int_eq (heard (fd), SG_CLIP_LOCK_LOCKED);
  TELL ("0");
  ck_assert_int_eq (heard (fd), SG_CLIP_LOCK_OPEN);
  close (fd);
  close (fds[0]);
  g_test_dbus_stop (test);
  g_object_unref (test);
}
END_TEST

START_TEST (test_nobody_to_ask)
{
  if (g_file_test ("/run/dbus/system_bus_socket", G_FILE_TEST_EXISTS))
    return; /* this computer's own would be asked */
  g_setenv ("XDG_RUNTIME_DIR", "/nonexistent", TRUE);
  g_unsetenv ("DBUS_SESSION_BUS_ADDRESS");
  ck_assert_int_eq (sg_clipboard_lock_watch (), -1);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("clipboard-lock");
  TCase *tests = tcase_create ("all");
  SRunner *runner;
  g_autofree char *daemon = g_find_program_in_path ("dbus-daemon");
  int failed;

  if (daemon == NULL)
    {
      puts ("skipped: dbus-daemon is not installed");
      return 77;
    }
  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, test_lock);
  tcase_add_test (tests, test_login);
  tcase_add_test (tests, test_nobody_to_ask);
  suite_add_tcase (suite, tests);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
