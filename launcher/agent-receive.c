/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers are checked here again (relay-protocol.h says why): what does not fit is the relay's
 * breach and ends the connection like the guest's. */
#include "launcher/agent-internal.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

static gboolean
breach (GError **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
               "The connection to the sandbox broke the rules and was closed");
  return FALSE;
}

static gboolean
take_greeted (SgAgent *agent, GVariant *body, GError **error)
{
  g_autoptr (GVariant) nonce = g_variant_get_child_value (body, 0);
  g_autoptr (SgAgentPending) hello = NULL;
  g_autoptr (GTask) task = NULL;
  gsize len;
  const void *bytes = g_variant_get_fixed_array (nonce, &len, 1);

  if (len != sizeof agent->hello->nonce)
    return breach (error);
  if (agent->hello == NULL || memcmp (agent->hello->nonce, bytes, len) != 0)
    return TRUE; /* of an earlier hello, cancelled and repeated */
  hello = g_steal_pointer (&agent->hello);
  agent->greeted = TRUE;
  task = sg_agent_pending_settle (hello);
  if (task != NULL)
    g_task_return_boolean (task, TRUE);
  return TRUE;
}

static gboolean
take_reply (SgAgent *agent, GVariant *body, GError **error)
{
  g_autoptr (GVariant) result = NULL;
  g_autoptr (SgAgentPending) call = NULL;
  g_autoptr (GTask) task = NULL;
  gpointer value;
  const char *message;
  gboolean ok;
  guint32 serial;

  g_variant_get (body, "(ub&sv)", &serial, &ok, &message, &result);
  if (!g_hash_table_steal_extended (agent->calls, GUINT_TO_POINTER (serial), NULL, &value))
    return breach (error);
  call = value;
  task = sg_agent_pending_settle (call);
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
  g_signal_emit_by_name (agent, "exited", handle, signalled, code, message);
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
  g_signal_emit_by_name (agent, "event", name, value);
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

gboolean
sg_agent_receive (int fd, GIOCondition condition, gpointer data)
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
  sg_agent_break_down (agent, error);
  return G_SOURCE_REMOVE;
}
