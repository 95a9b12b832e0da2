/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `open`: one file, one sandbox.  Several files are several of these processes.
 *
 * look at the file -> session -> push -> program inside -> its window -> wait -> (edit: what came
 * of it) -> discard.  The session lives as long as this process' connection, so whatever ends this
 * process ends the sandbox; the one exception is an edit that could not be brought out: then it is
 * told to stay.
 *
 * Everything is asynchronous below; here it is waited for step by step, in the main loop. */
#include "common/fd.h"
#include "common/paths.h"
#include "common/report.h"
#include "launcher/cmd-save.h"
#include "launcher/open-end.h"
#include "launcher/open-program.h"
#include "launcher/open-window.h"
#include "launcher/run-base.h"
#include "launcher/save-name.h"

#include <string.h>

#define PROGRESS_MSEC 700

/* Without network and without administrator inside, unless it is asked for. */
static const char config[] = "<Configuration><Title>%s</Title><Networking>%s</Networking>"
                             "<Administrator>%s</Administrator></Configuration>";

/* --- waiting ------------------------------------------------------------------------------------
 */

static void
on_changed (gpointer data)
{
  SgOpening *opening = data;
  g_autofree char *stage
      = opening->session != NULL ? sg_run_session_property (opening->session, "Stage") : NULL;

  if (stage != NULL && opening->progress != NULL)
    sg_progress_stage (opening->progress, stage, -1);
}

static void
on_started (gpointer data)
{
  ((SgOpening *)data)->started = TRUE;
}

static void
on_ended (gboolean signalled, int code, const char *message, const GError *error, gpointer data)
{
  SgOpening *opening = data;

  if (opening->ended == NULL)
    opening->ended = error != NULL
                         ? g_error_copy (error)
                         : g_error_new (G_IO_ERROR, G_IO_ERROR_CLOSED, "The sandbox has ended");
  g_cancellable_cancel (opening->cancellable);
}

static void
on_notice (const char *kind, const char *message, gpointer data)
{
  SgOpening *opening = data;

  if (opening->progress != NULL)
    sg_progress_hide (opening->progress);
  if (!opening->quiet)
    sg_report_text ("%s", message);
}

gboolean
sg_open_goes_on (SgOpening *opening, GError **error)
{
  if (opening->ended != NULL)
    {
      g_propagate_error (error, g_error_copy (opening->ended));
      return FALSE;
    }
  return !g_cancellable_set_error_if_cancelled (opening->cancellable, error);
}

void
sg_open_timing (const SgOpening *opening, const char *what)
{
  if (opening->begun != 0)
    sg_report_text ("%5.3f s: %s",
                    (double)(g_get_monotonic_time () - opening->begun) / G_USEC_PER_SEC, what);
}

static gboolean
start_session (SgOpening *opening, GError **error)
{
  static const SgRunSessionFuncs funcs = { on_changed, on_started, on_ended, on_notice };
  SgRunOptions options = { .no_command = TRUE, .quiet = opening->quiet };
  g_autofree char *title = NULL;
  gboolean ok;

  if (!sg_run_ensure_base (opening->quiet, opening->cancellable, error))
    return FALSE;
  opening->progress = sg_progress_new (PROGRESS_MSEC, FALSE);
  options.ask.purpose = g_strdup ("file");
  options.ask.look = TRUE;
  title = sg_save_name (opening->edit->name, strlen (opening->edit->name)); /* one line of UTF-8 */
  options.ask.config
      = g_markup_printf_escaped (config, title, opening->network ? "Enable" : "Disable",
                                 opening->administrator ? "true" : "false");
  opening->session = sg_run_session_start (&options, NULL, &funcs, opening, error);
  sg_run_options_clear (&options);
  ok = opening->session != NULL;
  while (ok && !opening->started && sg_open_goes_on (opening, NULL))
    g_main_context_iteration (NULL, TRUE);
  if (!ok || !sg_open_goes_on (opening, error))
    return FALSE;
  sg_open_timing (opening, "the sandbox is there");
  opening->id = sg_run_session_property (opening->session, "Id");
  opening->connection = opening->id != NULL ? sg_client_connect (opening->id, error) : NULL;
  return opening->connection != NULL;
}

static void
moved (guint64 done, guint64 total, gpointer data)
{
  SgOpening *opening = data;

  sg_progress_stage (opening->progress, "Copying the file",
                     total > 0 ? (double)done / (double)total : -1);
}

static gboolean
push (SgOpening *opening, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  SgWait wait = { 0 };

  sg_edit_push_async (opening->edit, opening->connection, moved, opening, opening->cancellable,
                      sg_wait_callback, &wait);
  result = sg_wait_for (&wait);
  sg_open_timing (opening, "the file is inside");
  return sg_edit_push_finish (opening->edit, result, error);
}

void
sg_open_tell (const SgOpening *opening, gboolean must, const char *format, ...)
{
  g_autofree char *words = NULL;
  va_list values;

  va_start (values, format);
  words = g_strdup_vprintf (format, values);
  va_end (values);
  sg_report_text ("%s", words);
  if ((must || !opening->quiet) && sg_window_ask_possible (opening))
    sg_window_tell (opening, words);
}

