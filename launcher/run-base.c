/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/run-base.h"

#include "baseimage/base.h"
#include "common/report.h"
#include "launcher/base-behind.h"
#include "launcher/run-progress.h"

#include <stdio.h>
#include <unistd.h>

/* What the building thread tells the main loop.  Only the last word counts. */
typedef struct
{
  GMutex lock;
  char *stage;
  double fraction;
  gboolean pending; /* an idle call is under way */
  SgProgress *progress;
} News;

static gboolean
show (gpointer data)
{
  News *news = data;
  g_autofree char *stage = NULL;
  double fraction;

  g_mutex_lock (&news->lock);
  news->pending = FALSE;
  stage = g_strdup (news->stage);
  fraction = news->fraction;
  g_mutex_unlock (&news->lock);
  sg_progress_stage (news->progress, stage, fraction);
  return G_SOURCE_REMOVE;
}

/* On the building thread. */
static void
told (const char *stage, double fraction, gpointer data)
{
  News *news = data;

  g_mutex_lock (&news->lock);
  if (g_strcmp0 (news->stage, stage) != 0)
    {
      g_free (news->stage);
      news->stage = g_strdup (stage);
    }
  news->fraction = fraction;
  if (!news->pending)
    g_idle_add (show, news);
  news->pending = TRUE;
  g_mutex_unlock (&news->lock);
}

static void
build (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  SgBaseOptions options = { 0 };
  GError *error = NULL;

  if (sg_base_build (&options, told, data, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
keep (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **)data = g_object_ref (result);
}

static gboolean
build_with_progress (gboolean quiet, GCancellable *cancellable, GError **error)
{
  g_autoptr (SgProgress) progress = sg_progress_new (0, !quiet);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, keep, &result);
  News news = { .progress = progress };

  g_mutex_init (&news.lock);
  g_task_set_task_data (task, &news, NULL);
  g_task_run_in_thread (task, build);
  while (result == NULL || news.pending)
    g_main_context_iteration (NULL, TRUE);
  g_mutex_clear (&news.lock);
  g_free (news.stage);
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
sg_run_renew_template (gboolean quiet)
{
  if (sg_template_renew_behind (NULL) && !quiet && isatty (STDERR_FILENO))
    sg_report_text ("a sandbox for quick starts is prepared in the background; the next ones open "
                    "faster then");
}

gboolean
sg_run_ensure_base (gboolean quiet, GCancellable *cancellable, GError **error)
{
  g_autofree char *why = NULL;
  gboolean talk = !quiet && isatty (STDERR_FILENO);

  switch (sg_base_state (NULL, &why))
    {
    case SG_BASE_FRESH:
      return TRUE;
    case SG_BASE_STALE:
      if (sg_base_renew_behind (NULL) && talk)
        sg_report_text ("this computer was updated since its copy for sandboxes was made; a new "
                        "one is made in the background, this sandbox still uses the old one");
      return TRUE;
    case SG_BASE_BROKEN:
      if (!quiet)
        sg_report_text ("the copy of this computer for sandboxes is damaged, and is built anew");
      break;
    case SG_BASE_MISSING:
      if (!quiet)
        sg_report_text ("building the copy of this computer that sandboxes use (once; nothing on "
                        "this computer is changed)");
      break;
    }
  return build_with_progress (quiet, cancellable, error);
}
