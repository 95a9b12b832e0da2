/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is asked of a session, one after the other: the capture, the folders, the desktop, the
 * command. Each pending step holds a reference. */
#include "launcher/run-session-internal.h"

#include "common/fd.h"
#include "launcher/run-shares.h"

gboolean
sg_run_session_step_failed (SgRunSession *session, GError *error)
{
  if (error == NULL)
    return FALSE;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return TRUE; /* the session was freed */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED))
    sg_run_session_fail (session, "The sandbox's supervisor ended unexpectedly");
  else
    {
      g_dbus_error_strip_remote_error (error);
      sg_run_session_end (session, FALSE, 0, "", error);
    }
  return TRUE;
}

static void
exec_done (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgRunSession) session = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_proxy_call_with_unix_fd_list_finish (G_DBUS_PROXY (source), NULL, result, &error);

  if (sg_run_session_step_failed (session, error))
    return;
  if (g_variant_is_of_type (reply, G_VARIANT_TYPE ("(u)")))
    g_variant_get (reply, "(u)", &session->handle);
  session->funcs.started (session->data);
  if (session->early != NULL)
    {
      g_autoptr (GVariant) early = g_steal_pointer (&session->early);
      sg_run_session_take_exited (session, early);
    }
}

static void
capture_done (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgRunSession) session = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_proxy_call_with_unix_fd_list_finish (G_DBUS_PROXY (source), NULL, result, &error);

  sg_run_session_step_failed (session, error);
}

void
sg_run_session_capture (SgRunSession *session)
{
  g_autoptr (GUnixFDList) fds = g_unix_fd_list_new ();
  int index = g_unix_fd_list_append (fds, session->capture, NULL);

  sg_fd_clear (&session->capture);
  if (index >= 0)
    g_dbus_proxy_call_with_unix_fd_list (
        session->proxy, "NetworkCapture", g_variant_new ("(ht)", index, (guint64)0),
        G_DBUS_CALL_FLAGS_NONE, G_MAXINT, fds, session->cancellable, capture_done,
        g_rc_box_acquire (session));
}

static void
share_done (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgRunSession) session = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_proxy_call_with_unix_fd_list_finish (G_DBUS_PROXY (source), NULL, result, &error);
  g_autofree const char **words = NULL;

  if (sg_run_session_step_failed (session, error))
    return;
  if (g_variant_is_of_type (reply, G_VARIANT_TYPE ("(sas)")))
    g_variant_get (reply, "(&s^a&s)", NULL, &words);
  for (const char **word = words; word != NULL && *word != NULL; word++)
    session->funcs.notice ("share", *word, session->data);
  session->sharing = FALSE;
  session->shared++;
  sg_run_session_go_on (session);
}

static void
share_next (SgRunSession *session)
{
  const SgRunShare *share = g_ptr_array_index (session->shares, session->shared);
  g_autoptr (GUnixFDList) fds = g_unix_fd_list_new ();
  int index = g_unix_fd_list_append (fds, share->folder, NULL);

  session->sharing = TRUE;
  g_dbus_proxy_call_with_unix_fd_list (
      session->proxy, "Share", g_variant_new ("(hsb)", index, share->place, share->writable),
      G_DBUS_CALL_FLAGS_NONE, G_MAXINT, fds, session->cancellable, share_done,
      g_rc_box_acquire (session));
}

static void
desktop_is_there (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgRunSession) session = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_proxy_call_finish (G_DBUS_PROXY (source), result, &error);

  if (sg_run_session_step_failed (session, error))
    return;
  session->sharing = FALSE;
  sg_run_session_go_on (session);
}

void
sg_run_session_go_on (SgRunSession *session)
{
  g_autofree char *state = NULL;

  if (session->proxy == NULL || session->ended || session->sharing || session->called)
    return;
  if (session->shared < session->shares->len)
    {
      state = sg_run_session_property (session, "State");
      if (g_strcmp0 (state, "preparing") != 0)
        share_next (session);
      return;
    }
  if (session->await_desktop)
    {
      session->await_desktop = FALSE;
      session->sharing = TRUE;
      g_dbus_proxy_call (session->proxy, "WaitReady", NULL, G_DBUS_CALL_FLAGS_NONE, G_MAXINT,
                         session->cancellable, desktop_is_there, g_rc_box_acquire (session));
      return;
    }
  session->called = TRUE;
  g_dbus_proxy_call_with_unix_fd_list (session->proxy, session->call, session->exec,
                                       G_DBUS_CALL_FLAGS_NONE, G_MAXINT, session->fds,
                                       session->cancellable, exec_done, g_rc_box_acquire (session));
  g_clear_object (&session->fds);
}
