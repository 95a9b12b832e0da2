/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signals, by phase: while preparing any ends the work; while starting, SIGINT is kept for the
 * command and a second one gives up, the others give up at once; while running all go to the
 * command, and a third SIGINT or SIGTERM within two seconds of each other gives up; while draining
 * any gives up.  A hang-up ends the sandbox soon after, because nobody is left to do it. */
#include "launcher/cmd-run-internal.h"

#include "common/report.h"
#include "launcher/run-terminal.h"

#include <signal.h>
#include <unistd.h>

#define TWICE_USEC (2 * G_USEC_PER_SEC)
#define AFTER_HANGUP_MSEC 2000

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
  sg_run_finish (data, 128 + SIGHUP);
  return G_SOURCE_REMOVE;
}

void
sg_run_resize (Run *run)
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
      sg_run_finish (run, 128 + number);
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
      sg_run_resize (run);
      return;
    }
  sg_run_session_signal (run->session, number);
  if ((number == SIGINT || number == SIGTERM) && count_interrupt (run) > 2)
    sg_run_finish (run, 128 + number);
  else if (number == SIGHUP)
    g_timeout_add (AFTER_HANGUP_MSEC, hung_up, run);
}

void
sg_run_on_signal (int number, gpointer data)
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
        sg_run_finish (run, 128 + number);
      break;
    case ENDING:
      break;
    }
}
