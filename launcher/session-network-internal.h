/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of session-network.h share. */
#pragma once

#include "launcher/console.h"
#include "launcher/session-network.h"
#include "launcher/spawn.h"

/* --- session-network-processes.c: the gate and passt, and what they say ------------------------
 */

typedef struct
{
  void (*ready) (gpointer data);
  void (*applied) (guint32 serial, const char *problem, gpointer data);
  void (*records) (guint32 serial, gboolean more, GVariant *records, gpointer data);
  void (*blocked) (GVariant *what, gpointer data);
  void (*through) (const char *vpns, gpointer data);
  void (*notice) (const char *kind, const char *message, gpointer data);
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

/* Another passt, that forwards these from its start. */
gboolean
sg_gateway_forward (SgGateway *gateway, const SgPasstForward *forwards, gsize n, GError **error);

/* Why passt ended last, in its words, or NULL. */
char *sg_gateway_passt_words (const SgGateway *gateway);

/* --- session-network-guest.c -------------------------------------------------------------------
 */

/* Sets the card up inside. */
void sg_network_guest_async (SgAgent *agent, const char *mac, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer data);
gboolean sg_network_guest_finish (SgAgent *agent, GAsyncResult *result, GError **error);
