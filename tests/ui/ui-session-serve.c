/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/ui/ui-session.h"

#include "common/fd.h"
#include "common/paths.h"

#include <gio/gunixfdlist.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH "/org/sandglass/Session1"
#define INTERFACE "org.sandglass.Session1"

__asm__(".section .rodata\n"
        "ui_session_xml: .incbin \"launcher/org.sandglass.Session1.xml\"\n"
        ".byte 0\n"
        ".previous\n");
extern const char ui_session_xml[];

/* --- what is said --- */

void
fake_emit (const char *interface, const char *name, GVariant *parameters)
{
  g_variant_ref_sink (parameters);
  for (GList *l = fake.connections; l != NULL; l = l->next)
    {
      g_dbus_connection_emit_signal (l->data, NULL, PATH, interface, name, parameters, NULL);
      g_dbus_connection_flush (l->data, NULL, NULL, NULL);
    }
  g_variant_unref (parameters);
}

void
fake_become (const char *state, const char *stage, const char *failure)
{
  GVariantBuilder changed;

  fake.state = state;
  fake.stage = stage;
  fake.failure = failure;
  g_variant_builder_init (&changed, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&changed, "{sv}", "State", g_variant_new_string (state));
  g_variant_builder_add (&changed, "{sv}", "Stage", g_variant_new_string (stage));
  g_variant_builder_add (&changed, "{sv}", "Failure", g_variant_new_string (failure));
  fake_emit ("org.freedesktop.DBus.Properties", "PropertiesChanged",
             g_variant_new ("(sa{sv}as)", INTERFACE, &changed, NULL));
}

/* --- USB devices --- */

static GVariant *
usb_devices (gboolean given)
{
  return g_variant_new_parsed (given ? "[('001/004', 'Logitech HD Webcam', true)]" : "@a(ssb) []");
}

gboolean
fake_look_for_devices (gpointer data)
{
  static gboolean was_given;
  g_autofree char *path = g_build_filename (g_get_user_runtime_dir (), "given", NULL);
  gboolean given = g_file_test (path, G_FILE_TEST_EXISTS);
  GVariantBuilder changed;

  if (given == was_given)
    return G_SOURCE_CONTINUE;
  was_given = given;
  g_variant_builder_init (&changed, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&changed, "{sv}", "UsbDevices", usb_devices (given));
  fake_emit ("org.freedesktop.DBus.Properties", "PropertiesChanged",
             g_variant_new ("(sa{sv}as)", INTERFACE, &changed, NULL));
  return G_SOURCE_CONTINUE;
}

static void
give (GDBusMethodInvocation *invocation, int fd)
{
  g_autoptr (GUnixFDList) list = g_unix_fd_list_new ();

  g_unix_fd_list_append (list, fd, NULL);
  close (fd);
  g_dbus_method_invocation_return_value_with_unix_fd_list (invocation, g_variant_new ("(h)", 0),
                                                           list);
}

static void
switch_network (GVariant *parameters)
{
  GVariantBuilder changed;
  const char *mode;
  g_autofree char *words = NULL;

  g_variant_get (parameters, "(&sas)", &mode, NULL);
  words = g_strdup_printf ("Network to %s", mode);
  fake_note (words);
  fake.network = g_intern_string (mode);
  g_variant_builder_init (&changed, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&changed, "{sv}", "NetworkMode", g_variant_new_string (mode));
  fake_emit ("org.freedesktop.DBus.Properties", "PropertiesChanged",
             g_variant_new ("(sa{sv}as)", INTERFACE, &changed, NULL));
}

static gboolean
clean_one (gpointer invocation)
{
  fake_become ("running", "", "");
  g_dbus_method_invocation_return_value (invocation, NULL);
  return G_SOURCE_REMOVE;
}

/* Its display closes, and another one can be opened. */
static void
restart (GDBusMethodInvocation *invocation)
{
  fake_become ("booting", "Starting the desktop", "");
  fake_end_machine ();
  close (fake.monitor);
  fake.qemu = 0;
  g_timeout_add (1500, clean_one, invocation);
}

static gboolean
show_files (gpointer invocation)
{
  if (fake_is ("lost"))
    g_dbus_method_invocation_return_error (invocation, G_IO_ERROR, G_IO_ERROR_FAILED,
                                           "the system inside did not answer in time");
  else
    g_dbus_method_invocation_return_value (invocation, NULL);
  return G_SOURCE_REMOVE;
}

