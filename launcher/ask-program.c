/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/ask-program.h"

#include "common/paths.h"

typedef struct
{
  GSubprocess *process; /* owned; NULL: it could not be started */
  guint deadline;
} Asking;

static void
asking_free (gpointer data)
{
  Asking *asking = data;

  g_clear_handle_id (&asking->deadline, g_source_remove);
  g_clear_object (&asking->process);
  g_free (asking);
}

static gboolean
too_late (gpointer data)
{
  Asking *asking = data;

  asking->deadline = 0;
  g_subprocess_force_exit (asking->process);
  return G_SOURCE_REMOVE;
}

static void
said (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  char *text = NULL;

  if (!g_subprocess_communicate_utf8_finish (G_SUBPROCESS (source), result, &text, NULL, NULL))
    g_subprocess_force_exit (G_SUBPROCESS (source)); /* nobody waits for it any more */
  g_task_return_pointer (task, text, g_free);
}

void
sg_ask_program_async (const char *name, guint patience_msec, GCancellable *cancellable,
                      GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  g_autofree char *program = name != NULL ? sg_paths_program (name, NULL) : NULL;
  Asking *asking = g_new0 (Asking, 1);

  g_task_set_source_tag (task, sg_ask_program_async);
  g_task_set_task_data (task, asking, asking_free);
  if (program != NULL)
    asking->process = g_subprocess_new (
        G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL, program, NULL);
  if (asking->process == NULL)
    {
      g_task_return_pointer (task, NULL, NULL);
      g_object_unref (task);
      return;
    }
  asking->deadline = g_timeout_add (patience_msec, too_late, asking);
  g_subprocess_communicate_utf8_async (asking->process, NULL, cancellable, said, task);
}

char *
sg_ask_program_finish (GAsyncResult *result)
{
  char *text = g_task_propagate_pointer (G_TASK (result), NULL);

  return text != NULL ? text : g_strdup ("");
}
