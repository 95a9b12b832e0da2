/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NEW -> hello -> GREETED -> BROKEN.  Only a GREETED agent takes calls and commands; BROKEN is
 * final, but for sg_agent_reconnect(), which makes it NEW: everything pending fails with the same
 * words, and "broken" is emitted once.
 *
 * Requests are datagrams.  They are sent without waiting; those that do not fit wait in a queue
 * with their descriptors.  Answers are checked here again (relay-protocol.h says why): what does
 * not fit is the relay's breach and ends it the same way. */
#include "launcher/agent.h"

#include "common/fd.h"
#include "launcher/frames.h"
#include "launcher/relay-protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

/* Room for the header and the other fields in an EXEC frame. */
#define EXEC_MAX (60 * 1024)

/* One call or hello.  Cancelling ends the wait at once; the entry stays until the answer has come,
 * which is then dropped. */
typedef struct
{
  GTask *task;      /* owned; NULL once cancelled */
  GSource *cancel;  /* owned; NULL without a cancellable */
  const char *type; /* of the result */
  guint8 nonce[16]; /* of a hello */
} Pending;

typedef struct
{
  GBytes *bytes;
  int fds[3]; /* owned */
  int n_fds;
} Datagram;

struct _SgAgent
{
  GObject parent;
  int control_fd;
  GMainContext *context;
  GSource *receiving; /* NULL once broken */
  GSource *sending;   /* only while `queue` has something */
  GQueue queue;       /* Datagram */
  gboolean greeted;
  Pending *hello;      /* waits for GREETED */
  GHashTable *calls;   /* serial -> Pending, owned */
  GHashTable *running; /* handles */
  guint32 last_serial, last_handle;
  GError *broken;
};

G_DEFINE_FINAL_TYPE (SgAgent, sg_agent, G_TYPE_OBJECT)

enum
{
  EXITED,
  EVENT,
  BROKEN,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
datagram_free (Datagram *datagram)
{
  g_bytes_unref (datagram->bytes);
  for (int i = 0; i < 3; i++)
    sg_fd_clear (&datagram->fds[i]);
  g_free (datagram);
}

/* --- the end ------------------------------------------------------------------------------------
 */

static void
drop_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
pending_free (Pending *pending)
{
  drop_source (&pending->cancel);
  g_clear_object (&pending->task);
  g_free (pending);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pending, pending_free)

static GHashTable *
calls_new (void)
{
  return g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)pending_free);
}

/* Returns the task to answer, NULL when nobody waits for it any more.  It cannot be cancelled now.
 */
static GTask *
pending_settle (Pending *pending)
{
  drop_source (&pending->cancel);
  return g_steal_pointer (&pending->task);
}

static gboolean
pending_cancelled (GCancellable *cancellable, gpointer data)
{
  g_autoptr (GTask) task = g_steal_pointer (&((Pending *)data)->task);

  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

/* Takes `task`. */
static Pending *
pending_new (SgAgent *agent, GTask *task, const char *type)
{
  Pending *pending = g_new0 (Pending, 1);
  GCancellable *cancellable = g_task_get_cancellable (task);

  pending->task = task;
  pending->type = type;
  if (cancellable != NULL)
    {
      pending->cancel = g_cancellable_source_new (cancellable);
      g_source_set_callback (pending->cancel, G_SOURCE_FUNC (pending_cancelled), pending, NULL);
      g_source_attach (pending->cancel, agent->context);
    }
  return pending;
}

static void
fail_pending (Pending *pending, const GError *error)
{
  g_autoptr (GTask) task = pending != NULL ? pending_settle (pending) : NULL;

  if (task != NULL)
    g_task_return_error (task, g_error_copy (error));
}

static void
fail_calls (SgAgent *agent, const GError *error)
{
  g_autoptr (GHashTable) calls = g_steal_pointer (&agent->calls);
  GHashTableIter iter;
  gpointer value;

  agent->calls = calls_new ();
  g_hash_table_iter_init (&iter, calls);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    fail_pending (value, error);
}

/* Takes `error`.  Everything pending fails with it. */
static void
break_down (SgAgent *agent, GError *error)
{
  g_autoptr (SgAgent) keep = g_object_ref (agent);
  g_autoptr (Pending) hello = g_steal_pointer (&agent->hello);

  if (agent->broken != NULL)
    {
      g_error_free (error);
      return;
    }
  agent->broken = error;
  agent->greeted = FALSE;
  drop_source (&agent->receiving);
  drop_source (&agent->sending);
  g_queue_clear_full (&agent->queue, (GDestroyNotify)datagram_free);
  sg_fd_clear (&agent->control_fd);
  g_hash_table_remove_all (agent->running);
  fail_pending (hello, error);
  fail_calls (agent, error);
  g_signal_emit (agent, signals[BROKEN], 0, error->message);
}

static gboolean
breach (GError **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
               "The connection to the sandbox broke the rules and was closed");
  return FALSE;
}

