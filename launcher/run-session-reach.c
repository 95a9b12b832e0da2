/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose session it is: one that is open, one that was woken ahead, or one of our own. */
#include "launcher/run-session-internal.h"

#include "common/fd.h"
#include "common/paths.h"
#include "launcher/client.h"
#include "launcher/standby.h"

#include <string.h>
#include <unistd.h>

#define OWNER_FD 3
#define CONFIG_MOST 2000 /* a request is a packet */

char **
sg_run_session_arguments (const char *program, const SgRunOptions *options)
{
  GPtrArray *argv = g_ptr_array_new ();

  g_ptr_array_add (argv, g_strdup (program));
  if (options->memory_mb > 0)
    g_ptr_array_add (argv, g_strdup_printf ("--memory=%d", options->memory_mb));
  if (options->cpus > 0)
    g_ptr_array_add (argv, g_strdup_printf ("--cpus=%d", options->cpus));
  sg_ask_arguments (&options->ask, argv);
  if (options->cold)
    g_ptr_array_add (argv, g_strdup ("--cold"));
  if (options->timings)
    g_ptr_array_add (argv, g_strdup ("--timings"));
  if (options->plan)
    g_ptr_array_add (argv, g_strdup ("--plan"));
  g_ptr_array_add (argv, NULL);
  return (char **)g_ptr_array_free (argv, FALSE);
}

/* In the child: out of the terminal's process group, so that Ctrl+C reaches the command inside and
 * not the machine around it. */
static void
leave_terminal (gpointer data)
{
  setsid ();
}

static gboolean
attach (const SgRunOptions *options, int *ret_fd, GError **error)
{
  *ret_fd = sg_client_open (options->attach, error);
  return *ret_fd >= 0;
}

/* One that was woken ahead, where one waits and will do: for this profile, or for nobody in
 * particular. */
static gboolean
take_standby (const SgRunOptions *options, int *ret_fd)
{
  const SgAsk *ask = &options->ask;
  g_autofree char *profile = NULL;

  /* What waits knows of no other rules, and its environment is not ours: of texts, it can take one of
   * `open`'s own. */
  if (options->cold || options->timings || ask->policy_dirs != NULL
      || (ask->config != NULL
          && (g_strcmp0 (ask->purpose, "file") != 0 || strlen (ask->config) > CONFIG_MOST)))
    return FALSE;
  if (ask->file != NULL)
    profile = g_canonicalize_filename (ask->file, NULL);
  *ret_fd = sg_standby_take (&(SgStandbyWish){ .memory_mb = (guint)options->memory_mb,
                                               .cpus = (guint)options->cpus,
                                               .network = ask->network,
                                               .look = ask->look,
                                               .program = ask->program,
                                               .profile = profile,
                                               .sha256 = ask->sha256,
                                               .purpose = ask->purpose,
                                               .config = ask->config,
                                               .writable = (const char *const *)ask->writable,
                                               .without_asks = ask->without_asks,
                                               .allow = (const char *const *)ask->allow },
                             NULL);
  return *ret_fd >= 0;
}

static gboolean
spawn (SgRunSession *session, const SgRunOptions *options, int *ret_fd, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_autofree char *program = sg_paths_program ("sandglass-session", error);
  g_auto (GStrv) argv = NULL;
  g_autofree char **with_fd = NULL;
  sg_fd int ours = -1;
  int theirs;
  guint n;

  if (program == NULL || !sg_socketpair (&ours, &theirs, error))
    return FALSE;
  argv = sg_run_session_arguments (program, options);
  n = g_strv_length (argv);
  with_fd = g_new0 (char *, n + 2);
  memcpy (with_fd, argv, n * sizeof *argv);
  with_fd[n] = (char *)"--owner-fd=3";
  g_subprocess_launcher_take_fd (launcher, theirs, OWNER_FD);
  g_subprocess_launcher_set_child_setup (launcher, leave_terminal, NULL, NULL);
  session->process = g_subprocess_launcher_spawnv (launcher, (const char *const *)with_fd, error);
  if (session->process == NULL)
    return FALSE;
  *ret_fd = sg_fd_steal (&ours);
  return TRUE;
}

gboolean
sg_run_session_reach (SgRunSession *session, const SgRunOptions *options, int *ret_fd,
                      GError **error)
{
  return options->attach != NULL
             ? attach (options, ret_fd, error)
             : take_standby (options, ret_fd) || spawn (session, options, ret_fd, error);
}
