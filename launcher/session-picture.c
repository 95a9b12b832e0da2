/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/session-picture.h"

#include "common/fd.h"
#include "launcher/qmp-steps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>

/* QEMU's number for the set with our descriptor; other sets of ours are below. */
#define FDSET 78

typedef struct
{
  int fd;
} Picture;

static void
picture_free (gpointer data)
{
  sg_fd_clear (&((Picture *)data)->fd);
  g_free (data);
}

static void
taken (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  if (sg_qmp_steps_run_finish (SG_QMP (source), result, &error))
    g_task_return_int (task, sg_fd_steal (&((Picture *)g_task_get_task_data (task))->fd));
  else
    g_task_return_error (task, error);
}

/* For QEMU to write: it takes a descriptor of a set only where the way it was opened fits. */
static int
writing_end (int fd)
{
  char link[64];

  snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  return open (link, O_WRONLY | O_CLOEXEC);
}

void
sg_machine_picture_async (SgMachine *machine, GAsyncReadyCallback callback, gpointer data)
{
  GCancellable *cancellable;
  SgQmp *qmp = sg_machine_monitor (machine, &cancellable);
  g_autoptr (GTask) task = g_task_new (qmp, cancellable, callback, data);
  g_autofree char *path = g_strdup_printf ("/dev/fdset/%d", FDSET);
  Picture *picture = g_new0 (Picture, 1);
  SgQmpSteps *steps;
  sg_fd int theirs = -1;

  g_task_set_source_tag (task, sg_machine_picture_async);
  g_task_set_task_data (task, picture, picture_free);
  picture->fd = memfd_create ("picture", MFD_CLOEXEC);
  theirs = picture->fd >= 0 ? writing_end (picture->fd) : -1;
  if (theirs < 0)
    {
      g_task_return_new_error (task, G_IO_ERROR, g_io_error_from_errno (errno),
                               "There is no memory for a picture: %s", g_strerror (errno));
      return;
    }
  steps = sg_qmp_steps_new ();
  /* One that was left by a try that failed half-way. */
  sg_qmp_steps_try (steps, "remove-fd", sg_qmp_args ("{'fdset-id': <%u>}", (guint)FDSET));
  sg_qmp_steps_call_fd (steps, "add-fd", sg_qmp_args ("{'fdset-id': <%u>}", (guint)FDSET), theirs);
  sg_qmp_steps_call (steps, "screendump", sg_qmp_args ("{'filename': <%s>}", path));
  sg_qmp_steps_try (steps, "remove-fd", sg_qmp_args ("{'fdset-id': <%u>}", (guint)FDSET));
  sg_qmp_steps_run_async (steps, qmp, NULL, NULL, cancellable, taken, g_steal_pointer (&task));
}

int
sg_machine_picture_finish (GAsyncResult *result, GError **error)
{
  return (int)g_task_propagate_int (G_TASK (result), error);
}
