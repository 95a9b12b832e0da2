/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells when this computer's clock jumps: somebody set it, or the computer was asleep.  A machine
 * knows nothing of either: its own clock stood still meanwhile. */
#pragma once

#include <glib.h>

typedef struct SgClockWatch SgClockWatch;

/* JUMPED is called in the main loop, after each jump.  NULL with an error where the kernel cannot
 * tell.  Free with sg_clock_watch_free(). */
typedef void (*SgClockJumped) (gpointer data);
SgClockWatch *sg_clock_watch_new (SgClockJumped jumped, gpointer data, GError **error);
void sg_clock_watch_free (SgClockWatch *watch); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgClockWatch, sg_clock_watch_free)
