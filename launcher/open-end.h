/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One `sandglass open`: its state, and what is asked at the end of an edit. */
#pragma once

#include "launcher/client.h"
#include "launcher/open-ask.h"
#include "launcher/open-edit.h"
#include "launcher/open-file.h"
#include "launcher/run-progress.h"
#include "launcher/run-session.h"

typedef struct
{
  /* What was asked. */
  gboolean write, network, administrator, no_window, quiet;
  gboolean replace, keep; /* what becomes of an edit, without a question */
  char *with;             /* owned by the caller */

  SgEdit *edit;                /* owned */
  SgRunSession *session;       /* owned */
  GDBusConnection *connection; /* owned: for the files */
  char *id;                    /* the session's; owned */
  GCancellable *cancellable;   /* owned: a signal, or the session's end */
  SgProgress *progress;        /* owned; NULL: nothing is shown */
  GSubprocess *viewer;         /* owned */
  gboolean started, viewer_closed;
  GError *ended;       /* why the session has; owned */
  gboolean stays;      /* it is not thrown away at the end */
  gboolean chose_none; /* of the programs inside, in a window: nothing needs to be told */

  gboolean watching, told_unwatched;
  int ready;           /* where its program inside waits to be told the file; -1: none does */
  SgOpenEvent event;   /* the last one */
  char *words;         /* what came with it; NULL: none came yet; owned */
  GError *watch_error; /* owned */
  gint64 begun; /* with --timings: monotonic; 0: without */
} SgOpening;

/* With --timings: WHAT is done. */
void sg_open_timing (const SgOpening *opening, const char *what);

/* Brings the edited copy out, asks, and does it.  TRUE when that is as it should be, FALSE when it
 * was told what is not. */
gboolean sg_open_end_edit (SgOpening *opening);