/* --- sending ------------------------------------------------------------------------------------
 */

/* TRUE when it is sent; FALSE with G_IO_ERROR_WOULD_BLOCK when it must wait. */
static gboolean
send_now (SgAgent *agent, const Datagram *datagram, GError **error)
{
  union
  {
    char bytes[CMSG_SPACE (3 * sizeof (int))];
    struct cmsghdr align;
  } ancillary = { { 0 } };
  gsize len, fds_len = (gsize)datagram->n_fds * sizeof (int);
  struct iovec iov = { (void *)g_bytes_get_data (datagram->bytes, &len), 0 };
  struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };

  iov.iov_len = len;
  if (datagram->n_fds > 0)
    {
      struct cmsghdr *c;

      message.msg_control = &ancillary;
      message.msg_controllen = CMSG_SPACE (fds_len);
      c = CMSG_FIRSTHDR (&message);
      c->cmsg_level = SOL_SOCKET;
      c->cmsg_type = SCM_RIGHTS;
      c->cmsg_len = CMSG_LEN (fds_len);
      memcpy (CMSG_DATA (c), datagram->fds, fds_len);
    }
  while (sendmsg (agent->control_fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
    if (errno != EINTR)
      return sg_errno (error, "Cannot reach the relay");
  return TRUE;
}

static gboolean
flush (int fd, GIOCondition condition, gpointer data)
{
  SgAgent *agent = data;
  Datagram *next;

  while ((next = g_queue_peek_head (&agent->queue)) != NULL)
    {
      g_autoptr (GError) error = NULL;

      if (!send_now (agent, next, &error))
        {
          if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
            return G_SOURCE_CONTINUE;
          /* The relay is gone: what it had to say is still to be read. */
          g_queue_clear_full (&agent->queue, (GDestroyNotify)datagram_free);
          break;
        }
      datagram_free (g_queue_pop_head (&agent->queue));
    }
  g_clear_pointer (&agent->sending, g_source_unref);
  return G_SOURCE_REMOVE;
}

static GSource *
watch (SgAgent *agent, GIOCondition condition, GUnixFDSourceFunc func)
{
  GSource *source = g_unix_fd_source_new (agent->control_fd, condition);

  g_source_set_callback (source, G_SOURCE_FUNC (func), agent, NULL);
  g_source_attach (source, agent->context);
  return source;
}

/* Takes the descriptors in `fds` (n_fds of them).  A dead relay is noticed by the receiving side.
 */
static void
request (SgAgent *agent, SgRelayKind kind, GVariant *body, const int *fds, int n_fds)
{
  g_autoptr (GVariant) sunk = g_variant_ref_sink (body);
  Datagram *datagram = g_new (Datagram, 1);
  GByteArray *bytes = g_byte_array_new ();
  guint32 number = kind;

  g_byte_array_append (bytes, (guint8 *)&number, sizeof number);
  if (g_variant_get_size (sunk) > 0)
    g_byte_array_append (bytes, g_variant_get_data (sunk), (guint)g_variant_get_size (sunk));
  datagram->bytes = g_byte_array_free_to_bytes (bytes);
  datagram->n_fds = n_fds;
  for (int i = 0; i < 3; i++)
    datagram->fds[i] = i < n_fds ? fds[i] : -1;

  g_queue_push_tail (&agent->queue, datagram);
  if (agent->broken != NULL)
    g_queue_clear_full (&agent->queue, (GDestroyNotify)datagram_free);
  else if (agent->sending == NULL && flush (agent->control_fd, G_IO_OUT, agent))
    agent->sending = watch (agent, G_IO_OUT, flush);
}

/* --- receiving ----------------------------------------------------------------------------------
 */

static gboolean
take_greeted (SgAgent *agent, GVariant *body, GError **error)
{
  g_autoptr (GVariant) nonce = g_variant_get_child_value (body, 0);
  g_autoptr (Pending) hello = NULL;
  g_autoptr (GTask) task = NULL;
  gsize len;
  const void *bytes = g_variant_get_fixed_array (nonce, &len, 1);

  if (len != sizeof agent->hello->nonce)
    return breach (error);
  if (agent->hello == NULL || memcmp (agent->hello->nonce, bytes, len) != 0)
    return TRUE; /* of an earlier hello, cancelled and repeated */
  hello = g_steal_pointer (&agent->hello);
  agent->greeted = TRUE;
  task = pending_settle (hello);
  if (task != NULL)
    g_task_return_boolean (task, TRUE);
  return TRUE;
}

static gboolean
take_reply (SgAgent *agent, GVariant *body, GError **error)
{
  g_autoptr (GVariant) result = NULL;
  g_autoptr (Pending) call = NULL;
  g_autoptr (GTask) task = NULL;
  gpointer value;
  const char *message;
  gboolean ok;
  guint32 serial;

  g_variant_get (body, "(ub&sv)", &serial, &ok, &message, &result);
  if (!g_hash_table_steal_extended (agent->calls, GUINT_TO_POINTER (serial), NULL, &value))
    return breach (error);
  call = value;
  task = pending_settle (call);
  if (ok && !g_variant_is_of_type (result, G_VARIANT_TYPE (call->type)))
    {
      breach (error);
      if (task != NULL)
        g_task_return_error (task, g_error_copy (*error));
      return FALSE;
    }
  if (task == NULL)
    return TRUE;
  if (ok)
    g_task_return_pointer (task, g_steal_pointer (&result), (GDestroyNotify)g_variant_unref);
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", message);
  return TRUE;
}

static gboolean
take_exited (SgAgent *agent, GVariant *body, GError **error)
{
  const char *message;
  gboolean signalled;
  guint32 handle;
  gint32 code;

  g_variant_get (body, "(ubi&s)", &handle, &signalled, &code, &message);
  if (code < 0 || code > 255 || !g_hash_table_remove (agent->running, GUINT_TO_POINTER (handle)))
    return breach (error);
  g_signal_emit (agent, signals[EXITED], 0, handle, signalled, code, message);
  return TRUE;
}

static gboolean
take_event (SgAgent *agent, GVariant *body, GError **error)
{
  g_autoptr (GVariant) value = NULL;
  const char *name;

  g_variant_get (body, "(&sv)", &name, &value);
  if (g_str_equal (name, "desktop-ready")
          ? !g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN)
          : !g_str_equal (name, "notice") || !g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return breach (error);
  g_signal_emit (agent, signals[EVENT], 0, name, value);
  return TRUE;
}

static gboolean
take_broken (SgAgent *agent, GVariant *body, GError **error)
{
  const char *why;

  g_variant_get (body, "(&s)", &why);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "%s", why);
  return FALSE;
}

