/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For end-to-end tests: a client of a running session's socket.
 *
 *   session-client SOCKET wait        WaitReady; prints how the properties stand
 *   session-client SOCKET display     OpenDisplay twice; the first bytes of SPICE on both
 *   session-client SOCKET exec CMD    runs a command with our descriptors; its exit code
 *   session-client SOCKET foreign N   Signal for a handle that is another client's
 *   session-client SOCKET pause N     for N seconds; stays connected until the sandbox is gone or
 *                                     standard input ends; "resume" on it lets it go on
 *   session-client SOCKET window      what a window may not ask is refused to it, the rest is not
 *   session-client SOCKET discard */
#include "common/fd.h"
#include "launcher/session1.h"

#include <gio/gio.h>
#include <gio/gunixfdlist.h>
#include <gio/gunixsocketaddress.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH "/org/sandglass/Session1"

static SgSession1 *session;

static void
check (GError *error)
{
  if (error == NULL)
    return;
  g_dbus_error_strip_remote_error (error);
  fprintf (stderr, "%s\n", error->message);
  exit (1);
}

static void
connect_to (const char *socket)
{
  GError *error = NULL;
  g_autofree char *address = g_strdup_printf ("unix:path=%s", socket);
  GDBusConnection *connection = g_dbus_connection_new_for_address_sync (
      address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL, NULL, &error);

  check (error);
  session
      = sg_session1_proxy_new_sync (connection, G_DBUS_PROXY_FLAGS_NONE, NULL, PATH, NULL, &error);
  check (error);
  g_dbus_proxy_set_default_timeout (G_DBUS_PROXY (session), G_MAXINT);
}

static void
wait_ready (void)
{
  GError *error = NULL;

  sg_session1_call_wait_ready_sync (session, NULL, &error);
  check (error);
  while (g_main_context_iteration (NULL, FALSE))
    ; /* changes of properties that came before the answer */
  printf ("%s|%s|%s|%s\n", sg_session1_get_state (session), sg_session1_get_stage (session),
          sg_session1_get_failure (session), sg_session1_get_accelerator (session));
}

/* SPICE's greeting (spice/protocol.h), little-endian: magic, version 2.2, size; then an empty
 * request for the main channel.  The server answers with the magic. */
static void
greet_spice (int fd)
{
  static const guint8 hello[] = { 'R', 'E', 'D', 'Q', 2, 0, 0, 0, 2, 0, 0, 0, 18, 0,  0, 0, 0,
                                  0,   0,   0,   1,   0, 0, 0, 0, 0, 0, 0, 0, 0,  18, 0, 0, 0 };
  guint8 answer[4] = { 0 };
  GError *error = NULL;

  sg_write_all (fd, hello, sizeof hello, &error);
  check (error);
  sg_read_all (fd, answer, sizeof answer, &error);
  check (error);
  printf ("%.4s\n", (char *)answer);
}

static void
open_display (void)
{
  for (int i = 0; i < 2; i++)
    {
      GError *error = NULL;
      g_autoptr (GUnixFDList) list = NULL;
      g_autoptr (GVariant) channel = NULL;

      sg_session1_call_open_display_sync (session, NULL, &channel, &list, NULL, &error);
      check (error);
      sg_fd int fd = g_unix_fd_list_get (list, g_variant_get_handle (channel), &error);
      check (error);
      greet_spice (fd);
    }
}

typedef struct
{
  GMainLoop *loop;
  guint32 handle;
  int code;
} Running;

static void
on_exited (SgSession1 *object, guint32 handle, gboolean signalled, int code, const char *message,
           Running *running)
{
  if (handle != running->handle)
    return; /* another client's */
  running->code = signalled ? 128 + code : code;
  g_main_loop_quit (running->loop);
}

