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

/* What the file system inside says, beside "shown".  Whoever is root inside can say it. */
typedef enum
{
  SG_SHARE_FULL,  /* a write found no room */
  SG_SHARE_QUOTA, /* ... or no more of the user's share of it */
  SG_SHARE_SLOW,  /* the folder has not answered for some seconds */
  SG_SHARE_N_WORDS
} SgShareWord;

/* Until VIEW is freed; bounded, whatever is said. */
void sg_share_view_hear (SgShareView *view, void (*hear) (SgShareWord word, gpointer data),
                         gpointer data);

/* Ends both: what was shown through it is an error inside from now on. */
void sg_share_view_free (SgShareView *view);

/* The index's walls; LIKE: QEMU's, whose user it is. */
SgConfinement *
sg_share_view_confine (const char *program, const char *shown, const SgConfinement *like);
