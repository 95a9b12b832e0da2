/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What run-session*.c share. */
#pragma once

#include "launcher/run-session.h"

#include <gio/gunixfdlist.h>

struct SgRunSession
{
  SgRunSessionFuncs funcs;
  gpointer data;
  GSubprocess *process;
  GDBusConnection *connection;
  GDBusProxy *proxy;
  GCancellable *cancellable; /* ends what is pending when the session is freed */
  const char *call;          /* what is called once it answers: "Exec", "WaitReady", "Detach" */
  GPtrArray *shares;         /* SgRunShare: what is shared before; owned */
  guint shared;              /* how many of them are */
  gboolean sharing, called;  /* a step before `call` goes on; that was made */
  gboolean await_desktop;    /* before the command: it is for the screen */
  int capture;               /* a file for the network's frames; -1: none */
  GVariant *exec;            /* the call's parameters; NULL: no command; owned */
  GUnixFDList *fds;          /* its descriptors, until they are sent */
  guint32 handle;            /* 0: none yet */
  gboolean ended;            /* `ended` was called */
  GVariant *early;           /* an Exited that came before the handle; owned */
};

/* Releases one reference (g_rc_box_acquire() takes one). */
void sg_run_session_unref (SgRunSession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgRunSession, sg_run_session_unref)

/* Calls `ended`, once. */
void sg_run_session_end (SgRunSession *session, gboolean signalled, int code, const char *message,
                         const GError *error);

/* The same with why the session failed, or OTHERWISE where it has not said that. */
void sg_run_session_fail (SgRunSession *session, const char *otherwise);

/* PARAMETERS of an "Exited": of our command, or kept until its handle is known. */
void sg_run_session_take_exited (SgRunSession *session, GVariant *parameters);

/* A connection to the session's end that is ours.  FALSE with an error. */
gboolean sg_run_session_reach (SgRunSession *session, const SgRunOptions *options, int *ret_fd,
                               GError **error);

/* TRUE when a step failed (ERROR, which stays the caller's) and has been dealt with. */
gboolean sg_run_session_step_failed (SgRunSession *session, GError *error);

/* Before anything else is asked, so that the first frame is in it. */
void sg_run_session_capture (SgRunSession *session);

/* First the folders, one after the other, then the command; does nothing while one is pending. */
void sg_run_session_go_on (SgRunSession *session);
