/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory comes into use by itself (memhp_default_state=, kernel-command-line.h), processors do not:
 * hosts have no rule for it.  A few lines of shell do both: nothing that the agent would need to
 * know. */
#include "launcher/clone-settle.h"

#include "common/fd.h"

#include <fcntl.h>

/* Of a machine's memory this much is not counted in MemTotal at most: the kernel itself, and what
 * it keeps for devices.  (Memory plugged in later counts in full.) */
#define UNCOUNTED_MB 224u

static const char script[]
    = "cpus=$1 kib=$2 tries=0\n"
      "while [ $tries -lt 250 ]; do\n"
      "  have=1\n"
      "  for c in /sys/devices/system/cpu/cpu[0-9]*/online; do\n"
      "    [ -e \"$c\" ] || continue\n"
      "    read -r on <\"$c\"; [ \"$on\" = 1 ] || echo 1 >\"$c\" || continue\n"
      "    have=$((have + 1))\n"
      "  done\n"
      /* the first processor often has no such file */
      "  [ -e /sys/devices/system/cpu/cpu0/online ] && have=$((have - 1))\n"
      "  while read -r name value unit; do [ $name = MemTotal: ] && break; done </proc/meminfo\n"
      "  [ $have -ge $cpus ] && [ $value -ge $kib ] && exit 0\n"
      "  tries=$((tries + 1)); sleep 0.02\n"
      "done\n"
      "exit 1\n";

typedef struct
{
  guint32 handle;
  gulong exited, broken;
} Settle;

/* Takes TASK. */
static void
end (GTask *task, const char *why)
{
  Settle *settle = g_task_get_task_data (task);
  SgAgent *agent = g_task_get_source_object (task);

  g_clear_signal_handler (&settle->exited, agent);
  g_clear_signal_handler (&settle->broken, agent);
  if (why != NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", why);
  else
    g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static void
on_exited (SgAgent *agent, guint handle, gboolean signalled, int code, const char *message,
           gpointer data)
{
  Settle *settle = g_task_get_task_data (data);

  if (handle == settle->handle)
    end (data, code == 0 && !signalled ? NULL
                                       : "The sandbox did not take all its processors and memory "
                                         "into use");
}

static void
on_broken (SgAgent *agent, const char *why, gpointer data)
{
  end (data, why);
}

static void
run (SgAgent *agent, const SgAgentCommand *command, GCancellable *cancellable,
     GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (agent, cancellable, callback, data);
  Settle *settle = g_new0 (Settle, 1);
  GError *error = NULL;
  sg_fd int null = sg_open_at (AT_FDCWD, "/dev/null", O_RDWR, 0, &error);

  g_task_set_task_data (task, settle, g_free);
  if (null >= 0)
    settle->handle = sg_agent_exec (agent, command, null, null, null, &error);
  if (settle->handle == 0)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  settle->exited = g_signal_connect (agent, "exited", G_CALLBACK (on_exited), task);
  settle->broken = g_signal_connect (agent, "broken", G_CALLBACK (on_broken), task);
}

void
sg_clone_settle_async (SgAgent *agent, guint cpus, guint memory_mb, GCancellable *cancellable,
                       GAsyncReadyCallback callback, gpointer data)
{
  g_autofree char *n = g_strdup_printf ("%u", cpus);
  g_autofree char *kib = g_strdup_printf (
      "%" G_GUINT64_FORMAT, (guint64)(memory_mb - MIN (memory_mb, UNCOUNTED_MB)) * 1024);
  const char *argv[] = { "/bin/sh", "-c", script, "settle", n, kib, NULL };
  SgAgentCommand command = { .argv = argv, .user = "root", .cwd = "/" };

  run (agent, &command, cancellable, callback, data);
}

void
sg_clone_warm_async (SgAgent *agent, GCancellable *cancellable, GAsyncReadyCallback callback,
                     gpointer data)
{
  const char *argv[] = { "/bin/sh", "-c", "/bin/true", NULL };
  SgAgentCommand command = { .argv = argv };

  run (agent, &command, cancellable, callback, data);
}

gboolean
sg_clone_settle_finish (SgAgent *agent, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, agent), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
