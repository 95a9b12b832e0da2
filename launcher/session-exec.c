/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that come before the guest is there wait in a queue with their descriptors.  A handle
 * belongs to the connection that it was given to: others cannot signal it. */
#include "launcher/session-exec.h"

#include "common/fd.h"
#include "launcher/enforce-inside.h"
#include "launcher/passed-fd.h"
#include "launcher/session-calls.h"
#include "launcher/session-rescue.h"

#include <gio/gunixfdlist.h>
#include <signal.h>

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

static gboolean
can_run (const SgSession *session)
{
  return session->state == SG_STATE_RUNNING || sg_session_rescue_is_usable (session);
}

static gboolean
take_fds (const Exec *exec, int fds[3], gboolean tty, GError **error)
{
  for (int i = 0; i < 3; i++)
    {
      if (i == 2 && tty)
        continue; /* a terminal has one output */
      fds[i] = sg_passed_fd (exec->fds, exec->index[i],
                             "The call carries no descriptor for a standard stream", error);
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
      sg_session_refuse (exec->invocation, "The client is gone");
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

  if (!can_run (session) && sg_session_has_stopped (session, invocation))
    return TRUE;
  if (argv[0] == NULL || session->waiting_usable.length >= MOST_WAITING)
    {
      sg_session_refuse (invocation, argv[0] == NULL
                                         ? "There is no command to run"
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
      sg_session_refuse (invocation, "There is no such signal");
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

void
sg_session_exec_end (SgSession *session, const char *why)
{
  g_autoptr (GList) handles = g_hash_table_get_keys (session->commands);

  sg_session_tell_state_first (session);
  for (GList *l = handles; l != NULL; l = l->next)
    sg_session_calls_exited (session, GPOINTER_TO_UINT (l->data), TRUE, SIGKILL, why);
}

void
sg_session_exec_usable (SgSession *session)
{
  Exec *exec;

  while ((exec = g_queue_pop_head (&session->waiting_usable)) != NULL)
    answer_exec (session, exec);
}

void
sg_session_exec_fail (SgSession *session, const char *why)
{
  Exec *exec;

  while ((exec = g_queue_pop_head (&session->waiting_usable)) != NULL)
    {
      sg_session_refuse (exec->invocation, why);
      exec_free (exec);
    }
}

void
sg_session_exec_client_gone (SgSession *session, GDBusConnection *connection)
{
  GHashTableIter iter;
  gpointer handle, client;

  if (!can_run (session))
    return;
  g_hash_table_iter_init (&iter, session->commands);
  while (g_hash_table_iter_next (&iter, &handle, &client))
    if (client == connection)
      sg_agent_drop (sg_machine_agent (session->machine), GPOINTER_TO_UINT (handle));
}

void
sg_session_exec_connect (SgSession *session)
{
  session->commands = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
  g_signal_connect (session->object, "handle-exec", G_CALLBACK (on_exec), session);
  g_signal_connect (session->object, "handle-signal", G_CALLBACK (on_signal), session);
  g_signal_connect (session->object, "handle-resize", G_CALLBACK (on_resize), session);
}
