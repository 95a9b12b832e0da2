/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Follows the host's links, addresses and routes by rtnetlink.
 *
 * A netlink socket belongs to the network namespace it was made in, so the supervisor makes it in
 * the host's, and the gate, which has no network of its own, reads from it.  Every change leads to
 * a fresh picture of the whole: simpler than applying changes, and never wrong by a missed one. */
#pragma once

#include "launcher/netgate/routes.h"

/* A socket that is told of changes, in the caller's network namespace.  -1 with a GIOError. */
int sg_watch_open (GError **error);

typedef struct _SgWatch SgWatch;

/* Takes over FD (from sg_watch_open()) and asks for the first picture. */
SgWatch *sg_watch_new (int fd, GError **error);
void sg_watch_free (SgWatch *watch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgWatch, sg_watch_free)

int sg_watch_fd (const SgWatch *watch);

/* Reads what has arrived without waiting.  TRUE, and *RET_ROUTES set (caller frees) when a new
 * picture is complete; FALSE with a GIOError when nothing will come any more. */
gboolean sg_watch_read (SgWatch *watch, SgRoutes **ret_routes, GError **error);

/* Waits up to TIMEOUT_MS for the first picture.  NULL with a GIOError. */
SgRoutes *sg_watch_wait (SgWatch *watch, int timeout_ms, GError **error);