static const struct
{
  SgRelayKind kind;
  const char *type;
  gboolean greeted; /* only comes from an agent that was greeted */
  gboolean (*take) (SgAgent *, GVariant *, GError **);
} answers[] = {
  { SG_RELAY_GREETED, SG_RELAY_TYPE_GREETED, FALSE, take_greeted },
  { SG_RELAY_REPLY, SG_RELAY_TYPE_REPLY, TRUE, take_reply },
  { SG_RELAY_EVENT, SG_RELAY_TYPE_EVENT, TRUE, take_event },
  { SG_RELAY_EXITED, SG_RELAY_TYPE_EXITED, TRUE, take_exited },
  { SG_RELAY_BROKEN, SG_RELAY_TYPE_BROKEN, FALSE, take_broken },
};

static gboolean
take_answer (SgAgent *agent, const guint8 *datagram, gsize len, GError **error)
{
  guint32 kind;

  if (len < sizeof kind || len > SG_RELAY_ANSWER_MAX)
    return breach (error);
  memcpy (&kind, datagram, sizeof kind);
  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    if (answers[i].kind == kind)
      {
        g_autoptr (GBytes) bytes = g_bytes_new (datagram + sizeof kind, len - sizeof kind);
        g_autoptr (GVariant) body = g_variant_ref_sink (
            g_variant_new_from_bytes (G_VARIANT_TYPE (answers[i].type), bytes, FALSE));

        if (!g_variant_is_normal_form (body))
          return breach (error);
        if (answers[i].greeted && agent->hello != NULL)
          return TRUE; /* sent before the relay saw our hello: about nothing that we know any more
                        */
        return answers[i].greeted && !agent->greeted ? breach (error)
                                                     : answers[i].take (agent, body, error);
      }
  return breach (error);
}

