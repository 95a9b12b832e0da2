/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starts a real machine behind the gate, as a session does: QEMU in an empty network namespace with
 * the stream's end, the gate in another one, passt in this.  Passes the guest's serial line on to
 * stdout and does what the guest asks for in lines "host: mode MODE", "host: host NAME" (mode
 * allowlist for that name), "host: run COMMAND" or "host: passt" (another passt).
 *
 *   net-machine NETGATE QEMU ARGUMENTS…     (FD in an argument stands for the stream) */
#include "tests/net/starter.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static GPid
start_qemu (Net *net, char **argv, FILE **ret_out, int *ret_in)
{
  g_autofree char *fd = g_strdup_printf ("%d", net->stream);
  int out[2], in[2];
  GPid pid;

  if (pipe2 (out, O_CLOEXEC) < 0 || pipe2 (in, O_CLOEXEC) < 0)
    exit (1);
  pid = fork ();
  if (pid == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      for (char **arg = argv; *arg != NULL; arg++)
        {
          g_auto (GStrv) parts = g_strsplit (*arg, "FD", 2);

          if (parts[1] != NULL)
            *arg = g_strconcat (parts[0], fd, parts[1], NULL);
        }
      dup2 (in[0], 0);
      dup2 (out[1], 1);
      fcntl (net->stream, F_SETFD, 0);
      if (unshare (CLONE_NEWNET) < 0)
        _exit (125);
      execvp (argv[0], argv);
      _exit (126);
    }
  close (out[1]);
  close (in[0]);
  *ret_out = fdopen (out[0], "r");
  *ret_in = in[1];
  return pid;
}

/* The names of the interfaces that PROCESS has. */
static void
show_interfaces (GPid pid, const char *who)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/net/dev", pid), *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return;
  lines = g_strsplit (text, "\n", -1);
  printf ("%s has", who);
  for (char **line = lines[0] && lines[1] ? lines + 2 : lines; *line != NULL; line++)
    if (strchr (*line, ':') != NULL)
      printf (" %.*s", (int)strcspn (g_strchug (*line), ":"), g_strchug (*line));
  printf ("\n");
}

static void
obey (Net *net, SgGateRules *rules, const char *netgate, const char *what)
{
  g_auto (GStrv) words = g_strsplit (what, " ", 2);

  if (g_strcmp0 (words[0], "mode") == 0 && sg_gate_mode_parse (words[1], &rules->mode))
    net_set_rules (net, rules);
  else if (g_strcmp0 (words[0], "host") == 0)
    {
      g_strfreev (rules->hosts);
      rules->hosts = g_strsplit (words[1], " ", -1);
      rules->mode = SG_GATE_ALLOWLIST;
      net_set_rules (net, rules);
    }
  else if (g_strcmp0 (words[0], "run") == 0)
    {
      if (system (words[1]) != 0)
        puts ("FAILED: the command");
    }
  else if (g_strcmp0 (words[0], "passt") == 0)
    net_restart_passt (net, netgate);
}

int
main (int argc, char **argv)
{
  g_autoptr (SgGateRules) rules = sg_gate_rules_new ();
  char line[512];
  FILE *out;
  Net *net;
  GPid qemu;
  int in, status = 0;

  if (argc < 3)
    return 2;
  net = net_start (argv[1], rules);
  qemu = start_qemu (net, argv + 2, &out, &in);
  g_usleep (500000);
  show_interfaces (qemu, "QEMU");
  show_interfaces (net->gate, "the gate");
  while (fgets (line, sizeof line, out) != NULL)
    {
      g_strchomp (line);
      if (!g_str_has_prefix (line, "host: "))
        puts (line);
      else
        {
          obey (net, rules, argv[1], line + 6);
          printf ("---    %s\n", line + 6);
          if (write (in, "done\n", 5) != 5)
            break;
        }
      fflush (stdout);
    }
  waitpid (qemu, &status, 0);
  net_stop (net);
  return WIFEXITED (status) ? WEXITSTATUS (status) : 1;
}
