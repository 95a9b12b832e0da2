/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `run`; `start`, whose sandbox stays, without a command; `exec` and `shell`, whose sandbox is
 * there already and stays.
 *
 * PREPARING (requirements, base) -> STARTING (session, until the guest can run commands) -> RUNNING
 * (the command has our descriptors) -> DRAINING (it has ended; what it wrote goes to the terminal)
 * -> ENDING (the sandbox is thrown away).
 *
 * Signals, by phase: while preparing any ends the work; while starting, SIGINT is kept for the
 * command and a second one gives up, the others give up at once; while running all go to the
 * command, and a third SIGINT or SIGTERM within two seconds of each other gives up; while draining
 * any gives up.  A hang-up ends the sandbox soon after, because nobody is left to do it. */
#include "launcher/cmd-run.h"

#include "common/paths.h"
#include "common/report.h"
#include "launcher/approve.h"
#include "launcher/client.h"
#include "launcher/doctor.h"
#include "launcher/run-base.h"
#include "launcher/run-options.h"
#include "launcher/run-progress.h"
#include "launcher/run-session.h"
#include "launcher/run-signals.h"
#include "launcher/run-streams.h"
#include "launcher/run-terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PROGRESS_DELAY_MSEC 1000
#define TWICE_USEC (2 * G_USEC_PER_SEC)
#define AFTER_HANGUP_MSEC 2000
#define CLOSED (128 + SIGHUP) /* as of a terminal that was closed */

typedef enum
{
  PREPARING,
  STARTING,
  RUNNING,
  DRAINING,
  ENDING
} Phase;

typedef struct
{
  SgRunOptions options;
  Phase phase;
  GMainLoop *loop;
  GCancellable *cancellable;
  SgProgress *progress;
  SgStreams *streams;
  SgRunSession *session;
  GSubprocess *viewer;
  int kept_signal;    /* SIGINT that came while starting; 0: none */
  gint64 interrupted; /* when the last SIGINT or SIGTERM came */
  guint interrupts;   /* in a row */
  gboolean told_accelerator;
  gboolean ran;     /* the command was started */
  gboolean stays;   /* `start` has started it: it is not thrown away */
  int command_code; /* once it has ended */
  char *message;    /* what is to be said about its end; owned */
  gboolean no_template; /* it was told that there is no good one */
  GError *error;    /* owned */
  int code;         /* ours */
} Run;

static void
finish (Run *run, int code)
{
  if (run->phase == ENDING)
    return;
  run->phase = ENDING;
  run->code = code;
  g_cancellable_cancel (run->cancellable);
  g_main_loop_quit (run->loop);
}

/* --- signals
 * -------------------------------------------------------------------------------------- */

/* How many SIGINT or SIGTERM came within two seconds of each other, this one included. */
static guint
count_interrupt (Run *run)
{
  gint64 now = g_get_monotonic_time ();

  run->interrupts = now - run->interrupted < TWICE_USEC ? run->interrupts + 1 : 1;
  run->interrupted = now;
  return run->interrupts;
}

static gboolean
hung_up (gpointer data)
{
  finish (data, 128 + SIGHUP);
  return G_SOURCE_REMOVE;
}

static void
resize (Run *run)
{
  guint16 rows, columns;

  if (run->options.tty && sg_terminal_size (STDOUT_FILENO, &rows, &columns))
    sg_run_session_resize (run->session, rows, columns);
}

static void
signal_while_starting (Run *run, int number)
{
  if (number == SIGWINCH || number == SIGUSR1 || number == SIGUSR2)
    return;
  if (number != SIGINT || count_interrupt (run) > 1)
    {
      finish (run, 128 + number);
      return;
    }
  run->kept_signal = number;
  if (isatty (STDERR_FILENO) && !run->options.quiet)
    {
      sg_progress_hide (run->progress);
      sg_report_text ("the sandbox is starting; press Ctrl+C again within two seconds to give up");
    }
}

static void
signal_while_running (Run *run, int number)
{
  if (number == SIGWINCH && run->options.tty)
    {
      resize (run);
      return;
    }
  sg_run_session_signal (run->session, number);
  if ((number == SIGINT || number == SIGTERM) && count_interrupt (run) > 2)
    finish (run, 128 + number);
  else if (number == SIGHUP)
    g_timeout_add (AFTER_HANGUP_MSEC, hung_up, run);
}

static void
on_signal (int number, gpointer data)
{
  Run *run = data;

  if (number == SIGCONT)
    {
      sg_terminal_again ();
      number = SIGWINCH; /* the window may have changed meanwhile */
    }
  switch (run->phase)
    {
    case PREPARING:
      if (number != SIGWINCH && number != SIGUSR1 && number != SIGUSR2)
        {
          run->code = 128 + number;
          g_cancellable_cancel (run->cancellable);
        }
      break;
    case STARTING:
      signal_while_starting (run, number);
      break;
    case RUNNING:
      signal_while_running (run, number);
      break;
    case DRAINING: /* a terminal that takes no output must not hold us up for ever */
      if (number != SIGWINCH && number != SIGUSR1 && number != SIGUSR2)
        finish (run, 128 + number);
      break;
    case ENDING:
      break;
    }
}

/* --- what the session tells
 * ------------------------------------------------------------------------- */

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

static void
on_notice (const char *kind, const char *message, gpointer data)
{
  Run *run = data;
  g_autofree char *safe = sg_printable (message);

  if (g_str_equal (kind, "cold") || g_str_equal (kind, "no-template")
      || g_str_equal (kind, "template-damaged"))
    run->no_template = TRUE;
  if (run->options.quiet)
    return;
  if (run->progress != NULL)
    sg_progress_hide (run->progress);
  /* The terminal is raw while the command has it. */
  fprintf (stderr, "sandglass: %s%s", safe,
           run->phase == RUNNING && run->options.tty ? "\r\n" : "\n");
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

static void
viewer_closed (GObject *source, GAsyncResult *result, gpointer data)
{
  Run *run = data;
  gboolean crashed;

  g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  crashed = has_crashed (G_SUBPROCESS (source));
  if (run->options.ask.program != NULL && !crashed)
    finish (run, CLOSED); /* nobody can see the program any more */
  if (!run->options.no_command || run->phase == ENDING)
    return;
  if (crashed)
    outlive_window (run);
  finish (run, crashed ? SG_EXIT_FAILED : SG_EXIT_OK);
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
        finish (run, SG_EXIT_OURS);
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
  finish (run, SG_EXIT_OK);
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
  resize (run);
  if (run->kept_signal != 0)
    sg_run_session_signal (run->session, run->kept_signal);
}

static void
report_finding (const SgFinding *finding)
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
        report_finding (finding);
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
  finish (run, run->command_code);
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
      finish (run, CLOSED);
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

/* --- the order of things
 * ---------------------------------------------------------------------------- */

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
        report_finding (finding);
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
  static const SgRunSessionFuncs funcs = { on_changed, on_started, on_ended, on_notice };
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
  run->session
      = sg_run_session_start (&run->options, window_only ? NULL : &command, &funcs, run, error);
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
  sg_signals_watch (on_signal, run);
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
