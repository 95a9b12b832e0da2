/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A sandglass-session for tests of the windows: org.sandglass.Session1 on the owner's descriptor
 * and on the control socket, and a real SPICE display: QEMU with nothing but its firmware, which
 * draws a few lines of text.  It misbehaves as the file $XDG_RUNTIME_DIR/ui-session says, word by
 * word:
 *
 *   fail      cannot start          dead       ends at once, before it speaks
 *   slow      takes 4 s to start    vanish     is gone 2.5 s after it started
 *   linger    Discard fails         drop       the display ends after 2 s
 *   title     a title of 10,000 characters, with direction marks
 *   notice    sends a notice        stuck      stays "booting"
 *   policy    only off and internet are allowed
 *   clips     text and files may go in
 *   later     says nothing for 1.5 s
 *   lock      the desktop's screen is locked from 6 s on, for 3 s
 *   undo      a closed sandbox can be taken back
 *   plain     its picture is a made-up one: no machine
 *   devices   USB devices and cameras are granted; it has the camera while there is a file `given`
 *             beside ui-session
 *   crash     its machine stops 2.5 s after it started, and its files can be saved
 *   lost      ... and cannot be shown
 *
 *   others    with --waiting: its window is not kept when it is taken
 *
 * With --waiting it waits until it is taken (launcher/standby.h).
 * The file $XDG_RUNTIME_DIR/transfers is there: files are copied.  It writes what it is asked to
 * $XDG_RUNTIME_DIR/ui-session.log. */
#include "common/fd.h"
#include "common/paths.h"
#include "launcher/standby.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <gio/gunixfdlist.h>
#include <gio/gunixsocketaddress.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PATH "/org/sandglass/Session1"
#define INTERFACE "org.sandglass.Session1"

__asm__(".section .rodata\n"
        "ui_session_xml: .incbin \"launcher/org.sandglass.Session1.xml\"\n"
        ".byte 0\n"
        ".previous\n");
extern const char ui_session_xml[];

static struct
{
  GMainLoop *loop;
  GList *connections; /* owned */
  char *behaviour, *id, *directory, *title;
  const char *state, *stage, *failure, *network;
  GDBusConnection *window; /* that came last; NULL: none */
  pid_t qemu;
  int monitor;
} fake;

static gboolean
is (const char *word)
{
  return strstr (fake.behaviour, word) != NULL;
}

static void
note (const char *text)
{
  g_autofree char *path = g_build_filename (g_get_user_runtime_dir (), "ui-session.log", NULL);
  FILE *file = fopen (path, "a");

  if (file == NULL)
    return; /* the test is over */
  fprintf (file, "%s %s\n", fake.id, text);
  fclose (file);
}

/* --- the machine --- */

/* Answers are read and dropped: only their order matters here. */
static void
monitor (const char *command, int fd)
{
  char control[CMSG_SPACE (sizeof (int))] = { 0 }, answer[4096];
  struct iovec piece = { (void *)command, strlen (command) };
  struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };

  if (fd >= 0)
    {
      struct cmsghdr *head;
      message.msg_control = control;
      message.msg_controllen = sizeof control;
      head = CMSG_FIRSTHDR (&message);
      head->cmsg_level = SOL_SOCKET;
      head->cmsg_type = SCM_RIGHTS;
      head->cmsg_len = CMSG_LEN (sizeof fd);
      memcpy (CMSG_DATA (head), &fd, sizeof fd);
    }
  if (sendmsg (fake.monitor, &message, MSG_NOSIGNAL) < 0
      || read (fake.monitor, answer, sizeof answer) <= 0)
    note ("the monitor is gone");
}

