/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/open-window.h"

#include "common/answers.h"
#include "common/paths.h"

#include <signal.h>

/* As ui/ask.h has them. */
#define DISCARD 20
#define NOTHING 22

gboolean
sg_window_ask_possible (const SgOpening *opening)
{
  return !opening->no_window && !sg_ask_possible ()
         && (g_getenv ("WAYLAND_DISPLAY") != NULL || g_getenv ("DISPLAY") != NULL);
}

/* NULL: it cannot be started.  The words end with NULL. */
static GSubprocess *
start (const SgOpening *opening, const char *question, ...)
{
  g_autofree char *program = sg_paths_program ("sandglass-viewer", NULL);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  va_list words;
  const char *word;

  if (program == NULL)
    return NULL;
  g_ptr_array_add (argv, program);
  g_ptr_array_add (argv, (gpointer) "--session");
  g_ptr_array_add (argv, opening->id);
  if (question != NULL)
    g_ptr_array_add (argv, (gpointer)question);
  va_start (words, question);
  while ((word = va_arg (words, const char *)) != NULL)
    g_ptr_array_add (argv, (gpointer)word);
  va_end (words);
  g_ptr_array_add (argv, NULL);
  return g_subprocess_newv ((const char *const *)argv->pdata, G_SUBPROCESS_FLAGS_STDOUT_SILENCE,
                            NULL);
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
  g_autoptr (GSubprocess) process
      = start (opening, "--question=edit", name, before, after, NULL);

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