static void
tell_windows (void)
{
  GVariantBuilder changed;

  g_variant_builder_init (&changed, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&changed, "{sv}", "Windows", g_variant_new_uint32 (fake.window != NULL));
  fake_emit ("org.freedesktop.DBus.Properties", "PropertiesChanged",
             g_variant_new ("(sa{sv}as)", INTERFACE, &changed, NULL));
}

static void
window_gone (GDBusConnection *connection)
{
  fake.connections = g_list_remove (fake.connections, connection);
  if (fake.window == connection)
    fake.window = NULL;
  tell_windows ();
}

static void
become_window (GDBusConnection *connection)
{
  fake.window = connection;
  g_signal_connect (connection, "closed", G_CALLBACK (window_gone), NULL);
  tell_windows ();
}

/* As launcher/session-window.c does. */
static void
ask_window (GVariant *parameters, GDBusMethodInvocation *invocation)
{
  if (fake.window != NULL)
    g_dbus_connection_emit_signal (fake.window, NULL, PATH, INTERFACE, "WindowAsked", parameters,
                                   NULL);
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(b)", fake.window != NULL));
}

static gboolean
answer_when_told (gpointer invocation)
{
  g_autofree char *go = g_build_filename (g_get_user_runtime_dir (), "go", NULL);

  if (!g_file_test (go, G_FILE_TEST_EXISTS))
    return G_SOURCE_CONTINUE;
  g_dbus_method_invocation_return_value (invocation, NULL);
  return G_SOURCE_REMOVE;
}

static void
method_call (GDBusConnection *connection, const char *sender, const char *path,
             const char *interface, const char *method, GVariant *parameters,
             GDBusMethodInvocation *invocation, gpointer data)
{
  fake_note (method);
  if (g_str_equal (method, "BecomeWindow"))
    become_window (connection);
  if (g_str_equal (method, "Network"))
    switch_network (parameters);
  if (g_str_equal (method, "AskWindow"))
    ask_window (parameters, invocation);
  else if (g_str_equal (method, "OpenDisplay"))
    {
      fake.is_shown = TRUE;
      give (invocation, fake_open_display ());
    }
  else if (g_str_equal (method, "Picture"))
    give (invocation, fake_is ("plain") ? fake_make_picture () : fake_take_picture ());
  else if (g_str_equal (method, "Memory"))
    g_dbus_method_invocation_return_value (
        invocation,
        g_variant_new ("(ttt)", (guint64)1 << 28, (guint64)1 << 29, (guint64)412 * 1024 * 1024));
  else if (g_str_equal (method, "Pause") && !fake_is ("undo"))
    g_dbus_method_invocation_return_error (invocation, G_IO_ERROR, G_IO_ERROR_FAILED,
                                           "There is too little free memory to keep a closed "
                                           "sandbox");
  else if (g_str_equal (method, "NetworkRecords"))
    g_dbus_method_invocation_return_value (
        invocation,
        g_variant_new_parsed (
            "([('93.184.216.34', 'example.org', uint64 2100, uint64 340000, uint64 3, uint64 0, "
            "int64 1, int64 2, byte 6, uint16 443, '', '', ''), "
            "('192.168.1.1', '', 0, 0, 0, 3, 1, 2, 6, 80, 'lan', "
            "'The local network is not allowed', '/etc/sandglass/policy.d/20-lab.conf')],)"));
  else if (g_str_equal (method, "WaitReady") && fake_is ("held"))
    g_timeout_add (100, answer_when_told, invocation);
  else if (g_str_equal (method, "RestartClean"))
    restart (invocation);
  else if (g_str_equal (method, "Rescue"))
    g_timeout_add (1500, show_files, invocation);
  else if (g_str_equal (method, "Discard") && fake_is ("linger"))
    g_dbus_method_invocation_return_error (invocation, G_IO_ERROR, G_IO_ERROR_FAILED,
                                           "A part of the sandbox is still running and could not "
                                           "be ended.");
  else
    {
      if (g_str_equal (method, "Discard"))
        fake_become ("gone", "", "");
      g_dbus_method_invocation_return_value (invocation, NULL);
      if (g_str_equal (method, "Discard"))
        g_timeout_add (100, fake_end, NULL);
    }
}

