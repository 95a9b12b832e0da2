/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that come before the guest is there wait in a queue with their descriptors.  A handle
 * belongs to the connection that it was given to: others cannot signal it. */
#include "launcher/session.h"

#include "common/fd.h"
#include "launcher/enforce-inside.h"
#include "launcher/session-again.h"
#include "launcher/session-memory.h"
#include "launcher/session-network-calls.h"
#include "launcher/session-pause.h"
#include "launcher/session-rescue.h"
#include "launcher/session-window.h"
#include "launcher/session-picture.h"
#include "launcher/share-calls.h"

#include "launcher/usb-calls.h"
#include <gio/gunixfdlist.h>
#include <signal.h>
#include <unistd.h>

#define MOST_WAITING 64

typedef struct
{
  GDBusMethodInvocation *invocation; /* owned by GDBus until it is answered */
  GUnixFDList *fds;                  /* owned */
  GVariant *argv, *options;          /* owned */
  int index[3];
} Exec;

static void
exec_free (Exec *exec)
{
  g_clear_object (&exec->fds);
  g_variant_unref (exec->argv);
  g_variant_unref (exec->options);
  g_free (exec);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Exec, exec_free)

static void
refuse (GDBusMethodInvocation *invocation, const char *words)
{
  g_dbus_method_invocation_return_error_literal (invocation, G_IO_ERROR, G_IO_ERROR_FAILED, words);
}

/* TRUE when it is too late for anything; the call has been answered. */
static gboolean
is_over (SgSession *session, GDBusMethodInvocation *invocation)
{
  const char *failure = sg_session1_get_failure (session->object);

  if (session->state < SG_STATE_ENDING)
    return FALSE;
  refuse (invocation, failure != NULL && *failure != '\0' ? failure : "The sandbox is gone");
  return TRUE;
}

/* The same where it has stopped: only commands can run then, and only once its files are shown. */
static gboolean
has_stopped (SgSession *session, GDBusMethodInvocation *invocation)
{
  if (session->state != SG_STATE_STOPPED)
    return is_over (session, invocation);
  refuse (invocation, sg_session1_get_failure (session->object));
  return TRUE;
}

static gboolean
can_run (const SgSession *session)
{
  return session->state == SG_STATE_RUNNING || sg_session_rescue_is_usable (session);
}

/* --- commands -----------------------------------------------------------------------------------
 */

static gboolean
take_fds (const Exec *exec, int fds[3], gboolean tty, GError **error)
{
  for (int i = 0; i < 3; i++)
    {
      if (i == 2 && tty)
        continue; /* a terminal has one output */
      if (exec->fds != NULL && exec->index[i] < g_unix_fd_list_get_length (exec->fds))
        fds[i] = g_unix_fd_list_get (exec->fds, exec->index[i], error);
      else
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                     "The call carries no descriptor for standard stream %d", i);
      if (fds[i] < 0)
        return FALSE;
    }
  return TRUE;
}

static guint32
run_command (SgSession *session, const Exec *exec, GError **error)
{
  g_auto (GStrv) argv = g_variant_dup_bytestring_array (exec->argv, NULL), env = NULL;
  g_autofree char *cwd = NULL, *user = NULL;
  SgAgentCommand command = { 0 };
  sg_fd int in = -1, out = -1, err = -1;
  int fds[3] = { -1, -1, -1 };
  gboolean ok;

  g_variant_lookup (exec->options, "env", "^aay", &env);
  g_variant_lookup (exec->options, "cwd", "^ay", &cwd);
  g_variant_lookup (exec->options, "user", "s", &user);
  g_variant_lookup (exec->options, "tty", "b", &command.tty);
  g_variant_lookup (exec->options, "rows", "q", &command.rows);
  g_variant_lookup (exec->options, "columns", "q", &command.columns);
  if (!sg_enforce_user (session->request.grants, user, error))
    return 0;
  command.argv = (const char *const *)argv;
  command.env = (const char *const *)env;
  command.cwd = cwd;
  command.user = user;
  ok = take_fds (exec, fds, command.tty, error);
  in = fds[0];
  out = fds[1];
  err = fds[2];
  return ok ? sg_agent_exec (sg_machine_agent (session->machine), &command, in, out, err, error)
            : 0;
}

