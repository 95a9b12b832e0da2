/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The thread of a run (transfer-run.h): reads both streams of a command until their end, a failure, or
 * until it is told to stop.  It owns the pipes; what it has collected belongs to who started it once
 * `ended` has been called. */
#pragma once

#include "launcher/transfer-run.h"

typedef struct
{
  int out, err, stop, in; /* owned; `in` is only asked how far it was read; -1: there is none */
  guint idle_msec;
  gsize most;
  SgTransferSink sink;
  gpointer sink_data;
  SgTransferHowFar how_far;
  gpointer how_far_data;
  GByteArray *collected; /* owned */
  GString *words;        /* owned */
  GError *error;         /* owned */
  _Atomic guint64 moved; /* bytes that came out, were read from `in`, or as `how_far` says */
  GMainContext *context; /* owned */
  GTask *task;           /* owned: kept alive by the thread */
  GSourceFunc ended;     /* called with `task` in that context, at the end */
} SgTransferReader;

/* Without its pipes (out, err, stop): the caller puts them in.  What COMMAND points to is kept. */
SgTransferReader *sg_transfer_reader_new (GTask *task, const SgTransferCommand *command,
                                          GSourceFunc ended);
void sg_transfer_reader_free (SgTransferReader *reader);

/* Takes the reference of TASK that READER holds. */
GThread *sg_transfer_reader_start (SgTransferReader *reader);
