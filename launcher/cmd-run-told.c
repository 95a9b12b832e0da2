/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/cmd-run-internal.h"

#include "common/paths.h"
#include "common/report.h"
#include "launcher/run-terminal.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define CLOSED (128 + SIGHUP) /* as of a terminal that was closed */

/* Once: what the sandbox runs on, when that is not the fast and strong way. */
static void
tell_accelerator (Run *run)
{
  g_autofree char *accelerator = sg_run_session_property (run->session, "Accelerator");
  g_autofree char *reason = sg_run_session_property (run->session, "AcceleratorReason");

  if (run->told_accelerator || accelerator == NULL || reason == NULL)
    return;
  run->told_accelerator = TRUE;
  if (run->options.quiet || !isatty (STDERR_FILENO) || g_str_equal (accelerator, "kvm"))
    return;
  sg_progress_hide (run->progress);
  sg_report_text ("%s", reason);
}

static void
on_changed (gpointer data)
{
  Run *run = data;
  g_autofree char *stage = NULL;

  if (run->session == NULL || run->phase != STARTING)
    return;
  tell_accelerator (run);
  stage = sg_run_session_property (run->session, "Stage");
  if (stage != NULL && !run->options.quiet)
    sg_progress_stage (run->progress, stage, -1);
}

/* The terminal is raw while the command has it. */
static void
say (Run *run, const char *words)
{
  g_autofree char *safe = sg_printable (words);

  if (run->progress != NULL)
    sg_progress_hide (run->progress);
  fprintf (stderr, "sandglass: %s%s", safe,
           run->phase == RUNNING && run->options.tty ? "\r\n" : "\n");
}

static void
on_notice (const char *kind, const char *message, gpointer data)
{
  Run *run = data;

  if (g_str_equal (kind, "cold") || g_str_equal (kind, "no-template")
      || g_str_equal (kind, "template-damaged"))
    run->no_template = TRUE;
  if (!run->options.quiet)
    say (run, message);
}

/* Not closed, and not told to end: by a defect, or by pictures that were made for one.  Its keeper
 * passes the signal on as a shell does. */
static gboolean
has_crashed (GSubprocess *viewer)
{
  int code = g_subprocess_get_if_signaled (viewer) ? g_subprocess_get_term_sig (viewer)
                                                   : g_subprocess_get_exit_status (viewer) - 128;

  return code > 0 && code != SIGTERM && code != SIGHUP && code != SIGINT;
}

/* What is in the sandbox is not lost with its window. */
static void
outlive_window (Run *run)
{
  g_autofree char *id = sg_run_session_property (run->session, "Id");
  g_autoptr (GError) error = NULL;

  run->stays = sg_run_session_stay (run->session, &error);
  if (run->stays)
    sg_report_text ("the sandbox's window ended unexpectedly; the sandbox itself still runs. To "
                    "show it again: sandglass connect %s; to end it: sandglass discard %s",
                    id, id);
  else
    sg_report (error);
}

/* The command goes on without it. */
static void
tell_window_lost (Run *run)
{
  g_autofree char *id = sg_run_session_property (run->session, "Id");
  g_autofree char *words = g_strdup_printf (
      "the sandbox's window ended unexpectedly; what runs in it goes on. To show it again: "
      "sandglass connect %s",
      id);

  say (run, words);
}

static void
viewer_closed (GObject *source, GAsyncResult *result, gpointer data)
{
  Run *run = data;
  gboolean crashed;

  g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  crashed = has_crashed (G_SUBPROCESS (source));
  if (run->options.ask.program != NULL && !crashed)
    sg_run_finish (run, CLOSED); /* nobody can see the program any more */
  else if (crashed && !run->options.no_command && run->phase == RUNNING)
    tell_window_lost (run);
  if (!run->options.no_command || run->phase == ENDING)
    return;
  if (crashed)
    outlive_window (run);
  sg_run_finish (run, crashed ? SG_EXIT_FAILED : SG_EXIT_OK);
}

