/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent.h"

/* A new HELLO begins a new connection: what was before belongs to nobody. */
static gboolean
take_hello (Agent *agent, const Frame *frame)
{
  g_autoptr (GVariant) body = wire_value (frame, SG_TYPE_HELLO);
  g_autoptr (GVariant) nonce = NULL;
  guint32 version;

  if (body == NULL)
    return FALSE;
  g_variant_get (body, "(u@ay)", &version, &nonce);
  commands_drop (agent);
  g_array_set_size (agent->waiting, 0);
  agent->greeted = TRUE;
  agent->desktop_told = FALSE;
  /* Ours, not the host's: the host decides whether it can talk to this version. */
  wire_send_value (agent->wire, SG_FRAME_HELLO_OK, 0,
                   g_variant_new ("(u@ay)", SG_PROTOCOL_VERSION, nonce));
  agent_desktop_changed (agent);
  return TRUE;
}

static gboolean
take_call (Agent *agent, const Frame *frame)
{
  g_autoptr (GVariant) body = wire_value (frame, SG_TYPE_CALL);
  g_autoptr (GVariant) argument = NULL;
  const char *method;
  guint32 serial;

  if (body == NULL)
    return FALSE;
  g_variant_get (body, "(u&sv)", &serial, &method, &argument);
  agent_call (agent, serial, method, argument);
  return TRUE;
}

static gboolean
take_exec (Agent *agent, const Frame *frame)
{
  g_autoptr (GVariant) body = wire_value (frame, SG_TYPE_EXEC);

  if (body == NULL || frame->channel == 0 || agent->commands->len >= SG_MAX_CHANNELS
      || command_find (agent, frame->channel) != NULL)
    return FALSE;
  command_start (agent, frame->channel, body);
  return TRUE;
}

void
agent_reply (Agent *agent, guint32 serial, const char *failure, GVariant *result)
{
  wire_send_value (agent->wire, SG_FRAME_REPLY, 0,
                   g_variant_new ("(ubsv)", serial, failure == NULL, failure != NULL ? failure : "",
                                  result != NULL ? result : g_variant_new ("()")));
}

gboolean
agent_take (Agent *agent, const Frame *frame)
{
  Command *command;

  if (frame->type == SG_FRAME_HELLO)
    return take_hello (agent, frame);
  if (!agent->greeted)
    return FALSE;
  if (frame->type == SG_FRAME_CALL)
    return take_call (agent, frame);
  if (frame->type == SG_FRAME_EXEC)
    return take_exec (agent, frame);
  /* A command that is not there has ended while the frame was on its way. */
  command = command_find (agent, frame->channel);
  return command == NULL || command_take (agent, command, frame);
}
