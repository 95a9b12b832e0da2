/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the person sees on stderr while something takes long: one line that is written over itself
 * and erased at the end on a terminal; a line per stage elsewhere, for long work only. */
#pragma once

#include <glib.h>

typedef struct SgProgress SgProgress;

/* Nothing is shown before `delay_msec`.  `lines`: where stderr is no terminal, print each stage as
 * a line; otherwise nothing. */
SgProgress *sg_progress_new (guint delay_msec, gboolean lines);

/* What it does now, and how far it is: 0..1, or negative when that is not known.  Any thread's
 * loop, but always the same. */
void sg_progress_stage (SgProgress *progress, const char *stage, double fraction);

/* Erases the line for a moment, so that something can be printed; the next stage brings it back. */
void sg_progress_hide (SgProgress *progress);

/* Erases and frees. */
void sg_progress_free (SgProgress *progress);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgProgress, sg_progress_free)
