/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/inside-run.h"

#include "common/fd.h"
#include "common/report.h"

#include <fcntl.h>
#include <unistd.h>

#define WORDS_MOST 512

typedef struct
{
  guint32 handle;
  int output; /* owned */
  gulong exited, broken;
  guint deadline;
} Run;

static void
run_free (gpointer data)
{
  Run *run = data;

  sg_fd_clear (&run->output);
  g_free (run);
}

/* Takes ERROR (NULL: it went well) and the task. */
static void
settle (GTask *task, GError *error)
{
  Run *run = g_task_get_task_data (task);
  SgAgent *agent = g_task_get_source_object (task);

  g_clear_signal_handler (&run->exited, agent);
  g_clear_signal_handler (&run->broken, agent);
  g_clear_handle_id (&run->deadline, g_source_remove);
  sg_fd_clear (&run->output);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

/* Its last words, safe to show. */
static char *
words_of (int fd)
{
  char buffer[WORDS_MOST + 1];
  ssize_t n = read (fd, buffer, WORDS_MOST);

  buffer[MAX (n, 0)] = '\0';
  return sg_printable (g_strstrip (buffer));
}

static void
on_exited (SgAgent *agent, guint handle, gboolean signalled, int code, const char *message,
           GTask *task)
{
  Run *run = g_task_get_task_data (task);
  g_autofree char *words = NULL;

  if (handle != run->handle)
    return;
  if (!signalled && code == 0)
    {
      settle (task, NULL);
      return;
    }
  words = *message != '\0' ? sg_printable (message) : words_of (run->output);
  settle (task, g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "%s",
                             *words != '\0' ? words : "the sandbox gives no reason"));
}

static void
on_broken (SgAgent *agent, const char *why, GTask *task)
{
  settle (task, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED, why));
}

static gboolean
too_late (gpointer data)
{
  GTask *task = data;
  Run *run = g_task_get_task_data (task);

  run->deadline = 0;
  sg_agent_drop (g_task_get_source_object (task), run->handle);
  settle (task,
          g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "the sandbox did not do it in time"));
  return G_SOURCE_REMOVE;
}

/* Its handle, 0 with an error. */
static guint32
start (SgAgent *agent, const char *const *argv, int *ret_output, GError **error)
{
  SgAgentCommand command = { .argv = argv, .cwd = "/", .user = "root" };
  sg_fd int in = sg_open_at (AT_FDCWD, "/dev/null", O_RDONLY, 0, error);
  guint32 handle;
  int said[2];

  if (in < 0)
    return 0;
  if (pipe2 (said, O_CLOEXEC | O_NONBLOCK) < 0)
    {
      sg_errno (error, "Cannot create a pipe");
      return 0;
    }
  *ret_output = said[0];
  fcntl (said[1], F_SETFL, 0); /* the relay's threads block */
  handle = sg_agent_exec (agent, &command, in, said[1], said[1], error);
  close (said[1]);
  return handle;
}

void
sg_inside_run_async (SgAgent *agent, const char *const *argv, guint seconds,
                     GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (agent, cancellable, callback, data);
  Run *run = g_new0 (Run, 1);
  GError *error = NULL;

  run->output = -1;
  g_task_set_task_data (task, run, run_free);
  run->handle = start (agent, argv, &run->output, &error);
  if (run->handle == 0)
    {
      settle (task, error);
      return;
    }
  run->exited = g_signal_connect (agent, "exited", G_CALLBACK (on_exited), task);
  run->broken = g_signal_connect (agent, "broken", G_CALLBACK (on_broken), task);
  run->deadline = g_timeout_add_seconds (seconds, too_late, task);
}

gboolean
sg_inside_run_finish (SgAgent *agent, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, agent), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
