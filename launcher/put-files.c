/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file is pushed by transfer.h.  A folder goes through tar into a folder with a made-up name
 * beside its place; then, when this side knows that all of it went through, it gets its name.  (The
 * side inside cannot know: a stream that breaks between two files looks like its end.) */
#include "launcher/put-files.h"

#include "common/fd.h"
#include "launcher/put-tree.h"
#include "launcher/transfer-run.h"
#include "launcher/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define IDLE_MSEC 30000
#define MADE_UP "./.sandglass."
#define MADE_UP_BYTES (sizeof MADE_UP + 8)

/* $1 folder */
static const char unpack_script[]
    = "umask 077\n"
      "mkdir -p -- \"$1\" && cd -- \"$1\" || exit 80\n"
      "t=$(mktemp -d ./.sandglass.XXXXXXXX) || exit 80\n"
      "trap 'chmod -R u+rwX -- \"$t\"; rm -rf -- \"$t\"' EXIT\n"
      "trap 'exit 1' HUP INT TERM\n"
      "tar --extract --file=- --no-same-owner -C \"$t\" || exit 81\n"
      "trap - EXIT\n"
      "printf %s \"$t\"\n";

/* $1 folder, $2 made-up name, $3 name */
static const char name_script[] = "cd -- \"$1\" || exit 80\n"
                                  "i=1 n=$3\n"
                                  "while ! mkdir -- \"./$n\" 2>/dev/null; do\n"
                                  "  [ -e \"./$n\" ] || [ -L \"./$n\" ] || exit 83\n"
                                  "  i=$((i+1)) n=\"$3 ($i)\"\n"
                                  "  [ $i -lt 1000 ] || exit 83\n"
                                  "done\n"
                                  "mv -T -- \"$2\" \"./$n\" || { rmdir \"./$n\"; exit 81; }\n"
                                  "printf '%s/%s' \"$PWD\" \"$n\"\n";

/* $1 folder, $2 made-up name */
static const char remove_script[]
    = "cd -- \"$1\" && chmod -R u+rwX -- \"$2\"; rm -rf -- \"$2\"\n";

typedef struct
{
  GDBusConnection *connection; /* owned */
  GPtrArray *puts;             /* owned */
  char *dir;                   /* owned */
  guint at;
  guint64 before, total; /* bytes of those that are done; of all */
  SgPutTree *tree;       /* owned; of the folder that is copied now */
  char *made_up;         /* its name for now; owned */
  SgPutProgress progress;
  gpointer progress_data;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_clear_pointer (&job->tree, sg_put_tree_free);
  g_clear_object (&job->connection);
  g_ptr_array_unref (job->puts);
  g_free (job->made_up);
  g_free (job->dir);
  g_free (job);
}

/* --- what is to go in --- */

static int
open_path (const char *path, gboolean as_shown)
{
  struct open_how how
      = { .flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
          .resolve = RESOLVE_NO_MAGICLINKS | (as_shown ? RESOLVE_NO_SYMLINKS : 0) };

  return (int)syscall (SYS_openat2, AT_FDCWD, path, &how, sizeof how);
}

SgPut *
sg_put_open (const char *path, gboolean as_shown)
{
  SgPut *put = g_new0 (SgPut, 1);
  struct stat about;

  put->path = g_strdup (path);
  put->name = g_path_get_basename (path);
  put->fd = open_path (path, as_shown);
  if (put->fd < 0 || fstat (put->fd, &about) < 0)
    {
      sg_errno (&put->error, "It cannot be read");
      return put;
    }
  put->folder = S_ISDIR (about.st_mode);
  put->bytes = S_ISREG (about.st_mode) ? (guint64)about.st_size : 0;
  if (!put->folder && !S_ISREG (about.st_mode))
    g_set_error (&put->error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
                 "It is neither a file nor a folder (but a device or a pipe)");
  else if (strcmp (put->name, ".") == 0 || strcmp (put->name, "..") == 0
           || strcmp (put->name, "/") == 0)
    g_set_error (&put->error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME,
                 "It has no name of its own; give its full path");
  return put;
}

void
sg_put_free (SgPut *put)
{
  if (put == NULL)
    return;
  sg_fd_clear (&put->fd);
  g_clear_error (&put->error);
  g_free (put->path);
  g_free (put->name);
  g_free (put->inside);
  g_free (put);
}

