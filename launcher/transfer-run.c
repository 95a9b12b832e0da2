/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run ends when two things have happened: the command's "exited" signal, and the end of both its
 * streams, which a thread reads (files are written there, and disks can be slow).  Whatever goes
 * wrong first is the error; then the command is told to end, and five seconds later the caller gets
 * its answer whether the guest has obeyed or not.
 *
 * The thread owns the pipes; the main loop owns the rest.  They share the bytes that are counted
 * and a pipe by which the thread is told to stop. */
#include "launcher/transfer-run.h"

#include "common/fd.h"
#include "common/report.h"
#include "launcher/client.h"
#include "launcher/transfer-read.h"

#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define PIPE_BYTES (1024 * 1024)
#define TICK_MSEC 100
#define KILL_AFTER_MSEC 2500
#define GIVE_UP_AFTER_MSEC 5000

typedef struct
{
  GDBusConnection *connection; /* owned */
  GThread *thread;
  SgTransferReader *reader;
  int stop; /* owned: closing it ends the reader */
  guint subscription, ticker, killer, give_up, late;
  gulong closed, cancelled;
  GHashTable *early; /* handle -> "exited" parameters that came before ours was known; owned */
  guint32 handle;
  gboolean exited, read, failed;
  int code;
  char *message; /* owned: why it could not be run */
  GError *error; /* owned: the first thing that went wrong */
  gboolean answered;
  SgTransferMoved moved;
  gpointer moved_data;
  guint64 told;
} Run;

static void
run_free (gpointer data)
{
  Run *run = data;

  g_clear_pointer (&run->thread, g_thread_unref);
  g_clear_pointer (&run->reader, sg_transfer_reader_free);
  sg_fd_clear (&run->stop);
  g_clear_pointer (&run->early, g_hash_table_unref);
  g_clear_object (&run->connection);
  g_clear_error (&run->error);
  g_free (run->message);
  g_free (run);
}

void
sg_transfer_result_free (SgTransferResult *result)
{
  if (result == NULL)
    return;
  g_clear_pointer (&result->out, g_bytes_unref);
  g_free (result->words);
  g_free (result);
}

/* --- the end ------------------------------------------------------------------------------------
 */

static void
stop_watching (Run *run)
{
  g_clear_handle_id (&run->ticker, g_source_remove);
  g_clear_handle_id (&run->killer, g_source_remove);
  g_clear_handle_id (&run->give_up, g_source_remove);
  g_clear_handle_id (&run->late, g_source_remove);
  if (run->subscription != 0)
    g_dbus_connection_signal_unsubscribe (run->connection, run->subscription);
  run->subscription = 0;
  g_clear_signal_handler (&run->closed, run->connection);
}

static void
answer (GTask *task)
{
  Run *run = g_task_get_task_data (task);
  SgTransferResult *result;

  if (run->answered)
    return;
  run->answered = TRUE;
  stop_watching (run);
  if (run->cancelled != 0)
    g_signal_handler_disconnect (g_task_get_cancellable (task), run->cancelled);
  run->cancelled = 0;
  sg_fd_clear (&run->stop);
  if (run->error != NULL)
    {
      g_task_return_error (task, g_steal_pointer (&run->error));
      g_object_unref (task);
      return;
    }
  result = g_new0 (SgTransferResult, 1);
  result->code = run->code;
  if (run->reader->collected != NULL)
    result->out = g_byte_array_free_to_bytes (g_steal_pointer (&run->reader->collected));
  result->words = sg_printable (run->reader->words->str);
  g_strstrip (result->words);
  g_task_return_pointer (task, result, (GDestroyNotify)sg_transfer_result_free);
  g_object_unref (task);
}

static void
send_signal (Run *run, int number)
{
  if (run->handle != 0 && !run->exited)
    g_dbus_connection_call (run->connection, NULL, SG_CLIENT_PATH, SG_CLIENT_INTERFACE, "Signal",
                            g_variant_new ("(ui)", run->handle, number), NULL,
                            G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
}

static gboolean
kill_it (gpointer data)
{
  Run *run = g_task_get_task_data (data);

  run->killer = 0;
  send_signal (run, SIGKILL);
  return G_SOURCE_REMOVE;
}

static gboolean
given_up (gpointer data)
{
  Run *run = g_task_get_task_data (data);

  /* A thread that is writing to a slow disk still uses what the caller gave for it. */
  if (!run->read)
    return G_SOURCE_CONTINUE;
  run->give_up = 0;
  answer (data);
  return G_SOURCE_REMOVE;
}

static void
maybe_answer (GTask *task)
{
  Run *run = g_task_get_task_data (task);

  if (!run->read || !(run->exited || (run->error != NULL && run->handle == 0)))
    return;
  if (run->error == NULL && run->message != NULL)
    run->error = g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "%s", run->message);
  answer (task);
}

