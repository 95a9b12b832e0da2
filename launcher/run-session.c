/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything is asynchronous, so that Ctrl+C works at every moment: spawn (or not), connect, read
 * the properties, send Exec, which is answered when the guest can run commands.  "Exited" can
 * overtake the handling of that answer, so one that comes before the handle is known is kept.  Each
 * pending step holds a reference; after sg_run_session_free() they do nothing. */
#include "launcher/run-session-internal.h"

#include "common/fd.h"
#include "launcher/client.h"
#include "launcher/run-shares.h"

#include <fcntl.h>
#include <unistd.h>

#define PATH SG_CLIENT_PATH
#define INTERFACE SG_CLIENT_INTERFACE
#define DISCARD_MSEC 15000
#define STAY_MSEC 5000

static void
session_clear (gpointer data)
{
  SgRunSession *session = data;

  g_clear_object (&session->proxy);
  g_clear_object (&session->connection);
  g_clear_object (&session->process);
  g_clear_object (&session->cancellable);
  g_clear_object (&session->fds);
  sg_fd_clear (&session->capture);
  g_clear_pointer (&session->shares, g_ptr_array_unref);
  g_clear_pointer (&session->exec, g_variant_unref);
  g_clear_pointer (&session->early, g_variant_unref);
}

void
sg_run_session_unref (SgRunSession *session)
{
  g_rc_box_release_full (session, session_clear);
}
void
sg_run_session_end (SgRunSession *session, gboolean signalled, int code, const char *message,
                    const GError *error)
{
  if (session->ended)
    return;
  session->ended = TRUE;
  session->funcs.ended (signalled, code, message, error, session->data);
}

/* --- what the session says -----------------------------------------------------------------------
 */

char *
sg_run_session_property (SgRunSession *session, const char *name)
{
  g_autoptr (GVariant) value
      = session->proxy != NULL ? g_dbus_proxy_get_cached_property (session->proxy, name) : NULL;

  if (value == NULL || !g_variant_is_of_type (value, G_VARIANT_TYPE_STRING)
      || *g_variant_get_string (value, NULL) == '\0')
    return NULL;
  return g_variant_dup_string (value, NULL);
}

void
sg_run_session_fail (SgRunSession *session, const char *otherwise)
{
  g_autofree char *failure = sg_run_session_property (session, "Failure");
  g_autoptr (GError) error
      = g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "%s", failure != NULL ? failure : otherwise);

  sg_run_session_end (session, FALSE, 0, "", error);
}

static void
look_at_state (SgRunSession *session)
{
  g_autofree char *state = sg_run_session_property (session, "State");

  session->funcs.changed (session->data);
  if (g_strcmp0 (state, "ending") == 0 || g_strcmp0 (state, "gone") == 0)
    sg_run_session_fail (session, "The sandbox stopped before the command had ended");
}

static void
on_properties (GDBusProxy *proxy, GVariant *changed, char **invalidated, gpointer data)
{
  look_at_state (data);
  sg_run_session_go_on (data);
}

void
sg_run_session_take_exited (SgRunSession *session, GVariant *parameters)
{
  gboolean signalled;
  const char *message;
  guint32 handle;
  gint32 code;

  g_variant_get (parameters, "(ubi&s)", &handle, &signalled, &code, &message);
  if (session->handle == 0)
    {
      g_clear_pointer (&session->early, g_variant_unref);
      session->early = g_variant_ref (parameters);
    }
  else if (handle == session->handle)
    sg_run_session_end (session, signalled, code, message, NULL);
}

static void
on_signal (GDBusProxy *proxy, const char *sender, const char *name, GVariant *parameters,
           gpointer data)
{
  SgRunSession *session = data;
  const char *kind, *message;

  if (g_str_equal (name, "Exited") && g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ubis)")))
    sg_run_session_take_exited (session, parameters);
  else if (g_str_equal (name, "Notice")
           && g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ss)")))
    {
      g_variant_get (parameters, "(&s&s)", &kind, &message);
      session->funcs.notice (kind, message, session->data);
    }
}

static void
on_closed (GDBusConnection *connection, gboolean vanished, GError *error, gpointer data)
{
  sg_run_session_fail (data, "The sandbox's supervisor ended unexpectedly");
}

/* --- starting
 * ------------------------------------------------------------------------------------- */

/* Properties are known and signals arrive: time for the command. */
static void
proxy_made (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgRunSession) session = data;
  g_autoptr (GError) error = NULL;

  session->proxy = g_dbus_proxy_new_finish (result, &error);
  if (sg_run_session_step_failed (session, error))
    return;
  g_signal_connect (session->proxy, "g-properties-changed", G_CALLBACK (on_properties), session);
  g_signal_connect (session->proxy, "g-signal", G_CALLBACK (on_signal), session);
  look_at_state (session);
  if (session->ended)
    return;
  if (session->capture >= 0)
    sg_run_session_capture (session);
  sg_run_session_go_on (session);
}

static void
connected (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgRunSession) session = data;
  g_autoptr (GError) error = NULL;

  session->connection = g_dbus_connection_new_finish (result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (session->connection == NULL)
    {
      sg_run_session_fail (session, "The sandbox's supervisor did not start");
      return;
    }
  g_signal_connect (session->connection, "closed", G_CALLBACK (on_closed), session);
  g_dbus_proxy_new (session->connection, G_DBUS_PROXY_FLAGS_NONE, NULL, NULL, PATH, INTERFACE,
                    session->cancellable, proxy_made, g_rc_box_acquire (session));
}

