/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making the copy of this computer, as the progress page needs it: `sandglass base build --json`
 * with its remaining time.
 *
 * Signals:
 *   "progress"              stage, fraction or remaining time changed
 *   "ended" (SgProblem *)   once; NULL: the copy is ready, or it was cancelled
 */
#pragma once

#include "ui/problem.h"

#include <glib-object.h>

#define SG_TYPE_BUILD (sg_build_get_type ())
G_DECLARE_FINAL_TYPE (SgBuild, sg_build, SG, BUILD, GObject)

SgBuild *sg_build_start (void);

const char *sg_build_stage (SgBuild *build);
/* 0..1; negative: unknown. */
double sg_build_fraction (SgBuild *build);
/* "about 20 s"; "" while nothing sensible can be said.  Free with g_free(). */
char *sg_build_remaining (SgBuild *build);

/* "ended" follows when it has stopped. */
void sg_build_cancel (SgBuild *build);
gboolean sg_build_was_cancelled (SgBuild *build);
