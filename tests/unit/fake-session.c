/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A sandglass-session without a machine, for tests of the command line: the real relay, and a fake
 * guest that runs commands on this computer.  It speaks org.sandglass.Session1 on its owner's
 * descriptor, and misbehaves as SG_FAKE says: "slow" (takes 3 s to start), "fail" (cannot start),
 * "vanish" (is killed when the first command runs), "linger" (Discard fails), "lend" (what it is asked to
 * lend can be read), "lend-nothing" (it cannot).  Otherwise it lends nothing. */
#include "common/fd.h"
#include "launcher/agent.h"
#include "tests/unit/fake-guest.h"

#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATH "/org/sandglass/Session1"
#define INTERFACE "org.sandglass.Session1"

__asm__(".section .rodata\n"
        "session_xml: .incbin \"launcher/org.sandglass.Session1.xml\"\n"
        ".byte 0\n"
        ".previous\n");
extern const char session_xml[];

static struct
{
  GMainLoop *loop;
  GDBusConnection *connection;
  SgAgent *agent;
  const char *behaviour, *state, *stage, *failure;
  gboolean ready;
  int lent;
  GList *waiting; /* GDBusMethodInvocation: Exec before the guest is ready */
} fake;

static void
announce (void)
{
  GVariantBuilder changed;

  g_variant_builder_init (&changed, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&changed, "{sv}", "State", g_variant_new_string (fake.state));
  g_variant_builder_add (&changed, "{sv}", "Stage", g_variant_new_string (fake.stage));
  g_variant_builder_add (&changed, "{sv}", "Failure", g_variant_new_string (fake.failure));
  g_dbus_connection_emit_signal (fake.connection, NULL, PATH, "org.freedesktop.DBus.Properties",
                                 "PropertiesChanged",
                                 g_variant_new ("(sa{sv}as)", INTERFACE, &changed, NULL), NULL);
}

static void
on_exited (SgAgent *agent, guint handle, gboolean signalled, int code, const char *message,
           gpointer data)
{
  g_dbus_connection_emit_signal (fake.connection, NULL, PATH, INTERFACE, "Exited",
                                 g_variant_new ("(ubis)", handle, signalled, code, message), NULL);
}

static void
on_broken (SgAgent *agent, const char *why, gpointer data)
{
  fake.state = "gone";
  fake.failure = why;
  announce ();
}

static void
run_exec (GDBusMethodInvocation *invocation)
{
  GVariant *parameters = g_dbus_method_invocation_get_parameters (invocation);
  GDBusMessage *message = g_dbus_method_invocation_get_message (invocation);
  GUnixFDList *list = g_dbus_message_get_unix_fd_list (message);
  g_autoptr (GVariant) options = NULL;
  g_auto (GStrv) argv = NULL, env = NULL;
  g_autofree char *cwd = NULL, *user = NULL;
  SgAgentCommand command = { 0 };
  GError *error = NULL;
  int index[3], fds[3];
  guint32 handle;

  g_variant_get (parameters, "(^aay@a{sv}hhh)", &argv, &options, &index[0], &index[1], &index[2]);
  g_variant_lookup (options, "env", "^aay", &env);
  g_variant_lookup (options, "cwd", "^ay", &cwd);
  g_variant_lookup (options, "user", "s", &user);
  command.argv = (const char *const *)argv;
  command.env = (const char *const *)env;
  command.cwd = cwd;
  command.user = user;
  for (int i = 0; i < 3; i++)
    fds[i] = g_unix_fd_list_get (list, index[i], NULL);
  handle = sg_agent_exec (fake.agent, &command, fds[0], fds[1], fds[2], &error);
  for (int i = 0; i < 3; i++)
    close (fds[i]);
  if (handle == 0)
    g_dbus_method_invocation_take_error (invocation, error);
  else
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(u)", handle));
  if (g_str_equal (fake.behaviour, "vanish"))
    {
      g_dbus_connection_flush_sync (fake.connection, NULL, NULL);
      g_usleep (300000);
      kill (getpid (), SIGKILL);
    }
}