static gboolean
start_connecting (SgRunSession *session, int fd, GError **error)
{
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, error);
  g_autoptr (GSocketConnection) stream = NULL;

  if (socket == NULL)
    {
      close (fd);
      return FALSE;
    }
  stream = g_socket_connection_factory_create_connection (socket);
  g_dbus_connection_new (G_IO_STREAM (stream), NULL, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT,
                         NULL, session->cancellable, connected, g_rc_box_acquire (session));
  return TRUE;
}

static gboolean
prepare_exec (SgRunSession *session, const SgRunOptions *options, const SgRunCommand *command,
              GError **error)
{
  GVariantDict dict;
  int index[3];

  session->fds = g_unix_fd_list_new ();
  for (int i = 0; i < 3; i++)
    {
      /* stderr is not used with a terminal, but the call has three. */
      int fd = command->fds[i] >= 0 ? command->fds[i] : command->fds[1];

      index[i] = g_unix_fd_list_append (session->fds, fd, error);
      if (index[i] < 0)
        {
          g_prefix_error (error, "Standard descriptor %d cannot be passed on: ", i);
          return FALSE;
        }
    }
  g_variant_dict_init (&dict, NULL);
  if (options->user != NULL)
    g_variant_dict_insert (&dict, "user", "s", options->user);
  if (options->dir != NULL)
    g_variant_dict_insert (&dict, "cwd", "^ay", options->dir);
  g_variant_dict_insert (&dict, "env", "^aay", options->env);
  g_variant_dict_insert (&dict, "tty", "b", options->tty);
  g_variant_dict_insert (&dict, "rows", "q", command->rows);
  g_variant_dict_insert (&dict, "columns", "q", command->columns);
  session->exec = g_variant_ref_sink (g_variant_new ("(^aay@a{sv}hhh)", options->command,
                                                     g_variant_dict_end (&dict), index[0], index[1],
                                                     index[2]));
  return TRUE;
}

SgRunSession *
sg_run_session_start (const SgRunOptions *options, const SgRunCommand *command,
                      const SgRunSessionFuncs *funcs, gpointer data, GError **error)
{
  g_autoptr (SgRunSession) session = g_rc_box_new0 (SgRunSession);
  int fd;

  session->funcs = *funcs;
  session->data = data;
  session->call = command != NULL ? "Exec" : options->detach ? "Detach" : "WaitReady";
  session->cancellable = g_cancellable_new ();
  session->capture = -1;
  session->await_desktop = options->ask.program != NULL;
  if (options->pcap != NULL)
    {
      session->capture
          = sg_open_at (AT_FDCWD, options->pcap, O_WRONLY | O_CREAT | O_TRUNC, 0600, error);
      if (session->capture < 0)
        return NULL;
    }
  session->shares = sg_run_shares_open ((const char *const *)options->shares, error);
  if (session->shares == NULL)
    return NULL;
  if ((command != NULL && !prepare_exec (session, options, command, error))
      || !sg_run_session_reach (session, options, &fd, error)
      || !start_connecting (session, fd, error))
    return NULL;
  return g_steal_pointer (&session);
}

/* --- the command
 * ---------------------------------------------------------------------------------- */

void
sg_run_session_signal (SgRunSession *session, int number)
{
  if (session->handle != 0 && !session->ended)
    g_dbus_proxy_call (session->proxy, "Signal", g_variant_new ("(ui)", session->handle, number),
                       G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
}

void
sg_run_session_resize (SgRunSession *session, guint16 rows, guint16 columns)
{
  if (session->handle != 0 && !session->ended)
    g_dbus_proxy_call (session->proxy, "Resize",
                       g_variant_new ("(uqq)", session->handle, rows, columns),
                       G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
}

/* --- the end
 * -------------------------------------------------------------------------------------- */

gboolean
sg_run_session_stay (SgRunSession *session, GError **error)
{
  g_autoptr (GVariant) reply = g_dbus_proxy_call_sync (
      session->proxy, "Detach", NULL, G_DBUS_CALL_FLAGS_NONE, STAY_MSEC, NULL, error);

  if (reply == NULL && error != NULL)
    g_dbus_error_strip_remote_error (*error);
  return reply != NULL;
}

gboolean
sg_run_session_discard (SgRunSession *session, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GVariant) reply = NULL;

  session->ended = TRUE;
  if (session->proxy == NULL || g_dbus_connection_is_closed (session->connection))
    return TRUE; /* the supervisor ends with its connection, or has ended: its guardian cleans up */
  reply = g_dbus_proxy_call_sync (session->proxy, "Discard", NULL, G_DBUS_CALL_FLAGS_NONE,
                                  DISCARD_MSEC, NULL, &local);
  if (reply != NULL || g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CLOSED))
    return TRUE;
  g_dbus_error_strip_remote_error (local);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
               "It is not certain that everything of the sandbox is gone: %s", local->message);
  return FALSE;
}

void
sg_run_session_free (SgRunSession *session)
{
  if (session == NULL)
    return;
  session->ended = TRUE;
  g_cancellable_cancel (session->cancellable);
  if (session->proxy != NULL)
    g_signal_handlers_disconnect_by_data (session->proxy, session);
  if (session->connection != NULL)
    {
      g_signal_handlers_disconnect_by_data (session->connection, session);
      g_dbus_connection_close_sync (session->connection, NULL, NULL);
    }
  sg_run_session_unref (session);
}