static void
open_window (Run *run)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *program = sg_paths_program ("sandglass-viewer", &error);
  g_autofree char *id = sg_run_session_property (run->session, "Id");

  if (program != NULL)
    run->viewer = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE, &error, program, "--session",
                                    id, NULL);
  if (run->viewer != NULL)
    g_subprocess_wait_async (run->viewer, NULL, viewer_closed, run);
  else
    {
      sg_report (error);
      if (run->options.no_command)
        sg_run_finish (run, SG_EXIT_OURS);
    }
}

/* `start`: the id is the output, and its window is on its own. */
static void
let_stay (Run *run)
{
  g_autofree char *id = sg_run_session_property (run->session, "Id");

  run->stays = TRUE;
  if (id != NULL)
    puts (id);
  sg_run_finish (run, SG_EXIT_OK);
}

static void
on_started (gpointer data)
{
  Run *run = data;
  g_autoptr (GError) error = NULL;

  if (run->phase != STARTING)
    return;
  run->phase = RUNNING;
  run->interrupts = 0;
  g_clear_pointer (&run->progress, sg_progress_free);
  if (run->options.window)
    open_window (run);
  if (run->options.detach)
    let_stay (run);
  if (run->streams == NULL)
    return;
  if (run->options.tty && isatty (STDIN_FILENO) && sg_terminal_is_foreground (STDIN_FILENO)
      && !sg_terminal_raw (STDIN_FILENO, &error))
    sg_report (error);
  sg_streams_handed_on (run->streams);
  sg_run_resize (run);
  if (run->kept_signal != 0)
    sg_run_session_signal (run->session, run->kept_signal);
}

void
sg_run_report_finding (const SgFinding *finding)
{
  sg_report_text ("%s: %s. %s", finding->title, finding->found, finding->means);
  if (finding->mend != NULL)
    sg_report_text ("to mend it: %s", finding->mend);
}

/* The session's own words, and the requirement that is behind them where one is not met. */
static void
explain (Run *run, const GError *error)
{
  g_autoptr (GPtrArray) findings = NULL;
  SgDoctorHost host = { 0 };

  sg_report (error);
  if (run->ran || run->options.attach != NULL)
    return;
  findings = sg_doctor_run (&host, TRUE, NULL);
  for (guint i = 0; i < findings->len; i++)
    {
      const SgFinding *finding = g_ptr_array_index (findings, i);
      if (!finding->met)
        sg_run_report_finding (finding);
    }
}

static void
drained (gpointer data)
{
  Run *run = data;

  if (run->phase != DRAINING)
    return;
  sg_terminal_restore ();
  if (run->message != NULL)
    sg_report_text ("%s", run->message);
  if (run->error != NULL)
    explain (run, run->error);
  sg_run_finish (run, run->command_code);
}

/* Its window discards the sandbox when it is closed: no failure. */
static gboolean
was_closed (Run *run)
{
  g_autofree char *failure = sg_run_session_property (run->session, "Failure");

  return run->viewer != NULL && run->options.ask.program != NULL && failure == NULL;
}

static void
on_ended (gboolean signalled, int code, const char *message, const GError *error, gpointer data)
{
  Run *run = data;
  gboolean ran = run->phase == RUNNING;

  if (run->phase == ENDING)
    return;
  g_clear_pointer (&run->progress, sg_progress_free);
  if (error != NULL && was_closed (run))
    {
      sg_run_finish (run, CLOSED);
      return;
    }
  run->phase = DRAINING;
  run->ran = ran;
  run->command_code = signalled ? 128 + code : code;
  if (*message != '\0')
    run->message = g_strdup (message);
  if (*message != '\0' && run->command_code == SG_EXIT_OK)
    run->command_code = SG_EXIT_FAILED; /* it succeeded, but not all of its output arrived */
  if (error != NULL)
    {
      run->error = g_error_copy (error);
      run->command_code = SG_EXIT_OURS;
    }
  if (ran && run->streams != NULL)
    sg_streams_finish (run->streams, drained, run);
  else
    drained (run);
}

const SgRunSessionFuncs sg_run_told = { on_changed, on_started, on_ended, on_notice };
