/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end of the person's session is held back while a window is open, and no longer: asked of a
 * made-up session manager and a made-up logind, on a bus of our own. */
#include "ui/stay.h"

#include <check.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <gio/gunixfdlist.h>
#include <stdio.h>
#include <unistd.h>

static const char xml[]
    = "<node><interface name='org.gnome.SessionManager'><method name='Inhibit'>"
      "<arg type='s' direction='in'/><arg type='u' direction='in'/><arg type='s' direction='in'/>"
      "<arg type='u' direction='in'/><arg type='u' direction='out'/></method></interface>"
      "<interface name='org.freedesktop.login1.Manager'><method name='Inhibit'>"
      "<arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='s' direction='in'/>"
      "<arg type='s' direction='in'/><arg type='h' direction='out'/></method></interface></node>";

static struct
{
  GTestDBus *bus;
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  GDBusConnection *connection;
  int ends[2]; /* what logind gives: its reading end tells when the other one is closed */
  guint flags;
  char *what;
} kit;

static void
on_call (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
         const char *method, GVariant *parameters, GDBusMethodInvocation *invocation, gpointer data)
{
  g_autoptr (GUnixFDList) fds = NULL;

  if (g_str_equal (interface, "org.gnome.SessionManager"))
    {
      g_variant_get (parameters, "(&su&su)", NULL, NULL, NULL, &kit.flags);
      g_dbus_method_invocation_return_value (invocation, g_variant_new ("(u)", 7));
      return;
    }
  g_variant_get (parameters, "(s&s&s&s)", &kit.what, NULL, NULL, NULL);
  fds = g_unix_fd_list_new ();
  g_unix_fd_list_append (fds, kit.ends[1], NULL);
  close (kit.ends[1]);
  g_dbus_method_invocation_return_value_with_unix_fd_list (invocation, g_variant_new ("(h)", 0),
                                                           fds);
}

static gpointer
serve (gpointer data)
{
  g_main_context_push_thread_default (kit.context);
  g_main_loop_run (kit.loop);
  return NULL;
}

static void
own (const char *name)
{
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      kit.connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "RequestName", g_variant_new ("(su)", name, 0), NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);

  ck_assert_ptr_nonnull (reply);
}

static void
start_services (void)
{
  static const GDBusInterfaceVTable vtable = { on_call, NULL, NULL, { 0 } };
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (xml, NULL);

  ck_assert_int_eq (pipe2 (kit.ends, O_CLOEXEC), 0);
  kit.context = g_main_context_new ();
  kit.loop = g_main_loop_new (kit.context, FALSE);
  g_main_context_push_thread_default (kit.context);
  kit.connection = g_dbus_connection_new_for_address_sync (
      g_test_dbus_get_bus_address (kit.bus),
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, NULL);
  ck_assert_ptr_nonnull (kit.connection);
  g_dbus_connection_register_object (kit.connection, "/org/gnome/SessionManager",
                                     node->interfaces[0], &vtable, NULL, NULL, NULL);
  g_dbus_connection_register_object (kit.connection, "/org/freedesktop/login1", node->interfaces[1],
                                     &vtable, NULL, NULL, NULL);
  own ("org.gnome.SessionManager");
  own ("org.freedesktop.login1");
  g_main_context_pop_thread_default (kit.context);
  kit.thread = g_thread_new ("services", serve, NULL);
}

static void
start (void)
{
  kit.bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (kit.bus);
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", g_test_dbus_get_bus_address (kit.bus), TRUE);
}

static void
stop (void)
{
  if (kit.thread != NULL)
    {
      g_main_loop_quit (kit.loop);
      g_thread_join (kit.thread);
      g_clear_object (&kit.connection);
      g_main_loop_unref (kit.loop);
      g_main_context_unref (kit.context);
      close (kit.ends[0]);
    }
  g_free (kit.what);
  g_test_dbus_stop (kit.bus);
  g_object_unref (kit.bus);
}

START_TEST (held_while_it_is_wanted)
{
  SgStay *stay;
  char byte;

  start_services ();
  stay = sg_stay_begin ();
  ck_assert_int_eq (sg_stay_holds (stay), SG_STAY_SESSION | SG_STAY_LOGIND);
  ck_assert_uint_eq (kit.flags, 5); /* logout and suspend */
  ck_assert_str_eq (kit.what, "shutdown:sleep");
  ck_assert_int_eq (fcntl (kit.ends[0], F_SETFL, O_NONBLOCK), 0);
  ck_assert_int_eq (read (kit.ends[0], &byte, 1), -1); /* the other end is held */
  sg_stay_end (stay);
  for (int i = 0; i < 100 && read (kit.ends[0], &byte, 1) != 0; i++)
    g_usleep (20000);
  ck_assert_int_eq (read (kit.ends[0], &byte, 1), 0); /* and let go */
}
END_TEST

START_TEST (nobody_to_ask_is_no_failure)
{
  g_autoptr (SgStay) stay = sg_stay_begin ();

  ck_assert_int_eq (sg_stay_holds (stay), 0);
}
END_TEST

int
main (void)
{
  g_autofree char *daemon = g_find_program_in_path ("dbus-daemon");
  Suite *suite = suite_create ("ui-stay");
  TCase *all = tcase_create ("stay");
  SRunner *runner;
  int failed;

  if (daemon == NULL)
    {
      puts ("skipped: dbus-daemon is not installed");
      return 77;
    }
  tcase_add_checked_fixture (all, start, stop);
  tcase_add_test (all, held_while_it_is_wanted);
  tcase_add_test (all, nobody_to_ask_is_no_failure);
  suite_add_tcase (suite, all);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