/* At the first look: most of what a session says needs no machine. */
static void
start_qemu (void)
{
  int theirs;

  if (!sg_socketpair (&fake.monitor, &theirs, NULL))
    abort ();
  fake.qemu = fork ();
  if (fake.qemu != 0)
    {
      char greeting[1024];

      close (theirs);
      if (read (fake.monitor, greeting, sizeof greeting) <= 0)
        note ("no monitor");
      monitor ("{\"execute\":\"qmp_capabilities\"}\n", -1);
      return;
    }
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  dup2 (theirs, 3);
  execlp ("qemu-system-x86_64", "qemu-system-x86_64", "-nodefaults", "-no-user-config", "-accel",
          "tcg", "-m", "32", "-display", "none", "-device", "virtio-vga", "-spice",
          "disable-ticketing=on,port=0,image-compression=off,streaming-video=off", "-chardev",
          "socket,id=q,fd=3", "-mon", "chardev=q,mode=control", NULL);
  _exit (127);
}

static void
end_qemu (void)
{
  if (fake.qemu > 0)
    kill (fake.qemu, SIGKILL);
}

static int
open_display (void)
{
  int ours, theirs;

  if (fake.qemu == 0)
    start_qemu ();
  if (!sg_socketpair (&ours, &theirs, NULL))
    abort ();
  monitor ("{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"d\"}}\n", theirs);
  monitor ("{\"execute\":\"add_client\",\"arguments\":{\"protocol\":\"spice\",\"fdname\":\"d\","
           "\"skipauth\":true}}\n",
           -1);
  close (theirs);
  return ours;
}

/* 1280x800 points of changing colours. */
static int
make_picture (void)
{
  static guint8 shade;
  gsize size = 1280 * 800 * 3;
  g_autofree char *points = g_malloc (size);
  int fd = memfd_create ("picture", MFD_CLOEXEC);

  memset (points, shade += 40, size);
  if (fd < 0 || !sg_write_all (fd, "P6\n1280 800\n255\n", 16, NULL)
      || !sg_write_all (fd, points, size, NULL))
    note ("no picture");
  return fd;
}

/* As launcher/session-picture.c does. */
static int
take_picture (void)
{
  int fd = memfd_create ("picture", MFD_CLOEXEC), theirs;
  g_autofree char *again = g_strdup_printf ("/proc/self/fd/%d", fd);

  if (fake.qemu == 0)
    start_qemu ();
  theirs = open (again, O_WRONLY | O_CLOEXEC);
  monitor ("{\"execute\":\"add-fd\",\"arguments\":{\"fdset-id\":78}}\n", theirs);
  close (theirs);
  monitor ("{\"execute\":\"screendump\",\"arguments\":{\"filename\":\"/dev/fdset/78\"}}\n", -1);
  monitor ("{\"execute\":\"remove-fd\",\"arguments\":{\"fdset-id\":78}}\n", -1);
  return fd;
}

/* --- what is said --- */

static void
emit (const char *interface, const char *name, GVariant *parameters)
{
  g_variant_ref_sink (parameters);
  for (GList *l = fake.connections; l != NULL; l = l->next)
    {
      g_dbus_connection_emit_signal (l->data, NULL, PATH, interface, name, parameters, NULL);
      g_dbus_connection_flush (l->data, NULL, NULL, NULL);
    }
  g_variant_unref (parameters);
}

static void
become (const char *state, const char *stage, const char *failure)
{
  GVariantBuilder changed;

  fake.state = state;
  fake.stage = stage;
  fake.failure = failure;
  g_variant_builder_init (&changed, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&changed, "{sv}", "State", g_variant_new_string (state));
  g_variant_builder_add (&changed, "{sv}", "Stage", g_variant_new_string (stage));
  g_variant_builder_add (&changed, "{sv}", "Failure", g_variant_new_string (failure));
  emit ("org.freedesktop.DBus.Properties", "PropertiesChanged",
        g_variant_new ("(sa{sv}as)", INTERFACE, &changed, NULL));
}

static gboolean
end (gpointer data)
{
  g_main_loop_quit (fake.loop);
  return G_SOURCE_REMOVE;
}

/* --- USB devices --- */

static GVariant *
usb_devices (gboolean given)
{
  return g_variant_new_parsed (given ? "[('001/004', 'Logitech HD Webcam', true)]"
                                     : "@a(ssb) []");
}

