/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/share-guest.h"

#include "common/fd.h"
#include "common/report.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Finding the new device and loading its driver takes seconds under emulation. */
#define MOUNT_SEC 60
#define UNMOUNT_SEC 10
#define WORDS_MOST 512

/* $1 ro or rw, $2 slot, $3 place, $4 the device's tag.
 *
 * cache=mmap: nothing that the host changes is shown stale, and files can be mapped for writing;
 * access=any: the server has one user, so one attachment; the rights that are checked are those of
 * the files.  The folder that all shares come through is root's alone. */
static const char mount_script[]
    = "set -u\n"
      "all=/run/sandglass/shares root=/run/sandglass/shares/$1 place=$3\n"
      "say () { echo \"$1\" >&2; exit 1; }\n"
      "make () {\n"
      "  [ ! -d \"$1\" ] || return 0\n"
      "  [ ! -e \"$1\" ] && [ ! -L \"$1\" ] || say 'there is a file of that name'\n"
      "  above=${1%/*}\n"
      "  make \"${above:-/}\"\n"
      "  above=${1%/*}\n"
      "  mkdir \"$1\" && chown --reference=\"${above:-/}\" \"$1\" || exit 1\n"
      "}\n"
      "mkdir -p \"$root\" && chmod 0700 \"$all\"\n"
      "if ! mountpoint -q \"$root\"; then\n"
      "  modprobe -q -a 9pnet_virtio 9p\n"
      "  n=0\n"
      "  until said=$(mount -t 9p -o "
      "trans=virtio,version=9p2000.L,msize=512000,cache=mmap,access=any,nosuid,nodev,$1 \"$4\" "
      "\"$root\" 2>&1); do\n"
      "    n=$((n + 1)); [ $n -lt 200 ] || say \"${said##*: }\"\n"
      "    sleep 0.1\n"
      "  done\n"
      "fi\n"
      "[ -d \"$place\" ] || new=yes\n"
      "make \"$place\"\n"
      "! mountpoint -q \"$place\" || say 'something is mounted there'\n"
      "[ -z \"$(ls -A \"$place\")\" ] || say 'there are files there'\n"
      /* private: what is laid over it is not laid over the slot */
      "mount --bind \"$root/$2\" \"$place\" && mount --make-private \"$place\" || exit 1\n"
      "[ \"$1\" = rw ] || mount -o remount,bind,ro \"$place\" || exit 1\n"
      "[ -z \"${new:-}\" ] || : >\"$all/$1-$2-new\"\n";

static const char unmount_script[] = "all=/run/sandglass/shares\n"
                                     "umount \"$3\" 2>/dev/null || umount -l \"$3\" || exit 1\n"
                                     /* where a view was laid over it */
                                     "umount \"$3\" 2>/dev/null || umount -l \"$3\" 2>/dev/null\n"
                                     "[ ! -e \"$all/$1-$2-new\" ] || rmdir \"$3\" 2>/dev/null\n"
                                     "rm -f \"$all/$1-$2-new\"\n";

typedef struct
{
  guint32 handle;
  int output;
  gulong exited, broken;
  guint deadline;
} Script;

static void
script_free (gpointer data)
{
  Script *script = data;

  sg_fd_clear (&script->output);
  g_free (script);
}

/* The last words of the script, safe to show. */
static char *
words_of (int fd)
{
  char buffer[WORDS_MOST + 1];
  ssize_t n = read (fd, buffer, WORDS_MOST);
  g_autofree char *text = NULL;

  buffer[MAX (n, 0)] = '\0';
  text = g_strdup (g_strstrip (buffer));
  return sg_printable (text);
}

/* Takes ERROR (NULL: it went well) and the task. */
static void
settle (GTask *task, GError *error)
{
  Script *script = g_task_get_task_data (task);
  SgAgent *agent = g_task_get_source_object (task);

  g_clear_signal_handler (&script->exited, agent);
  g_clear_signal_handler (&script->broken, agent);
  g_clear_handle_id (&script->deadline, g_source_remove);
  sg_fd_clear (&script->output);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static void
on_exited (SgAgent *agent, guint handle, gboolean signalled, int code, const char *message,
           GTask *task)
{
  Script *script = g_task_get_task_data (task);
  g_autofree char *words = NULL;

  if (handle != script->handle)
    return;
  if (!signalled && code == 0)
    {
      settle (task, NULL);
      return;
    }
  words = *message != '\0' ? sg_printable (message) : words_of (script->output);
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
  Script *script = g_task_get_task_data (task);

  script->deadline = 0;
  sg_agent_drop (g_task_get_source_object (task), script->handle);
  settle (task,
          g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "the sandbox did not do it in time"));
  return G_SOURCE_REMOVE;
}

static void
run (SgAgent *agent, const char *const *argv, guint seconds, GCancellable *cancellable,
     GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (agent, cancellable, callback, data);
  Script *script = g_new0 (Script, 1);
  SgAgentCommand command = { .argv = argv, .cwd = "/", .user = "root" };
  sg_fd int in = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  GError *error = NULL;
  int pipes[2];

  script->output = -1;
  g_task_set_task_data (task, script, script_free);
  if (in < 0 || pipe2 (pipes, O_CLOEXEC | O_NONBLOCK) < 0)
    {
      sg_errno (&error, "Cannot create a pipe");
      settle (task, error);
      return;
    }
  script->output = pipes[0];
  fcntl (pipes[1], F_SETFL, 0); /* the relay's threads block */
  script->handle = sg_agent_exec (agent, &command, in, pipes[1], pipes[1], &error);
  close (pipes[1]);
  if (script->handle == 0)
    {
      settle (task, error);
      return;
    }
  script->exited = g_signal_connect (agent, "exited", G_CALLBACK (on_exited), task);
  script->broken = g_signal_connect (agent, "broken", G_CALLBACK (on_broken), task);
  script->deadline = g_timeout_add_seconds (seconds, too_late, task);
}

char *
sg_share_guest_below (gboolean writable, guint slot)
{
  return g_strdup_printf ("/run/sandglass/shares/%s/%u", writable ? "rw" : "ro", slot);
}

void
sg_share_guest_mount_async (SgAgent *agent, const char *tag, gboolean writable, guint slot,
                            const char *place, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer data)
{
  g_autofree char *number = g_strdup_printf ("%u", slot);
  const char *argv[]
      = { "sh", "-c", mount_script, "share", writable ? "rw" : "ro", number, place, tag, NULL };

  run (agent, argv, MOUNT_SEC, cancellable, callback, data);
}

void
sg_share_guest_unmount_async (SgAgent *agent, gboolean writable, guint slot, const char *place,
                              GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer data)
{
  g_autofree char *number = g_strdup_printf ("%u", slot);
  const char *argv[]
      = { "sh", "-c", unmount_script, "share", writable ? "rw" : "ro", number, place, NULL };

  run (agent, argv, UNMOUNT_SEC, cancellable, callback, data);
}

gboolean
sg_share_guest_finish (SgAgent *agent, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, agent), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
