/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A screen saver on a session bus of the test's own; what the helper says of it. */
#include "ui/clipboard-lock.h"

#include <check.h>
#include <gio/gio.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
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

START_TEST (test_nobody_to_ask)
{
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
  tcase_add_test (tests, test_nobody_to_ask);
  suite_add_tcase (suite, tests);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
