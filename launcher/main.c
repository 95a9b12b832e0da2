/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sandglass: the command line.  Finds the verb and hands over; without a verb it becomes the app.
 * No GTK is linked here, so that `run` starts in milliseconds. */
#include "common/paths.h"
#include "common/report.h"
#include "launcher/cmd-base.h"
#include "launcher/cmd-doctor.h"
#include "launcher/cmd-open.h"
#include "launcher/cmd-network.h"
#include "launcher/cmd-profile.h"
#include "launcher/cmd-report.h"
#include "launcher/cmd-run.h"
#include "launcher/cmd-save.h"
#include "launcher/cmd-sessions.h"
#include "launcher/cmd-share.h"
#include "launcher/cmd-standby.h"
#include "launcher/cmd-usb.h"
#include "launcher/steps-show.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int become_editor (int argc, char **argv);
static int become_window (int argc, char **argv);

static const struct
{
  const char *name;
  int (*run) (int argc, char **argv); /* argv[0] is the verb's name as prg sees it */
  const char *summary;                /* NULL: another name of the verb above */
} verbs[] = {
  { "run", sg_cmd_run, "run a command in a fresh sandbox, which is gone when it ends" },
  { "start", sg_cmd_start, "open a sandbox that stays, and print its id" },
  { "open", sg_cmd_open, "open a file in a sandbox of its own, to view or to edit it" },
  { "list", sg_cmd_list, "the sandboxes that are open, with their memory" },
  { "exec", sg_cmd_exec, "run a command in an open sandbox" },
  { "shell", sg_cmd_shell, "a shell in an open sandbox" },
  { "connect", sg_cmd_connect, "the window of an open sandbox" },
  { "wait", sg_cmd_wait, "wait until a sandbox has ended" },
  { "share", sg_cmd_share, "show a folder of this computer in an open sandbox" },
  { "unshare", sg_cmd_unshare, "take a shared folder away again" },
  { "network", sg_cmd_network, "what an open sandbox reached on the network; switch it off and on" },
  { "ip", sg_cmd_ip, "the addresses of an open sandbox" },
  { "forward", sg_cmd_forward, "let programs here reach a port inside an open sandbox" },
  { "usb", sg_cmd_usb, "this computer's USB devices: give one to an open sandbox, take it back" },
  { "steps", sg_cmd_steps, "what the commands of an open sandbox's profile did" },
  { "restart", sg_cmd_restart, "start an open sandbox anew, clean" },
  { "discard", sg_cmd_discard, "throw an open sandbox away, with everything in it" },
  { "stop", sg_cmd_discard, NULL },
  { "changes", sg_cmd_changes, "the files that were saved in an open sandbox" },
  { "save-files", sg_cmd_save_files, "save files of an open sandbox to this computer" },
  { "rescue", sg_cmd_save_files, NULL },
  { "put-files", sg_cmd_put_files, "copy files of this computer into an open sandbox" },
  { "standby", sg_cmd_standby, "keep machines ready, so that sandboxes open at once" },
  { "base", sg_cmd_base, "build, look at or remove the copy of this computer that sandboxes use" },
  { "profile", sg_cmd_profile, "what a .wsb file would do here, and why" },
  { "policy", sg_cmd_policy, "what the administrator of this computer allows" },
  { "doctor", sg_cmd_doctor,
    "check this computer: what is missing, and the command that mends it" },
  { "report", sg_cmd_report, "a text for a ticket: versions, settings and why; nothing secret" },
  { "app", become_window, "the window; --open opens a sandbox, --check looks at this computer" },
  { "edit", become_editor, "edit a saved sandbox, a .wsb file, in a window" },
};

static void
print_help (FILE *to)
{
  fprintf (to, "Usage: sandglass [VERB [OPTION...]]\n\n"
               "Opens a throwaway copy of this computer. What is done inside cannot change its\n"
               "files, and disappears when it closes.\n\n"
               "Without a verb the window opens. Verbs:\n");
  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (verbs[i].summary != NULL)
      fprintf (to, "  %-10s %s\n", verbs[i].name, verbs[i].summary);
  fprintf (to, "\n`sandglass VERB --help` tells more about each.\n"
               "Example: sandglass run -- sh -c 'id; sudo rm -rf /usr; echo still fine outside'\n");
}

/* How many single letters two words are apart (insertions, deletions, exchanges). */
static gsize
distance (const char *a, const char *b)
{
  gsize a_len = strlen (a), b_len = strlen (b), row[32];

  if (a_len >= G_N_ELEMENTS (row) || b_len >= G_N_ELEMENTS (row))
    return G_MAXSIZE;
  for (gsize j = 0; j <= b_len; j++)
    row[j] = j;
  for (gsize i = 1; i <= a_len; i++)
    {
      gsize diagonal = row[0];

      row[0] = i;
      for (gsize j = 1; j <= b_len; j++)
        {
          gsize replaced = diagonal + (a[i - 1] != b[j - 1]);

          diagonal = row[j];
          row[j] = MIN (replaced, MIN (row[j], row[j - 1]) + 1);
        }
    }
  return row[b_len];
}