static void
count_commands (SgSession *session)
{
  if (session->enforce != NULL)
    sg_enforce_commands (session->enforce, g_hash_table_size (session->commands));
}

/* Takes EXEC. */
static void
answer_exec (SgSession *session, Exec *taken)
{
  g_autoptr (Exec) exec = taken;
  GDBusConnection *client = g_dbus_method_invocation_get_connection (exec->invocation);
  GError *error = NULL;
  guint32 handle;

  if (g_dbus_connection_is_closed (client))
    {
      refuse (exec->invocation, "The client is gone");
      return;
    }
  handle = run_command (session, exec, &error);
  if (handle == 0)
    {
      g_dbus_method_invocation_take_error (exec->invocation, error);
      return;
    }
  g_hash_table_insert (session->commands, GUINT_TO_POINTER (handle), g_object_ref (client));
  count_commands (session);
  sg_session1_complete_exec (session->object, exec->invocation, NULL, handle);
}

static gboolean
on_exec (SgSession1 *object, GDBusMethodInvocation *invocation, GUnixFDList *fds,
         const char *const *argv, GVariant *options, GVariant *in, GVariant *out, GVariant *err,
         SgSession *session)
{
  GVariant *parameters = g_dbus_method_invocation_get_parameters (invocation);
  Exec *exec;

  if (!can_run (session) && has_stopped (session, invocation))
    return TRUE;
  if (argv[0] == NULL || session->waiting_usable.length >= MOST_WAITING)
    {
      refuse (invocation, argv[0] == NULL ? "There is no command to run"
                                          : "Too many commands wait for the sandbox to start");
      return TRUE;
    }
  exec = g_new0 (Exec, 1);
  exec->invocation = invocation;
  exec->fds = fds != NULL ? g_object_ref (fds) : NULL;
  exec->argv = g_variant_get_child_value (parameters, 0);
  exec->options = g_variant_ref (options);
  exec->index[0] = g_variant_get_handle (in);
  exec->index[1] = g_variant_get_handle (out);
  exec->index[2] = g_variant_get_handle (err);
  if (can_run (session))
    answer_exec (session, exec);
  else
    g_queue_push_tail (&session->waiting_usable, exec);
  return TRUE;
}

static gboolean
owns (SgSession *session, GDBusMethodInvocation *invocation, guint32 handle)
{
  return g_hash_table_lookup (session->commands, GUINT_TO_POINTER (handle))
         == g_dbus_method_invocation_get_connection (invocation);
}

/* One that has just ended is nobody's mistake, so there is no error. */
static gboolean
on_signal (SgSession1 *object, GDBusMethodInvocation *invocation, guint32 handle, gint32 number,
           SgSession *session)
{
  if (number < 1 || number >= NSIG)
    {
      refuse (invocation, "There is no such signal");
      return TRUE;
    }
  if (can_run (session) && owns (session, invocation, handle))
    sg_agent_signal (sg_machine_agent (session->machine), handle, number);
  sg_session1_complete_signal (object, invocation);
  return TRUE;
}

static gboolean
on_resize (SgSession1 *object, GDBusMethodInvocation *invocation, guint32 handle, guint16 rows,
           guint16 columns, SgSession *session)
{
  if (can_run (session) && owns (session, invocation, handle))
    sg_agent_resize (sg_machine_agent (session->machine), handle, rows, columns);
  sg_session1_complete_resize (object, invocation);
  return TRUE;
}

void
sg_session_calls_exited (SgSession *session, guint handle, gboolean signalled, int code,
                         const char *message)
{
  if (g_hash_table_remove (session->commands, GUINT_TO_POINTER (handle)))
    count_commands (session);
  sg_session1_emit_exited (session->object, handle, signalled, code, message);
}

/* --- the display --------------------------------------------------------------------------------
 */

/* Answers with FD, or with ERROR where there is none.  Takes both. */
static void
answer_fd (GDBusMethodInvocation *invocation, int fd, GError *error)
{
  g_autoptr (GUnixFDList) list = NULL;

  if (fd < 0)
    {
      g_dbus_method_invocation_take_error (invocation, error);
      return;
    }
  list = g_unix_fd_list_new_from_array (&fd, 1);
  g_dbus_method_invocation_return_value_with_unix_fd_list (invocation, g_variant_new ("(h)", 0),
                                                           list);
}

