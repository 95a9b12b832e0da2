/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/run-progress.h"

#include "common/report.h"
#include "launcher/run-terminal.h"

#include <stdio.h>
#include <unistd.h>

#define BAR 20
#define REDRAW_USEC (50 * 1000)

struct SgProgress
{
  gboolean terminal, lines, shown;
  gint64 not_before; /* monotonic microseconds */
  gint64 last_drawn;
  guint timer;
  char *stage;
  double fraction;
};

static void
erase (SgProgress *progress)
{
  if (progress->shown)
    fputs ("\r\033[K", stderr);
  progress->shown = FALSE;
}

/* TEXT cut to the terminal's width, so that it can be erased again. */
static char *
fit (const char *text)
{
  guint16 rows, columns;
  glong width = sg_terminal_size (STDERR_FILENO, &rows, &columns) ? columns - 1 : 79;

  return g_utf8_strlen (text, -1) <= width ? g_strdup (text) : g_utf8_substring (text, 0, width);
}

static void
draw (SgProgress *progress)
{
  g_autofree char *safe = sg_printable_line (progress->stage);
  g_autofree char *line = NULL, *fitting = NULL;

  if (progress->fraction >= 0)
    {
      int done = (int)(CLAMP (progress->fraction, 0.0, 1.0) * BAR);
      g_autofree char *full = g_strnfill ((gsize)done, '#'),
                      *rest = g_strnfill ((gsize)(BAR - done), '.');
      line = g_strdup_printf ("[%s%s] %3d %%  %s", full, rest, (int)(progress->fraction * 100),
                              safe);
    }
  else
    line = g_strdup_printf ("%s...", safe);
  fitting = fit (line);
  fprintf (stderr, "\r\033[K%s", fitting);
  fflush (stderr);
  progress->shown = TRUE;
  progress->last_drawn = g_get_monotonic_time ();
}

static gboolean
time_is_up (gpointer data)
{
  SgProgress *progress = data;

  progress->timer = 0;
  if (progress->stage != NULL)
    draw (progress);
  return G_SOURCE_REMOVE;
}

SgProgress *
sg_progress_new (guint delay_msec, gboolean lines)
{
  SgProgress *progress = g_new0 (SgProgress, 1);

  progress->terminal = isatty (STDERR_FILENO);
  progress->lines = lines;
  progress->not_before = g_get_monotonic_time () + (gint64)delay_msec * 1000;
  if (progress->terminal)
    progress->timer = g_timeout_add (delay_msec, time_is_up, progress);
  return progress;
}

void
sg_progress_stage (SgProgress *progress, const char *stage, double fraction)
{
  gboolean same = g_strcmp0 (stage, progress->stage) == 0;
  gint64 now = g_get_monotonic_time ();

  if (!same)
    {
      g_free (progress->stage);
      progress->stage = g_strdup (stage);
      if (!progress->terminal && progress->lines)
        fprintf (stderr, "%s\n", stage);
    }
  progress->fraction = fraction;
  if (progress->terminal && now >= progress->not_before
      && (!same || now - progress->last_drawn >= REDRAW_USEC))
    draw (progress);
}

void
sg_progress_hide (SgProgress *progress)
{
  erase (progress);
}

void
sg_progress_free (SgProgress *progress)
{
  if (progress == NULL)
    return;
  if (progress->timer != 0)
    g_source_remove (progress->timer);
  erase (progress);
  g_free (progress->stage);
  g_free (progress);
}