static int
unknown_verb (const char *word)
{
  const char *nearest = NULL;
  gsize best = 3; /* further away is no typing mistake */

  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      gsize away = distance (word, verbs[i].name);
      if (away < best || g_str_has_prefix (verbs[i].name, word))
        {
          best = away;
          nearest = verbs[i].name;
        }
    }
  if (strpbrk (word, "./") != NULL)
    sg_report_text ("there is no file '%s'; see sandglass --help", word);
  else if (nearest != NULL)
    sg_report_text ("there is no verb '%s'; did you mean '%s'?", word, nearest);
  else
    sg_report_text ("there is no verb '%s'; to run a command in a sandbox: sandglass run -- %s",
                    word, word);
  return SG_EXIT_USAGE;
}

/* `sandglass FILE.wsb`, as file managers call it. */
static gboolean
is_profile (const char *word)
{
  gsize length = strlen (word);

  return length > 4 && g_ascii_strcasecmp (word + length - 4, ".wsb") == 0;
}

static int
become_app (char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *app = NULL;

  if (g_getenv ("WAYLAND_DISPLAY") == NULL && g_getenv ("DISPLAY") == NULL)
    {
      sg_report_text ("there is no display here for the window. In a terminal, use: "
                      "sandglass run -- COMMAND");
      return SG_EXIT_FAILED;
    }
  app = sg_paths_program ("sandglass-app", &error);
  if (app != NULL)
    {
      execv (app, argv);
      g_set_error (&error, G_FILE_ERROR, g_file_error_from_errno (errno), "Cannot start %s: %s",
                   app, g_strerror (errno));
    }
  sg_report (error);
  return SG_EXIT_FAILED;
}

static gboolean
asks_for_help (const char *word)
{
  return g_str_equal (word, "--help") || g_str_equal (word, "-h");
}

/* The app's options are the app's; help is wanted where there is no display, too. */
static int
become_window (int argc, char **argv)
{
  if (argc != 2 || !asks_for_help (argv[1]))
    return become_app (argv);
  puts ("Usage: sandglass app [--open | --check]\n\n"
        "Opens the window. --open opens a sandbox at once, --check looks at this computer.");
  return SG_EXIT_OK;
}

/* `edit FILE.wsb` */
static int
become_editor (int argc, char **argv)
{
  g_autofree char *option = argc == 2 ? g_strconcat ("--edit=", argv[1], NULL) : NULL;

  if (argc != 2 || argv[1][0] == '-')
    {
      gboolean help = argc == 2 && asks_for_help (argv[1]);

      fputs ("Usage: sandglass edit FILE.wsb\n\n"
             "Opens the editor of saved sandboxes with this file.\n",
             help ? stdout : stderr);
      return help ? SG_EXIT_OK : SG_EXIT_USAGE;
    }
  return become_app ((char *[]){ argv[0], option, NULL });
}

static int
find_and_run (int argc, char **argv)
{
  if (argc < 2)
    return become_app (argv);
  if (g_str_equal (argv[1], "--version"))
    {
      puts ("sandglass " SG_VERSION);
      return SG_EXIT_OK;
    }
  if (asks_for_help (argv[1]) || g_str_equal (argv[1], "help"))
    {
      print_help (stdout);
      return SG_EXIT_OK;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (g_str_equal (argv[1], verbs[i].name))
      {
        g_autofree char *name = g_strdup_printf ("sandglass %s", verbs[i].name);
        g_set_prgname (name);
        return verbs[i].run (argc - 1, argv + 1);
      }
  if (is_profile (argv[1]))
    {
      g_set_prgname ("sandglass");
      return sg_cmd_open_profile (argc, argv);
    }
  if (sg_cmd_open_is_file (argv[1]))
    {
      g_set_prgname ("sandglass open");
      return sg_cmd_open (argc, argv);
    }
  if (argv[1][0] == '-')
    {
      sg_report_text ("there is no option '%s'; see sandglass --help", argv[1]);
      return SG_EXIT_USAGE;
    }
  return unknown_verb (argv[1]);
}

/* Facts that nobody could read, as the disk is full, are no success. */
int
main (int argc, char **argv)
{
  int code;

  setlocale (LC_ALL, "");
  code = find_and_run (argc, argv);
  if (code != SG_EXIT_OK || (fflush (stdout) == 0 && !ferror (stdout)))
    return code;
  sg_report_text ("what it had to say could not be written: %s", g_strerror (errno));
  return SG_EXIT_FAILED;
}