static void
display_opened (GObject *source, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;
  int fd = sg_machine_open_display_finish (result, &error);

  answer_fd (data, fd, error);
}

static gboolean
on_open_display (SgSession1 *object, GDBusMethodInvocation *invocation, GUnixFDList *fds,
                 SgSession *session)
{
  if (has_stopped (session, invocation))
    return TRUE;
  if (session->machine == NULL)
    refuse (invocation, "The sandbox has no display yet");
  else
    {
      if (session->enforce != NULL && session->standby == NULL) /* else when it is taken */
        sg_enforce_window (session->enforce, g_dbus_method_invocation_get_connection (invocation));
      sg_machine_open_display_async (session->machine, display_opened, invocation);
    }
  return TRUE;
}

static void
picture_taken (GObject *source, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;
  int fd = sg_machine_picture_finish (result, &error);

  answer_fd (data, fd, error);
}

static gboolean
on_picture (SgSession1 *object, GDBusMethodInvocation *invocation, GUnixFDList *fds,
            SgSession *session)
{
  if (has_stopped (session, invocation))
    return TRUE;
  if (session->machine == NULL)
    refuse (invocation, "The sandbox has no display yet");
  else
    sg_machine_picture_async (session->machine, picture_taken, invocation);
  return TRUE;
}

static gboolean
on_used (SgSession1 *object, GDBusMethodInvocation *invocation, SgSession *session)
{
  if (session->enforce != NULL)
    sg_enforce_used (session->enforce, g_dbus_method_invocation_get_connection (invocation));
  sg_session1_complete_used (object, invocation);
  return TRUE;
}

static gboolean
on_step_log (SgSession1 *object, GDBusMethodInvocation *invocation, guint n, SgSession *session)
{
  g_autoptr (GBytes) log = session->enforce != NULL ? sg_enforce_log (session->enforce, n) : NULL;

  if (log == NULL)
    refuse (invocation, "There is no such step");
  else
    g_dbus_method_invocation_return_value (
        invocation,
        g_variant_new ("(@ay)", g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, log, TRUE)));
  return TRUE;
}

/* --- waiting ------------------------------------------------------------------------------------
 */

static gboolean
on_wait_ready (SgSession1 *object, GDBusMethodInvocation *invocation, SgSession *session)
{
  if (has_stopped (session, invocation))
    return TRUE;
  if (session->desktop_ready)
    sg_session1_complete_wait_ready (object, invocation);
  else if (session->waiting_ready.length >= MOST_WAITING)
    refuse (invocation, "Too many calls wait for the desktop");
  else
    g_queue_push_tail (&session->waiting_ready, invocation);
  return TRUE;
}

static void
detach (SgSession *session, GDBusMethodInvocation *invocation)
{
  session->detached = TRUE;
  sg_session1_complete_detach (session->object, invocation);
}

static gboolean
on_detach (SgSession1 *object, GDBusMethodInvocation *invocation, SgSession *session)
{
  if (has_stopped (session, invocation))
    return TRUE;
  if (session->state == SG_STATE_RUNNING)
    detach (session, invocation);
  else if (session->waiting_detach.length >= MOST_WAITING)
    refuse (invocation, "Too many calls wait for the sandbox to start");
  else
    g_queue_push_tail (&session->waiting_detach, invocation);
  return TRUE;
}

static gboolean
on_memory (SgSession1 *object, GDBusMethodInvocation *invocation, SgSession *session)
{
  GError *error = NULL;
  SgMemory memory;

  if (is_over (session, invocation))
    return TRUE;
  if (sg_memory_of_descendants (getpid (), &memory, &error))
    sg_session1_complete_memory (object, invocation, memory.private_bytes, memory.shared_bytes,
                                 memory.proportional_bytes);
  else
    g_dbus_method_invocation_take_error (invocation, error);
  return TRUE;
}

static gboolean
on_discard (SgSession1 *object, GDBusMethodInvocation *invocation, SgSession *session)
{
  g_queue_push_tail (&session->waiting_gone, invocation);
  if (session->state == SG_STATE_GONE)
    sg_session_calls_gone (session);
  else
    sg_session_end (session, NULL);
  return TRUE;
}

/* A change of properties is sent when the loop is idle, an answer at once: whoever acts on the
 * answer would see the state of before. */
static void
tell_state_first (SgSession *session)
{
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (session->object));
}