static void
count (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GPtrArray *puts = data;

  for (guint i = 0; i < puts->len; i++)
    {
      SgPut *put = puts->pdata[i];

      if (put->folder && put->error == NULL)
        sg_put_tree_count (put->fd, &put->files, &put->bytes, cancellable, &put->error);
    }
  g_task_return_boolean (task, TRUE);
}

void
sg_put_count_async (GPtrArray *puts, GCancellable *cancellable, GAsyncReadyCallback callback,
                    gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);

  g_task_set_task_data (task, g_ptr_array_ref (puts), (GDestroyNotify)g_ptr_array_unref);
  g_task_run_in_thread (task, count);
}

gboolean
sg_put_count_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- one after the other --- */

static void next (GTask *task);

/* Takes INSIDE, or ERROR. */
static void
one_done (GTask *task, char *inside, GError *error)
{
  Job *job = g_task_get_task_data (task);
  SgPut *put = job->puts->pdata[job->at];

  put->inside = inside;
  put->error = error;
  job->before += put->bytes;
  /* What was quicker than the clock that tells of it has moved, too. */
  if (job->progress != NULL)
    job->progress (job->at, job->before, job->total, job->progress_data);
  job->at++;
  next (task);
}

static void
on_moved (guint64 done, guint64 total, gpointer data)
{
  Job *job = data;
  const SgPut *put = job->puts->pdata[job->at];

  if (job->progress != NULL)
    job->progress (job->at, job->before + MIN (done, put->bytes), job->total, job->progress_data);
}

static void
file_pushed (GObject *source, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;
  char *inside = sg_transfer_push_finish (result, &error);

  one_done (data, inside, error);
}

static void
push_file (GTask *task)
{
  Job *job = g_task_get_task_data (task);
  SgPut *put = job->puts->pdata[job->at];
  SgTransferFile file = { .name = put->name };
  struct stat about;

  if (fstat (put->fd, &about) == 0)
    {
      file.mode = about.st_mode & 0777;
      file.mtime = about.st_mtime;
    }
  sg_transfer_push_async (job->connection, put->fd, job->dir, &file, on_moved, job,
                          g_task_get_cancellable (task), file_pushed, task);
}

/* --- a folder --- */

static GError *
error_of (int code)
{
  return g_error_new_literal (G_IO_ERROR, code == 81 ? G_IO_ERROR_NO_SPACE : G_IO_ERROR_FAILED,
                              code == 80 ? "The folder inside cannot be made or written to"
                              : code == 81
                                  ? "The sandbox could not unpack it; its disk may be full"
                              : code == 83 ? "The sandbox does not take a folder of this name"
                                           : "The sandbox could not copy the folder");
}

static void
run (GTask *task, const char *script, const char *first, const char *second,
     GCancellable *cancellable, GAsyncReadyCallback callback)
{
  Job *job = g_task_get_task_data (task);
  const char *argv[] = { "sh", "-c", script, "sh", job->dir, first, second, NULL };
  SgTransferCommand command = { .argv = argv, .in = -1, .idle_msec = IDLE_MSEC, .most = 8192 };

  sg_transfer_run_async (job->connection, &command, cancellable, callback, task);
}

static void
folder_named (GObject *source, GAsyncResult *async, gpointer data)
{
  GError *error = NULL;
  g_autoptr (SgTransferResult) result = sg_transfer_run_finish (async, &error);
  gsize len = 0;
  const char *out = result != NULL ? g_bytes_get_data (result->out, &len) : NULL;

  if (result != NULL && result->code != 0)
    error = error_of (result->code);
  else if (result != NULL && (len < 2 || out[0] != '/' || memchr (out, '\0', len) != NULL))
    error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED,
                                 "The sandbox does not say where it put the folder");
  one_done (data, error == NULL ? g_strndup (out, len) : NULL, error);
}

static void
folder_removed (GObject *source, GAsyncResult *async, gpointer data)
{
  Job *job = g_task_get_task_data (data);
  g_autoptr (SgTransferResult) result = sg_transfer_run_finish (async, NULL);
  SgPut *put = job->puts->pdata[job->at];

  one_done (data, NULL, g_steal_pointer (&put->error));
}

