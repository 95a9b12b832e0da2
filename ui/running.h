/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sandboxes of this person that run: those that the app opened, and, while somebody looks, those
 * that anybody else did (`sandglass open`, a file manager, a terminal).  They are found by their
 * directories below sg_paths_runtime().
 *
 * Signal "problem" (SgSandbox *, SgProblem *): as of the sandbox. */
#pragma once

#include "ui/sandbox.h"

#define SG_TYPE_RUNNING (sg_running_get_type ())
G_DECLARE_FINAL_TYPE (SgRunning, sg_running, SG, RUNNING, GObject)

SgRunning *sg_running_new (SgPreferences *preferences);

/* One that the app opened. */
void sg_running_add (SgRunning *running, SgSandbox *sandbox);

/* SgSandbox; those that are over are gone from it.  The object's. */
GListModel *sg_running_list (SgRunning *running);

/* Whether those of others are wanted, too. */
void sg_running_watch (SgRunning *running, gboolean others);