void
sg_session_calls_usable (SgSession *session)
{
  GDBusMethodInvocation *invocation;
  Exec *exec;

  tell_state_first (session);
  while ((exec = g_queue_pop_head (&session->waiting_usable)) != NULL)
    answer_exec (session, exec);
  while ((invocation = g_queue_pop_head (&session->waiting_detach)) != NULL)
    detach (session, invocation);
}

void
sg_session_calls_ready (SgSession *session)
{
  GDBusMethodInvocation *invocation;

  session->desktop_ready = TRUE;
  tell_state_first (session);
  while ((invocation = g_queue_pop_head (&session->waiting_ready)) != NULL)
    sg_session1_complete_wait_ready (session->object, invocation);
}

static void
end_commands (SgSession *session, const char *why)
{
  g_autoptr (GList) handles = g_hash_table_get_keys (session->commands);

  tell_state_first (session);
  for (GList *l = handles; l != NULL; l = l->next)
    sg_session_calls_exited (session, GPOINTER_TO_UINT (l->data), TRUE, SIGKILL, why);
}

void
sg_session_calls_restarts (SgSession *session)
{
  end_commands (session, "The sandbox was restarted, which ended this");
}

void
sg_session_calls_stopped (SgSession *session, const char *why)
{
  end_commands (session, why);
  sg_session_calls_fail (session, why);
}

void
sg_session_calls_fail (SgSession *session, const char *why)
{
  GDBusMethodInvocation *invocation;
  Exec *exec;

  while ((exec = g_queue_pop_head (&session->waiting_usable)) != NULL)
    {
      refuse (exec->invocation, why);
      exec_free (exec);
    }
  while ((invocation = g_queue_pop_head (&session->waiting_ready)) != NULL)
    refuse (invocation, why);
  while ((invocation = g_queue_pop_head (&session->waiting_detach)) != NULL)
    refuse (invocation, why);
}

void
sg_session_calls_gone (SgSession *session)
{
  GDBusMethodInvocation *invocation;

  tell_state_first (session);
  while ((invocation = g_queue_pop_head (&session->waiting_gone)) != NULL)
    if (session->leftover == NULL)
      sg_session1_complete_discard (session->object, invocation);
    else
      refuse (invocation, session->leftover);
}

void
sg_session_calls_client_gone (SgSession *session, GDBusConnection *connection)
{
  GHashTableIter iter;
  gpointer handle, client;

  if (session->enforce != NULL)
    sg_enforce_client_gone (session->enforce, connection);
  sg_session_pause_client_gone (session, connection);
  if (!can_run (session))
    {
      sg_session_rescue_client_gone (session);
      return;
    }
  g_hash_table_iter_init (&iter, session->commands);
  while (g_hash_table_iter_next (&iter, &handle, &client))
    if (client == connection)
      sg_agent_drop (sg_machine_agent (session->machine), GPOINTER_TO_UINT (handle));
  sg_session_rescue_client_gone (session);
}

void
sg_session_calls_connect (SgSession *session)
{
  session->commands = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
  g_signal_connect (session->object, "handle-exec", G_CALLBACK (on_exec), session);
  g_signal_connect (session->object, "handle-signal", G_CALLBACK (on_signal), session);
  g_signal_connect (session->object, "handle-resize", G_CALLBACK (on_resize), session);
  g_signal_connect (session->object, "handle-open-display", G_CALLBACK (on_open_display), session);
  g_signal_connect (session->object, "handle-picture", G_CALLBACK (on_picture), session);
  g_signal_connect (session->object, "handle-wait-ready", G_CALLBACK (on_wait_ready), session);
  g_signal_connect (session->object, "handle-detach", G_CALLBACK (on_detach), session);
  g_signal_connect (session->object, "handle-used", G_CALLBACK (on_used), session);
  g_signal_connect (session->object, "handle-step-log", G_CALLBACK (on_step_log), session);
  g_signal_connect (session->object, "handle-memory", G_CALLBACK (on_memory), session);
  g_signal_connect (session->object, "handle-discard", G_CALLBACK (on_discard), session);
  sg_session_window_connect (session);
  sg_session_pause_connect (session);
  sg_session_again_connect (session);
  sg_session_rescue_connect (session);
  sg_share_calls_connect (session);
  sg_usb_calls_connect (session);
  sg_network_calls_connect (session);
}