static gboolean
look_for_devices (gpointer data)
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
  emit ("org.freedesktop.DBus.Properties", "PropertiesChanged",
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
  note (words);
  fake.network = g_intern_string (mode);
  g_variant_builder_init (&changed, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&changed, "{sv}", "NetworkMode", g_variant_new_string (mode));
  emit ("org.freedesktop.DBus.Properties", "PropertiesChanged",
        g_variant_new ("(sa{sv}as)", INTERFACE, &changed, NULL));
}

static gboolean
clean_one (gpointer invocation)
{
  become ("running", "", "");
  g_dbus_method_invocation_return_value (invocation, NULL);
  return G_SOURCE_REMOVE;
}

/* Its display closes, and another one can be opened. */
static void
restart (GDBusMethodInvocation *invocation)
{
  become ("booting", "Starting the desktop", "");
  end_qemu ();
  close (fake.monitor);
  fake.qemu = 0;
  g_timeout_add (1500, clean_one, invocation);
}

static gboolean
show_files (gpointer invocation)
{
  if (is ("lost"))
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
  emit ("org.freedesktop.DBus.Properties", "PropertiesChanged",
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

static void
method_call (GDBusConnection *connection, const char *sender, const char *path,
             const char *interface, const char *method, GVariant *parameters,
             GDBusMethodInvocation *invocation, gpointer data)
{
  note (method);
  if (g_str_equal (method, "BecomeWindow"))
    become_window (connection);
  if (g_str_equal (method, "Network"))
    switch_network (parameters);
  if (g_str_equal (method, "AskWindow"))
    ask_window (parameters, invocation);
  else if (g_str_equal (method, "OpenDisplay"))
    give (invocation, open_display ());
  else if (g_str_equal (method, "Picture"))
    give (invocation, is ("plain") ? make_picture () : take_picture ());
  else if (g_str_equal (method, "Memory"))
    g_dbus_method_invocation_return_value (
        invocation,
        g_variant_new ("(ttt)", (guint64)1 << 28, (guint64)1 << 29, (guint64)412 * 1024 * 1024));
  else if (g_str_equal (method, "Pause") && !is ("undo"))
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
  else if (g_str_equal (method, "RestartClean"))
    restart (invocation);
  else if (g_str_equal (method, "Rescue"))
    g_timeout_add (1500, show_files, invocation);
  else if (g_str_equal (method, "Discard") && is ("linger"))
    g_dbus_method_invocation_return_error (invocation, G_IO_ERROR, G_IO_ERROR_FAILED,
                                           "A part of the sandbox is still running and could not "
                                           "be ended.");
  else
    {
      if (g_str_equal (method, "Discard"))
        become ("gone", "", "");
      g_dbus_method_invocation_return_value (invocation, NULL);
      if (g_str_equal (method, "Discard"))
        g_timeout_add (100, end, NULL);
    }
}

static GVariant *
get_property (GDBusConnection *connection, const char *sender, const char *path,
              const char *interface, const char *name, GError **error, gpointer data)
{
  const struct
  {
    const char *name, *value;
  } values[]
      = { { "Id", fake.id },
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
            is ("policy") ? "{\"settings\":{\"networking\":{\"value\":\"internet\",\"reason\":"
                            "{\"by\":\"policy\",\"file\":\"/etc/sandglass/policy.d/20-lab.conf\","
                            "\"line\":4}}}}"
            : is ("devices") ? "{\"settings\":{\"usb\":{\"value\":\"on\"},"
                               "\"video-input\":{\"value\":\"on\"}}}"
            : is ("clips")
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

static void
tidy (void)
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
          tidy ();
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

static void
listen_on_control (void)
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

/* --- the course of it --- */

static gboolean
misbehave (gpointer data)
{
  if (is ("vanish"))
    {
      tidy ();
      end_qemu ();
      kill (getpid (), SIGKILL);
    }
  if (is ("drop") || is ("crash"))
    end_qemu ();
  if (is ("crash"))
    become ("stopped", "",
            "The sandbox's machine stopped unexpectedly (QEMU was ended by signal 9 (Killed)), "
            "most likely because this computer ran out of memory");
  return G_SOURCE_REMOVE;
}

static gboolean
desktop_is_there (gpointer data)
{
  if (is ("fail"))
    {
      become ("gone", "", "This user may not use virtualization (/dev/kvm). Nothing was changed.");
      g_timeout_add (300, end, NULL);
    }
  else if (!is ("stuck"))
    become ("running", "", "");
  if (is ("notice"))
    emit (INTERFACE, "Notice",
          g_variant_new ("(ss)", "base-changed",
                         "This computer was updated while the sandbox runs. Programs that were not "
                         "used yet may not start in it; a new sandbox has the new ones."));
  return G_SOURCE_REMOVE;
}

static gboolean
begin_desktop (gpointer data)
{
  become ("booting", "Starting the desktop", "");
  return G_SOURCE_REMOVE;
}

/* As a desktop's screen saver tells it, on the session bus. */
static gboolean
tell_lock (gpointer locked)
{
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  g_autoptr (GVariant) owned = NULL;

  if (bus == NULL)
    return G_SOURCE_REMOVE;
  owned = g_dbus_connection_call_sync (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "RequestName",
                                       g_variant_new ("(su)", "org.freedesktop.ScreenSaver", 0),
                                       NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  g_dbus_connection_emit_signal (bus, NULL, "/org/freedesktop/ScreenSaver",
                                 "org.freedesktop.ScreenSaver", "ActiveChanged",
                                 g_variant_new ("(b)", locked != NULL), NULL);
  g_dbus_connection_flush_sync (bus, NULL, NULL);
  note (locked != NULL ? "locked" : "unlocked");
  g_object_ref (bus); /* the name is ours until the end */
  return G_SOURCE_REMOVE;
}

static char *
read_behaviour (void)
{
  g_autofree char *path = g_build_filename (g_get_user_runtime_dir (), "ui-session", NULL);
  char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) ? text : g_strdup ("");
}

static char *
make_title (void)
{
  GString *title = g_string_new ("");

  if (!is ("title"))
    return g_strdup ("Desktop");
  for (int i = 0; i < 10000; i++)
    g_string_append (title, i % 2 == 0 ? "\u202e" : i % 3 == 0 ? "W\n" : "\u4e2d");
  return g_string_free (title, FALSE);
}

/* --- one that waits (launcher/standby.h) --- */

static void
serve_fd (int fd, gboolean owner)
{
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, NULL);
  g_autoptr (GSocketConnection) stream = g_socket_connection_factory_create_connection (socket);

  serve (stream, owner);
}

/* One packet with one descriptor, of who keeps to the rules. */
static GVariant *
receive_request (int client, int *ret_fd)
{
  char *packet = g_malloc0 (4096), space[CMSG_SPACE (sizeof (int))];
  struct iovec part = { packet, 4096 };
  struct msghdr message
      = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space };
  gssize n = recvmsg (client, &message, MSG_CMSG_CLOEXEC);

  *ret_fd = -1;
  if (n > 0 && CMSG_FIRSTHDR (&message) != NULL)
    memcpy (ret_fd, CMSG_DATA (CMSG_FIRSTHDR (&message)), sizeof *ret_fd);
  return g_variant_ref_sink (g_variant_new_from_data (G_VARIANT_TYPE_VARDICT, packet,
                                                      (gsize)MAX (n, 0), FALSE, g_free, packet));
}

static void
end_window (void)
{
  if (fake.window != NULL)
    g_dbus_connection_close_sync (fake.window, NULL, NULL);
}

static char
take (const char *window, const char *word)
{
  gboolean kept = g_strcmp0 (window, word) == 0 && !is ("others");

  note (kept ? "taken with its window" : "taken");
  if (!kept)
    end_window ();
  listen_on_control ();
  g_timeout_add (700, desktop_is_there, NULL);
  return kept ? SG_STANDBY_TAKEN_WITH_WINDOW : SG_STANDBY_TAKEN;
}

static gboolean
on_standby (int fd, GIOCondition condition, gpointer data)
{
  static char *word;
  sg_fd int client = accept (fd, NULL, NULL);
  int passed;
  g_autoptr (GVariant) request = receive_request (client, &passed);
  g_autofree char *join = NULL, *window = NULL;
  g_autofree char *path = g_build_filename (fake.directory, SG_STANDBY_SOCKET, NULL);
  char answer = SG_STANDBY_NO;

  g_variant_lookup (request, "join", "s", &join);
  g_variant_lookup (request, "window", "s", &window);
  if (passed >= 0 && join != NULL)
    {
      note ("joined");
      word = g_steal_pointer (&join);
      answer = SG_STANDBY_JOINED;
    }
  else if (passed >= 0)
    {
      g_unlink (path);
      answer = take (window, word);
    }
  /* Who asked speaks only once it is answered, and to serve waits for that. */
  if (send (client, &answer, 1, MSG_NOSIGNAL) == 1 && answer != SG_STANDBY_NO)
    serve_fd (passed, answer != SG_STANDBY_JOINED);
  return answer == SG_STANDBY_NO || answer == SG_STANDBY_JOINED;
}

/* The test is over. */
static gboolean
is_left (gpointer data)
{
  if (g_file_test (fake.directory, G_FILE_TEST_IS_DIR))
    return G_SOURCE_CONTINUE;
  g_main_loop_quit (fake.loop);
  return G_SOURCE_REMOVE;
}

static void
wait_to_be_taken (void)
{
  int fd = socket (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  g_autofree char *runtime = sg_paths_runtime (NULL);
  g_autofree char *path = g_build_filename (runtime, fake.id, SG_STANDBY_SOCKET, NULL);

  fake.directory = g_path_get_dirname (path);
  fake.state = "booting";
  g_mkdir (fake.directory, 0700);
  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  if (bind (fd, (struct sockaddr *)&address, sizeof address) < 0 || listen (fd, 8) < 0)
    abort ();
  g_unix_fd_add (fd, G_IO_IN, on_standby, NULL);
  g_timeout_add_seconds (1, is_left, NULL);
}

int
main (int argc, char **argv)
{
  gboolean alone = FALSE, waiting = FALSE;
  int owner = -1;

  fake.behaviour = read_behaviour ();
  fake.id = g_strdup_printf ("%08x", g_random_int ());
  fake.title = make_title ();
  fake.state = "preparing";
  fake.stage = "Preparing";
  fake.failure = "";
  fake.network = "internet";
  for (int i = 1; i < argc; i++)
    if (g_str_equal (argv[i], "--alone"))
      alone = TRUE; /* as one that was told to stay */
    else if (g_str_equal (argv[i], "--waiting"))
      waiting = TRUE;
    else if (g_str_has_prefix (argv[i], "--owner-fd="))
      owner = atoi (argv[i] + strlen ("--owner-fd="));
  note ("started");
  if ((owner < 0 && !alone && !waiting) || is ("dead"))
    return 2;
  if (is ("later"))
    g_usleep (1500000);
  fake.loop = g_main_loop_new (NULL, FALSE);
  if (waiting)
    wait_to_be_taken ();
  else
    listen_on_control ();
  if (!alone && !waiting)
    serve_fd (owner, TRUE);
  if (!waiting)
    {
      g_timeout_add (200, begin_desktop, NULL);
      g_timeout_add (is ("slow") ? 4000 : 700, desktop_is_there, NULL);
      g_timeout_add (2500, misbehave, NULL);
    }
  if (is ("devices"))
    g_timeout_add (200, look_for_devices, NULL);
  if (is ("lock"))
    {
      g_timeout_add (6000, tell_lock, GINT_TO_POINTER (TRUE));
      g_timeout_add (9000, tell_lock, NULL);
    }
  g_main_loop_run (fake.loop);
  note ("ended");
  tidy ();
  end_qemu ();
  return 0;
}
