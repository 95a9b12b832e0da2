/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A clone's first command is slow where it must read a program from the disk, load a module or look
 * up a user: so that was done before.  What keeps secrets or draws random numbers is not started
 * here: it would be the same in all clones.
 *
 * A machine that is still at work when it is saved goes on with it in every clone; so the template
 * waits until QEMU uses little of the processor.  When it never comes to rest, it is saved all the
 * same: slower to wake, but not wrong. */
#include "launcher/template-prepare.h"

#include "common/fd.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Less than a twentieth of one processor, so many windows in a row. */
#define WINDOW_MSEC 500
#define QUIET_USEC (WINDOW_MSEC * 1000 / 20)
#define QUIET_WINDOWS 3
#define WINDOWS_MOST 120

static const struct
{
  const char *user, *script;
} warm_up[] = {
  /* Drivers of what is plugged in later. */
  { "root", "modprobe -q -a virtio_mem virtio_net 9pnet_virtio 9p; :" },
  /* Memory is plugged in as it is needed (clone-appetite.h): a large piece that is asked for at
   * once is not refused, there will be that much. */
  { "root", "echo 1 >/proc/sys/vm/overcommit_memory" },
  /* The way of a first command: the login, a shell, everyday programs. */
  { NULL, "true; id; ls /; cat /etc/os-release; ps; sleep 0; nproc; free" },
  /* `open FILE`: what starts a viewer, and the viewers' own files; none of them is started.  What a
   * first start still reads is little (0.2 MB); that it takes longer than a second one is mostly
   * processor, probably of an emulator that meets this code for the first time. */
  { NULL,
    "/usr/lib/sandglass/sandglass-open --warm image/png application/pdf image/jpeg text/plain" },
};

typedef struct
{
  SgTemplateDraft *draft;
  SgQmp *qmp;
  pid_t process;
  guint next;
  guint32 handle;
  gulong exited;
  guint windows, quiet;
  gint64 used;
} Prepare;

static void
prepare_free (gpointer data)
{
  Prepare *prepare = data;

  g_object_unref (prepare->qmp);
  g_free (prepare);
}

/* --- at rest? -----------------------------------------------------------------------------------
 */

/* utime and stime of one process, in ticks.  The name before them may hold anything. */
static gint64
ticks_of (const char *pid)
{
  g_autofree char *path = g_build_filename ("/proc", pid, "stat", NULL);
  g_autofree char *text = NULL;
  unsigned long user, system;
  const char *at;

  if (!g_file_get_contents (path, &text, NULL, NULL) || (at = strrchr (text, ')')) == NULL
      || sscanf (at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system)
             != 2)
    return 0;
  return (gint64)(user + system);
}

static gint64
ticks_of_tree (const char *pid, guint depth)
{
  g_autofree char *path = g_strdup_printf ("/proc/%s/task/%s/children", pid, pid);
  g_autofree char *text = NULL;
  g_auto (GStrv) children = NULL;
  gint64 sum = ticks_of (pid);

  if (depth == 0 || !g_file_get_contents (path, &text, NULL, NULL))
    return sum;
  children = g_strsplit (g_strstrip (text), " ", -1);
  for (char **child = children; *child != NULL; child++)
    if (**child != '\0')
      sum += ticks_of_tree (*child, depth - 1);
  return sum;
}

gint64
sg_template_cpu_usec (pid_t process)
{
  g_autofree char *pid = g_strdup_printf ("%d", (int)process);

  return ticks_of_tree (pid, 8) * (G_USEC_PER_SEC / sysconf (_SC_CLK_TCK));
}

/* Takes TASK. */
static void
fail (GTask *task, GError *error)
{
  g_task_return_error (task, error);
  g_object_unref (task);
}

static void
on_saved (GObject *source, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  Prepare *prepare = g_task_get_task_data (task);
  GError *error = NULL;

  if (!sg_template_draft_save_finish (prepare->draft, result, &error))
    {
      fail (task, error);
      return;
    }
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static gboolean
on_window (gpointer data)
{
  GTask *task = data;
  Prepare *prepare = g_task_get_task_data (task);
  gint64 used = sg_template_cpu_usec (prepare->process);
  GError *error = NULL;

  if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (task), &error))
    {
      fail (task, error);
      return G_SOURCE_REMOVE;
    }
  prepare->quiet = used - prepare->used <= QUIET_USEC ? prepare->quiet + 1 : 0;
  prepare->used = used;
  if (prepare->quiet < QUIET_WINDOWS && ++prepare->windows < WINDOWS_MOST)
    return G_SOURCE_CONTINUE;
  sg_template_draft_save_async (prepare->draft, prepare->qmp, g_task_get_cancellable (task),
                                on_saved, task);
  return G_SOURCE_REMOVE;
}

/* --- warming up ---------------------------------------------------------------------------------
 */

static void go_on (GTask *task);

/* Whether it succeeded does not matter: not every system has every driver. */
static void
on_exited (SgAgent *agent, guint handle, gboolean signalled, int code, const char *message,
           gpointer data)
{
  GTask *task = data;
  Prepare *prepare = g_task_get_task_data (task);

  if (handle != prepare->handle)
    return;
  g_clear_signal_handler (&prepare->exited, agent);
  go_on (task);
}

static gboolean
run (GTask *task, const char *user, const char *script, GError **error)
{
  Prepare *prepare = g_task_get_task_data (task);
  SgAgent *agent = g_task_get_source_object (task);
  const char *argv[] = { "/bin/sh", "-c", script, NULL };
  SgAgentCommand command = { .argv = argv, .user = user };
  sg_fd int null = sg_open_at (AT_FDCWD, "/dev/null", O_RDWR, 0, error);

  if (null < 0)
    return FALSE;
  prepare->handle = sg_agent_exec (agent, &command, null, null, null, error);
  if (prepare->handle == 0)
    return FALSE;
  prepare->exited = g_signal_connect (agent, "exited", G_CALLBACK (on_exited), task);
  return TRUE;
}

static void
go_on (GTask *task)
{
  Prepare *prepare = g_task_get_task_data (task);
  guint at = prepare->next++;
  GError *error = NULL;

  if (at == G_N_ELEMENTS (warm_up))
    {
      prepare->used = sg_template_cpu_usec (prepare->process);
      g_timeout_add (WINDOW_MSEC, on_window, task);
    }
  else if (!run (task, warm_up[at].user, warm_up[at].script, &error))
    fail (task, error);
}

void
sg_template_prepare_async (SgTemplateDraft *draft, SgAgent *agent, SgQmp *qmp, pid_t process,
                           GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (agent, cancellable, callback, data);
  Prepare *prepare = g_new0 (Prepare, 1);

  prepare->draft = draft;
  prepare->qmp = g_object_ref (qmp);
  prepare->process = process;
  g_task_set_source_tag (task, sg_template_prepare_async);
  g_task_set_task_data (task, prepare, prepare_free);
  go_on (task);
}

gboolean
sg_template_prepare_finish (SgAgent *agent, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, agent), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