/* The file as this process has it open. */
static void
lend (GDBusMethodInvocation *invocation)
{
  GDBusMessage *message = g_dbus_method_invocation_get_message (invocation);
  GUnixFDList *list = g_dbus_message_get_unix_fd_list (message);
  gboolean can_be_read = g_str_equal (fake.behaviour, "lend");
  g_autofree char *place = NULL;

  if (!can_be_read && !g_str_equal (fake.behaviour, "lend-nothing"))
    {
      g_dbus_method_invocation_return_error (invocation, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                                             "It lends nothing");
      return;
    }
  fake.lent = can_be_read ? g_unix_fd_list_get (list, 0, NULL) : 1000000;
  place = g_strdup_printf ("/proc/%d/fd/%d", getpid (), fake.lent);
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(s)", place));
}

static void
end_loan (GDBusMethodInvocation *invocation)
{
  g_autofree char *place = g_strdup_printf ("/proc/%d/fd/%d", getpid (), fake.lent);
  g_autofree char *ended = g_strconcat (g_getenv ("HOME"), ".loan-ended", NULL);
  const char *said;

  g_variant_get (g_dbus_method_invocation_get_parameters (invocation), "(&s)", &said);
  if (g_str_equal (said, place))
    g_file_set_contents (ended, "", 0, NULL);
  g_dbus_method_invocation_return_value (invocation, NULL);
}

static void
method_call (GDBusConnection *connection, const char *sender, const char *path,
             const char *interface, const char *method, GVariant *parameters,
             GDBusMethodInvocation *invocation, gpointer data)
{
  guint16 rows, columns;
  guint32 handle;
  gint32 number;

  if (g_str_equal (method, "Exec") && !fake.ready)
    fake.waiting = g_list_append (fake.waiting, invocation);
  else if (g_str_equal (method, "Exec"))
    run_exec (invocation);
  else if (g_str_equal (method, "Lend"))
    lend (invocation);
  else if (g_str_equal (method, "EndLoan"))
    end_loan (invocation);
  else if (g_str_equal (method, "Discard") && g_str_equal (fake.behaviour, "linger"))
    g_dbus_method_invocation_return_error (invocation, G_IO_ERROR, G_IO_ERROR_FAILED,
                                           "a file could not be removed");
  else
    {
      if (g_str_equal (method, "Signal"))
        {
          g_variant_get (parameters, "(ui)", &handle, &number);
          sg_agent_signal (fake.agent, handle, number);
        }
      else if (g_str_equal (method, "Resize"))
        {
          g_variant_get (parameters, "(uqq)", &handle, &rows, &columns);
          sg_agent_resize (fake.agent, handle, rows, columns);
        }
      g_dbus_method_invocation_return_value (invocation, NULL);
      if (g_str_equal (method, "Discard"))
        {
          g_dbus_connection_flush_sync (connection, NULL, NULL);
          g_main_loop_quit (fake.loop);
        }
    }
}

static GVariant *
get_property (GDBusConnection *connection, const char *sender, const char *path,
              const char *interface, const char *name, GError **error, gpointer data)
{
  const struct
  {
    const char *name, *value;
  } values[] = { { "Id", "0123abcd" },         { "State", fake.state },
                 { "Stage", fake.stage },      { "Failure", fake.failure },
                 { "Accelerator", "tcg" },     { "AcceleratorReason", "It is slow and weak." },
                 { "Title", "Sandbox - test" } };

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    if (g_str_equal (values[i].name, name))
      return g_variant_new_string (values[i].value);
  return g_variant_new_int64 (g_get_real_time ());
}

