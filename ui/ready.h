/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ready sandboxes: as many as the person prefers are kept woken and paused, so that the next one
 * opens at once; and the template that they are woken from is made anew where it went bad.
 *
 * Both only when the foreground is done: no sandbox is on its way, and the processors are not short
 * of time (or have been for minutes).  `sandglass standby` does the work; those it starts end by
 * themselves a quarter of an hour after it was last called, so nothing is to be done at our end.
 * They are for what *Open a Sandbox* opens, with what was changed about that.  With one of them waits its window (spare.h).
 * What goes wrong here is logged and tried again later, ever less often: it never stands in the way
 * of opening one.
 *
 * Signal "changed": sg_ready_describe() has another answer. */
#pragma once

#include "ui/preferences.h"
#include "ui/sandbox.h"
#include "ui/spare.h"

#define SG_TYPE_READY (sg_ready_get_type ())
G_DECLARE_FINAL_TYPE (SgReady, sg_ready, SG, READY, GObject)

SgReady *sg_ready_new (SgPreferences *preferences);

/* SANDBOX is opening: the foreground is not done until its desktop is there, or it is over. */
void sg_ready_watch (SgReady *ready, SgSandbox *sandbox);

/* The window that waits with one of them; the object's. */
SgSpare *sg_ready_spare (SgReady *ready);

/* "One is ready: 120.0 MB of memory.", "None is ready: this computer runs on battery."; "" while
 * nothing is known.  Free with g_free(). */
char *sg_ready_describe (SgReady *ready);
