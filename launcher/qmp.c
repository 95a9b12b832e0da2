/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connection: its life, and calls.  qmp-send.c and qmp-receive.c are its two directions. */
#include "launcher/qmp-internal.h"

#include "common/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>

G_DEFINE_FINAL_TYPE (SgQmp, sg_qmp, G_TYPE_OBJECT)

enum
{
  SIGNAL_EVENT,
  SIGNAL_CLOSED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* --- the end ------------------------------------------------------------------------------------
 */

static gboolean
emit_closed (gpointer data)
{
  SgQmp *qmp = data;

  g_signal_emit (qmp, signals[SIGNAL_CLOSED], 0, qmp->why);
  return G_SOURCE_REMOVE;
}

static void
fail_all (SgQmp *qmp, GQueue *commands)
{
  SgQmpCommand *command;

  while ((command = g_queue_pop_head (commands)) != NULL)
    {
      g_autoptr (GTask) task = sg_qmp_command_take_task (command);

      sg_qmp_command_free (command);
      if (task != NULL)
        g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CLOSED, "%s", qmp->why);
    }
}

/* GTask may put the answers off to the loop's next turn, so "closed" goes there too, behind them.
 */
void
sg_qmp_end (SgQmp *qmp, char *why)
{
  GSource *idle;

  if (qmp->why != NULL)
    {
      g_free (why);
      return;
    }
  qmp->why = why;
  sg_qmp_source_clear (&qmp->readable);
  sg_qmp_source_clear (&qmp->writable);
  sg_fd_clear (&qmp->fd);
  g_byte_array_set_size (qmp->in, 0);
  g_object_ref (qmp); /* the tasks may hold the last references */
  fail_all (qmp, &qmp->pending);
  fail_all (qmp, &qmp->waiting);
  idle = g_idle_source_new ();
  g_source_set_priority (idle, G_PRIORITY_DEFAULT);
  g_source_set_callback (idle, emit_closed, qmp, g_object_unref);
  g_source_attach (idle, qmp->context);
  g_source_unref (idle);
}

/* --- the object ---------------------------------------------------------------------------------
 */

static void
sg_qmp_finalize (GObject *object)
{
  SgQmp *qmp = SG_QMP (object);

  sg_qmp_source_clear (&qmp->readable);
  sg_qmp_source_clear (&qmp->writable);
  sg_fd_clear (&qmp->fd);
  g_queue_clear_full (&qmp->waiting, (GDestroyNotify)sg_qmp_command_free);
  g_queue_clear_full (&qmp->pending, (GDestroyNotify)sg_qmp_command_free);
  g_byte_array_unref (qmp->in);
  g_main_context_unref (qmp->context);
  g_free (qmp->why);
  G_OBJECT_CLASS (sg_qmp_parent_class)->finalize (object);
}

static void
sg_qmp_class_init (SgQmpClass *class)
{
  G_OBJECT_CLASS (class)->finalize = sg_qmp_finalize;
  signals[SIGNAL_EVENT] = g_signal_new ("event", SG_TYPE_QMP, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                        NULL, G_TYPE_NONE, 2, G_TYPE_STRING, JSON_TYPE_OBJECT);
  signals[SIGNAL_CLOSED] = g_signal_new ("closed", SG_TYPE_QMP, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                         NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
sg_qmp_init (SgQmp *qmp)
{
  qmp->fd = -1;
  qmp->in = g_byte_array_new ();
  qmp->context = g_main_context_ref_thread_default ();
  g_queue_init (&qmp->waiting);
  g_queue_init (&qmp->pending);
}

SgQmp *
sg_qmp_new (int fd)
{
  SgQmp *qmp = g_object_new (SG_TYPE_QMP, NULL);

  qmp->fd = fd;
  qmp->readable = g_unix_fd_source_new (fd, G_IO_IN);
  g_source_set_callback (qmp->readable, G_SOURCE_FUNC (sg_qmp_on_readable), qmp, NULL);
  g_source_attach (qmp->readable, qmp->context);
  return qmp;
}

void
sg_qmp_close (SgQmp *qmp)
{
  sg_qmp_end (qmp, g_strdup ("The machine's monitor was closed"));
}

guint
sg_qmp_version (SgQmp *qmp)
{
  return qmp->version;
}

/* --- calling ------------------------------------------------------------------------------------
 */

/* A command not yet begun is taken back; one that QEMU has is let go, its answer dropped. */
static gboolean
on_cancelled (GCancellable *cancellable, gpointer data)
{
  SgQmpCommand *command = data;
  g_autoptr (GTask) task = g_steal_pointer (&command->task);
  SgQmp *qmp = g_task_get_source_object (task);

  sg_qmp_source_clear (&command->cancelled);
  if (command->sent == 0 && g_queue_remove (&qmp->waiting, command))
    sg_qmp_command_free (command);
  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

static void
watch_cancellable (SgQmpCommand *command, GCancellable *cancellable, GMainContext *context)
{
  if (cancellable == NULL)
    return;
  command->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_callback (command->cancelled, G_SOURCE_FUNC (on_cancelled), command, NULL);
  g_source_attach (command->cancelled, context);
}

/* Queues the command, or answers TASK (taken) where the connection has ended. */
static void
call (SgQmp *qmp, SgQmpCommand *command, GTask *task)
{
  if (qmp->why != NULL)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CLOSED, "%s", qmp->why);
      g_object_unref (task);
      sg_qmp_command_free (command);
      return;
    }
  command->task = task;
  watch_cancellable (command, g_task_get_cancellable (task), qmp->context);
  g_queue_push_tail (&qmp->waiting, command);
  sg_qmp_pump (qmp);
}

void
sg_qmp_call_async (SgQmp *qmp, const char *command, JsonNode *arguments, int fd,
                   GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (qmp, cancellable, callback, data);
  SgQmpCommand *made = sg_qmp_command_new (qmp, command, arguments);

  g_task_set_source_tag (task, sg_qmp_call_async);
  if (fd >= 0 && (made->fd = fcntl (fd, F_DUPFD_CLOEXEC, 3)) < 0)
    {
      int saved = errno;
      g_task_return_new_error (task, G_IO_ERROR, g_io_error_from_errno (saved),
                               "Cannot pass a descriptor: %s", g_strerror (saved));
      g_object_unref (task);
      sg_qmp_command_free (made);
      return;
    }
  call (qmp, made, task);
}

void
sg_qmp_call_secret_async (SgQmp *qmp, const char *command, JsonNode *arguments, const char *secret,
                          GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (qmp, cancellable, callback, data);
  SgQmpCommand *made = sg_qmp_command_new (qmp, command, arguments);

  g_task_set_source_tag (task, sg_qmp_call_async);
  if (sg_qmp_command_set_secret (made, secret, strlen (secret)))
    {
      call (qmp, made, task);
      return;
    }
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                           "A secret of the wrong length, or no place for it");
  g_object_unref (task);
  sg_qmp_command_free (made);
}

JsonNode *
sg_qmp_call_finish (SgQmp *qmp, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, qmp), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