/* What the made-up name may be: it is used inside only, but as a part of a command. */
static char *
read_made_up (const SgTransferResult *result)
{
  gsize len;
  const char *out = g_bytes_get_data (result->out, &len);

  if (len >= MADE_UP_BYTES || len < sizeof MADE_UP - 1 || memcmp (out, MADE_UP, sizeof MADE_UP - 1))
    return NULL;
  return memchr (out, '\0', len) == NULL ? g_strndup (out, len) : NULL;
}

static void
folder_unpacked (GObject *source, GAsyncResult *async, gpointer data)
{
  GTask *task = data;
  Job *job = g_task_get_task_data (task);
  SgPut *put = job->puts->pdata[job->at];
  GError *error = NULL;
  g_autoptr (SgTransferResult) result = sg_transfer_run_finish (async, &error);
  gboolean complete = result != NULL && result->code == 0;
  gboolean whole = sg_put_tree_end (job->tree, complete, complete ? &error : NULL);

  g_clear_pointer (&job->tree, sg_put_tree_free);
  g_clear_pointer (&job->made_up, g_free);
  if (complete)
    job->made_up = read_made_up (result);
  else if (result != NULL)
    error = error_of (result->code);
  if (error == NULL && job->made_up == NULL)
    error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED,
                                 "The sandbox does not say where it put the folder");
  if (job->made_up == NULL)
    one_done (task, NULL, error);
  else if (whole && !g_cancellable_set_error_if_cancelled (g_task_get_cancellable (task), &error))
    run (task, name_script, job->made_up, put->name, NULL, folder_named);
  else
    {
      put->error = error;
      run (task, remove_script, job->made_up, "", NULL, folder_removed);
    }
}

static guint64
tree_moved (gpointer data)
{
  return sg_put_tree_moved (data);
}

static void
folder_moved (guint64 done, gpointer data)
{
  on_moved (done, 0, data);
}

static void
push_folder (GTask *task)
{
  Job *job = g_task_get_task_data (task);
  SgPut *put = job->puts->pdata[job->at];
  const char *argv[] = { "sh", "-c", unpack_script, "sh", job->dir, NULL };
  SgTransferCommand command = { .argv = argv,
                                .idle_msec = IDLE_MSEC,
                                .most = 8192,
                                .moved = folder_moved,
                                .moved_data = job,
                                .how_far = tree_moved };
  GError *error = NULL;

  job->tree = sg_put_tree_new (put->fd, &error);
  if (job->tree == NULL)
    {
      one_done (task, NULL, error);
      return;
    }
  command.in = sg_put_tree_fd (job->tree);
  command.how_far_data = job->tree;
  sg_transfer_run_async (job->connection, &command, g_task_get_cancellable (task), folder_unpacked,
                         task);
}

/* --- the whole --- */

static void
next (GTask *task)
{
  Job *job = g_task_get_task_data (task);
  gboolean all = TRUE;

  for (; job->at < job->puts->len; job->at++)
    {
      SgPut *put = job->puts->pdata[job->at];

      if (put->error == NULL)
        g_cancellable_set_error_if_cancelled (g_task_get_cancellable (task), &put->error);
      if (put->error != NULL)
        continue;
      if (put->folder)
        push_folder (task);
      else
        push_file (task);
      return;
    }
  for (guint i = 0; i < job->puts->len; i++)
    all = all && ((SgPut *)job->puts->pdata[i])->inside != NULL;
  g_task_return_boolean (task, all);
  g_object_unref (task);
}

void
sg_put_files_async (GDBusConnection *connection, GPtrArray *puts, const char *dir,
                    SgPutProgress progress, gpointer progress_data, GCancellable *cancellable,
                    GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  Job *job = g_new0 (Job, 1);

  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, job, job_free);
  job->connection = g_object_ref (connection);
  job->puts = g_ptr_array_ref (puts);
  job->dir = g_strdup (*dir != '\0' ? dir : ".");
  job->progress = progress;
  job->progress_data = progress_data;
  for (guint i = 0; i < puts->len; i++)
    job->total += ((SgPut *)puts->pdata[i])->bytes;
  next (task);
}

gboolean
sg_put_files_finish (GAsyncResult *result)
{
  return g_task_propagate_boolean (G_TASK (result), NULL);
}
