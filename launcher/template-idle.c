/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A thread of its own: one that has taken the idle class of the scheduler may not be allowed to
 * leave it again, so it must not come from a pool. */
#include "launcher/template.h"

#include "common/fd.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DAY_SEC (24 * 60 * 60)
/* linux/ioprio.h is not in every distribution's headers. */
#define IOPRIO_WHO_PROCESS 1
#define IOPRIO_IDLE (3 << 13)

/* Beside the template; its time is the last check's. */
static char *
marker_of (const SgTemplate *template)
{
  g_autofree char *dir = g_path_get_dirname (sg_template_ram_path (template));

  return g_build_filename (dir, SG_TEMPLATE_VERIFIED, NULL);
}

static gboolean
is_due (const char *marker)
{
  struct stat st;
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  /* A clock that was set back must not put it off for years. */
  return stat (marker, &st) < 0 || st.st_mtime > now || now - st.st_mtime >= DAY_SEC;
}

static gpointer
verify (gpointer data)
{
  g_autoptr (GTask) task = data;
  SgTemplate *template = g_task_get_task_data (task);
  g_autofree char *marker = marker_of (template);
  struct sched_param none = { 0 };
  GError *error = NULL;
  sg_fd int fd = -1;

  sched_setscheduler (0, SCHED_IDLE, &none);
  syscall (SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_IDLE);
  if (is_due (marker))
    {
      if (!sg_template_verify (template, g_task_get_cancellable (task), &error))
        {
          g_task_return_error (task, error);
          return NULL;
        }
      fd = sg_open_at (AT_FDCWD, marker, O_WRONLY | O_CREAT, 0600, NULL);
      if (fd >= 0)
        futimens (fd, NULL);
    }
  g_task_return_boolean (task, TRUE);
  return NULL;
}

void
sg_template_verify_idle_async (SgTemplate *template, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);

  g_task_set_source_tag (task, sg_template_verify_idle_async);
  g_task_set_task_data (task, sg_template_ref (template), (GDestroyNotify)sg_template_unref);
  g_thread_unref (g_thread_new ("verify", verify, task));
}

gboolean
sg_template_verify_idle_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
