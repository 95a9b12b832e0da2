/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside of a sandbox as the app has it: sandbox.c its session and its viewer, sandbox-close.c how it
 * is closed from the list, sandbox-shown.c what the list shows. */
#pragma once

#include "ui/sandbox.h"

struct _SgSandbox
{
  GObject parent;
  GSubprocess *session;  /* owned; NULL: it was there before us, ready */
  SgLink *link;          /* owned; its connection is what keeps the session alive */
  GSubprocess *viewer;   /* owned; NULL: there is no window */
  int viewer_fd;         /* where the viewer waits for the session's id; -1: it has it */
  SgSpareWindow *spare;  /* owned: waits with a ready sandbox that is being taken; or NULL */
  gint64 spare_shown;    /* monotonic: when the viewer was one of those; 0: it was not */
  GSubprocess *question; /* owned; NULL: nothing is asked (ask.h) */
  gboolean asked_in_vain;
  char *joined;               /* owned: its id; NULL: it is ours, and ends with us */
  GtkWindow *over_window;     /* weak: on which something is asked */
  gint64 asked_to_close;      /* monotonic; when its window was; 0: it was not */
  GtkWidget *undo;            /* NULL: none is offered */
  char *name;                 /* owned */
  char *size_of;              /* owned: window-size.h; NULL: its window's size is not remembered */
  SgPreferences *preferences; /* owned */
  SgProblem *problem;         /* owned; told by the viewer, or by us if it cannot */
  guint64 memory;             /* bytes; 0: not known */
  gboolean closing, over, measuring;
};

/* Emits "problem" with the session's details. */
void sg_sandbox_tell_problem (SgSandbox *self, const char *title, const char *message,
                              const char *next);

/* Throws it away, without a question. */
void sg_sandbox_discard (SgSandbox *sandbox);
