/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The three descriptors a command gets.
 *
 * Files, pipes and sockets are handed on as they are: bytes go straight between them and the relay.
 * A terminal never leaves this process: the relay, which reads guest bytes, would get a descriptor
 * it can read the person's keys from, and a background job would steal them from the shell.  So a
 * terminal is pumped through a pipe here, by a thread that may block. */
#pragma once

#include <gio/gio.h>

typedef struct SgStreams SgStreams;

/* Prepares descriptors 0, 1 and 2 (without 2 when `tty`).  Free with sg_streams_free(). */
SgStreams *sg_streams_new (gboolean tty, GError **error);

/* What to hand on; -1 for the third with `tty`.  They stay owned by the streams. */
void sg_streams_get (SgStreams *streams, int ret_fds[3]);

/* The command has them now: closes our copies, so that ends are seen, and starts the pumps.
 * Descriptors 0 and 1 are /dev/null afterwards, unless they are terminals. */
void sg_streams_handed_on (SgStreams *streams);

/* The command is over: input is left alone from here on, and `done` is called in the default main
 * context once everything it wrote is on the terminal: at once where no terminal is pumped, never
 * where it is stuck.  Only after sg_streams_handed_on(). */
void sg_streams_finish (SgStreams *streams, GSourceOnceFunc done, gpointer data);

/* Does not wait for anything. */
void sg_streams_free (SgStreams *streams);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgStreams, sg_streams_free)