static int
run (const char *command)
{
  const char *argv[] = { "sh", "-c", command, NULL };
  Running running = { .loop = g_main_loop_new (NULL, FALSE) };
  g_autoptr (GUnixFDList) list = g_unix_fd_list_new ();
  GVariant *h[3];
  GError *error = NULL;

  for (int i = 0; i < 3; i++)
    h[i] = g_variant_new_handle (g_unix_fd_list_append (list, i, NULL));
  g_signal_connect (session, "exited", G_CALLBACK (on_exited), &running);
  sg_session1_call_exec_sync (session, argv, g_variant_new ("a{sv}", NULL), h[0], h[1], h[2], list,
                              &running.handle, NULL, NULL, &error);
  check (error);
  g_main_loop_run (running.loop);
  return running.code;
}

/* Each of these would be answered otherwise for what is wrong with it, or done. */
static void
ask_as_window (void)
{
  static const struct
  {
    const char *method, *type, *value;
  } denied[] = { { "Share", "(hsb)", "(0, '', false)" },
                 { "Forward", "(qq)", "(1, 1)" },
                 { "NetworkCapture", "(ht)", "(0, 0)" },
                 { "Detach", "()", "()" },
                 { "Transferring", "()", "()" },
                 { "Exec", "(aaya{sv}hhh)", "([b'true'], {}, 0, 0, 0)" } };
  GError *error = NULL;

  sg_session1_call_become_window_sync (session, NULL, &error);
  check (error);
  for (gsize i = 0; i < G_N_ELEMENTS (denied); i++)
    {
      GVariant *parameters
          = g_variant_parse (G_VARIANT_TYPE (denied[i].type), denied[i].value, NULL, NULL, NULL);
      g_autoptr (GVariant) reply
          = g_dbus_proxy_call_sync (G_DBUS_PROXY (session), denied[i].method, parameters,
                                    G_DBUS_CALL_FLAGS_NONE, 5000, NULL, &error);

      if (reply != NULL || !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
        {
          fprintf (stderr, "%s: %s\n", denied[i].method, error != NULL ? error->message : "done");
          exit (1);
        }
      g_clear_error (&error);
    }
  sg_session1_call_wait_ready_sync (session, NULL, &error);
  check (error);
}

/* Says it twice, which is once; until its input ends. */
static void
copy_files (void)
{
  GError *error = NULL;

  for (int i = 0; i < 2 && error == NULL; i++)
    sg_session1_call_transferring_sync (session, NULL, &error);
  check (error);
  printf ("copies\n");
  fflush (stdout);
  while (getchar () != EOF)
    ;
}

static void
pause_for (guint seconds)
{
  char line[16];
  GError *error = NULL;

  sg_session1_call_pause_sync (session, seconds, NULL, &error);
  check (error);
  printf ("paused\n");
  fflush (stdout);
  while (fgets (line, sizeof line, stdin) != NULL && g_str_has_prefix (line, "resume"))
    {
      sg_session1_call_resume_sync (session, NULL, &error);
      check (error);
      printf ("resumed\n");
      fflush (stdout);
    }
}

int
main (int argc, char **argv)
{
  GError *error = NULL;

  if (argc < 3)
    return 2;
  connect_to (argv[1]);
  if (g_str_equal (argv[2], "wait"))
    wait_ready ();
  else if (g_str_equal (argv[2], "display"))
    open_display ();
  else if (g_str_equal (argv[2], "exec") && argc == 4)
    return run (argv[3]);
  else if (g_str_equal (argv[2], "foreign") && argc == 4)
    sg_session1_call_signal_sync (session, (guint)atoi (argv[3]), 9, NULL, &error);
  else if (g_str_equal (argv[2], "window"))
    ask_as_window ();
  else if (g_str_equal (argv[2], "copy"))
    copy_files ();
  else if (g_str_equal (argv[2], "transfers"))
    printf ("%u\n", sg_session1_get_transfers (session));
  else if (g_str_equal (argv[2], "pause") && argc == 4)
    pause_for ((guint)atoi (argv[3]));
  else if (g_str_equal (argv[2], "discard"))
    sg_session1_call_discard_sync (session, NULL, &error);
  else
    return 2;
  check (error);
  return 0;
}