static void
greeted (GObject *source, GAsyncResult *result, gpointer data)
{
  fake.ready = sg_agent_hello_finish (fake.agent, result, NULL);
  fake.state = "running";
  fake.stage = "";
  announce ();
  for (GList *l = fake.waiting; l != NULL; l = l->next)
    run_exec (l->data);
  g_list_free (fake.waiting);
  fake.waiting = NULL;
}

static gboolean
begin (gpointer data)
{
  if (g_str_equal (fake.behaviour, "fail"))
    {
      fake.state = "gone";
      fake.failure = "The made-up machine could not start";
      announce ();
    }
  else
    sg_agent_hello_async (fake.agent, NULL, greeted, NULL);
  return G_SOURCE_REMOVE;
}

static void
start_relay (int agent_fd, int control_fd)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *dir = g_path_get_dirname (self);
  g_autofree char *program = g_build_filename (dir, "sandglass-relay", NULL);

  if (fork () == 0)
    {
      char agent[16], control[16];

      prctl (PR_SET_PDEATHSIG, SIGKILL);
      fcntl (agent_fd, F_SETFD, 0);
      fcntl (control_fd, F_SETFD, 0);
      g_snprintf (agent, sizeof agent, "%d", agent_fd);
      g_snprintf (control, sizeof control, "%d", control_fd);
      execl (program, program, "--agent-fd", agent, "--control-fd", control, NULL);
      _exit (127);
    }
}

static void
start_guest (void)
{
  int port[2], control[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, port) < 0
      || socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) < 0)
    abort ();
  fake_guest_start (port[1]);
  start_relay (port[0], control[1]);
  close (port[0]);
  close (port[1]);
  close (control[1]);
  fake.agent = sg_agent_new (control[0]);
  g_signal_connect (fake.agent, "exited", G_CALLBACK (on_exited), NULL);
  g_signal_connect (fake.agent, "broken", G_CALLBACK (on_broken), NULL);
}

static void
serve (int owner_fd)
{
  static const GDBusInterfaceVTable vtable = { method_call, get_property, NULL, { 0 } };
  g_autoptr (GSocket) socket = g_socket_new_from_fd (owner_fd, NULL);
  g_autoptr (GSocketConnection) stream = g_socket_connection_factory_create_connection (socket);
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (session_xml, NULL);
  g_autofree char *guid = g_dbus_generate_guid ();

  fake.connection
      = g_dbus_connection_new_sync (G_IO_STREAM (stream), guid,
                                    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER
                                        | G_DBUS_CONNECTION_FLAGS_DELAY_MESSAGE_PROCESSING,
                                    NULL, NULL, NULL);
  if (fake.connection == NULL)
    exit (1);
  g_dbus_connection_register_object (fake.connection, PATH,
                                     g_dbus_node_info_lookup_interface (node, INTERFACE), &vtable,
                                     NULL, NULL, NULL);
  g_signal_connect_swapped (fake.connection, "closed", G_CALLBACK (g_main_loop_quit), fake.loop);
  g_dbus_connection_start_message_processing (fake.connection);
}

int
main (int argc, char **argv)
{
  const char *owner = NULL;

  fake.behaviour = g_getenv ("SG_FAKE") != NULL ? g_getenv ("SG_FAKE") : "";
  fake.state = "booting";
  fake.stage = "Starting the made-up machine";
  fake.failure = "";
  for (int i = 1; i < argc; i++)
    {
      if (g_str_has_prefix (argv[i], "--owner-fd="))
        owner = argv[i] + strlen ("--owner-fd=");
      if (g_str_equal (argv[i], "--plan"))
        {
          puts ("a made-up plan: no network");
          return 0;
        }
    }
  if (owner == NULL)
    return 2;
  fake.loop = g_main_loop_new (NULL, FALSE);
  start_guest ();
  serve (atoi (owner));
  g_timeout_add (g_str_equal (fake.behaviour, "slow") ? 3000 : 1, begin, NULL);
  g_main_loop_run (fake.loop);
  return 0;
}
