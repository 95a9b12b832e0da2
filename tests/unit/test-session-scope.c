/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scope, asked of a made-up manager on a bus of the test's own: what is asked for, and that no
 * answer, a refusal or no bus at all holds nobody up. */
#include "launcher/session-scope.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char xml[]
    = "<node><interface name='org.freedesktop.systemd1.Manager'>"
      "<method name='StartTransientUnit'><arg type='s' direction='in'/>"
      "<arg type='s' direction='in'/><arg type='a(sv)' direction='in'/>"
      "<arg type='a(sa(sv))' direction='in'/><arg type='o' direction='out'/></method>"
      "</interface></node>";

typedef enum
{
  DONE,        /* as the real one: the answer, then the job's end */
  EARLY,       /* the job's end overtakes the answer */
  OTHERS_ONLY, /* only other jobs end */
  FAILED,
  REFUSED,
  SILENT
} Behaviour;

static GTestDBus *bus;
static GDBusConnection *manager;
static Behaviour behaviour;
static char *unit;
static GVariant *properties;

static void
job_removed (const char *job, const char *name, const char *result)
{
  g_dbus_connection_emit_signal (manager, NULL, "/org/freedesktop/systemd1",
                                 "org.freedesktop.systemd1.Manager", "JobRemoved",
                                 g_variant_new ("(uoss)", 7, job, name, result), NULL);
}

static void
on_call (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
         const char *method, GVariant *parameters, GDBusMethodInvocation *invocation, gpointer data)
{
  g_free (unit);
  g_clear_pointer (&properties, g_variant_unref);
  g_variant_get (parameters, "(s&s@a(sv)@a(sa(sv)))", &unit, NULL, &properties, NULL);
  if (behaviour == SILENT)
    {
      g_object_unref (invocation);
      return;
    }
  if (behaviour == REFUSED)
    {
      g_dbus_method_invocation_return_error (invocation, G_IO_ERROR, G_IO_ERROR_EXISTS, "no");
      return;
    }
  job_removed ("/job/1", "other.scope", "done");
  if (behaviour == EARLY)
    job_removed ("/job/7", unit, "done");
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", "/job/7"));
  if (behaviour == DONE || behaviour == FAILED)
    job_removed ("/job/7", unit, behaviour == DONE ? "done" : "failed");
}

static void
setup (void)
{
  static const GDBusInterfaceVTable vtable = { on_call, NULL, NULL, { 0 } };
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (xml, NULL);

  bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (bus);
  manager = g_dbus_connection_new_for_address_sync (
      g_test_dbus_get_bus_address (bus),
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, NULL);
  ck_assert_ptr_nonnull (manager);
  g_dbus_connection_register_object (manager, "/org/freedesktop/systemd1", node->interfaces[0],
                                     &vtable, NULL, NULL, NULL);
  g_autoptr (GVariant) owned = g_dbus_connection_call_sync (
      manager, "org.freedesktop.DBus", "/", "org.freedesktop.DBus", "RequestName",
      g_variant_new ("(su)", "org.freedesktop.systemd1", 0), NULL, 0, -1, NULL, NULL);
  ck_assert_ptr_nonnull (owned);
}

static void
teardown (void)
{
  g_clear_object (&manager);
  g_test_dbus_stop (bus);
  g_clear_object (&bus);
  g_clear_pointer (&unit, g_free);
  g_clear_pointer (&properties, g_variant_unref);
}

static void
keep (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **)data = g_object_ref (result);
}

static gboolean
enter (GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  sg_scope_enter_async ("0123abcd", NULL, keep, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return sg_scope_enter_finish (result, error);
}

static GVariant *
property (const char *name)
{
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_iter_init (&iter, properties);
  while (g_variant_iter_next (&iter, "(&sv)", &key, &value))
    {
      if (g_str_equal (key, name))
        return value;
      g_variant_unref (value);
    }
  return NULL;
}

START_TEST (asks_for_a_scope_without_swap)
{
  behaviour = DONE;
  ck_assert (enter (NULL));
  ck_assert_str_eq (unit, "sandglass-0123abcd.scope");
  g_autoptr (GVariant) swap = property ("MemorySwapMax"), pids = property ("PIDs");
  ck_assert_ptr_nonnull (swap);
  ck_assert_uint_eq (g_variant_get_uint64 (swap), 0);
  ck_assert_uint_eq (g_variant_n_children (pids), 1);
  guint32 pid;
  g_variant_get_child (pids, 0, "u", &pid);
  ck_assert_uint_eq (pid, (guint32)getpid ());
}
END_TEST

START_TEST (an_end_before_the_answer_counts)
{
  behaviour = EARLY;
  ck_assert (enter (NULL));
}
END_TEST

START_TEST (no_success_is_an_error_in_time)
{
  static const Behaviour bad[] = { OTHERS_ONLY, FAILED, REFUSED, SILENT };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      gint64 start = g_get_monotonic_time ();
      g_autoptr (GError) error = NULL;

      behaviour = bad[i];
      ck_assert_msg (!enter (&error), "behaviour %d", bad[i]);
      ck_assert_ptr_nonnull (error);
      ck_assert_int_lt (g_get_monotonic_time () - start, 5 * SG_SCOPE_MSEC * 1000);
    }
}
END_TEST

START_TEST (without_a_bus_none_is_started)
{
  g_autoptr (GError) error = NULL;

  g_unsetenv ("DBUS_SESSION_BUS_ADDRESS");
  g_setenv ("XDG_RUNTIME_DIR", "/nonexistent", TRUE);
  ck_assert (!enter (&error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND));
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "autolaunch:", TRUE);
  g_clear_error (&error);
  ck_assert (!enter (&error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("session-scope");
  TCase *with = tcase_create ("with a bus"), *without = tcase_create ("without");
  SRunner *runner = srunner_create (suite);

  tcase_add_checked_fixture (with, setup, teardown);
  tcase_set_timeout (with, 30);
  tcase_add_test (with, asks_for_a_scope_without_swap);
  tcase_add_test (with, an_end_before_the_answer_counts);
  tcase_add_test (with, no_success_is_an_error_in_time);
  tcase_add_test (without, without_a_bus_none_is_started);
  suite_add_tcase (suite, with);
  suite_add_tcase (suite, without);
  srunner_run_all (runner, CK_ENV);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
