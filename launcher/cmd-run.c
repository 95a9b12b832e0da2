/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `run`; `start`, whose sandbox stays, without a command; `exec` and `shell`, whose sandbox is
 * there already and stays.
 *
 * PREPARING (requirements, base) -> STARTING (session, until the guest can run commands) -> RUNNING
 * (the command has our descriptors) -> DRAINING (it has ended; what it wrote goes to the terminal)
 * -> ENDING (the sandbox is thrown away). */
#include "launcher/cmd-run.h"

#include "common/paths.h"
#include "common/report.h"
#include "launcher/approve.h"
#include "launcher/client.h"
#include "launcher/cmd-run-internal.h"
#include "launcher/run-base.h"
#include "launcher/run-signals.h"
#include "launcher/run-terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PROGRESS_DELAY_MSEC 1000

void
sg_run_finish (Run *run, int code)
{
  if (run->phase == ENDING)
    return;
  run->phase = ENDING;
  run->code = code;
  g_cancellable_cancel (run->cancellable);
  g_main_loop_quit (run->loop);
}

/* A missing standard descriptor would be taken by the next file that is opened. */
static void
fill_standard_descriptors (void)
{
  int fd;

  do
    fd = open ("/dev/null", O_RDWR);
  while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd > STDERR_FILENO)
    close (fd);
}

static int
print_plan (const SgRunOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *program = sg_paths_program ("sandglass-session", &error);
  g_auto (GStrv) argv = NULL;

  if (program != NULL)
    {
      argv = sg_run_session_arguments (program, options);
      execv (program, argv);
      g_set_error (&error, G_FILE_ERROR, g_file_error_from_errno (errno), "Cannot start %s: %s",
                   program, g_strerror (errno));
    }
  sg_report (error);
  return SG_EXIT_OURS;
}

/* Programs that no session starts without: found out by looking at PATH, in microseconds.  Versions
 * are looked at only where the start fails. */
static gboolean
have_programs (void)
{
  static const char *const needed[][2]
      = { { "qemu-system-x86_64", "qemu" }, { "nbdkit", "nbdkit" }, { "bwrap", "bubblewrap" } };
  SgDoctorHost host = { 0 };
  gboolean all = TRUE;

  for (gsize i = 0; i < G_N_ELEMENTS (needed); i++)
    {
      g_autofree char *path = g_find_program_in_path (needed[i][0]);
      g_autoptr (SgFinding) finding = NULL;

      if (path != NULL)
        continue;
      finding = sg_doctor_check (&host, needed[i][1], NULL);
      all &= finding->met;
      if (!finding->met)
        sg_run_report_finding (finding);
    }
  return all;
}

static gboolean
prepare (Run *run)
{
  g_autoptr (GError) error = NULL;

  run->code = SG_EXIT_OURS;
  if (run->options.attach != NULL)
    return TRUE;
  if (!have_programs ())
    return FALSE;
  if (!sg_run_ensure_base (run->options.quiet, run->cancellable, &error))
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        sg_report (error);
      return FALSE;
    }
  return !g_cancellable_is_cancelled (run->cancellable);
}

static gboolean
start (Run *run, GError **error)
{
  gboolean window_only = run->options.detach || (run->options.window && run->options.no_command);
  SgRunCommand command = { 0 };

  run->phase = STARTING;
  run->progress = sg_progress_new (PROGRESS_DELAY_MSEC, FALSE);
  if (!window_only)
    {
      run->streams = sg_streams_new (run->options.tty, error);
      if (run->streams == NULL)
        return FALSE;
      sg_streams_get (run->streams, command.fds);
      sg_terminal_size (STDOUT_FILENO, &command.rows, &command.columns);
    }
  run->session = sg_run_session_start (&run->options, window_only ? NULL : &command, &sg_run_told,
                                       run, error);
  return run->session != NULL;
}

/* The code and the output are there: whoever waits for the output's end need not wait for the rest.
 */
static void
throw_away (Run *run)
{
  g_autoptr (GError) error = NULL;

  sg_terminal_restore ();
  if (run->stays || run->options.attach != NULL)
    return;
  if (run->viewer != NULL)
    g_subprocess_send_signal (run->viewer, SIGTERM);
  if (run->session != NULL && !sg_run_session_discard (run->session, &error))
    sg_report (error);
}

