/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/question-main.h"

#include "common/report.h"
#include "ui/edit-question.h"
#include "ui/folders.h"
#include "ui/link.h"
#include "ui/put.h"
#include "ui/question.h"
#include "ui/usb-window.h"

#include <string.h>
#include <unistd.h>

#define OPTION "--question="

typedef struct
{
  char *which, *session, *appearance, *file, *words, *except; /* owned */
  char **programs;                                            /* owned */
  gint64 parent, before, after;
  int copying;
} Options;

gboolean
sg_question_is_wanted (int argc, char **argv)
{
  for (int i = 1; i < argc; i++)
    if (g_str_has_prefix (argv[i], OPTION))
      return TRUE;
  return FALSE;
}

static gboolean
parse (Options *options, int *argc, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "question", 0, 0, G_OPTION_ARG_STRING, &options->which, NULL, NULL },
    { "session", 0, 0, G_OPTION_ARG_STRING, &options->session, NULL, NULL },
    { "appearance", 0, 0, G_OPTION_ARG_STRING, &options->appearance, NULL, NULL },
    { "parent", 0, 0, G_OPTION_ARG_INT64, &options->parent, NULL, NULL },
    { "copying", 0, 0, G_OPTION_ARG_INT, &options->copying, NULL, NULL },
    { "except", 0, 0, G_OPTION_ARG_FILENAME, &options->except, NULL, NULL },
    { "file", 0, 0, G_OPTION_ARG_STRING, &options->file, NULL, NULL },
    { "before", 0, 0, G_OPTION_ARG_INT64, &options->before, NULL, NULL },
    { "after", 0, 0, G_OPTION_ARG_INT64, &options->after, NULL, NULL },
    { "words", 0, 0, G_OPTION_ARG_STRING, &options->words, NULL, NULL },
    { "program", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->programs, NULL, NULL },
    { NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (g_strcmp0 (options->which, "tell") == 0) /* also before there is one */
    return TRUE;
  if (options->which != NULL && options->session != NULL && strlen (options->session) == 8
      && strspn (options->session, "0123456789abcdef") == 8)
    return TRUE;
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "A question about which sandbox?");
  return FALSE;
}

static int
ask (const Options *options)
{
  g_autoptr (GError) error = NULL;
  int fd;

  if (g_str_equal (options->which, "edit"))
    return sg_edit_question_run (options->file != NULL ? options->file : "", options->before,
                                 options->after, options->appearance);
  if (g_str_equal (options->which, "program"))
    return sg_program_question_run (options->file != NULL ? options->file : "",
                                    options->words != NULL ? options->words : "",
                                    (const char *const *)options->programs, options->appearance);
  if (g_str_equal (options->which, "tell"))
    return sg_edit_tell_run (options->words != NULL ? options->words : "", options->appearance);
  fd = sg_link_reach (options->session, &error);
  if (fd < 0)
    return SG_ASK_DISCARD; /* it is gone already */
  if (g_str_equal (options->which, "put"))
    return sg_put_run (options->session, fd, STDIN_FILENO, (guint32)options->parent,
                       options->appearance);
  if (g_str_equal (options->which, "folders"))
    return sg_folders_run (options->session, fd, (guint32)options->parent, options->appearance);
  if (g_str_equal (options->which, "usb"))
    return sg_usb_window_run (options->session, fd, (guint32)options->parent, options->appearance);
  return sg_question_run (options->session, fd,
                          g_str_equal (options->which, "save") ? SG_ASK_SAVE : SG_ASK_CLOSE,
                          (guint32)options->parent, (guint)MAX (options->copying, 0),
                          options->except, options->appearance);
}

int
sg_question_main (int argc, char **argv)
{
  Options options = { 0 };
  g_autoptr (GError) error = NULL;
  int code = SG_EXIT_USAGE;

  if (parse (&options, &argc, &argv, &error))
    code = ask (&options);
  else
    sg_report (error);
  g_free (options.which);
  g_free (options.session);
  g_free (options.appearance);
  g_free (options.file);
  g_free (options.words);
  g_free (options.except);
  g_strfreev (options.programs);
  return code;
}
