/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/agent-internal.h"

#include "common/fd.h"

#include <fcntl.h>

/* Room for the header and the other fields in an EXEC frame. */
#define EXEC_MAX (60 * 1024)

static GVariant *
exec_body (guint32 handle, const SgAgentCommand *command)
{
  static const char *const none[] = { NULL };

  return g_variant_new (
      "(u^aay^aay^aysbqq)", handle, command->argv, command->env != NULL ? command->env : none,
      command->cwd != NULL ? command->cwd : "", command->user != NULL ? command->user : "",
      command->tty, command->rows, command->columns);
}

static gboolean
check_command (SgAgent *agent, const SgAgentCommand *command, GVariant *body, GError **error)
{
  if (!sg_agent_check_greeted (agent, error))
    return FALSE;
  if (command->argv == NULL || command->argv[0] == NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "There is no command to run");
  else if (command->user != NULL && !g_utf8_validate (command->user, -1, NULL))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "The user's name is not text");
  else if (g_hash_table_size (agent->running) >= SG_MAX_CHANNELS)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY,
                 "%d commands run in this sandbox already; wait until one ends", SG_MAX_CHANNELS);
  else if (g_variant_get_size (body) > EXEC_MAX)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE,
                 "The command's arguments and environment are longer than %d KiB; pass them by a "
                 "file or by standard input",
                 EXEC_MAX / 1024);
  else
    return TRUE;
  return FALSE;
}

guint32
sg_agent_exec (SgAgent *agent, const SgAgentCommand *command, int in, int out, int err,
               GError **error)
{
  int given[3] = { in, out, command->tty ? -1 : err }, fds[3] = { -1, -1, -1 };
  int n_fds = command->tty ? 2 : 3;
  g_autoptr (GVariant) body = NULL;
  guint32 handle = agent->last_handle + 1;

  /* A name that is not text cannot go into the body; check_command() says so. */
  SgAgentCommand checked = *command;
  if (command->user != NULL && !g_utf8_validate (command->user, -1, NULL))
    checked.user = NULL;
  if (command->argv != NULL)
    body = g_variant_ref_sink (exec_body (handle, &checked));
  if (!check_command (agent, command, body, error))
    return 0;
  for (int i = 0; i < n_fds; i++)
    {
      fds[i] = fcntl (given[i], F_DUPFD_CLOEXEC, 3);
      if (fds[i] < 0)
        {
          sg_errno (error, "Cannot pass on descriptor %d", i);
          for (int j = 0; j < i; j++)
            sg_fd_clear (&fds[j]);
          return 0;
        }
    }
  agent->last_handle = handle;
  g_hash_table_add (agent->running, GUINT_TO_POINTER (handle));
  sg_agent_request (agent, SG_RELAY_EXEC, body, fds, n_fds);
  return handle;
}

static gboolean
runs (SgAgent *agent, guint32 handle)
{
  return agent->greeted && g_hash_table_contains (agent->running, GUINT_TO_POINTER (handle));
}

void
sg_agent_signal (SgAgent *agent, guint32 handle, int signal)
{
  if (runs (agent, handle) && signal >= 1 && signal <= 64)
    sg_agent_request (agent, SG_RELAY_SIGNAL, g_variant_new ("(ui)", handle, signal), NULL, 0);
}

void
sg_agent_resize (SgAgent *agent, guint32 handle, guint16 rows, guint16 columns)
{
  if (runs (agent, handle))
    sg_agent_request (agent, SG_RELAY_RESIZE, g_variant_new ("(uqq)", handle, rows, columns), NULL,
                      0);
}

void
sg_agent_drop (SgAgent *agent, guint32 handle)
{
  if (runs (agent, handle))
    sg_agent_request (agent, SG_RELAY_DROP, g_variant_new ("(u)", handle), NULL, 0);
}