static void
run_clear (Run *run)
{
  g_clear_pointer (&run->progress, sg_progress_free);
  g_clear_pointer (&run->session, sg_run_session_free);
  g_clear_pointer (&run->streams, sg_streams_free);
  g_clear_object (&run->viewer);
  g_clear_object (&run->cancellable);
  g_clear_pointer (&run->loop, g_main_loop_unref);
  g_clear_error (&run->error);
  g_clear_pointer (&run->message, g_free);
  sg_run_options_clear (&run->options);
}

static gboolean
is_our_terminal (void)
{
  return isatty (STDIN_FILENO) && isatty (STDOUT_FILENO)
         && sg_terminal_is_foreground (STDIN_FILENO);
}

static int
wrong_usage (Run *run, const GError *error)
{
  sg_report (error);
  sg_run_options_clear (&run->options);
  return SG_EXIT_USAGE;
}

static int
carry_out (Run *run)
{
  g_autoptr (GError) error = NULL;

  run->loop = g_main_loop_new (NULL, FALSE);
  run->cancellable = g_cancellable_new ();
  sg_signals_watch (sg_run_on_signal, run);
  if (prepare (run))
    {
      if (start (run, &error))
        g_main_loop_run (run->loop);
      else
        {
          sg_report (error);
          run->code = SG_EXIT_OURS;
        }
      g_clear_pointer (&run->progress, sg_progress_free);
      throw_away (run);
      if (run->no_template)
        sg_run_renew_template (run->options.quiet);
    }
  run_clear (run);
  return run->code;
}

/* May what is asked be opened?  Before anything is made ready for it. */
static gboolean
approve (SgRunOptions *options, int *ret_code)
{
  options->ask.memory_mb = options->memory_mb;
  options->ask.cpus = options->cpus;
  if (sg_approve (&options->ask, options->approve, ret_code))
    return TRUE;
  sg_run_options_clear (options);
  return FALSE;
}

int
sg_cmd_run (int argc, char **argv)
{
  int code;
  Run run = { 0 };
  g_autoptr (GError) error = NULL;

  fill_standard_descriptors ();
  if (!sg_run_options_parse (&run.options, argc, argv, is_our_terminal (), &error))
    return wrong_usage (&run, error);
  if (run.options.plan)
    {
      code = print_plan (&run.options);
      sg_run_options_clear (&run.options);
      return code;
    }
  if (!approve (&run.options, &code))
    return code;
  return carry_out (&run);
}

int
sg_cmd_start (int argc, char **argv)
{
  Run run = { 0 };
  g_autoptr (GError) error = NULL;
  int code;

  fill_standard_descriptors ();
  if (!sg_start_options_parse (&run.options, argc, argv, &error))
    return wrong_usage (&run, error);
  if (!approve (&run.options, &code))
    return code;
  return carry_out (&run);
}

int
sg_cmd_open_profile (int argc, char **argv)
{
  Run run = { 0 };
  g_autoptr (GError) error = NULL;
  int code;

  fill_standard_descriptors ();
  if (!sg_open_profile_options_parse (&run.options, argc, argv, &error))
    return wrong_usage (&run, error);
  if (g_getenv ("WAYLAND_DISPLAY") == NULL && g_getenv ("DISPLAY") == NULL)
    {
      sg_report_text ("there is no display here for the window. Without one, use: sandglass start "
                      "--profile %s",
                      run.options.ask.file);
      sg_run_options_clear (&run.options);
      return SG_EXIT_FAILED;
    }
  if (!approve (&run.options, &code))
    return code;
  return carry_out (&run);
}

static int
run_inside (int argc, char **argv, gboolean shell)
{
  Run run = { 0 };
  g_autoptr (GError) error = NULL;
  char *id;

  fill_standard_descriptors ();
  if (!sg_exec_options_parse (&run.options, argc, argv, is_our_terminal (), shell, &error))
    return wrong_usage (&run, error);
  id = sg_client_resolve (run.options.attach, &error);
  if (id == NULL)
    {
      wrong_usage (&run, error);
      return SG_EXIT_OURS;
    }
  g_free (run.options.attach);
  run.options.attach = id;
  return carry_out (&run);
}

int
sg_cmd_exec (int argc, char **argv)
{
  return run_inside (argc, argv, FALSE);
}

int
sg_cmd_shell (int argc, char **argv)
{
  return run_inside (argc, argv, TRUE);
}
