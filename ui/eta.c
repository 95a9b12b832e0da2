/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/eta.h"

#include <glib/gi18n.h>
#include <math.h>

#define QUIET_SECONDS 1.0
#define QUIET_FRACTION 0.03
#define SAMPLE_SECONDS 0.25 /* shorter intervals are noise */
#define MEMORY_SECONDS 3.0  /* how long a pace is remembered */
#define FAR_OFF 1.5         /* a guess this much above what was shown is believed */

static void
sample (SgEta *eta, gint64 now, double fraction)
{
  double seconds = (double)(now - eta->at) / G_USEC_PER_SEC;
  double weight;

  if (seconds < SAMPLE_SECONDS)
    return;
  weight = eta->pace > 0 ? 1 - exp (-seconds / MEMORY_SECONDS) : 1;
  eta->pace += weight * (MAX (fraction - eta->fraction, 0) / seconds - eta->pace);
  eta->at = now;
  eta->fraction = fraction;
}

double
sg_eta_feed (SgEta *eta, gint64 now, double fraction)
{
  double elapsed, guess;

  if (!(fraction >= 0)) /* also NaN */
    return eta->shown;
  fraction = MIN (fraction, 1);
  if (eta->started == 0)
    {
      *eta = (SgEta){ .started = now, .at = now, .fraction = fraction, .shown = -1 };
      return -1;
    }
  sample (eta, now, fraction);
  elapsed = (double)(now - eta->started) / G_USEC_PER_SEC;
  if (elapsed < QUIET_SECONDS || fraction < QUIET_FRACTION || !(eta->pace > 0))
    return eta->shown;
  guess = (1 - fraction) / eta->pace;
  if (eta->shown < 0 || guess < eta->shown || guess > eta->shown * FAR_OFF)
    eta->shown = guess;
  return eta->shown;
}

char *
sg_eta_words (double seconds)
{
  if (!(seconds >= 0))
    return g_strdup ("");
  if (seconds < 4)
    return g_strdup (_ ("a few seconds"));
  if (seconds < 58)
    return g_strdup_printf (_ ("about %d s"),
                            seconds < 15 ? (int)ceil (seconds) : (int)ceil (seconds / 5) * 5);
  /* Beyond a day the guess says nothing. */
  seconds = MIN (seconds, 24 * 60 * 60);
  return g_strdup_printf (_ ("about %d min"), (int)ceil (seconds / 60));
}
