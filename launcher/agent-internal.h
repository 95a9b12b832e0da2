/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of agent.h share. */
#pragma once

#include "launcher/agent.h"
#include "launcher/relay-protocol.h"

#include <glib-unix.h>

/* One call or hello.  Cancelling ends the wait at once; the entry stays until the answer has come,
 * which is then dropped. */
typedef struct
{
  GTask *task;      /* owned; NULL once cancelled */
  GSource *cancel;  /* owned; NULL without a cancellable */
  const char *type; /* of the result */
  guint8 nonce[16]; /* of a hello */
} SgAgentPending;

typedef struct
{
  GBytes *bytes;
  int fds[3]; /* owned */
  int n_fds;
} SgAgentDatagram;

struct _SgAgent
{
  GObject parent;
  int control_fd;
  GMainContext *context;
  GSource *receiving; /* NULL once broken */
  GSource *sending;   /* only while `queue` has something */
  GQueue queue;       /* SgAgentDatagram */
  gboolean greeted;
  SgAgentPending *hello; /* waits for GREETED */
  GHashTable *calls;     /* serial -> SgAgentPending, owned */
  GHashTable *running;   /* handles */
  guint32 last_serial, last_handle;
  GError *broken;
};

/* --- agent-pending.c: whoever waits for an answer ----------------------------------------------
 */

void sg_agent_drop_source (GSource **source);

/* Takes TASK.  TYPE: of the result; static. */
SgAgentPending *sg_agent_pending_new (SgAgent *agent, GTask *task, const char *type);
void sg_agent_pending_free (SgAgentPending *pending);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgAgentPending, sg_agent_pending_free)

/* The task to answer, NULL when nobody waits for it any more.  It cannot be cancelled now. */
GTask *sg_agent_pending_settle (SgAgentPending *pending);
GHashTable *sg_agent_calls_new (void);
void sg_agent_fail_pending (SgAgentPending *pending, const GError *error);
void sg_agent_fail_calls (SgAgent *agent, const GError *error);

/* The connection is over: everything pending fails with ERROR (taken), and "broken" is emitted. */
void sg_agent_break_down (SgAgent *agent, GError *error);

/* --- agent-send.c ------------------------------------------------------------------------------
 */

GSource *sg_agent_watch (SgAgent *agent, GIOCondition condition, GUnixFDSourceFunc func);

/* BODY is consumed.  Takes the descriptors in FDS (N_FDS of them).  A dead relay is noticed by the
 * receiving side. */
void sg_agent_request (SgAgent *agent, SgRelayKind kind, GVariant *body, const int *fds, int n_fds);
void sg_agent_datagram_free (SgAgentDatagram *datagram);

/* --- agent-receive.c ---------------------------------------------------------------------------
 */

/* GUnixFDSourceFunc */
gboolean sg_agent_receive (int fd, GIOCondition condition, gpointer agent);

/* --- agent.c -----------------------------------------------------------------------------------
 */

gboolean sg_agent_check_greeted (SgAgent *agent, GError **error);
