/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPICE has no socket to connect to: each channel of a client is one end of a fresh socket pair,
 * the other end goes to QEMU over the monitor. */
#include "common/fd.h"
#include "launcher/qmp-steps.h"
#include "launcher/session-machine.h"

typedef struct
{
  int fd;
} Display;

static void
display_free (gpointer data)
{
  sg_fd_clear (&((Display *)data)->fd);
  g_free (data);
}

static void
display_opened (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  if (sg_qmp_steps_run_finish (SG_QMP (source), result, &error))
    g_task_return_int (task, sg_fd_steal (&((Display *)g_task_get_task_data (task))->fd));
  else
    g_task_return_error (task, error);
}

void
sg_machine_open_display_async (SgMachine *machine, GAsyncReadyCallback callback, gpointer data)
{
  GCancellable *cancellable;
  SgQmp *qmp = sg_machine_monitor (machine, &cancellable);
  g_autoptr (GTask) task = g_task_new (qmp, cancellable, callback, data);
  /* A name of QEMU's for the moment between the two commands; they are answered in order. */
  g_autofree char *name = g_strdup_printf ("display-%p", (void *)task);
  Display *display = g_new0 (Display, 1);
  SgQmpSteps *steps;
  GError *error = NULL;
  sg_fd int theirs = -1;

  display->fd = -1;
  g_task_set_source_tag (task, sg_machine_open_display_async);
  g_task_set_task_data (task, display, display_free);
  if (!sg_socketpair (&display->fd, &theirs, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  steps = sg_qmp_steps_new ();
  sg_qmp_steps_call_fd (steps, "getfd", sg_qmp_args ("{'fdname': <%s>}", name), theirs);
  sg_qmp_steps_call (
      steps, "add_client",
      sg_qmp_args ("{'protocol': <'spice'>, 'fdname': <%s>, 'skipauth': <true>}", name));
  sg_qmp_steps_run_async (steps, qmp, NULL, NULL, cancellable, display_opened,
                          g_steal_pointer (&task));
}

int
sg_machine_open_display_finish (GAsyncResult *result, GError **error)
{
  return (int)g_task_propagate_int (G_TASK (result), error);
}
