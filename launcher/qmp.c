/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A message is one line: QEMU ends each with "\r\n" and never puts a line break inside one.
 *
 * QEMU faces the guest, so it is believed no more than the guest is.  Before the JSON parser sees a
 * line, its length, its characters and its nesting are checked: the parser recurses, and a line of
 * a million brackets would end the supervisor by its stack.  (It also takes comments, in which a
 * quote could hide those brackets; so nothing but JSON's own characters passes outside strings.)
 *
 * A command that carries a descriptor travels alone: nothing is sent after it until its answer is
 * there.  QEMU keeps only the descriptors that came last with its input, so one that overtook the
 * command it belongs to would be lost. */
#include "launcher/qmp.h"

#include "common/fd.h"
#include "common/report.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdmessage.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINE_MAX_BYTES (4 * 1024 * 1024) /* query-qmp-schema has 200 KiB */
#define DEPTH_MAX 64
#define READ_BYTES (64 * 1024)
#define WORDS_MAX 400 /* characters of QEMU's that are repeated to a person */

typedef struct
{
  GTask *task; /* NULL: ours, nobody waits */
  char *line;
  gsize length, sent;
  int fd;         /* travels with it, or -1 */
  gboolean alone; /* it carries one: nothing follows before its answer */
  gint64 id;
  GSource *cancelled;
} Command;

struct _SgQmp
{
  GObject parent;
  int fd;
  GMainContext *context;
  GSource *readable, *writable;
  GByteArray *in;
  gsize searched;   /* bytes of `in` known to hold no line end */
  GQueue waiting;   /* Command, not yet sent whole */
  GQueue pending;   /* Command, sent; QEMU answers in this order */
  gboolean greeted; /* may send */
  gboolean holding; /* what was sent last carries a descriptor */
  gint64 last_id;
  guint version;
  char *why; /* set: the connection has ended */
};

G_DEFINE_FINAL_TYPE (SgQmp, sg_qmp, G_TYPE_OBJECT)

enum
{
  SIGNAL_EVENT,
  SIGNAL_CLOSED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void pump (SgQmp *qmp);

/* --- commands -----------------------------------------------------------------------------------
 */

static void
source_clear (GSource **source)
{
  if (*source != NULL)
    {
      g_source_destroy (*source);
      g_source_unref (*source);
    }
  *source = NULL;
}

static void
command_free (Command *command)
{
  source_clear (&command->cancelled);
  g_clear_object (&command->task);
  if (command->line != NULL) /* it may hold the key of a disk */
    explicit_bzero (command->line, command->length);
  g_free (command->line);
  sg_fd_clear (&command->fd);
  g_free (command);
}

/* Answers the caller and forgets it; the command itself stays where it is. */
static GTask *
command_take_task (Command *command)
{
  source_clear (&command->cancelled);
  return g_steal_pointer (&command->task);
}

static char *
command_line (const char *name, JsonNode *arguments, gint64 id, gsize *ret_length)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GString) line = g_string_new (NULL);

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "execute");
  json_builder_add_string_value (builder, name);
  if (arguments != NULL)
    {
      json_builder_set_member_name (builder, "arguments");
      json_builder_add_value (builder, arguments);
    }
  json_builder_set_member_name (builder, "id");
  json_builder_add_int_value (builder, id);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  json_generator_set_root (generator, root);
  json_generator_to_gstring (generator, line);
  g_string_append_c (line, '\n');
  *ret_length = line->len;
  return g_string_free (g_steal_pointer (&line), FALSE);
}

/* Puts the secret over the text that keeps its place: so it is in this one buffer only, never in
 * a JSON tree whose memory nobody wipes. */
static gboolean
command_set_secret (Command *command, const char *secret, gsize length)
{
  char *place = strstr (command->line, SG_QMP_SECRET);

  if (place == NULL || length != strlen (SG_QMP_SECRET))
    return FALSE;
  memcpy (place, secret, length);
  return TRUE;
}

static Command *
command_new (SgQmp *qmp, const char *name, JsonNode *arguments)
{
  Command *command = g_new0 (Command, 1);

  command->fd = -1;
  command->id = ++qmp->last_id;
  command->line = command_line (name, arguments, command->id, &command->length);
  return command;
}

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
  Command *command;

  while ((command = g_queue_pop_head (commands)) != NULL)
    {
      g_autoptr (GTask) task = command_take_task (command);

      command_free (command);
      if (task != NULL)
        g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CLOSED, "%s", qmp->why);
    }
}

/* GTask may put the answers off to the loop's next turn, so "closed" goes there too, behind them.
 */
