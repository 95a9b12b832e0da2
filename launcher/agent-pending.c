/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/agent-internal.h"

#include "common/fd.h"

void
sg_agent_drop_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

void
sg_agent_pending_free (SgAgentPending *pending)
{
  sg_agent_drop_source (&pending->cancel);
  g_clear_object (&pending->task);
  g_free (pending);
}

GHashTable *
sg_agent_calls_new (void)
{
  return g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)sg_agent_pending_free);
}

/* Returns the task to answer, NULL when nobody waits for it any more.  It cannot be cancelled now.
 */
GTask *
sg_agent_pending_settle (SgAgentPending *pending)
{
  sg_agent_drop_source (&pending->cancel);
  return g_steal_pointer (&pending->task);
}

static gboolean
pending_cancelled (GCancellable *cancellable, gpointer data)
{
  g_autoptr (GTask) task = g_steal_pointer (&((SgAgentPending *)data)->task);

  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

/* Takes `task`. */
SgAgentPending *
sg_agent_pending_new (SgAgent *agent, GTask *task, const char *type)
{
  SgAgentPending *pending = g_new0 (SgAgentPending, 1);
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

void
sg_agent_fail_pending (SgAgentPending *pending, const GError *error)
{
  g_autoptr (GTask) task = pending != NULL ? sg_agent_pending_settle (pending) : NULL;

  if (task != NULL)
    g_task_return_error (task, g_error_copy (error));
}

void
sg_agent_fail_calls (SgAgent *agent, const GError *error)
{
  g_autoptr (GHashTable) calls = g_steal_pointer (&agent->calls);
  GHashTableIter iter;
  gpointer value;

  agent->calls = sg_agent_calls_new ();
  g_hash_table_iter_init (&iter, calls);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    sg_agent_fail_pending (value, error);
}

/* Takes `error`.  Everything pending fails with it. */
void
sg_agent_break_down (SgAgent *agent, GError *error)
{
  g_autoptr (SgAgent) keep = g_object_ref (agent);
  g_autoptr (SgAgentPending) hello = g_steal_pointer (&agent->hello);

  if (agent->broken != NULL)
    {
      g_error_free (error);
      return;
    }
  agent->broken = error;
  agent->greeted = FALSE;
  sg_agent_drop_source (&agent->receiving);
  sg_agent_drop_source (&agent->sending);
  g_queue_clear_full (&agent->queue, (GDestroyNotify)sg_agent_datagram_free);
  sg_fd_clear (&agent->control_fd);
  g_hash_table_remove_all (agent->running);
  sg_agent_fail_pending (hello, error);
  sg_agent_fail_calls (agent, error);
  g_signal_emit_by_name (agent, "broken", error->message);
}
