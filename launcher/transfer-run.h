/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A command inside whose output is wanted here, without a blocking call: what moves files, lists
 * changes and looks for programs is built on it.
 *
 * Everything that comes back was written by a guest that may be hostile: output goes to a sink that
 * bounds it, a command that neither reads nor writes for `idle_msec` is given up, and no answer is
 * waited for longer than a few seconds after that. */
#pragma once

#include <gio/gio.h>

/* Takes LEN bytes of standard output, in a thread of its own.  FALSE with an error ends the
 * command; the error is what the caller gets. */
typedef gboolean (*SgTransferSink) (const guint8 *bytes, gsize len, gpointer data, GError **error);

/* In the caller's main context, at most ten times a second.  DONE: bytes that were read from `in`,
 * or that came out. */
typedef void (*SgTransferMoved) (guint64 done, gpointer data);

/* How many bytes have gone, where neither the offset of `in` nor the output tells; in a thread. */
typedef guint64 (*SgTransferHowFar) (gpointer data);

typedef struct
{
  const char *const *argv; /* at least one */
  const char *const *env;  /* K=V; NULL: none besides the login's own */
  const char *user;        /* NULL: "sandbox" */
  int in;                  /* its standard input, duplicated; -1: empty */
  guint idle_msec;         /* 0: waits for ever */
  gsize most;              /* of standard output, in bytes; with `sink`: 0 */
  SgTransferSink sink;     /* NULL: the output is collected */
  gpointer sink_data;      /* must live until the call has been finished */
  SgTransferMoved moved;   /* NULL: nobody looks */
  gpointer moved_data;
  SgTransferHowFar how_far; /* NULL: `in` is a file, or the output is counted */
  gpointer how_far_data;    /* must live until the call has been finished */
} SgTransferCommand;

typedef struct
{
  int code;    /* as a shell gives it: 128+n when a signal ended it */
  GBytes *out; /* owned; NULL with a sink */
  char *words; /* owned; the beginning of standard error, safe to show; "" when there was none */
} SgTransferResult;

/* CONNECTION: to the session (client.h), made in the default main context.  What
 * COMMAND points to is copied, except `sink_data`.  Cancelling sends SIGTERM, then SIGKILL to the
 * command, and waits at most five seconds for its end. */
void sg_transfer_run_async (GDBusConnection *connection, const SgTransferCommand *command,
                            GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);

/* NULL with an error when the command could not be run, went on for too long
 * (G_IO_ERROR_TIMED_OUT), said more than `most` (G_IO_ERROR_NO_SPACE), or with the sink's error.
 * A command that failed is a result. */
SgTransferResult *sg_transfer_run_finish (GAsyncResult *result, GError **error);

void sg_transfer_result_free (SgTransferResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgTransferResult, sg_transfer_result_free)