static void
end (SgQmp *qmp, char *why)
{
  GSource *idle;

  if (qmp->why != NULL)
    {
      g_free (why);
      return;
    }
  qmp->why = why;
  source_clear (&qmp->readable);
  source_clear (&qmp->writable);
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

static void
broken (SgQmp *qmp, const char *how)
{
  end (qmp, g_strdup_printf ("The machine's monitor does not keep to its protocol: %s", how));
}

/* --- sending ------------------------------------------------------------------------------------
 */

/* Bytes sent, or -1; the descriptor goes with the first of them. */
static gssize
send_some (SgQmp *qmp, Command *command)
{
  union
  {
    struct cmsghdr header;
    char space[CMSG_SPACE (sizeof (int))];
  } control = { 0 };
  struct iovec part = { command->line + command->sent, command->length - command->sent };
  struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
  gssize n;

  if (command->fd >= 0 && command->sent == 0)
    {
      message.msg_control = &control;
      message.msg_controllen = sizeof control.space;
      control.header.cmsg_level = SOL_SOCKET;
      control.header.cmsg_type = SCM_RIGHTS;
      control.header.cmsg_len = CMSG_LEN (sizeof (int));
      memcpy (CMSG_DATA (&control.header), &command->fd, sizeof (int));
    }
  do
    n = sendmsg (qmp->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  return n;
}

static gboolean
on_writable (int fd, GIOCondition condition, gpointer data)
{
  SgQmp *qmp = data;

  source_clear (&qmp->writable);
  pump (qmp);
  return G_SOURCE_REMOVE;
}

static void
wait_writable (SgQmp *qmp)
{
  if (qmp->writable != NULL)
    return;
  qmp->writable = g_unix_fd_source_new (qmp->fd, G_IO_OUT);
  g_source_set_callback (qmp->writable, G_SOURCE_FUNC (on_writable), qmp, NULL);
  g_source_attach (qmp->writable, qmp->context);
}

/* Moves the head of `waiting` to `pending` once its last byte is out. */
static void
sent (SgQmp *qmp)
{
  Command *command = g_queue_pop_head (&qmp->waiting);

  qmp->holding = command->alone = command->fd >= 0;
  sg_fd_clear (&command->fd);
  explicit_bzero (command->line, command->length);
  g_queue_push_tail (&qmp->pending, command);
}

static void
pump (SgQmp *qmp)
{
  Command *command;

  while (qmp->why == NULL && qmp->greeted && !qmp->holding
         && (command = g_queue_peek_head (&qmp->waiting)) != NULL)
    {
      gssize n = send_some (qmp, command);

      if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        {
          wait_writable (qmp);
          return;
        }
      if (n < 0)
        {
          end (qmp, g_strdup ("The machine has stopped"));
          return;
        }
      command->sent += (gsize)n;
      if (command->sent == command->length)
        sent (qmp);
    }
}

/* --- receiving ----------------------------------------------------------------------------------
 */

/* JSON's characters only, outside strings, and brackets no deeper than DEPTH_MAX? */
static gboolean
is_harmless (const char *line, gsize length)
{
  gboolean quoted = FALSE;
  guint depth = 0;

  for (gsize i = 0; i < length; i++)
    {
      char c = line[i];

      if (quoted && c == '\\')
        i++;
      else if (c == '"')
        quoted = !quoted;
      else if (quoted)
        continue;
      else if (c == '{' || c == '[')
        depth++;
      else if (c == '}' || c == ']')
        depth -= depth > 0;
      else if (!g_ascii_isalnum (c) && strchr (" \t\r,:.+-", c) == NULL)
        return FALSE;
      if (depth > DEPTH_MAX)
        return FALSE;
    }
  return TRUE;
}

static char *
words_of (JsonNode *error)
{
  JsonObject *object
      = json_node_get_value_type (error) == JSON_TYPE_OBJECT ? json_node_get_object (error) : NULL;
  JsonNode *desc = object != NULL ? json_object_get_member (object, "desc") : NULL;
  g_autofree char *printable = NULL;

  if (desc == NULL || json_node_get_value_type (desc) != G_TYPE_STRING)
    return g_strdup ("no reason was given");
  printable = sg_printable (json_node_get_string (desc));
  return g_utf8_strlen (printable, -1) > WORDS_MAX ? g_utf8_substring (printable, 0, WORDS_MAX)
                                                   : g_steal_pointer (&printable);
}

static gboolean
is_answer_to (JsonObject *message, const Command *command)
{
  JsonNode *id = json_object_get_member (message, "id");

  return command != NULL && id != NULL && json_node_get_value_type (id) == G_TYPE_INT64
         && json_node_get_int (id) == command->id;
}

static void
handle_answer (SgQmp *qmp, JsonObject *message)
{
  JsonNode *error = json_object_get_member (message, "error");
  g_autoptr (GTask) task = NULL;
  g_autofree char *words = error != NULL ? words_of (error) : NULL;

  if (!is_answer_to (message, g_queue_peek_head (&qmp->pending)))
    {
      g_autofree char *how = g_strdup_printf ("an answer to nothing that was asked (%s)",
                                              words != NULL ? words : "without an error");
      broken (qmp, how);
      return;
    }
  Command *command = g_queue_pop_head (&qmp->pending);
  qmp->holding &= !command->alone;
  task = command_take_task (command);
  command_free (command);
  if (task != NULL && error != NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", words);
  else if (task != NULL)
    g_task_return_pointer (task, json_object_dup_member (message, "return"),
                           (GDestroyNotify)json_node_unref);
  pump (qmp);
}

static void
handle_event (SgQmp *qmp, JsonObject *message)
{
  JsonNode *name = json_object_get_member (message, "event");
  JsonNode *data = json_object_get_member (message, "data");
  g_autoptr (JsonObject) object = NULL;

  if (json_node_get_value_type (name) != G_TYPE_STRING
      || (data != NULL && json_node_get_value_type (data) != JSON_TYPE_OBJECT))
    {
      broken (qmp, "an event of the wrong shape");
      return;
    }
  object = data != NULL ? json_node_dup_object (data) : json_object_new ();
  g_signal_emit (qmp, signals[SIGNAL_EVENT], 0, json_node_get_string (name), object);
}

/* {"QMP": {"version": {"qemu": {"major": 7, ...}}}} */
static guint
version_of (JsonObject *message)
{
  static const char *const path[] = { "QMP", "version", "qemu" };

  for (guint i = 0; i < G_N_ELEMENTS (path); i++)
    {
      JsonNode *node = json_object_get_member (message, path[i]);
      if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
        return 0;
      message = json_node_get_object (node);
    }
  return (guint)(CLAMP (sg_qmp_int (message, "major", 0), 0, 999) * 10000
                 + CLAMP (sg_qmp_int (message, "minor", 0), 0, 99) * 100
                 + CLAMP (sg_qmp_int (message, "micro", 0), 0, 99));
}

static void
handle_greeting (SgQmp *qmp, JsonObject *message)
{
  if (!json_object_has_member (message, "QMP"))
    {
      broken (qmp, "no greeting");
      return;
    }
  qmp->greeted = TRUE;
  qmp->version = version_of (message);
  g_queue_push_head (&qmp->waiting, command_new (qmp, "qmp_capabilities", NULL));
  pump (qmp);
}

static void
handle_message (SgQmp *qmp, JsonObject *message)
{
  if (!qmp->greeted)
    handle_greeting (qmp, message);
  else if (json_object_has_member (message, "event"))
    handle_event (qmp, message);
  else if (json_object_has_member (message, "return") || json_object_has_member (message, "error"))
    handle_answer (qmp, message);
  else
    broken (qmp, "a message of an unknown kind");
}

static void
handle_line (SgQmp *qmp, const char *line, gsize length)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  JsonNode *root;

  while (length > 0 && line[length - 1] == '\r')
    length--;
  if (length == 0)
    return;
  if (!g_utf8_validate (line, (gssize)length, NULL) || !is_harmless (line, length)
      || !json_parser_load_from_data (parser, line, (gssize)length, NULL))
    {
      broken (qmp, "a line that is no JSON");
      return;
    }
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    broken (qmp, "a line that is no object");
  else
    handle_message (qmp, json_node_get_object (root));
}

/* Takes whole lines out of `in`.  A handler may end the connection, or start new commands. */
static void
handle_input (SgQmp *qmp)
{
  gsize start = 0;
  g_autoptr (GByteArray) in = g_byte_array_ref (qmp->in);

  while (qmp->why == NULL)
    {
      const guint8 *from = in->data + MAX (start, qmp->searched);
      const guint8 *stop = memchr (from, '\n', in->len - (gsize)(from - in->data));

      if (stop == NULL)
        break;
      handle_line (qmp, (const char *)in->data + start, (gsize)(stop - in->data) - start);
      start = (gsize)(stop - in->data) + 1;
    }
  if (qmp->why != NULL)
    return;
  if (start > 0)
    g_byte_array_remove_range (in, 0, (guint)start);
  qmp->searched = in->len;
  if (in->len > LINE_MAX_BYTES)
    broken (qmp, "a line without an end");
}

/* One read a turn: a flood from QEMU must not keep the supervisor from its other work. */
static gboolean
on_readable (int fd, GIOCondition condition, gpointer data)
{
  g_autoptr (SgQmp) qmp = g_object_ref (data);
  guint old = qmp->in->len;
  gssize n;

  g_byte_array_set_size (qmp->in, old + READ_BYTES);
  n = recv (fd, qmp->in->data + old, READ_BYTES, MSG_DONTWAIT);
  g_byte_array_set_size (qmp->in, old + (guint)MAX (n, 0));
  if (n > 0)
    handle_input (qmp);
  else if (n == 0 || (errno != EAGAIN && errno != EINTR))
    end (qmp, g_strdup ("The machine has stopped"));
  return qmp->why == NULL ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* --- the object ---------------------------------------------------------------------------------
 */

static void
sg_qmp_finalize (GObject *object)
{
  SgQmp *qmp = SG_QMP (object);

  source_clear (&qmp->readable);
  source_clear (&qmp->writable);
  sg_fd_clear (&qmp->fd);
  g_queue_clear_full (&qmp->waiting, (GDestroyNotify)command_free);
  g_queue_clear_full (&qmp->pending, (GDestroyNotify)command_free);
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
  g_source_set_callback (qmp->readable, G_SOURCE_FUNC (on_readable), qmp, NULL);
  g_source_attach (qmp->readable, qmp->context);
  return qmp;
}

void
sg_qmp_close (SgQmp *qmp)
{
  end (qmp, g_strdup ("The machine's monitor was closed"));
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
  Command *command = data;
  g_autoptr (GTask) task = g_steal_pointer (&command->task);
  SgQmp *qmp = g_task_get_source_object (task);

  source_clear (&command->cancelled);
  if (command->sent == 0 && g_queue_remove (&qmp->waiting, command))
    command_free (command);
  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

static void
watch_cancellable (Command *command, GCancellable *cancellable, GMainContext *context)
{
  if (cancellable == NULL)
    return;
  command->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_callback (command->cancelled, G_SOURCE_FUNC (on_cancelled), command, NULL);
  g_source_attach (command->cancelled, context);
}

/* Queues the command, or answers TASK (taken) where the connection has ended. */
static void
call (SgQmp *qmp, Command *command, GTask *task)
{
  if (qmp->why != NULL)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CLOSED, "%s", qmp->why);
      g_object_unref (task);
      command_free (command);
      return;
    }
  command->task = task;
  watch_cancellable (command, g_task_get_cancellable (task), qmp->context);
  g_queue_push_tail (&qmp->waiting, command);
  pump (qmp);
}

void
sg_qmp_call_async (SgQmp *qmp, const char *command, JsonNode *arguments, int fd,
                   GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (qmp, cancellable, callback, data);
  Command *made = command_new (qmp, command, arguments);

  g_task_set_source_tag (task, sg_qmp_call_async);
  if (fd >= 0 && (made->fd = fcntl (fd, F_DUPFD_CLOEXEC, 3)) < 0)
    {
      int saved = errno;
      g_task_return_new_error (task, G_IO_ERROR, g_io_error_from_errno (saved),
                               "Cannot pass a descriptor: %s", g_strerror (saved));
      g_object_unref (task);
      command_free (made);
      return;
    }
  call (qmp, made, task);
}

void
sg_qmp_call_secret_async (SgQmp *qmp, const char *command, JsonNode *arguments, const char *secret,
                          GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (qmp, cancellable, callback, data);
  Command *made = command_new (qmp, command, arguments);

  g_task_set_source_tag (task, sg_qmp_call_async);
  if (command_set_secret (made, secret, strlen (secret)))
    {
      call (qmp, made, task);
      return;
    }
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                           "A secret of the wrong length, or no place for it");
  g_object_unref (task);
  command_free (made);
}

JsonNode *
sg_qmp_call_finish (SgQmp *qmp, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, qmp), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

JsonNode *
sg_qmp_args (const char *format, ...)
{
  g_autoptr (GVariant) variant = NULL;
  va_list args;

  va_start (args, format);
  variant = g_variant_ref_sink (g_variant_new_parsed_va (format, &args));
  va_end (args);
  return json_gvariant_serialize (variant);
}

/* The member when it has that type. */
static JsonNode *
member_of (JsonObject *object, const char *member, GType type)
{
  JsonNode *node = json_object_get_member (object, member);

  return node != NULL && json_node_get_value_type (node) == type ? node : NULL;
}

const char *
sg_qmp_string (JsonObject *object, const char *member)
{
  JsonNode *node = member_of (object, member, G_TYPE_STRING);

  return node != NULL ? json_node_get_string (node) : "";
}

gint64
sg_qmp_int (JsonObject *object, const char *member, gint64 otherwise)
{
  JsonNode *node = member_of (object, member, G_TYPE_INT64);

  return node != NULL ? json_node_get_int (node) : otherwise;
}

gboolean
sg_qmp_boolean (JsonObject *object, const char *member)
{
  JsonNode *node = member_of (object, member, G_TYPE_BOOLEAN);

  return node != NULL && json_node_get_boolean (node);
}