/* Takes ERROR.  The first is kept; the command is ended, its streams are closed. */
static void
fail (GTask *task, GError *error)
{
  Run *run = g_task_get_task_data (task);

  if (run->failed || run->answered)
    {
      g_error_free (error);
      return;
    }
  run->failed = TRUE;
  run->error = error;
  sg_fd_clear (&run->stop);
  send_signal (run, SIGTERM);
  run->killer = g_timeout_add (KILL_AFTER_MSEC, kill_it, task);
  run->give_up = g_timeout_add_full (G_PRIORITY_DEFAULT, GIVE_UP_AFTER_MSEC, given_up,
                                     g_object_ref (task), g_object_unref);
  maybe_answer (task);
}

/* It has closed its streams, and does not end. */
static gboolean
is_late (gpointer data)
{
  Run *run = g_task_get_task_data (data);

  run->late = 0;
  fail (data, g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "The sandbox does not answer"));
  return G_SOURCE_REMOVE;
}

static gboolean
reading_ended (gpointer data)
{
  GTask *task = data;
  Run *run = g_task_get_task_data (task);

  run->read = TRUE;
  if (run->reader->error != NULL)
    fail (task, g_steal_pointer (&run->reader->error));
  maybe_answer (task);
  if (!run->answered && !run->failed && run->reader->idle_msec > 0)
    run->late = g_timeout_add (run->reader->idle_msec, is_late, task);
  return G_SOURCE_REMOVE;
}

/* --- what the session says ----------------------------------------------------------------------
 */

static void
exited (GTask *task, GVariant *parameters)
{
  Run *run = g_task_get_task_data (task);
  gboolean signalled;
  const char *message;
  gint32 code;

  g_variant_get (parameters, "(ubi&s)", NULL, &signalled, &code, &message);
  run->exited = TRUE;
  run->code = signalled ? 128 + code : code;
  if (*message != '\0')
    run->message = g_strdup (message);
  maybe_answer (task);
}

static void
on_exited (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
           const char *signal, GVariant *parameters, gpointer data)
{
  GTask *task = data;
  Run *run = g_task_get_task_data (task);
  guint32 handle;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ubis)")) || run->answered)
    return;
  g_variant_get_child (parameters, 0, "u", &handle);
  if (run->handle == 0)
    g_hash_table_insert (run->early, GUINT_TO_POINTER (handle), g_variant_ref (parameters));
  else if (handle == run->handle)
    exited (task, parameters);
}

static void
on_closed (GDBusConnection *connection, gboolean vanished, GError *error, gpointer data)
{
  GTask *task = data;
  Run *run = g_task_get_task_data (task);

  run->exited = TRUE;
  fail (task, g_error_new (G_IO_ERROR, G_IO_ERROR_CLOSED, "The sandbox has ended"));
}

static void
exec_answered (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Run *run = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_with_unix_fd_list_finish (
      G_DBUS_CONNECTION (source), NULL, result, &error);
  GVariant *early;

  if (reply == NULL)
    {
      g_dbus_error_strip_remote_error (error);
      fail (task, error);
      return;
    }
  g_variant_get (reply, "(u)", &run->handle);
  if (run->failed)
    send_signal (run, SIGTERM);
  early = g_hash_table_lookup (run->early, GUINT_TO_POINTER (run->handle));
  if (early != NULL)
    exited (task, early);
  g_hash_table_remove_all (run->early);
}

/* --- the start ----------------------------------------------------------------------------------
 */

static gboolean
tick (gpointer data)
{
  Run *run = data;
  guint64 moved = atomic_load (&run->reader->moved);

  if (moved != run->told)
    run->moved (moved, run->moved_data);
  run->told = moved;
  return G_SOURCE_CONTINUE;
}

