/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/run-options.h"

#include "policies/hosts.h"

#include <string.h>

#define MEMORY_MIN 256
#define MEMORY_MAX (1024 * 1024)
#define CPUS_MAX 255
#define NOT_SAID G_MININT

static const char description[] = "CMD is run as the user \"sandbox\" in a fresh copy of this "
                                  "computer. Its standard input, output\n"
                                  "and error, its terminal and its exit code are the command's "
                                  "own; signals go through. When it\n"
                                  "ends, the sandbox is gone. Without CMD a shell is opened.\n"
                                  "\n"
                                  "The sandbox has no network, unless --network or a profile "
                                  "gives it one.\n"
                                  "\n"
                                  "While the sandbox starts, a second Ctrl+C within two seconds "
                                  "gives up; while the command runs\n"
                                  "(without a terminal inside), a third one does.\n"
                                  "\n"
                                  "Exit status: the command's own (128+n when signal n ended it); "
                                  "2 for a command line that is\n"
                                  "not understood; 125 when Sandglass itself failed; 126 when CMD "
                                  "cannot be run; 127 when it is\n"
                                  "not found.\n";

static gboolean
usage (GError **error, const char *words)
{
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s", words);
  return FALSE;
}

/* *RET stays 0 where the option was not given. */
static gboolean
take_number (int value, int least, int most, const char *option, int *ret, GError **error)
{
  if (value == NOT_SAID)
    return TRUE;
  if (value >= least && value <= most)
    {
      *ret = value;
      return TRUE;
    }
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s must be from %d to %d", option,
               least, most);
  return FALSE;
}

/* -e K takes K's value from outside, and nothing when it has none. */
static gboolean
complete_env (SgRunOptions *options, char **given, GError **error)
{
  GPtrArray *env = g_ptr_array_new ();
  const char *term = g_getenv ("TERM");

  if (options->tty && term != NULL)
    g_ptr_array_add (env, g_strdup_printf ("TERM=%s", term));
  for (char **entry = given; entry != NULL && *entry != NULL; entry++)
    {
      const char *value = strchr (*entry, '=') == NULL ? g_getenv (*entry) : NULL;

      if (**entry == '\0' || **entry == '=')
        {
          g_ptr_array_add (env, NULL);
          g_strfreev ((char **)g_ptr_array_free (env, FALSE));
          return usage (error, "-e needs NAME=VALUE, or the NAME of a variable");
        }
      if (strchr (*entry, '=') != NULL)
        g_ptr_array_add (env, g_strdup (*entry));
      else if (value != NULL)
        g_ptr_array_add (env, g_strdup_printf ("%s=%s", *entry, value));
    }
  g_ptr_array_add (env, NULL);
  options->env = (char **)g_ptr_array_free (env, FALSE);
  return TRUE;
}

static void
take_command (SgRunOptions *options, char **argv)
{
  static const char *const shell[] = { "sh", "-c", "exec \"${SHELL:-/bin/sh}\" -l", NULL };

  /* argv[0] is the verb; "--" may still be there. */
  argv++;
  if (*argv != NULL && g_str_equal (*argv, "--"))
    argv++;
  options->no_command = *argv == NULL;
  options->command = g_strdupv (options->no_command ? (char **)shell : argv);
}

/* What is asked, of `run`, `start` and `open`. */
static void
add_profile_options (GOptionContext *context, SgRunOptions *options)
{
  const GOptionEntry entries[] = {
    { "approve", 0, 0, G_OPTION_ARG_NONE, &options->approve,
      "Open the profile, though you have not opened it before", NULL },
    { "without-these", 0, 0, G_OPTION_ARG_NONE, &options->ask.without_asks,
      "Open it without what it asks for beyond the usual", NULL },
    { "allow-changes", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->ask.writable,
      "Files in this folder of the profile may be changed, though it does not say so", "FOLDER" },
    { "network", 0, 0, G_OPTION_ARG_STRING, &options->ask.network,
      "What it can reach: off, internet (without your local network), lan (with it), allowlist, "
      "private (your other sandboxes only)",
      "MODE" },
    { "allow", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->ask.allow,
      "It can reach this host, and no other that is not named so", "HOST" },
    { "pcap", 0, 0, G_OPTION_ARG_FILENAME, &options->pcap,
      "Write what it sends and receives to FILE, for Wireshark", "FILE" },
    { "share", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->shares,
      "Show this folder inside, at PLACE or on the Desktop; with :rw it may be changed",
      "DIR[:PLACE][:rw]" },
    /* Adds to the administrator's directory and never replaces it. */
    { "policy-dir", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME_ARRAY, &options->ask.policy_dirs,
      "Narrow by the files of DIR too", "DIR" },
    { NULL },
  };

  g_option_context_add_main_entries (context, entries, NULL);
}

