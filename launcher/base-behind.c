/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/base-behind.h"

#include "baseimage/store.h"
#include "common/fd.h"
#include "common/paths.h"
#include "launcher/template-files.h"

#include <fcntl.h>
#include <linux/ioprio.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOWEST_PRIORITY 19
#define AGAIN_SEC (10 * 60)

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

static gboolean
start (GError **error)
{
  g_autofree char *store = sg_store_dir (NULL);
  g_autofree char *program = sg_paths_program ("sandglass", error);
  char *argv[] = { program, (char *)"base", (char *)"build", (char *)"--json", NULL };
  sg_fd int lock = program != NULL ? sg_store_lock (store, error) : -1;

  if (lock < 0)
    return FALSE;
  if (sg_template_is_being_made (NULL))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY,
                   "Another process prepares a sandbox just now");
      return FALSE;
    }
  sg_fd_clear (&lock);
  /* Who else starts one at this moment, too, finds the lock taken, and ends. */
  return g_spawn_async ("/", argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                        step_back, NULL, NULL, error);
}

gboolean
sg_base_renew_behind (GError **error)
{
  return start (error);
}

/* Beside the templates, as pruning leaves it alone; its time is the last try's. */
static char *
marker (void)
{
  g_autofree char *cache = sg_paths_cache ();

  return g_build_filename (cache, "template-tried", NULL);
}

static gboolean
was_tried (const char *path)
{
  struct stat st;
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  /* A clock that was set back must not put it off for years. */
  return stat (path, &st) == 0 && st.st_mtime <= now && now - st.st_mtime < AGAIN_SEC;
}

gboolean
sg_template_renew_behind (GError **error)
{
  g_autofree char *tried = marker ();
  sg_fd int fd = -1;

  if (was_tried (tried))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "It was tried a moment ago");
      return FALSE;
    }
  if (!start (error))
    return FALSE;
  fd = sg_open_at (AT_FDCWD, tried, O_WRONLY | O_CREAT, 0600, NULL);
  if (fd >= 0)
    futimens (fd, NULL);
  return TRUE;
}
