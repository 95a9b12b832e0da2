/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A message is one line: QEMU ends each with "\r\n" and never puts a line break inside one.
 *
 * QEMU faces the guest, so it is believed no more than the guest is.  Before the JSON parser sees a
 * line, its length, its characters and its nesting are checked: the parser recurses, and a line of
 * a million brackets would end the supervisor by its stack.  (It also takes comments, in which a
 * quote could hide those brackets; so nothing but JSON's own characters passes outside strings.) */
#include "launcher/qmp-internal.h"

#include "common/report.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define LINE_MAX_BYTES (4 * 1024 * 1024) /* query-qmp-schema has 200 KiB */
#define DEPTH_MAX 64
#define READ_BYTES (64 * 1024)
#define WORDS_MAX 400 /* characters of QEMU's that are repeated to a person */

static void
broken (SgQmp *qmp, const char *how)
{
  sg_qmp_end (qmp,
              g_strdup_printf ("The machine's monitor does not keep to its protocol: %s", how));
}

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
is_answer_to (JsonObject *message, const SgQmpCommand *command)
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
  SgQmpCommand *command = g_queue_pop_head (&qmp->pending);
  qmp->holding &= !command->alone;
  task = sg_qmp_command_take_task (command);
  sg_qmp_command_free (command);
  if (task != NULL && error != NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", words);
  else if (task != NULL)
    g_task_return_pointer (task, json_object_dup_member (message, "return"),
                           (GDestroyNotify)json_node_unref);
  sg_qmp_pump (qmp);
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
  g_signal_emit_by_name (qmp, "event", json_node_get_string (name), object);
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
  g_queue_push_head (&qmp->waiting, sg_qmp_command_new (qmp, "qmp_capabilities", NULL));
  sg_qmp_pump (qmp);
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
gboolean
sg_qmp_on_readable (int fd, GIOCondition condition, gpointer data)
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
    sg_qmp_end (qmp, g_strdup ("The machine has stopped"));
  return qmp->why == NULL ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}
