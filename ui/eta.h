/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long work still takes, guessed from how far it came.
 *
 * A guess that jumps is worse than none: nothing is said in the first second and before 3 %, the
 * pace is that of the last few seconds (stages differ), and the figure shown only rises when the
 * guess is far off. */
#pragma once

#include <glib.h>

typedef struct
{
  gint64 started;  /* monotonic microseconds; 0: nothing was fed yet */
  gint64 at;       /* of the pace's last sample */
  double fraction; /* then */
  double pace;     /* fraction a second, smoothed; 0: unknown */
  double shown;    /* seconds last returned; -1: none */
} SgEta;

#define SG_ETA_INIT                                                                                \
  {                                                                                                \
    .shown = -1                                                                                    \
  }

/* Tells that at `now` (monotonic microseconds) `fraction` (0..1, negative: unknown) was done.
 * Returns the seconds that remain, or -1 while nothing sensible can be said. */
double sg_eta_feed (SgEta *eta, gint64 now, double fraction);

/* "about 20 s", "about 3 min", "a few seconds"; "" for -1.  Free with g_free(). */
char *sg_eta_words (double seconds);