static gboolean
cancelled_later (gpointer data)
{
  fail (data, g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled"));
  return G_SOURCE_REMOVE;
}

/* In whatever thread cancels. */
static void
on_cancelled (GCancellable *cancellable, gpointer data)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_callback (source, cancelled_later, g_object_ref (data), g_object_unref);
  g_source_attach (source, g_task_get_context (data));
}

static gboolean
make_pipe (int *ret_read, int *ret_write, GError **error)
{
  int ends[2];

  if (pipe2 (ends, O_CLOEXEC) < 0)
    return sg_errno (error, "No descriptor is free");
  *ret_read = ends[0];
  *ret_write = ends[1];
  (void)fcntl (ends[0], F_SETPIPE_SZ, PIPE_BYTES);
  return TRUE;
}

static GUnixFDList *
list_of (int in, int out, int err, GError **error)
{
  g_autoptr (GUnixFDList) list = g_unix_fd_list_new ();

  if (g_unix_fd_list_append (list, in, error) < 0 || g_unix_fd_list_append (list, out, error) < 0
      || g_unix_fd_list_append (list, err, error) < 0)
    return NULL;
  return g_steal_pointer (&list);
}

static GVariant *
parameters_of (const SgTransferCommand *command)
{
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  if (command->user != NULL)
    g_variant_dict_insert (&options, "user", "s", command->user);
  if (command->env != NULL)
    g_variant_dict_insert (&options, "env", "^aay", command->env);
  return g_variant_new ("(^aay@a{sv}hhh)", command->argv, g_variant_dict_end (&options), 0, 1, 2);
}

static gboolean
start (GTask *task, Run *run, const SgTransferCommand *command, GError **error)
{
  sg_fd int null = command->in < 0 ? sg_open_at (AT_FDCWD, "/dev/null", O_RDONLY, 0, error) : -1;
  sg_fd int out = -1, err = -1;
  g_autoptr (GUnixFDList) list = NULL;

  if ((command->in < 0 && null < 0) || !make_pipe (&run->reader->out, &out, error)
      || !make_pipe (&run->reader->err, &err, error)
      || !make_pipe (&run->reader->stop, &run->stop, error))
    return FALSE;
  list = list_of (command->in >= 0 ? command->in : null, out, err, error);
  if (list == NULL)
    return FALSE;
  run->subscription = g_dbus_connection_signal_subscribe (
      run->connection, NULL, SG_CLIENT_INTERFACE, "Exited", SG_CLIENT_PATH, NULL,
      G_DBUS_SIGNAL_FLAGS_NONE, on_exited, task, NULL);
  run->closed = g_signal_connect (run->connection, "closed", G_CALLBACK (on_closed), task);
  g_object_ref (task); /* until it is answered */
  g_object_ref (task); /* the thread's */
  run->thread = sg_transfer_reader_start (run->reader);
  if (run->moved != NULL)
    run->ticker = g_timeout_add (TICK_MSEC, tick, run);
  g_dbus_connection_call_with_unix_fd_list (
      run->connection, NULL, SG_CLIENT_PATH, SG_CLIENT_INTERFACE, "Exec", parameters_of (command),
      G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NONE, G_MAXINT, list, NULL, exec_answered,
      g_object_ref (task));
  return TRUE;
}

void
sg_transfer_run_async (GDBusConnection *connection, const SgTransferCommand *command,
                       GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);
  Run *run = g_new0 (Run, 1);
  GError *error = NULL;

  g_task_set_source_tag (task, sg_transfer_run_async);
  g_task_set_check_cancellable (task, FALSE);
  run->connection = g_object_ref (connection);
  run->stop = -1;
  run->moved = command->moved;
  run->moved_data = command->moved_data;
  run->early = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)g_variant_unref);
  run->reader = sg_transfer_reader_new (task, command, reading_ended);
  g_task_set_task_data (task, run, run_free);
  if (g_cancellable_set_error_if_cancelled (cancellable, &error)
      || !start (task, run, command, &error))
    {
      run->answered = TRUE;
      stop_watching (run);
      g_task_return_error (task, error);
      return;
    }
  if (cancellable != NULL)
    run->cancelled = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), task, NULL);
}

SgTransferResult *
sg_transfer_run_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