static gboolean
receive (int fd, GIOCondition condition, gpointer data)
{
  g_autoptr (SgAgent) agent = g_object_ref (data);
  guint8 datagram[SG_RELAY_ANSWER_MAX + 1];
  GError *error = NULL;
  gssize n = recv (fd, datagram, sizeof datagram, MSG_DONTWAIT);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (n <= 0)
    g_set_error (&error, G_IO_ERROR, G_IO_ERROR_CLOSED,
                 "The sandbox's connection for commands ended unexpectedly");
  else if (take_answer (agent, datagram, (gsize)n, &error))
    return agent->broken == NULL ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
  break_down (agent, error);
  return G_SOURCE_REMOVE;
}

/* --- the object ---------------------------------------------------------------------------------
 */

static void
sg_agent_init (SgAgent *agent)
{
  agent->control_fd = -1;
  agent->context = g_main_context_ref_thread_default ();
  agent->calls = calls_new ();
  agent->running = g_hash_table_new (NULL, NULL);
  g_queue_init (&agent->queue);
}

static void
sg_agent_finalize (GObject *object)
{
  SgAgent *agent = SG_AGENT (object);

  /* Pending tasks hold a reference, so there are none. */
  drop_source (&agent->receiving);
  drop_source (&agent->sending);
  g_queue_clear_full (&agent->queue, (GDestroyNotify)datagram_free);
  sg_fd_clear (&agent->control_fd);
  g_hash_table_unref (agent->calls);
  g_hash_table_unref (agent->running);
  g_main_context_unref (agent->context);
  g_clear_error (&agent->broken);
  G_OBJECT_CLASS (sg_agent_parent_class)->finalize (object);
}

static void
sg_agent_class_init (SgAgentClass *class)
{
  GType type = G_TYPE_FROM_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = sg_agent_finalize;
  signals[EXITED]
      = g_signal_new ("exited", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 4,
                      G_TYPE_UINT, G_TYPE_BOOLEAN, G_TYPE_INT, G_TYPE_STRING);
  signals[EVENT] = g_signal_new ("event", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                 2, G_TYPE_STRING, G_TYPE_VARIANT);
  signals[BROKEN] = g_signal_new ("broken", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_STRING);
}

SgAgent *
sg_agent_new (int control_fd)
{
  SgAgent *agent = g_object_new (SG_TYPE_AGENT, NULL);

  agent->control_fd = control_fd;
  agent->receiving = watch (agent, G_IO_IN | G_IO_HUP | G_IO_ERR, receive);
  return agent;
}

void
sg_agent_reconnect (SgAgent *agent, int control_fd)
{
  g_return_if_fail (agent->broken != NULL);
  g_clear_error (&agent->broken);
  agent->control_fd = control_fd;
  agent->receiving = watch (agent, G_IO_IN | G_IO_HUP | G_IO_ERR, receive);
}

gboolean
sg_agent_is_broken (SgAgent *agent)
{
  return agent->broken != NULL;
}

/* --- hello and calls
 * ------------------------------------------------------------------------------ */

void
sg_agent_hello_async (SgAgent *agent, GCancellable *cancellable, GAsyncReadyCallback callback,
                      gpointer data)
{
  g_autoptr (GTask) task = g_task_new (agent, cancellable, callback, data);
  g_autoptr (GError) forgotten = NULL;
  guint8 nonce[sizeof agent->hello->nonce];

  g_task_set_source_tag (task, sg_agent_hello_async);
  if (agent->broken != NULL)
    {
      g_task_return_error (task, g_error_copy (agent->broken));
      return;
    }
  if (getrandom (nonce, sizeof nonce, 0) != sizeof nonce)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "No random numbers");
      return;
    }
  forgotten = g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED, "The sandbox was greeted anew");
  if (agent->hello != NULL)
    {
      fail_pending (agent->hello, forgotten);
      g_clear_pointer (&agent->hello, pending_free);
    }
  agent->greeted = FALSE;
  g_hash_table_remove_all (agent->running);
  fail_calls (agent, forgotten);

  agent->hello = pending_new (agent, g_steal_pointer (&task), NULL);
  memcpy (agent->hello->nonce, nonce, sizeof nonce);
  request (agent, SG_RELAY_HELLO,
           g_variant_new ("(@ay)",
                          g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, nonce, sizeof nonce, 1)),
           NULL, 0);
}

gboolean
sg_agent_hello_finish (SgAgent *agent, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, agent), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

static gboolean
check_greeted (SgAgent *agent, GError **error)
{
  if (agent->broken != NULL)
    g_propagate_error (error, g_error_copy (agent->broken));
  else if (!agent->greeted)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED,
                 "The sandbox has not answered yet; wait until it has started");
  return agent->broken == NULL && agent->greeted;
}

