/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sandbox's way to the network, while it runs: QEMU - gate - passt (netgate/control.h).
 *
 * A machine starts without a network card (but for one that waits, sg_uplink_prepare_async()).  The
 * first mode that is not off starts the gate, plugs the card in and has it set up inside; from then
 * on a change of mode is a message to the gate.
 *
 *   open: start the gate; over the monitor plug the card in, link down
 *   set:  rules -> the gate says that they hold -> link up or down -> addresses inside, once
 *
 * Changes are made one after the other, and are answered when they hold.  passt is the gate's other
 * side: started when the host has a way out, again when it dies or when the host's network becomes
 * another.  A gate that dies leaves nothing open; its card is unplugged, another gate and another
 * card take over what was on.  In mode private a switch between the user's sandboxes is in passt's
 * place (session-network-private.h). */
#pragma once

#include "launcher/agent.h"
#include "launcher/netgate/control.h"
#include "launcher/plan.h"
#include "launcher/qmp.h"

typedef struct SgUplink SgUplink;

typedef struct
{
  /* Mode, or what it goes through, is another one. */
  void (*changed) (gpointer data);
  /* Something was not let through: SG_GATE_TYPE_BLOCKED. */
  void (*blocked) (GVariant *what, gpointer data);
  void (*notice) (const char *kind, const char *message, gpointer data);
} SgUplinkFuncs;

/* Off, and nothing is started. */
SgUplink *sg_uplink_new (const SgUplinkFuncs *funcs, gpointer data);

/* Kills what it started; what is pending is answered that it was cancelled. */
void sg_uplink_free (SgUplink *uplink);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgUplink, sg_uplink_free)

/* What a machine has; all is the machine's, and the plan its session's. */
typedef struct
{
  const SgPlan *plan;
  SgQmp *qmp;
  SgAgent *agent;
  GCancellable *cancellable;
  const char *home;       /* the session's directory, for mode private */
  const SgPolicy *policy; /* the administrator's limits and company networks; NULL: none */
} SgUplinkMachine;
void sg_uplink_machine (SgUplink *uplink, const SgUplinkMachine *machine);

/* The system inside boots again: nothing is set up there; the next change does that anew. */
void sg_uplink_restarts (SgUplink *uplink);

/* MODE and HOSTS (for allowlist; may be NULL) were judged before.  FALSE with words for a person;
 * the network is off then, or as it was. */
void sg_uplink_set_async (SgUplink *uplink, SgGateMode mode, const char *const *hosts,
                          GAsyncReadyCallback callback, gpointer data);
gboolean sg_uplink_set_finish (GAsyncResult *result, GError **error);

/* For a machine that waits (standby-network.h): gate and card, set up inside, and off; a change of
 * mode is quick then.  Finish with sg_uplink_set_finish(). */
void
sg_uplink_prepare_async (SgUplink *uplink, GAsyncReadyCallback callback, gpointer data);

/* Is there a card in the machine? */
gboolean sg_uplink_has_card (const SgUplink *uplink);

/* The card goes, and the gate with it: as if there never had been one.  Fails where the system
 * inside does not let it go.  Finish likewise. */
void
sg_uplink_withdraw_async (SgUplink *uplink, GAsyncReadyCallback callback, gpointer data);

/* Connections to HOST_PORT of this computer's loopback reach GUEST_PORT.  Open connections of the
 * sandbox end: passt can be told at its start only. */
void sg_uplink_forward_async (SgUplink *uplink, guint16 host_port, guint16 guest_port,
                              GAsyncReadyCallback callback, gpointer data);
gboolean sg_uplink_forward_finish (GAsyncResult *result, GError **error);

/* Who was contacted: a SG_GATE_TYPE_RECORD each.  Empty where there is no gate. */
void sg_uplink_records_async (SgUplink *uplink, GAsyncReadyCallback callback, gpointer data);
GVariant *sg_uplink_records_finish (GAsyncResult *result, GError **error);

/* Every frame goes to FD (duplicated), LIMIT bytes at most (0: 1 GiB); from the first one on where
 * it is called before the network is opened. */
gboolean sg_uplink_capture (SgUplink *uplink, int fd, guint64 limit, GError **error);

SgGateMode sg_uplink_mode (const SgUplink *uplink);
/* The last one that was not off (internet, where none was), and its hosts: for "on". */
SgGateMode sg_uplink_last (const SgUplink *uplink);
const char *const *sg_uplink_last_hosts (const SgUplink *uplink);
/* The VPNs that the internet is reached through, "" for none. */
const char *sg_uplink_through (const SgUplink *uplink);
/* The sandbox's own addresses in mode private, else NULL. */
const char *sg_uplink_own_address (const SgUplink *uplink);
const char *sg_uplink_own_address6 (const SgUplink *uplink);
/* a(qq): host's and guest's port.  Floating. */
GVariant *sg_uplink_forwards (const SgUplink *uplink);
