/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of `open`; what they do is in open-one.c, and for several files in open-each.c. */
#include "launcher/cmd-open.h"

#include "common/report.h"
#include "launcher/cmd-run.h"
#include "launcher/cmd-save.h"
#include "launcher/open-end.h"
#include "launcher/open-program.h"
#include "launcher/open-window.h"

#include <string.h>

static const char summary[]
    = "Opens a file in a sandbox of its own, with the program that this computer uses for it,\n"
      "without network and without sudo. The sandbox ends when the file's window is closed.";
static const char description[]
    = "--view (the default) gives the sandbox a copy that is for reading only. With --edit the "
      "sandbox\n"
      "works on a copy; at the end you are asked before the original is replaced, and the old one "
      "goes\n"
      "to the Trash. Several files get a sandbox each.\n";

gboolean
sg_cmd_open_is_file (const char *word)
{
  return g_file_test (word, G_FILE_TEST_IS_REGULAR)
         || (strchr (word, '/') != NULL && g_file_test (word, G_FILE_TEST_EXISTS));
}

static gboolean
is_profile (const char *path)
{
  gsize len = strlen (path);

  return len > 4 && g_ascii_strcasecmp (path + len - 4, ".wsb") == 0;
}

static gboolean
usage (const char *words)
{
  sg_report_text ("%s", words);
  return FALSE;
}

static gboolean
look_at_options (const SgOpening *opening, gboolean view, char **files)
{
  if (view && opening->write)
    return usage ("--view and --edit contradict each other");
  if (*files == NULL)
    return usage ("which file? Use: sandglass open FILE");
  if (opening->replace + opening->keep > 1
      || ((opening->replace || opening->keep) && !opening->write))
    return usage ("--replace and --keep-both say what becomes of an edit: use one of them, with "
                  "--edit");
  return TRUE;
}

static void
pass_options (GPtrArray *argv, const SgOpening *opening)
{
  const struct
  {
    gboolean set;
    const char *word;
  } words[] = { { opening->write, "--edit" },
                { opening->network, "--network" },
                { opening->administrator, "--administrator" },
                { opening->replace, "--replace" },
                { opening->keep, "--keep-both" },
                { opening->no_window, "--no-window" },
                { opening->quiet, "--quiet" } };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (words[i].set)
      g_ptr_array_add (argv, (gpointer)words[i].word);
  if (opening->with != NULL)
    {
      g_ptr_array_add (argv, (gpointer) "--with");
      g_ptr_array_add (argv, opening->with);
    }
}

static int
open_files (SgOpening *opening, char **files)
{
  g_autoptr (GPtrArray) options = g_ptr_array_new ();

  if (!opening->no_window && g_getenv ("WAYLAND_DISPLAY") == NULL && g_getenv ("DISPLAY") == NULL)
    {
      sg_report_text ("there is no display here for the window. In a terminal, use: "
                      "id=$(sandglass start); sandglass put-files $id FILE; sandglass shell $id");
      return SG_EXIT_FAILED;
    }
  sg_window_keep_out_of_journal (opening);
  if (opening->write && !sg_cmd_may_save ())
    return SG_EXIT_FAILED;
  if (files[1] == NULL)
    return sg_open_one (opening, files[0]);
  pass_options (options, opening);
  return sg_open_each (options, files);
}

int
sg_cmd_open (int argc, char **argv)
{
  SgOpening opening = { .ready = -1 };
  gboolean view = FALSE, no_network = FALSE, timings = FALSE;
  g_auto (GStrv) files = NULL;
  GOptionEntry entries[] = {
    { "view", 0, 0, G_OPTION_ARG_NONE, &view, "Only look at it (the default)", NULL },
    { "edit", 0, 0, G_OPTION_ARG_NONE, &opening.write, "Edit a copy, and ask at the end", NULL },
    { "network", 0, 0, G_OPTION_ARG_NONE, &opening.network, "With network", NULL },
    { "no-network", 0, 0, G_OPTION_ARG_NONE, &no_network, "Without network (the default)", NULL },
    { "administrator", 0, 0, G_OPTION_ARG_NONE, &opening.administrator, "With sudo inside", NULL },
    { "with", 0, 0, G_OPTION_ARG_STRING, &opening.with, "The program, by its .desktop file's name",
      "ID" },
    { "replace", 0, 0, G_OPTION_ARG_NONE, &opening.replace,
      "After --edit: replace the original without asking", NULL },
    { "keep-both", 0, 0, G_OPTION_ARG_NONE, &opening.keep,
      "After --edit: save the edited one beside the original without asking", NULL },
    { "no-window", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &opening.no_window, "", NULL },
    { "timings", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &timings, "", NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &opening.quiet, "Say nothing but errors", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &files, "", "FILE..." },
    { NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  int code = SG_EXIT_USAGE;

  for (int i = 1; i < argc; i++)
    if (is_profile (argv[i]) && i == argc - 1 && files == NULL)
      return sg_cmd_open_profile (argc, argv);
  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_summary (context, summary);
  g_option_context_set_description (context, description);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    sg_report (error);
  else if (look_at_options (&opening, view, files != NULL ? files : (char *[]){ NULL }))
    {
      opening.begun = timings ? g_get_monotonic_time () : 0;
      code = open_files (&opening, files);
    }
  g_free (opening.with);
  return code;
}
