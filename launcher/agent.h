/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The supervisor's view of the guest's agent: commands, calls, events.
 *
 * The supervisor parses no byte of the guest.  `sandglass-relay` (confined, one per session) holds
 * the agent's port, checks every frame, and pumps the commands' streams straight between the port
 * and the client's descriptors; SgAgent talks to the relay over a SOCK_SEQPACKET pair in small,
 * checked messages (relay-protocol.h).
 *
 *   session: socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)
 *   spawn:   sandglass-relay --agent-fd N --control-fd M     (N: the chardev's other end, a stream)
 *   agent = sg_agent_new (pair[0]);  connect "exited", "event", "broken"
 *   sg_agent_hello_async ()          waits until the agent inside answers: minutes under TCG
 *
 * Signals:
 *   exited (guint handle, gboolean signalled, int code, const char *message)
 *       After all output has been delivered to the client's descriptors.  `message` is empty unless
 *       the command could not be run (code 126 or 127).
 *   event (const char *name, GVariant *value)
 *       "desktop-ready" b; "notice" s: from inside, checked for type and size, not for truth.
 *   broken (const char *reason)
 *       Once, last: the guest broke the rules of the wire, the port closed, or the relay ended. All
 *       pending calls fail; commands that still ran are reported by this signal alone.  (Last, but
 *       for sg_agent_reconnect().) */
#pragma once

#include <gio/gio.h>

#define SG_TYPE_AGENT (sg_agent_get_type ())
G_DECLARE_FINAL_TYPE (SgAgent, sg_agent, SG, AGENT, GObject)

/* Takes `control_fd` (a SOCK_SEQPACKET whose other end a relay holds).  Works in the calling
 * thread's default main context. */
SgAgent *sg_agent_new (int control_fd);

/* After "broken": the machine has booted again, and a new relay holds the other end of CONTROL_FD
 * (taken).  A new agent that was not greeted, but for the handles, which go on. */
void sg_agent_reconnect (SgAgent *agent, int control_fd);
gboolean sg_agent_is_broken (SgAgent *agent);

/* Greets the agent with a fresh nonce and waits for its answer; no deadline of its own.  What was
 * running on this connection is forgotten on both sides.  Also after a clone wakes. */
void sg_agent_hello_async (SgAgent *agent, GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer data);
gboolean sg_agent_hello_finish (SgAgent *agent, GAsyncResult *result, GError **error);

/* One of the calls named in protocol.h ("clock", "entropy", "identity", "settings", "ready",
 * "memory", "poweroff").  `argument` (consumed when floating) must have the type named there; an
 * unknown method is a mistake of the caller.  No deadline of its own. */
void sg_agent_call_async (SgAgent *agent, const char *method, GVariant *argument,
                          GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);

/* The result: "(b)" for "ready", "(tu)" for "memory", "()" for the others.  NULL with
 * G_IO_ERROR_FAILED carrying the agent's words, or with what ended the connection. */
GVariant *sg_agent_call_finish (SgAgent *agent, GAsyncResult *result, GError **error);

typedef struct
{
  const char *const *argv; /* at least one */
  const char *const *env;  /* K=V; NULL: none besides the login's own */
  const char *cwd;         /* NULL: the user's home */
  const char *user;        /* NULL: "sandbox" */
  gboolean tty;
  guint16 rows, columns; /* of the tty; 0: unknown */
} SgAgentCommand;

/* Runs a command inside.  The descriptors are duplicated, the caller keeps its own; `err` is -1
 * with tty.  Call after the agent has answered a hello.  Returns the handle for the calls below
 * (also the channel on the wire), or 0 with an error: too many commands at once, arguments beyond
 * 60 KiB. */
guint32 sg_agent_exec (SgAgent *agent, const SgAgentCommand *command, int in, int out, int err,
                       GError **error);

/* Nothing happens for a handle that has ended: the race with its end is nobody's mistake. */
void sg_agent_signal (SgAgent *agent, guint32 handle, int signal);
void sg_agent_resize (SgAgent *agent, guint32 handle, guint16 rows, guint16 columns);

/* The client of this command is gone: its streams are closed, the command gets SIGHUP.  "exited"
 * still follows. */
void sg_agent_drop (SgAgent *agent, guint32 handle);
