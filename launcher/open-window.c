/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/open-window.h"

#include "common/answers.h"
#include "common/fd.h"
#include "common/paths.h"
#include "common/report.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/* As ui/ask.h has them. */
#define DISCARD 20
#define NOTHING 22
#define MOST_WORDS 8

gboolean
sg_window_ask_possible (const SgOpening *opening)
{
  return !opening->no_window && !sg_ask_possible ()
         && (g_getenv ("WAYLAND_DISPLAY") != NULL || g_getenv ("DISPLAY") != NULL);
}

void
sg_window_keep_out_of_journal (const SgOpening *opening)
{
  sg_fd int null = -1;

  if (!sg_window_ask_possible (opening) || !sg_report_is_journal ())
    return;
  null = open ("/dev/null", O_WRONLY | O_CLOEXEC);
  if (null >= 0)
    dup2 (null, STDERR_FILENO);
}

/* NULL: it cannot be started.  WORDS (not NULL, not owned) end with NULL. */
static GSubprocess *
start_words (const SgOpening *opening, const char *question, const char *const *words)
{
  g_autofree char *program = sg_paths_program ("sandglass-viewer", NULL);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();

  if (program == NULL)
    return NULL;
  g_ptr_array_add (argv, program);
  if (opening->id != NULL)
    {
      g_ptr_array_add (argv, (gpointer) "--session");
      g_ptr_array_add (argv, opening->id);
    }
  if (question != NULL)
    g_ptr_array_add (argv, (gpointer)question);
  for (; *words != NULL; words++)
    g_ptr_array_add (argv, (gpointer)*words);
  g_ptr_array_add (argv, NULL);
  return g_subprocess_newv ((const char *const *)argv->pdata, G_SUBPROCESS_FLAGS_STDOUT_SILENCE,
                            NULL);
}

/* The words end with NULL. */
static GSubprocess *
start (const SgOpening *opening, const char *question, ...)
{
  const char *words[MOST_WORDS + 1] = { NULL };
  va_list list;
  gsize n = 0;

  va_start (list, question);
  while (n < MOST_WORDS && (words[n] = va_arg (list, const char *)) != NULL)
    n++;
  va_end (list);
  return start_words (opening, question, words);
}

static void
ended (GObject *source, GAsyncResult *result, gpointer data)
{
  g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  *(gboolean *)data = TRUE;
}

/* Its exit code; -1 without an answer. */
static int
answer_of (SgOpening *opening, GSubprocess *process)
{
  gboolean over = FALSE, told = FALSE;

  if (process == NULL)
    return -1;
  g_subprocess_wait_async (process, NULL, ended, &over);
  while (!over)
    {
      if (!told && g_cancellable_is_cancelled (opening->cancellable))
        {
          g_subprocess_send_signal (process, SIGTERM);
          told = TRUE;
        }
      g_main_context_iteration (NULL, TRUE);
    }
  return !told && g_subprocess_get_if_exited (process) ? g_subprocess_get_exit_status (process)
                                                       : -1;
}

char
sg_window_ask_edit (SgOpening *opening)
{
  const SgEdit *edit = opening->edit;
  g_autofree char *name = g_strdup_printf ("--file=%s", edit->shown);
  g_autofree char *before = g_strdup_printf ("--before=%" G_GUINT64_FORMAT, edit->size);
  g_autofree char *after = g_strdup_printf ("--after=%" G_GUINT64_FORMAT, edit->edited_size);
  g_autoptr (GSubprocess) process = start (opening, "--question=edit", name, before, after, NULL);

  switch (answer_of (opening, process))
    {
    case SG_ANSWER_REPLACE:
      return 'r';
    case SG_ANSWER_DISCARD:
      return 'd';
    default:
      return 'k';
    }
}

guint
sg_window_ask_program (SgOpening *opening, const char *why, const GPtrArray *programs)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GSubprocess) process = NULL;
  guint n = MIN (programs->len, SG_ANSWER_PROGRAMS_MOST);
  int code;

  g_ptr_array_add (words, g_strdup_printf ("--file=%s", opening->edit->shown));
  g_ptr_array_add (words, g_strdup_printf ("--words=%c%s", g_ascii_toupper (*why), why + 1));
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (
        words, g_strdup_printf ("--program=%s", ((const SgOpenProgram *)programs->pdata[i])->name));
  g_ptr_array_add (words, NULL);
  process = start_words (opening, "--question=program", (const char *const *)words->pdata);
  code = answer_of (opening, process);
  return code >= SG_ANSWER_PROGRAM && code < SG_ANSWER_PROGRAM + (int)n
             ? (guint)(code - SG_ANSWER_PROGRAM) + 1
             : 0;
}

gboolean
sg_window_ask_others (SgOpening *opening)
{
  g_autofree char *except = g_strdup_printf ("--except=%s", opening->edit->inside);
  g_autoptr (GSubprocess) process = start (opening, "--question=close", except, NULL);
  int code = answer_of (opening, process);

  return code == DISCARD || code == NOTHING;
}

void
sg_window_tell (const SgOpening *opening, const char *words)
{
  g_autofree char *text = g_strdup_printf ("--words=%s", words);
  g_autoptr (GSubprocess) process = start (opening, "--question=tell", text, NULL);
}

void
sg_window_show (const SgOpening *opening)
{
  g_autoptr (GSubprocess) process = start (opening, NULL, NULL);
}
