/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A token bucket: so much a second, and as much at once as one second (or BURST) gives. */
#pragma once

#include <glib.h>

typedef struct
{
  guint64 rate, burst; /* rate 0: no limit */
  guint64 tokens;      /* in millionths */
  gint64 last;         /* microseconds */
} SgLimit;

static inline void
sg_limit_set (SgLimit *limit, guint64 rate, guint64 burst)
{
  /* What is counted in millionths for a minute must fit. */
  rate = MIN (rate, G_MAXUINT64 / 1000000 / 64);
  burst = MIN (burst, G_MAXUINT64 / 1000000 / 4);
  *limit = (SgLimit){ rate, burst, burst * 1000000, 0 };
}

/* Takes COUNT tokens; FALSE (and takes none) when there are not as many. */
static inline gboolean
sg_limit_take (SgLimit *limit, guint64 count, gint64 now)
{
  if (limit->rate == 0)
    return TRUE;
  if (now > limit->last)
    {
      guint64 elapsed = (guint64)MIN (now - limit->last, 60 * G_USEC_PER_SEC);

      limit->tokens = MIN (limit->tokens + elapsed * limit->rate, limit->burst * 1000000);
      limit->last = now;
    }
  if (count > limit->tokens / 1000000)
    return FALSE;
  limit->tokens -= count * 1000000;
  return TRUE;
}
