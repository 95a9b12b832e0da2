/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything of the host that goes into a base, in order: scan, skeleton of /var, what is written
 * by us.  The guest's programs come on top (guest-payload.h). */
#pragma once

#include "baseimage/scan.h"

/* The numbers of the user `sandbox`, by who runs this process; the usual ones in an anonymous copy.
 */
void sg_gather_user (gboolean anonymous, uid_t *ret_uid, gid_t *ret_gid);

/* Fills the scan's tree.  PROGRESS may be NULL. */
gboolean sg_gather_system (SgScan *scan, uid_t uid, gid_t gid, SgBaseProgress progress,
                           gpointer data, GError **error);