static GVariant *
get_property (GDBusConnection *connection, const char *sender, const char *path,
              const char *interface, const char *name, GError **error, gpointer data)
{
  const struct
  {
    const char *name, *value;
  } values[] = { { "Id", fake.id },
                 { "State", fake.state },
                 { "Stage", fake.stage },
                 { "Failure", fake.failure },
                 { "Accelerator", "tcg" },
                 { "AcceleratorReason",
                   "This computer's virtualization cannot be used, so the sandbox runs slowly and "
                   "is less strongly separated." },
                 { "Title", fake.title },
                 { "NetworkMode", fake.network },
                 { "NetworkThrough", "" },
                 { "Steps", "[]" },
                 { "Grants",
                   fake_is ("policy")
                       ? "{\"settings\":{\"networking\":{\"value\":\"internet\",\"reason\":"
                         "{\"by\":\"policy\",\"file\":\"/etc/sandglass/policy.d/20-lab.conf\","
                         "\"line\":4}}}}"
                   : fake_is ("devices") ? "{\"settings\":{\"usb\":{\"value\":\"on\"},"
                                           "\"video-input\":{\"value\":\"on\"}}}"
                   : fake_is ("clips")
                       ? "{\"settings\":{\"clipboard-in\":{\"value\":\"paste\"},\"clipboard-out\":"
                         "{\"value\":\"ask\"},\"clipboard-content\":{\"value\":[\"text\","
                         "\"files\"]},\"clipboard-max\":{\"value\":65536}}}"
                       : "{}" } };

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    if (g_str_equal (values[i].name, name))
      return g_variant_new_string (values[i].value);
  if (g_str_equal (name, "Shares"))
    return g_variant_new_parsed ("[('/home/me/invoices', '/home/sandbox/Desktop/invoices', false),"
                                 " ('/srv/results', '/home/sandbox/Desktop/results', true)]");
  if (g_str_equal (name, "Transfers"))
    {
      g_autofree char *mark = g_build_filename (g_get_user_runtime_dir (), "transfers", NULL);
      return g_variant_new_uint32 (g_access (mark, F_OK) == 0);
    }
  if (g_str_equal (name, "Windows"))
    return g_variant_new_uint32 (fake.window != NULL);
  if (g_str_equal (name, "UsbDevices"))
    return usb_devices (FALSE);
  if (g_str_equal (name, "Paused"))
    return g_variant_new_boolean (FALSE);
  return g_variant_new_int64 (g_get_real_time ());
}

/* --- serving --- */

void
fake_tidy (void)
{
  g_autofree char *path = g_build_filename (fake.directory, "control", NULL);

  g_unlink (path);
  g_rmdir (fake.directory);
}

static void
serve (GSocketConnection *stream, gboolean owner)
{
  static const GDBusInterfaceVTable vtable = { method_call, get_property, NULL, { 0 } };
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (ui_session_xml, NULL);
  g_autofree char *guid = g_dbus_generate_guid ();
  GDBusConnection *connection
      = g_dbus_connection_new_sync (G_IO_STREAM (stream), guid,
                                    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER
                                        | G_DBUS_CONNECTION_FLAGS_DELAY_MESSAGE_PROCESSING,
                                    NULL, NULL, NULL);

  if (connection == NULL)
    {
      if (owner)
        {
          fake_tidy ();
          exit (1);
        }
      return;
    }
  g_dbus_connection_register_object (connection, PATH,
                                     g_dbus_node_info_lookup_interface (node, INTERFACE), &vtable,
                                     NULL, NULL, NULL);
  g_dbus_connection_set_exit_on_close (connection, FALSE);
  if (owner)
    g_signal_connect_swapped (connection, "closed", G_CALLBACK (g_main_loop_quit), fake.loop);
  fake.connections = g_list_append (fake.connections, connection);
  g_dbus_connection_start_message_processing (connection);
}

static gboolean
on_client (GSocketService *service, GSocketConnection *stream, GObject *source, gpointer data)
{
  serve (stream, FALSE);
  return TRUE;
}

void
fake_listen (void)
{
  GSocketService *service = g_socket_service_new ();
  g_autofree char *runtime = sg_paths_runtime (NULL);
  g_autofree char *path = NULL;
  g_autoptr (GSocketAddress) address = NULL;

  fake.directory = g_build_filename (runtime, fake.id, NULL);
  g_mkdir (fake.directory, 0700);
  path = g_build_filename (fake.directory, "control", NULL);
  address = g_unix_socket_address_new (path);
  if (!g_socket_listener_add_address (G_SOCKET_LISTENER (service), address, G_SOCKET_TYPE_STREAM,
                                      G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL, NULL))
    abort ();
  g_signal_connect (service, "incoming", G_CALLBACK (on_client), NULL);
}

void
fake_serve_fd (int fd, gboolean owner)
{
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, NULL);
  g_autoptr (GSocketConnection) stream = g_socket_connection_factory_create_connection (socket);

  serve (stream, owner);
}
