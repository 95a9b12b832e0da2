/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sandglass profile check FILE`: what would happen; `profile format FILE`: the file as the app
 * would write it. */
#include "launcher/cmd-profile.h"

#include "common/fd.h"
#include "common/report.h"
#include "launcher/computer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- shared with `policy show` */

static gboolean
take_purpose (SgGrantsView *view)
{
  static const char *const words[SG_PURPOSE_MAX] = { "desktop", "command", "file", "link" };

  for (guint i = 0; i < SG_PURPOSE_MAX; i++)
    if (view->purpose == NULL || strcmp (view->purpose, words[i]) == 0)
      {
        view->defaults.purpose = i;
        return TRUE;
      }
  sg_report_text ("--for takes desktop, command, file or link, not '%s'", view->purpose);
  return FALSE;
}

static void
take_computer (SgGrantsView *view)
{
  sg_computer_look (&view->defaults, view->profile);
  if (view->memory_mb > 0 || view->cpus > 0) /* another computer, which can do everything */
    view->defaults.no_vgpu = view->defaults.no_printers = view->defaults.no_locale = NULL;
  if (view->memory_mb > 0)
    view->defaults.memory_mb = (guint)view->memory_mb;
  if (view->cpus > 0)
    view->defaults.cpus = (guint)view->cpus;
}

static gboolean
parse_options (SgGrantsView *view, int *argc, char ***argv, gboolean file_needed,
               const char *summary)
{
  const GOptionEntry entries[]
      = { { "json", 0, 0, G_OPTION_ARG_NONE, &view->json, "Print the facts as JSON", NULL },
          { "for", 0, 0, G_OPTION_ARG_STRING, &view->purpose,
            "What is opened: desktop, command, file or link", "WHAT" },
          { "computer-memory", 0, 0, G_OPTION_ARG_INT, &view->memory_mb,
            "As on a computer with so much memory", "MB" },
          { "computer-cpus", 0, 0, G_OPTION_ARG_INT, &view->cpus,
            "As on a computer with so many processors", "N" },
          /* Adds to the administrator's directory and never replaces it. */
          { "policy-dir", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME_ARRAY, &view->policy_dirs,
            "Narrow by the files of DIR too", "DIR" },
          { NULL } };
  g_autoptr (GOptionContext) context
      = g_option_context_new (file_needed ? "FILE.wsb" : "[FILE.wsb]");
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_summary (context, summary);
  if (g_option_context_parse (context, argc, argv, &error) && *argc <= 2
      && (*argc == 2 || !file_needed))
    return TRUE;
  sg_report_text ("%s", error != NULL ? error->message
                        : file_needed ? "one profile is needed: a .wsb file"
                                      : "one profile at most: a .wsb file");
  return FALSE;
}

int
sg_grants_view_parse (SgGrantsView *view, int argc, char **argv, gboolean file_needed,
                      const char *summary)
{
  g_autoptr (GError) error = NULL;
  SgProfileHost host;

  if (!parse_options (view, &argc, &argv, file_needed, summary) || !take_purpose (view))
    return SG_EXIT_USAGE;
  view->policy = sg_policy_load_system ();
  for (char **dir = view->policy_dirs; dir != NULL && *dir != NULL; dir++)
    sg_policy_add_dir (view->policy, *dir, geteuid (), TRUE);
  sg_profile_host_init (&host);
  if (argc == 2)
    {
      view->profile = sg_profile_read (argv[1], &host, &error);
      if (view->profile == NULL)
        {
          sg_report (error);
          return SG_EXIT_FAILED;
        }
    }
  take_computer (view);
  view->grants = sg_grants_new (&view->defaults, view->profile, view->policy);
  return SG_EXIT_OK;
}

void
sg_grants_view_clear (SgGrantsView *view)
{
  g_free (view->purpose);
  g_strfreev (view->policy_dirs);
  sg_policy_free (view->policy);
  sg_profile_free (view->profile);
  sg_grants_free (view->grants);
}

/* ---- the folders, as they are now */

/* What is wrong with a folder that would be given, in words; NULL: nothing.  The session looks
 * again, at what it opens. */
static char *
folder_problem (const SgPolicy *policy, const SgGrantedFolder *folder)
{
  sg_fd int fd = open (folder->host_path, O_PATH | O_CLOEXEC);
  char link[64];
  struct stat st;

  if (fd < 0)
    return g_strdup_printf ("the folder '%s' %s", folder->host_path,
                            errno == ENOENT    ? "does not exist; make it first"
                            : errno == ELOOP   ? "is a link that leads in a circle"
                            : errno == EACCES  ? "is not yours to look into"
                            : errno == ENOTDIR ? "lies in something that is no folder"
                                               : g_strerror (errno));
  if (fstat (fd, &st) < 0 || !S_ISDIR (st.st_mode))
    return g_strdup_printf ("'%s' is no folder; name the folder that it lies in",
                            folder->host_path);
  snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  g_autofree char *real = g_file_read_link (link, NULL);
  if (real == NULL || strcmp (real, folder->host_path) == 0)
    return NULL;
  SgReason reason;
  if (sg_policy_would_allow_folder (policy, real, folder->writable, &reason))
    return NULL;
  g_autofree char *why = sg_reason_text (&reason);
  sg_reason_clear (&reason);
  return g_strdup_printf ("the folder '%s' is a link to '%s', which is not allowed (%s)",
                          folder->host_path, real, why);
}

/* One line each; how many. */
static guint
report_folders (const SgGrantsView *view, FILE *to)
{
  guint n = 0;

  for (guint i = 0; i < view->grants->folders->len; i++)
    {
      const SgGrantedFolder *folder = view->grants->folders->pdata[i];
      const SgAskedFolder *asked = view->profile->folders->pdata[i];
      g_autofree char *problem = folder->granted ? folder_problem (view->policy, folder) : NULL;

      if (problem == NULL)
        continue;
      g_autofree char *shown = sg_printable_line (problem);
      g_autofree char *name = sg_printable_line (view->profile->name);
      if (to != NULL)
        fprintf (to, "%s:%u:%u: %s\n", name, asked->line, asked->column, shown);
      n++;
    }
  return n;
}

/* ---- check */

static void
print_sentences (const SgGrants *grants)
{
  g_auto (GStrv) sentences = sg_grants_sentences (grants);

  puts ("What the sandbox can do:");
  for (char **one = sentences; *one != NULL; one++)
    printf ("  %s\n", *one);
  putchar ('\n');
}

static int
check (int argc, char **argv)
{
  SgGrantsView view = { 0 };
  int code = sg_grants_view_parse (
      &view, argc, argv, TRUE,
      "Says what a profile would do on this computer, and why: nothing is started.\n"
      "Exit code 0 when a sandbox would open with it, 1 when not.");

  if (code == SG_EXIT_OK && view.json)
    {
      g_autofree char *json = sg_grants_json (view.grants, view.profile, view.policy);
      g_autofree char *safe = sg_printable_json (json);

      puts (safe);
      if (report_folders (&view, stderr) > 0)
        code = SG_EXIT_FAILED;
    }
  else if (code == SG_EXIT_OK)
    {
      g_autofree char *report = sg_grants_text_report (view.grants);
      g_autofree char *notes = sg_profile_notes_text (view.profile);
      g_autofree char *shown = sg_printable (notes);

      if (view.grants->may_run)
        print_sentences (view.grants);
      fputs (report, stdout);
      if (*shown != '\0' || report_folders (&view, NULL) > 0)
        printf ("\nRemarks:\n%s", shown);
      if (report_folders (&view, stdout) > 0)
        code = SG_EXIT_FAILED;
    }
  if (view.grants != NULL && !view.grants->may_run)
    {
      fflush (stdout);
      sg_report_text ("%s", view.grants->refusal);
      code = SG_EXIT_FAILED;
    }
  sg_grants_view_clear (&view);
  return code;
}

/* ---- format */

static int
format (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new ("FILE.wsb");
  g_autoptr (SgProfile) profile = NULL;
  g_autoptr (GError) error = NULL;
  SgProfileHost host;

  g_option_context_set_summary (
      context, "Prints a profile as Sandglass writes it: Windows Sandbox reads that, too.\n"
               "What was not understood is told on standard error.");
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc != 2)
    {
      sg_report_text ("%s", error != NULL ? error->message : "one profile is needed: a .wsb file");
      return SG_EXIT_USAGE;
    }
  sg_profile_host_init (&host);
  profile = sg_profile_read (argv[1], &host, &error);
  if (profile == NULL)
    {
      sg_report (error);
      return SG_EXIT_FAILED;
    }
  g_autofree char *xml = sg_profile_to_xml (profile);
  g_autofree char *notes = sg_profile_notes_text (profile);
  g_autofree char *shown = sg_printable (notes);
  fputs (shown, stderr);
  if (sg_profile_has_errors (profile))
    {
      sg_report_text ("nothing is printed: what is not understood would be lost");
      return SG_EXIT_FAILED;
    }
  fputs (xml, stdout);
  return SG_EXIT_OK;
}

int
sg_cmd_profile (int argc, char **argv)
{
  static const char usage[] = "Usage: sandglass profile check [--json] FILE.wsb\n"
                              "       sandglass profile format FILE.wsb\n\n"
                              "check: what a profile would do on this computer, and why.\n"
                              "format: the profile as Sandglass writes it.\n";

  if (argc >= 2 && strcmp (argv[1], "check") == 0)
    return check (argc - 1, argv + 1);
  if (argc >= 2 && strcmp (argv[1], "format") == 0)
    return format (argc - 1, argv + 1);
  if (argc >= 2 && (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0))
    {
      fputs (usage, stdout);
      return SG_EXIT_OK;
    }
  if (argc >= 2)
    sg_report_text ("`profile` has no verb '%s'; see `sandglass profile --help`", argv[1]);
  else
    fputs (usage, stderr);
  return SG_EXIT_USAGE;
}