/* Whoever wants a network for a command says so; a profile speaks for itself. */
static void
no_network_unasked (SgRunOptions *options)
{
  SgAsk *ask = &options->ask;

  if (ask->network == NULL && ask->allow == NULL && ask->file == NULL && ask->config == NULL)
    ask->network = g_strdup ("off");
}

static gboolean
hosts_are_known (char **hosts, GError **error)
{
  for (; hosts != NULL && *hosts != NULL; hosts++)
    {
      g_autofree char *known = sg_host_normalise (*hosts);

      if (known == NULL)
        return usage (error, "--allow takes the name of a host, \"*.name\" or an address");
    }
  return TRUE;
}

static gboolean
check_network (SgRunOptions *options, GError **error)
{
  SgNetwork network;

  no_network_unasked (options);
  if (!hosts_are_known (options->ask.allow, error))
    return FALSE;
  if (options->ask.network == NULL)
    return TRUE;
  if (!sg_ask_network_parse (options->ask.network, &network, error))
    return FALSE;
  if (network == SG_NETWORK_ALLOWLIST && options->ask.allow == NULL)
    return usage (error, "which hosts? Name each with --allow HOST");
  return network == SG_NETWORK_ALLOWLIST || options->ask.allow == NULL
         || usage (error, "--allow names the only hosts that can be reached, so it goes with "
                          "--network allowlist, or without --network");
}

/* What `run` and `exec` have in common, and what only `run` has (`own`). */
static gboolean
parse (SgRunOptions *options, GOptionContext *context, const GOptionEntry *own, char **argv,
       gboolean terminal, GError **error)
{
  gboolean tty = FALSE, no_tty = FALSE;
  g_auto (GStrv) env = NULL;
  g_auto (GStrv) copy = g_strdupv (argv);
  GOptionEntry entries[] = {
    { "user", 'u', 0, G_OPTION_ARG_STRING, &options->user, "User inside (default: sandbox)",
      "USER" },
    { "directory", 'd', 0, G_OPTION_ARG_FILENAME, &options->dir, "Directory inside", "DIR" },
    { "env", 'e', 0, G_OPTION_ARG_FILENAME_ARRAY, &env, "Set a variable inside", "K=V" },
    { "tty", 't', 0, G_OPTION_ARG_NONE, &tty,
      "Give the command a terminal (default: when input and output are one)", NULL },
    { "no-tty", 'T', 0, G_OPTION_ARG_NONE, &no_tty, "Give the command no terminal", NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &options->quiet, "Say nothing but errors", NULL },
    { NULL },
  };

  if (own != NULL)
    g_option_context_add_main_entries (context, own, NULL);
  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_strict_posix (context, TRUE);
  if (!g_option_context_parse_strv (context, &copy, error))
    return FALSE;
  if (tty && no_tty)
    return usage (error, "-t and -T contradict each other");
  options->tty = tty || (terminal && !no_tty);
  take_command (options, copy);
  return complete_env (options, env, error);
}

