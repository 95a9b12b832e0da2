/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes a shared folder quick to look at: an index of it on the host, confined, and the file system
 * inside that asks it (baseimage/guest/share), laid over the 9p mount that is there already.  Where
 * that fails the folder is there all the same, and slower. */
#pragma once

#include "launcher/agent.h"
#include "launcher/plan.h"

typedef struct SgShareView SgShareView;

/* SHOWN: the folder below the session's directory; BELOW: the same on the 9p mount inside; PLACE:
 * where it is to be seen.  LIKE: QEMU's walls. */
void sg_share_view_async (SgAgent *agent, const char *bwrap, const SgConfinement *like,
                          const char *shown, const char *below, const char *place,
                          gboolean writable, GAsyncReadyCallback callback, gpointer data);
/* NULL with an error.  Not bound to AGENT's life; free with sg_share_view_free(). */
SgShareView *sg_share_view_finish (GAsyncResult *result, GError **error);

/* Ends both: what was shown through it is an error inside from now on. */
void sg_share_view_free (SgShareView *view);

/* The index's walls; LIKE: QEMU's, whose user it is. */
SgConfinement *
sg_share_view_confine (const char *program, const char *shown, const SgConfinement *like);
