/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processes below this one, as they are now: for knowing later that none is left. */
#pragma once

#include <glib.h>
#include <sys/types.h>

typedef struct SgLeavings SgLeavings;

/* All but SPARED and what is below it. */
SgLeavings *sg_leavings_new (pid_t spared);
void sg_leavings_free (SgLeavings *leavings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgLeavings, sg_leavings_free)

/* Buries those that have ended; TRUE when no one is left.  Nobody else may wait for them any more
 * (sg_child_free()). */
gboolean sg_leavings_are_gone (SgLeavings *leavings);
