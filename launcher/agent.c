/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NEW -> hello -> GREETED -> BROKEN.  Only a GREETED agent takes calls and commands; BROKEN is
 * final, but for sg_agent_reconnect(), which makes it NEW: everything pending fails with the same
 * words, and "broken" is emitted once. */
#include "launcher/agent-internal.h"

#include "common/fd.h"
#include "launcher/frames.h"

#include <string.h>
#include <sys/random.h>

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
sg_agent_init (SgAgent *agent)
{
  agent->control_fd = -1;
  agent->context = g_main_context_ref_thread_default ();
  agent->calls = sg_agent_calls_new ();
  agent->running = g_hash_table_new (NULL, NULL);
  g_queue_init (&agent->queue);
}

static void
sg_agent_finalize (GObject *object)
{
  SgAgent *agent = SG_AGENT (object);

  /* SgAgentPending tasks hold a reference, so there are none. */
  sg_agent_drop_source (&agent->receiving);
  sg_agent_drop_source (&agent->sending);
  g_queue_clear_full (&agent->queue, (GDestroyNotify)sg_agent_datagram_free);
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
  agent->receiving = sg_agent_watch (agent, G_IO_IN | G_IO_HUP | G_IO_ERR, sg_agent_receive);
  return agent;
}

void
sg_agent_reconnect (SgAgent *agent, int control_fd)
{
  g_return_if_fail (agent->broken != NULL);
  g_clear_error (&agent->broken);
  agent->control_fd = control_fd;
  agent->receiving = sg_agent_watch (agent, G_IO_IN | G_IO_HUP | G_IO_ERR, sg_agent_receive);
}

gboolean
sg_agent_is_broken (SgAgent *agent)
{
  return agent->broken != NULL;
}

/* --- hello and calls ----------------------------------------------------------------------------
 */

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
      sg_agent_fail_pending (agent->hello, forgotten);
      g_clear_pointer (&agent->hello, sg_agent_pending_free);
    }
  agent->greeted = FALSE;
  g_hash_table_remove_all (agent->running);
  sg_agent_fail_calls (agent, forgotten);

  agent->hello = sg_agent_pending_new (agent, g_steal_pointer (&task), NULL);
  memcpy (agent->hello->nonce, nonce, sizeof nonce);
  sg_agent_request (agent, SG_RELAY_HELLO,
                    g_variant_new ("(@ay)", g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, nonce,
                                                                       sizeof nonce, 1)),
                    NULL, 0);
}

gboolean
sg_agent_hello_finish (SgAgent *agent, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, agent), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

gboolean
sg_agent_check_greeted (SgAgent *agent, GError **error)
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
  if (!sg_agent_check_greeted (agent, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  agent->last_serial++;
  g_hash_table_insert (agent->calls, GUINT_TO_POINTER (agent->last_serial),
                       sg_agent_pending_new (agent, g_steal_pointer (&task), result_type));
  sg_agent_request (agent, SG_RELAY_CALL, g_variant_new ("(usv)", agent->last_serial, method, sunk),
                    NULL, 0);
}

GVariant *
sg_agent_call_finish (SgAgent *agent, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, agent), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
