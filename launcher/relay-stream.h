/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One stream between the relay's loop and a descriptor of the client's: a thread that does blocking
 * reads or writes, and a ring of SG_WINDOW bytes between the two.
 *
 * Why a thread: the descriptor is the client's.  It may be a pipe, a socket, a terminal, a file on
 * a disk that sleeps.  Setting O_NONBLOCK would change it for everyone who shares it (the person's
 * shell), readiness says nothing about files, and a pipe that is "writable" still blocks a large
 * write.  A thread that blocks holds up nothing but its own stream.
 *
 * All functions are for the loop's thread.  A stream announces progress on the eventfd it was
 * given. */
#pragma once

#include <glib.h>

typedef struct SgStream SgStream;

/* Starts a stream that reads from (`reading`) or writes to `fd`, which it takes and closes when it
 * finishes.  `notify_fd` is borrowed. */
SgStream *sg_stream_new (gboolean reading, int fd, int notify_fd);

/* Only for a stream that has finished. */
void sg_stream_free (SgStream *stream);

/* Writing.  FALSE when LEN bytes have no room: the sender overran its credit. */
gboolean sg_stream_put (SgStream *stream, const void *data, gsize len);
/* Writing: no more comes; finishes once everything is written. */
void sg_stream_end (SgStream *stream);
/* Writing: bytes that have gone on (or, after a failure, been dropped) and were not told before,
 * once they are at least AT_LEAST; else 0, and they are kept. */
gsize sg_stream_take_gone (SgStream *stream, gsize at_least);

/* Reading: copies at most MAX bytes out; 0 when there is nothing now. */
gsize sg_stream_get (SgStream *stream, void *into, gsize max);
/* Reading: the end was reached and everything was taken out. */
gboolean sg_stream_at_end (SgStream *stream);

/* 0, or the errno of the read, write or close that failed; EPIPE: the client's reader is gone. */
int sg_stream_failure (SgStream *stream);

/* Gives up: finishes as soon as it can, without waiting for the other side.  Repeat while it has
 * not finished (a thread that blocks in a system call is woken by a signal, and signals race). */
void sg_stream_stop (SgStream *stream);

/* The thread has ended and the descriptor is closed. */
gboolean sg_stream_finished (SgStream *stream);

/* Once, before the first stream: the signal that interrupts a blocking call. */
void sg_stream_init (void);
