/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gate's one loop: guest, passt, supervisor and netlink around the judgement. */
#pragma once

#include "launcher/netgate/control.h"
#include "launcher/netgate/gate.h"
#include "launcher/netgate/limit.h"
#include "launcher/netgate/pcap.h"
#include "launcher/netgate/pipe.h"
#include "launcher/netgate/resolver.h"
#include "launcher/netgate/watch.h"

typedef struct
{
  int guest_fd, control_fd, passt_fd; /* owned; -1: no passt */
  gboolean switched;                  /* the switch between sandboxes is in passt's place */
  SgWatch *watch;                     /* owned; NULL once it was lost */
  SgGate *gate;
  SgPipe *out, *in; /* guest -> passt, passt -> guest */
  SgPcap *pcap;     /* NULL: no capture */
  gint64 realtime;
  gint64 next_tick;

  struct
  {
    int fd; /* owned */
    guint32 rank;
  } resolvers[SG_RESOLVER_MAX];
  guint n_resolvers;
  guint32 rank;         /* of the server that is asked now */
  gint64 first_unheard; /* when the oldest question that it left unanswered was asked; 0: none */
  guint next_resolver;

  GQueue answers; /* of Answer: what the supervisor has not read yet */
  SgLimit news;
  gboolean listing;
  guint32 list_serial, list_at;
} SgLoop;

/* Takes the descriptors and WATCH over. */
void sg_loop_init (SgLoop *loop, const guint8 guest_mac[6], int guest_fd, int control_fd,
                   SgWatch *watch, SgRoutes *routes);

/* Runs until the guest's or the supervisor's socket is closed.  FALSE with a GIOError: something
 * broke a rule. */
gboolean sg_loop_run (SgLoop *loop, GError **error);

void sg_loop_clear (SgLoop *loop);

/* --- loop-control.c */

/* Queues a message for the supervisor.  Consumes a floating BODY. */
void sg_loop_tell (SgLoop *loop, SgGateKind kind, GVariant *body);

/* Sends what is queued; FALSE when the supervisor is gone. */
gboolean sg_loop_control_flush (SgLoop *loop);

/* Obeys what has arrived; FALSE without an error: the supervisor is gone. */
gboolean sg_loop_control_receive (SgLoop *loop, GError **error);

gboolean sg_loop_control_wants_out (const SgLoop *loop);

void sg_loop_control_clear (SgLoop *loop);

/* --- loop-hooks.c, for gate and pipes; DATA is the SgLoop */

extern const SgGateHooks sg_loop_hooks;
gboolean sg_loop_judge_out (gpointer data, guint8 *frame, gsize len);
gboolean sg_loop_judge_in (gpointer data, guint8 *frame, gsize len);

/* A recording has everything. */
gboolean sg_loop_enough_out (gpointer data, const guint8 *head, gsize have, gsize len);
gboolean sg_loop_enough_in (gpointer data, const guint8 *head, gsize have, gsize len);

/* --- loop.c, for loop-control.c */

/* SWITCHED: it is a port of the switch between sandboxes. */
void sg_loop_use_passt (SgLoop *loop, int fd, gboolean switched);
void sg_loop_use_rules (SgLoop *loop, SgGateRules *rules);
void sg_loop_use_pcap (SgLoop *loop, SgPcap *pcap);

/* Takes FD over; -1: forgets all. */
void sg_loop_use_resolver (SgLoop *loop, int fd, guint32 rank);
