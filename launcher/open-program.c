/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/open-program.h"

#include "common/fd.h"
#include "common/report.h"
#include "launcher/cmd-save.h"
#include "launcher/open-file.h"
#include "launcher/open-window.h"

#include <string.h>
#include <sys/socket.h>

static void
on_open (SgOpenEvent event, const char *words, gpointer data)
{
  static const char *const steps[] = { "its program runs", "its window is there", "no window comes",
                                       "no window is left", "its program does not start" };
  SgOpening *opening = data;

  opening->event = event;
  sg_open_timing (opening, steps[event]);
  g_free (opening->words);
  opening->words = g_strdup (words);
  if (event == SG_OPEN_NONE && !opening->quiet)
    sg_open_tell (
        opening, FALSE,
        "%s: no window has come within 20 seconds: %s. The sandbox stays open; close its window to "
        "end it",
        opening->edit->shown, words);
}

static void
watch_done (GObject *source, GAsyncResult *result, gpointer data)
{
  SgOpening *opening = data;

  opening->watching = FALSE;
  g_clear_error (&opening->watch_error);
  sg_open_file_finish (result, &opening->watch_error);
}

/* PATH: NULL when IN will tell. */
static void
start (SgOpening *opening, const char *id, const char *path, int in)
{
  opening->watching = TRUE;
  opening->event = SG_OPEN_NONE;
  g_clear_pointer (&opening->words, g_free);
  sg_open_file_async (opening->connection, id, path, in, on_open, opening, opening->cancellable,
                      watch_done, opening);
}

/* TRUE when it has been started; otherwise opening->words says why not. */
static gboolean
has_started (SgOpening *opening)
{
  while (opening->watching && opening->words == NULL)
    g_main_context_iteration (NULL, TRUE);
  if (opening->words != NULL && opening->event != SG_OPEN_FAILED)
    return TRUE;
  while (opening->watching)
    g_main_context_iteration (NULL, TRUE);
  if (opening->words == NULL)
    opening->words = g_strdup (opening->watch_error != NULL ? opening->watch_error->message
                                                            : "It does not say why");
  return FALSE;
}

static gboolean
try_program (SgOpening *opening, const char *id)
{
  start (opening, id, opening->edit->inside, -1);
  return has_started (opening);
}

/* --- ready before the file is -------------------------------------------------------------------
 */

/* What is used without a question; NULL: nothing. */
static const char *
usual_program (const SgOpening *opening)
{
  const SgDefaultApp *app = opening->edit->app;

  return opening->with != NULL ? opening->with : app->absent == NULL ? app->id : NULL;
}

void
sg_open_program_prepare (SgOpening *opening)
{
  const char *id = usual_program (opening);
  sg_fd int in = -1;

  if (id == NULL || !sg_socketpair (&opening->ready, &in, NULL))
    return;
  start (opening, id, NULL, in);
}

/* Who got ready is told the file. */
static gboolean
try_ready (SgOpening *opening)
{
  g_autofree char *line = g_strconcat (opening->edit->inside, "\n", NULL);
  gsize length = strlen (line);
  gboolean told = strchr (opening->edit->inside, '\n') == NULL
                  && send (opening->ready, line, length, MSG_NOSIGNAL) == (ssize_t)length;

  sg_fd_clear (&opening->ready);
  return has_started (opening) && told;
}

/* --- another one --------------------------------------------------------------------------------
 */

static GPtrArray *
programs_inside (SgOpening *opening, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  SgWait wait = { 0 };

  sg_open_programs_async (opening->connection, opening->edit->app->type, opening->cancellable,
                          sg_wait_callback, &wait);
  result = sg_wait_for (&wait);
  return sg_open_programs_finish (result, error);
}

static char *
why_not (const SgOpening *opening)
{
  const SgDefaultApp *app = opening->edit->app;

  if (opening->with != NULL)
    return g_strdup_printf ("%s does not open it inside: %s", opening->with, opening->words);
  if (app->id == NULL)
    return g_strdup_printf ("this computer has no program for this kind of file (%s)",
                            app->type_words);
  if (app->absent != NULL)
    return g_strdup_printf ("this computer opens it with %s, which is not there inside: %s",
                            app->app, app->absent);
  return g_strdup_printf ("this computer opens it with %s, which does not start inside: %s",
                          app->app, opening->words);
}

static void
list_programs (const GPtrArray *programs, gboolean numbered)
{
  for (guint i = 0; i < programs->len; i++)
    {
      const SgOpenProgram *program = programs->pdata[i];

      if (numbered)
        sg_report_text ("%3u  %s", i + 1, program->name);
      else
        sg_report_text ("  --with %s   (%s)", program->id, program->name);
    }
}

/* The usual program is not there: another one, by choice. */
static gboolean
choose (SgOpening *opening, GError **error)
{
  g_autoptr (GPtrArray) programs = programs_inside (opening, error);
  g_autofree char *why = why_not (opening);
  guint n = 0;

  if (programs == NULL)
    return FALSE;
  sg_progress_hide (opening->progress);
  sg_report_text ("%s: %s", opening->edit->shown, why);
  if (programs->len > 0)
    sg_report_text ("inside there %s:", programs->len == 1 ? "is" : "are");
  list_programs (programs, sg_ask_possible ());
  if (programs->len > 0 && sg_ask_possible ())
    n = sg_ask_number ("Which one? (number; Enter for none)", programs->len, opening->cancellable);
  else if (programs->len > 0 && sg_window_ask_possible (opening))
    {
      n = sg_window_ask_program (opening, why, programs);
      opening->chose_none = n == 0;
    }
  if (n > 0 && try_program (opening, ((SgOpenProgram *)programs->pdata[n - 1])->id))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "%s",
               n > 0 ? opening->words
               : programs->len > 0
                   ? "Nothing was opened; name the program with --with"
                   : "Nothing was opened: no program inside opens this kind of file");
  return FALSE;
}

gboolean
sg_open_program (SgOpening *opening, GError **error)
{
  const char *id = usual_program (opening);

  if ((opening->ready >= 0 && try_ready (opening)) || (id != NULL && try_program (opening, id)))
    return TRUE;
  return sg_open_goes_on (opening, error) && choose (opening, error);
}
