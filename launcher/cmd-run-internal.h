/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `run` and its like in parts: cmd-run.c (the order of things, the verbs), cmd-run-signals.c,
 * cmd-run-told.c (what the session tells, the window, the end). */
#pragma once

#include "launcher/doctor.h"
#include "launcher/run-options.h"
#include "launcher/run-progress.h"
#include "launcher/run-session.h"
#include "launcher/run-streams.h"

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

/* The first code that is given is ours; from now on the sandbox is thrown away. */
void sg_run_finish (Run *run, int code);

/* The command's terminal has another size. */
void sg_run_resize (Run *run);

/* Of sg_signals_watch(); DATA is the Run. */
void sg_run_on_signal (int number, gpointer data);

/* What is called for what the session tells; its data is the Run. */
extern const SgRunSessionFuncs sg_run_told;

/* A requirement that is not met, with the command that mends it. */
void sg_run_report_finding (const SgFinding *finding);
