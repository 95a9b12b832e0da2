/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/base-behind.h"

#include "baseimage/store.h"
#include "common/fd.h"
#include "common/paths.h"

#include <linux/ioprio.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOWEST_PRIORITY 19

/* Between fork and exec: system calls only.  None of them is worth giving up for. */
static void
step_back (gpointer data)
{
  const struct sched_param param = { 0 };

  setsid (); /* Ctrl-C is not meant for it */
  setpriority (PRIO_PROCESS, 0, LOWEST_PRIORITY);
  sched_setscheduler (0, SCHED_IDLE, &param);
  syscall (SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE (IOPRIO_CLASS_IDLE, 0));
}

gboolean
sg_base_renew_behind (GError **error)
{
  g_autofree char *store = sg_store_dir (NULL);
  g_autofree char *program = sg_paths_program ("sandglass", error);
  char *argv[] = { program, (char *)"base", (char *)"build", (char *)"--json", NULL };
  sg_fd int lock = program != NULL ? sg_store_lock (store, error) : -1;

  if (lock < 0)
    return FALSE;
  sg_fd_clear (&lock);
  /* Who else starts one at this moment, too, finds the lock taken, and ends. */
  return g_spawn_async ("/", argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                        step_back, NULL, NULL, error);
}
