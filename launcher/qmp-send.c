/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A command that carries a descriptor travels alone: nothing is sent after it until its answer is
 * there.  QEMU keeps only the descriptors that came last with its input, so one that overtook the
 * command it belongs to would be lost. */
#include "launcher/qmp-internal.h"

#include "common/fd.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>

/* --- commands -----------------------------------------------------------------------------------
 */

void
sg_qmp_source_clear (GSource **source)
{
  if (*source != NULL)
    {
      g_source_destroy (*source);
      g_source_unref (*source);
    }
  *source = NULL;
}

void
sg_qmp_command_free (SgQmpCommand *command)
{
  sg_qmp_source_clear (&command->cancelled);
  g_clear_object (&command->task);
  if (command->line != NULL) /* it may hold the key of a disk */
    explicit_bzero (command->line, command->length);
  g_free (command->line);
  sg_fd_clear (&command->fd);
  g_free (command);
}

/* Answers the caller and forgets it; the command itself stays where it is. */
GTask *
sg_qmp_command_take_task (SgQmpCommand *command)
{
  sg_qmp_source_clear (&command->cancelled);
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
gboolean
sg_qmp_command_set_secret (SgQmpCommand *command, const char *secret, gsize length)
{
  char *place = strstr (command->line, SG_QMP_SECRET);

  if (place == NULL || length != strlen (SG_QMP_SECRET))
    return FALSE;
  memcpy (place, secret, length);
  return TRUE;
}

SgQmpCommand *
sg_qmp_command_new (SgQmp *qmp, const char *name, JsonNode *arguments)
{
  SgQmpCommand *command = g_new0 (SgQmpCommand, 1);

  command->fd = -1;
  command->id = ++qmp->last_id;
  command->line = command_line (name, arguments, command->id, &command->length);
  return command;
}

/* --- sending ------------------------------------------------------------------------------------
 */

/* Bytes sent, or -1; the descriptor goes with the first of them. */
static gssize
send_some (SgQmp *qmp, SgQmpCommand *command)
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

  sg_qmp_source_clear (&qmp->writable);
  sg_qmp_pump (qmp);
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
  SgQmpCommand *command = g_queue_pop_head (&qmp->waiting);

  qmp->holding = command->alone = command->fd >= 0;
  sg_fd_clear (&command->fd);
  explicit_bzero (command->line, command->length);
  g_queue_push_tail (&qmp->pending, command);
}

void
sg_qmp_pump (SgQmp *qmp)
{
  SgQmpCommand *command;

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
          sg_qmp_end (qmp, g_strdup ("The machine has stopped"));
          return;
        }
      command->sent += (gsize)n;
      if (command->sent == command->length)
        sent (qmp);
    }
}