/* --- its window ---------------------------------------------------------------------------------
 */

static void
viewer_closed (GObject *source, GAsyncResult *result, gpointer data)
{
  SgOpening *opening = data;

  g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  opening->viewer_closed = TRUE;
}

static gboolean
open_window (SgOpening *opening, GError **error)
{
  g_autofree char *program = NULL;

  if (opening->no_window || opening->viewer != NULL)
    return TRUE;
  program = sg_paths_program ("sandglass-viewer", error);
  if (program == NULL)
    return FALSE;
  /* Its closing must not take an edit along: what becomes of the sandbox is decided here. */
  opening->viewer = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE, error, program,
                                      "--session", opening->id, "--keep", NULL);
  if (opening->viewer == NULL)
    return FALSE;
  g_subprocess_wait_async (opening->viewer, NULL, viewer_closed, opening);
  return TRUE;
}

/* Whoever watches inside was ended by something inside.  Then the sandbox ends with its window. */
static gboolean
is_unwatched (SgOpening *opening)
{
  if (opening->watching || opening->event == SG_OPEN_CLOSED)
    return FALSE;
  if (opening->watch_error != NULL && !opening->told_unwatched && opening->ended == NULL)
    sg_report_text ("%s: %s. The sandbox ends when you close its window", opening->edit->shown,
                    opening->watch_error->message);
  opening->told_unwatched = TRUE;
  return TRUE;
}

/* Until the file's windows are closed, or the sandbox's. */
static gboolean
wait_for_end (SgOpening *opening, GError **error)
{
  while (!opening->viewer_closed && opening->event != SG_OPEN_CLOSED && opening->ended == NULL
         && !g_cancellable_is_cancelled (opening->cancellable)
         && !(is_unwatched (opening) && opening->no_window))
    g_main_context_iteration (NULL, TRUE);
  sg_open_timing (opening, "its windows are closed");
  if (opening->ended != NULL)
    {
      g_propagate_error (error, g_error_copy (opening->ended));
      return FALSE;
    }
  return TRUE;
}

/* --- one file -----------------------------------------------------------------------------------
 */

static gboolean
open_file (SgOpening *opening, GError **error)
{
  const SgDefaultApp *app = opening->edit->app;
  /* The window comes while the file goes in; but not before it is known that something opens it:
   * an empty desktop answers nothing. */
  gboolean sure = app->id != NULL && app->absent == NULL && opening->with == NULL;

  if (!start_session (opening, error) || (sure && !open_window (opening, error)))
    return FALSE;
  sg_open_program_prepare (opening);
  if (!push (opening, error) || !sg_open_program (opening, error) || !open_window (opening, error))
    return FALSE;
  g_clear_pointer (&opening->progress, sg_progress_free);
  return wait_for_end (opening, error);
}

static void
opening_clear (SgOpening *opening)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&opening->progress, sg_progress_free);
  if (opening->viewer != NULL && !opening->viewer_closed)
    g_subprocess_send_signal (opening->viewer, SIGTERM);
  if (opening->session != NULL && !opening->stays
      && !sg_run_session_discard (opening->session, &error))
    sg_report (error);
  sg_open_timing (opening, "the sandbox is gone");
  g_cancellable_cancel (opening->cancellable);
  sg_fd_clear (&opening->ready);
  while (opening->watching)
    g_main_context_iteration (NULL, TRUE);
  g_clear_object (&opening->connection);
  g_clear_pointer (&opening->session, sg_run_session_free);
  g_clear_pointer (&opening->edit, sg_edit_free);
  g_clear_object (&opening->viewer);
  g_clear_object (&opening->cancellable);
  g_clear_error (&opening->ended);
  g_clear_error (&opening->watch_error);
  g_clear_pointer (&opening->words, g_free);
  g_clear_pointer (&opening->id, g_free);
}

int
sg_open_one (SgOpening *opening, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *shown = g_filename_display_basename (path);
  gboolean ok;

  opening->edit = sg_edit_new (path, opening->write, &error);
  if (opening->edit == NULL || !sg_default_app_can_run (opening->edit->app, &error))
    {
      sg_open_tell (opening, FALSE, "%s: %s", shown, error->message);
      opening_clear (opening);
      return SG_EXIT_FAILED;
    }
  opening->cancellable = sg_cancel_by_signal ();
  ok = open_file (opening, &error);
  g_clear_pointer (&opening->progress, sg_progress_free);
  if (opening->chose_none)
    ok = TRUE; /* as the person wanted */
  else if (!ok && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    sg_open_tell (opening, FALSE, "%s: %s", shown, error->message);
  /* Also after a signal: what was written so far is worth as much. */
  if (opening->write && opening->edit->inside != NULL && opening->ended == NULL)
    ok &= sg_open_end_edit (opening);
  opening_clear (opening);
  return ok ? SG_EXIT_OK : SG_EXIT_FAILED;
}