gboolean
sg_run_options_parse (SgRunOptions *options, int argc, char **argv, gboolean terminal,
                      GError **error)
{
  int memory = NOT_SAID, cpus = NOT_SAID;
  GOptionEntry entries[] = {
    { "memory", 'm', 0, G_OPTION_ARG_INT, &memory, "Memory inside, in MB", "MB" },
    { "cpus", 'c', 0, G_OPTION_ARG_INT, &cpus, "Processors inside", "N" },
    { "window", 0, 0, G_OPTION_ARG_NONE, &options->window,
      "Show CMD in a window, and nothing else; without CMD, the desktop", NULL },
    { "cold", 0, 0, G_OPTION_ARG_NONE, &options->cold, "Boot from scratch", NULL },
    { "profile", 'p', 0, G_OPTION_ARG_FILENAME, &options->ask.file,
      "As this profile asks (sandglass profile check FILE tells what)", "FILE.wsb" },
    { "timings", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &options->timings, "", NULL },
    { "plan", 0, 0, G_OPTION_ARG_NONE, &options->plan,
      "Print what would be started, and start nothing", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("[--] [CMD [ARGUMENT...]]");

  g_option_context_set_summary (context, "Runs a command in a throwaway copy of this computer.");
  g_option_context_set_description (context, description);
  add_profile_options (context, options);
  options->ask.purpose = g_strdup ("command");
  if (!parse (options, context, entries, argv, terminal, error))
    return FALSE;
  options->ask.look = options->window;
  if (options->window && !options->no_command)
    options->ask.program = g_path_get_basename (options->command[0]);
  return check_network (options, error)
         && take_number (memory, MEMORY_MIN, MEMORY_MAX, "--memory", &options->memory_mb, error)
         && take_number (cpus, 1, CPUS_MAX, "--cpus", &options->cpus, error);
}

gboolean
sg_start_options_parse (SgRunOptions *options, int argc, char **argv, GError **error)
{
  int memory = NOT_SAID, cpus = NOT_SAID;
  GOptionEntry entries[] = {
    { "memory", 'm', 0, G_OPTION_ARG_INT, &memory, "Memory inside, in MB", "MB" },
    { "cpus", 'c', 0, G_OPTION_ARG_INT, &cpus, "Processors inside", "N" },
    { "window", 0, 0, G_OPTION_ARG_NONE, &options->window, "Open its window", NULL },
    { "cold", 0, 0, G_OPTION_ARG_NONE, &options->cold, "Boot from scratch", NULL },
    { "profile", 'p', 0, G_OPTION_ARG_FILENAME, &options->ask.file,
      "As this profile asks (sandglass profile check FILE tells what)", "FILE.wsb" },
    { "config", 0, 0, G_OPTION_ARG_STRING, &options->ask.config, "As this text of a profile asks",
      "'<Configuration>...'" },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &options->quiet, "Say nothing but errors", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("");
  g_auto (GStrv) copy = g_strdupv (argv);

  g_option_context_add_main_entries (context, entries, NULL);
  add_profile_options (context, options);
  g_option_context_set_summary (
      context,
      "Opens a sandbox that stays until `sandglass discard ID`, until it is shut down inside,\n"
      "or until you log out, and prints its id.");
  if (!g_option_context_parse_strv (context, &copy, error))
    return FALSE;
  if (copy[1] != NULL)
    return usage (error, "start takes no command; use: sandglass run -- CMD, or exec afterwards");
  options->detach = TRUE;
  options->no_command = TRUE;
  options->ask.look = TRUE; /* it can be shown at any time */
  return check_network (options, error)
         && take_number (memory, MEMORY_MIN, MEMORY_MAX, "--memory", &options->memory_mb, error)
         && take_number (cpus, 1, CPUS_MAX, "--cpus", &options->cpus, error);
}

gboolean
sg_open_profile_options_parse (SgRunOptions *options, int argc, char **argv, GError **error)
{
  GOptionEntry entries[] = {
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &options->quiet, "Say nothing but errors", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("FILE.wsb");
  g_auto (GStrv) copy = g_strdupv (argv);

  g_option_context_add_main_entries (context, entries, NULL);
  add_profile_options (context, options);
  g_option_context_set_summary (context, "Opens a sandbox as a profile asks, in its window.");
  if (!g_option_context_parse_strv (context, &copy, error))
    return FALSE;
  if (copy[0] == NULL || copy[1] == NULL || copy[2] != NULL)
    return usage (error, "one profile is needed: a .wsb file");
  options->ask.file = g_strdup (copy[1]);
  options->window = options->detach = options->no_command = options->ask.look = TRUE;
  return TRUE;
}

gboolean
sg_exec_options_parse (SgRunOptions *options, int argc, char **argv, gboolean terminal,
                       gboolean shell, GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new (shell ? "" : "[--] CMD [ARGUMENT...]");
  g_autofree char *name = g_strdup_printf ("sandglass %s ID", argv[0]);

  g_set_prgname (name);
  g_option_context_set_summary (
      context,
      shell
          ? "Opens a shell in a sandbox that is open (see `sandglass list`)."
          : "Runs a command in a sandbox that is open (see `sandglass list`). Streams, terminal,\n"
            "signals and exit code are the command's own; the sandbox stays.");
  /* `exec --help` has no id before it. */
  if (argc > 1 && argv[1][0] != '-')
    {
      options->attach = g_strdup (argv[1]);
      argv++;
    }
  if (!parse (options, context, NULL, argv, terminal, error))
    return FALSE;
  if (options->attach == NULL)
    return usage (error, "which sandbox? Give its id; `sandglass list` shows those that are open");
  if (options->no_command != shell)
    return usage (error, shell ? "shell takes no command; use: sandglass exec ID -- CMD"
                               : "which command? For a shell, use: sandglass shell ID");
  return TRUE;
}

void
sg_run_options_clear (SgRunOptions *options)
{
  g_clear_pointer (&options->attach, g_free);
  sg_ask_clear (&options->ask);
  g_clear_pointer (&options->pcap, g_free);
  g_clear_pointer (&options->shares, g_strfreev);
  g_clear_pointer (&options->user, g_free);
  g_clear_pointer (&options->dir, g_free);
  g_clear_pointer (&options->env, g_strfreev);
  g_clear_pointer (&options->command, g_strfreev);
}
