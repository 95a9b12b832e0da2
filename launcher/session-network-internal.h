/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of session-network.h share. */
#pragma once

#include "launcher/console.h"
#include "launcher/session-network-proxy.h"
#include "launcher/session-network.h"
#include "launcher/spawn.h"

/* --- session-network-processes.c, -passt.c: the gate and passt, and what they say
 * ------------------------
 */

typedef struct
{
  void (*ready) (gpointer data);
  void (*applied) (guint32 serial, const char *problem, gpointer data);
  void (*records) (guint32 serial, gboolean more, GVariant *records, gpointer data);
  void (*blocked) (GVariant *what, gpointer data);
  void (*through) (const char *vpns, gpointer data);
  void (*notice) (const char *kind, const char *message, gpointer data);
  /* The switch between sandboxes is gone. */
  void (*switch_lost) (gpointer data);
  /* The gate is gone, WHY in words.  Last. */
  void (*lost) (const char *why, gpointer data);
} SgGateFuncs;

typedef struct SgGateway SgGateway;

/* Starts the gate.  *RET_STREAM: the end for QEMU.  PLAN must outlive it. */
SgGateway *sg_gateway_new (const SgPlan *plan, const char *mac, const SgGateFuncs *funcs,
                           gpointer data, int *ret_stream, GError **error);
void sg_gateway_free (SgGateway *gateway);

/* A message to the gate; FALSE when it does not listen. */
gboolean
sg_gateway_send (SgGateway *gateway, SgGateKind kind, GVariant *body, int fd, GError **error);

/* The ports that the next passt forwards from its start on. */
void sg_gateway_keep_forwards (SgGateway *gateway, const SgPasstForward *forwards, gsize n);

/* Another passt, that forwards these from its start. */
gboolean
sg_gateway_forward (SgGateway *gateway, const SgPasstForward *forwards, gsize n, GError **error);

/* Where the gate's far side leads: into the switch at STREAM (duplicated), or with -1 to passt
 * again.  It leads nowhere in between. */
gboolean sg_gateway_switch (SgGateway *gateway, int stream, GError **error);

/* Why passt ended last, in its words, or NULL. */
char *sg_gateway_passt_words (const SgGateway *gateway);

/* --- session-network-guest.c -------------------------------------------------------------------
 */

/* Sets the card up inside, for the internet (by way of PROXIES), or with PRIVATE_ADDRESS (not NULL)
 * and PRIVATE_ADDRESS6 for a network between sandboxes. */
void sg_network_guest_async (SgAgent *agent, const char *mac, const char *private_address,
                             const char *private_address6, const SgProxies *proxies,
                             GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer data);
gboolean sg_network_guest_finish (SgAgent *agent, GAsyncResult *result, GError **error);

/* --- the uplink's parts -------------------------------------------------------------------------
 */

#define SG_UPLINK_CARD "network"

typedef enum
{
  SG_STEP_UNPLUG,  /* a card whose gate died goes */
  SG_STEP_OPEN,    /* a gate, and a card */
  SG_STEP_JOIN,    /* the switch between sandboxes, in mode private; else the desktop's proxies */
  SG_STEP_RULES,   /* rules to send */
  SG_STEP_APPLIED, /* rules are sent */
  SG_STEP_LINK,    /* the card's cable */
  SG_STEP_INSIDE,  /* addresses */
  SG_STEP_FORWARD, /* a passt that listens */
  SG_STEP_DONE
} SgUplinkStep;

typedef struct
{
  GTask *task; /* owned; NULL: nobody asked, our own repair */
  SgUplinkStep step;
  gboolean under_way; /* an answer is waited for */
  SgGateMode mode;
  char **hosts;           /* owned */
  SgPasstForward forward; /* host_port 0: none is wanted */
  gboolean prepare;       /* mode off, with a card that is set up */
  gboolean withdraw;      /* mode off, without a card */
  guint tries;
  guint32 serial; /* of the rules */
} SgUplinkOp;

struct SgUplink
{
  SgUplinkFuncs funcs;
  gpointer data;
  SgUplinkMachine machine; /* qmp NULL: there is none yet */
  gboolean over;
  SgGateway *gateway;
  guint deadline;  /* for the gate, or for the card to go */
  guint listening; /* for passt */
  gboolean ready, plugged;
  gboolean died; /* a gate did, and none is started again: its card is dead, too */
  guint deaths;  /* of gates, one soon after the other */
  gint64 opened; /* the gate, when */
  SgGateMode mode, last;
  char **hosts; /* owned: of `last` */
  char *through, *mac;
  SgProxies *proxies;        /* the desktop's, as found when the network was opened last */
  struct SgPrivate *private; /* the way into the switch, once it was asked for */
  char *inside; /* what is set inside: own address in mode private, proxies; NULL: nothing yet */
  GQueue ops;   /* of SgUplinkOp; the first is under way */
  guint32 serial;
  GArray *forwards; /* SgPasstForward */
  GQueue lists;     /* asked of the gate: session-network-records.c */
  int capture;      /* -1: none, or handed over */
  guint64 capture_limit;
};

/* A reference for a call that may come back when the uplink is freed: `over` says so then. */
typedef SgUplink SgUplinkHeld;
SgUplinkHeld *sg_uplink_hold (SgUplink *uplink);
void sg_uplink_let_loose (SgUplinkHeld *uplink);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgUplinkHeld, sg_uplink_let_loose)

/* --- session-network.c */

/* Takes ERROR (NULL: it holds) and answers the change under way; the next one begins. */
void sg_uplink_settle (SgUplink *uplink, GError *error);

/* The machine is over; what is pending here is answered at our own end, which comes. */
gboolean sg_uplink_is_given_up (const GError *error);

/* Takes OP and ERROR (NULL: it holds).  What nobody asked for is told as news. */
void sg_uplink_answer (SgUplink *uplink, SgUplinkOp *op, GError *error);

/* --- session-network-gate.c */

extern const SgGateFuncs sg_uplink_gate_funcs;

/* The gate is gone, or of no use. */
void sg_uplink_lose_gate (SgUplink *uplink, const char *why);

/* The network is off, whatever was asked. */
void sg_uplink_close_all (SgUplink *uplink, const GError *why);

/* --- session-network-join.c */

void sg_uplink_join (SgUplink *uplink, SgUplinkOp *op);

/* The sandbox's own address among sandboxes, or NULL. */
const char *sg_uplink_private_address (const SgUplink *uplink);

/* --- session-network-steps.c */

/* Goes on with the change under way. */
void sg_uplink_advance (SgUplink *uplink);

/* Takes OP. */
void sg_uplink_enqueue (SgUplink *uplink, SgUplinkOp *op);

/* --- session-network-card.c: over the monitor */

/* A gate, and a card that it watches over. */
void sg_uplink_open (SgUplink *uplink, const SgGateFuncs *funcs);
void sg_uplink_unplug (SgUplink *uplink, SgUplinkOp *op);
void sg_uplink_switch_link (SgUplink *uplink, SgUplinkOp *op);

/* --- session-network-forward.c */

gboolean sg_uplink_port_is_free (guint16 port, GError **error);
void sg_uplink_begin_forward (SgUplink *uplink, SgUplinkOp *op);

/* --- session-network-records.c */

void sg_uplink_take_records (guint32 serial, gboolean more, GVariant *records, gpointer data);
void sg_uplink_fail_lists (SgUplink *uplink, const GError *why);