void
sg_agent_call_async (SgAgent *agent, const char *method, GVariant *argument,
                     GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GVariant) sunk = g_variant_ref_sink (argument);
  g_autoptr (GTask) task = g_task_new (agent, cancellable, callback, data);
  const char *argument_type, *result_type;
  GError *error = NULL;

  g_return_if_fail (sg_frame_method_types (method, &argument_type, &result_type));
  g_return_if_fail (g_variant_is_of_type (sunk, G_VARIANT_TYPE (argument_type)));
  g_task_set_source_tag (task, sg_agent_call_async);
  if (!check_greeted (agent, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  agent->last_serial++;
  g_hash_table_insert (agent->calls, GUINT_TO_POINTER (agent->last_serial),
                       pending_new (agent, g_steal_pointer (&task), result_type));
  request (agent, SG_RELAY_CALL, g_variant_new ("(usv)", agent->last_serial, method, sunk), NULL,
           0);
}

GVariant *
sg_agent_call_finish (SgAgent *agent, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, agent), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- commands
 * ------------------------------------------------------------------------------------- */

static GVariant *
exec_body (guint32 handle, const SgAgentCommand *command)
{
  static const char *const none[] = { NULL };

  return g_variant_new (
      "(u^aay^aay^aysbqq)", handle, command->argv, command->env != NULL ? command->env : none,
      command->cwd != NULL ? command->cwd : "", command->user != NULL ? command->user : "",
      command->tty, command->rows, command->columns);
}

static gboolean
check_command (SgAgent *agent, const SgAgentCommand *command, GVariant *body, GError **error)
{
  if (!check_greeted (agent, error))
    return FALSE;
  if (command->argv == NULL || command->argv[0] == NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "There is no command to run");
  else if (command->user != NULL && !g_utf8_validate (command->user, -1, NULL))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "The user's name is not text");
  else if (g_hash_table_size (agent->running) >= SG_MAX_CHANNELS)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY,
                 "%d commands run in this sandbox already; wait until one ends", SG_MAX_CHANNELS);
  else if (g_variant_get_size (body) > EXEC_MAX)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE,
                 "The command's arguments and environment are longer than %d KiB; pass them by a "
                 "file or by standard input",
                 EXEC_MAX / 1024);
  else
    return TRUE;
  return FALSE;
}

guint32
sg_agent_exec (SgAgent *agent, const SgAgentCommand *command, int in, int out, int err,
               GError **error)
{
  int given[3] = { in, out, command->tty ? -1 : err }, fds[3] = { -1, -1, -1 };
  int n_fds = command->tty ? 2 : 3;
  g_autoptr (GVariant) body = NULL;
  guint32 handle = agent->last_handle + 1;

  /* A name that is not text cannot go into the body; check_command() says so. */
  SgAgentCommand checked = *command;
  if (command->user != NULL && !g_utf8_validate (command->user, -1, NULL))
    checked.user = NULL;
  if (command->argv != NULL)
    body = g_variant_ref_sink (exec_body (handle, &checked));
  if (!check_command (agent, command, body, error))
    return 0;
  for (int i = 0; i < n_fds; i++)
    {
      fds[i] = fcntl (given[i], F_DUPFD_CLOEXEC, 3);
      if (fds[i] < 0)
        {
          sg_errno (error, "Cannot pass on descriptor %d", i);
          for (int j = 0; j < i; j++)
            sg_fd_clear (&fds[j]);
          return 0;
        }
    }
  agent->last_handle = handle;
  g_hash_table_add (agent->running, GUINT_TO_POINTER (handle));
  request (agent, SG_RELAY_EXEC, body, fds, n_fds);
  return handle;
}

static gboolean
runs (SgAgent *agent, guint32 handle)
{
  return agent->greeted && g_hash_table_contains (agent->running, GUINT_TO_POINTER (handle));
}

void
sg_agent_signal (SgAgent *agent, guint32 handle, int signal)
{
  if (runs (agent, handle) && signal >= 1 && signal <= 64)
    request (agent, SG_RELAY_SIGNAL, g_variant_new ("(ui)", handle, signal), NULL, 0);
}

void
sg_agent_resize (SgAgent *agent, guint32 handle, guint16 rows, guint16 columns)
{
  if (runs (agent, handle))
    request (agent, SG_RELAY_RESIZE, g_variant_new ("(uqq)", handle, rows, columns), NULL, 0);
}

void
sg_agent_drop (SgAgent *agent, guint32 handle)
{
  if (runs (agent, handle))
    request (agent, SG_RELAY_DROP, g_variant_new ("(u)", handle), NULL, 0);
}
