/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One session as `sandglass run` sees it: starts sandglass-session with a private D-Bus connection
 * (org.sandglass.Session1.xml) and turns it into calls.  The session lives as long as this
 * connection. */
#pragma once

#include "launcher/run-options.h"

#include <gio/gio.h>

typedef struct SgRunSession SgRunSession;

typedef struct
{
  void (*changed) (gpointer data); /* state, stage, accelerator or failure */
  void (*started) (gpointer data); /* the command runs */
  /* Once, when the command has ended and everything it wrote was delivered, or with `error` when it
   * could not be run or the session is gone. */
  void (*ended) (gboolean signalled, int code, const char *message, const GError *error,
                 gpointer data);
  void (*notice) (const char *kind, const char *message, gpointer data);
} SgRunSessionFuncs;

/* What sandglass-session is started with, without its connection.  Free with g_strfreev(). */
char **sg_run_session_arguments (const char *program, const SgRunOptions *options);

typedef struct
{
  int fds[3]; /* of the command; the third is -1 with a terminal.  They are duplicated. */
  guint16 rows, columns;
} SgRunCommand;

/* Starts it (with `options->attach`, the id of an open one: connects to it), and has the command
 * run as soon as the sandbox can; without `command`, `started` is called once the desktop is there
 * (with `options->detach`: once the session stays by itself).  `funcs` is called in the default
 * main context. */
SgRunSession *sg_run_session_start (const SgRunOptions *options, const SgRunCommand *command,
                                    const SgRunSessionFuncs *funcs, gpointer data, GError **error);

/* Only while the command runs; otherwise nothing happens. */
void sg_run_session_signal (SgRunSession *session, int number);
void sg_run_session_resize (SgRunSession *session, guint16 rows, guint16 columns);

/* NULL until it is known, or while there is nothing to say. */
char *sg_run_session_property (SgRunSession *session, const char *name);

/* Tells the sandbox to stay without us, as `start` does.  FALSE with an error when it will not. */
gboolean sg_run_session_stay (SgRunSession *session, GError **error);

/* Throws the sandbox away and waits until that is done and verified, at most 15 s.  FALSE with an
 * error when it is not certain that everything is gone. */
gboolean sg_run_session_discard (SgRunSession *session, GError **error);

void sg_run_session_free (SgRunSession *session);
