/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files about the gate's process, passt's and the name servers share. */
#pragma once

#include "launcher/session-network-internal.h"

struct SgGateway
{
  const SgPlan *plan;
  const SgGateFuncs *funcs;
  gpointer data;
  int control;
  guint watch, resolver, retry, kill;
  SgChild *gate, *passt;
  SgConsole *gate_said, *passt_said;
  GFileMonitor *monitors[2]; /* of resolv.conf: the link, and what it leads to */
  char *help;                /* of passt */
  gboolean ready, lost;
  gboolean switched;               /* the far side is the switch between sandboxes, not passt */
  gboolean records;                /* every frame, into a file of a person's */
  gboolean again;                  /* another passt, once this one is gone */
  gboolean ipv4, ipv6;             /* the host has a way out */
  gboolean passt_ipv4, passt_ipv6; /* passt was told so */
  SgPasstForward *forwards;        /* owned */
  gsize n_forwards;
  guint tries;
  gint64 started; /* passt, when */
};

/* --- session-network-processes.c */

/* Two ends of a stream of frames. */
gboolean sg_gateway_pair (int *ours, int *theirs, GError **error);

/* Takes ARGV.  What the child says is kept in *RET_SAID. */
SgChild *sg_gateway_spawn (SgGateway *gateway, const char *name, char **argv, const int *fds,
                           guint n_fds, guint64 files, SgChildEnded ended, SgConsole **ret_said,
                           GError **error);

/* What the gate says is done, so many messages in one turn of the loop.  For its end of the control
 * (FD); DATA is the gateway. */
#define SG_GATEWAY_MESSAGES 64
gboolean sg_gateway_hear (int fd, GIOCondition condition, gpointer data);

/* --- session-network-passt.c */

/* At once, and without another one. */
void sg_gateway_forget_passt (SgGateway *gateway);

/* One that knows all families that the host has a way out by, or none where it has none. */
void sg_gateway_consider_passt (SgGateway *gateway);

/* The gate says that it is gone. */
void sg_gateway_lost_passt (SgGateway *gateway);

/* --- session-network-resolver.c */

/* Follows /etc/resolv.conf. */
void sg_gateway_watch_resolver (SgGateway *gateway);

/* Tells the gate, now or in a moment.  For a timeout, too: FALSE. */
gboolean sg_gateway_send_resolver (gpointer gateway);
void sg_gateway_resolver_soon (SgGateway *gateway);
