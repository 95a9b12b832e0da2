/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Machines that were woken ahead and wait, paused: who opens a sandbox takes one of them.
 *
 * Such a session has no owner and no bus.  In its directory is one socket, `standby`
 * (SOCK_SEQPACKET).  Who connects sends one packet: a request, a GVariant a{sv} (memory u, cpus u,
 * in MB and number, 0 or not there: not asked; network s, allow as: as in SgAsk), with one descriptor: the session's end of
 * the owner's connection, as `--owner-fd` would have been.  The answer is one byte, 'y' or 'n'.
 * Two requests have no descriptor, and 'n' as answer: end b; stay u, so many seconds from now on.
 * After 'y' the socket is gone and the session is like any other; after 'n', or without an answer,
 * the client starts one itself.
 *
 * It ends by itself after its time, when the base, the template's key or the runtime directory is
 * not what it was, and gives way when sg_standby_why_not() says so. */
#pragma once

#include <gio/gio.h>

#define SG_STANDBY_SOCKET "standby"
#define SG_STANDBY_DEFAULT_SEC (15 * 60)

/* For who opens a sandbox.  The owner's end of a session that has taken the request, or -1 when
 * none waits (or none that fits): takes at most a moment.  NETWORK and ALLOW may be NULL. */
int sg_standby_take (guint memory_mb, guint cpus, const char *network, const char *const *allow);

/* How many wait. */
guint sg_standby_count (void);

/* What they take of this computer's memory: the fair part of each (session-memory.h), added up. */
guint64 sg_standby_memory (void);

/* Those that wait do so for SECONDS from now on.  How many there are. */
guint sg_standby_stay (guint seconds);

/* Has them all end; returns at once. */
void sg_standby_end_all (void);

/* Starts one more, that waits for at most SECONDS; returns once it runs, not once it waits.  It is
 * nobody's child. */
gboolean sg_standby_start (guint seconds, GError **error);

/* May there be one more now?  Not on battery, not with little memory.  NULL when there may, else
 * why not, a clause for a person (static). */
const char *sg_standby_why_not (void);
/* The same, of the computer whose /sys and /proc are below ROOT. */
const char *sg_standby_why_not_at (const char *root);
