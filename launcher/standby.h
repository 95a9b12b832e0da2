/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Machines that were woken ahead and wait, paused: who opens a sandbox takes one of them.
 *
 * It waits for nobody in particular, or for who asks by the profile that it was started with: its
 * "mark" (sg_standby_mark()) is of that file's path and bytes, and of the environment, which the
 * profile's paths are expanded in (without the current directory, unless the file names that).  A request whose mark is another one is refused; the grants are
 * made anew when it is taken, by the rules of then, or it ends.
 *
 * Such a session has no owner.  In its directory is one socket, `standby` (SOCK_SEQPACKET).  Who
 * connects sends one packet: a request, a GVariant a{sv} (memory u, cpus u, in MB and number, 0 or
 * not there: not asked; network s, allow as, look b, program s, purpose s, config s, without b,
 * writable aay: as in SgAsk; for s: the mark, "" or not there: none; window s: below), with one descriptor:
 * the session's end of the owner's connection, as `--owner-fd` would have been.  The answer is one
 * byte, an SgStandbyAnswer.  Two requests have no descriptor: end b; stay u, so many seconds from
 * now on ('k'), where the mark is its own: one that waits with another mark ends.  After 'y' or 'w'
 * the socket is gone and the session is like any other; after 'n', or without an answer, the client starts one itself.
 *
 * A window can wait with it (ui/spare.h): join s, a word that nobody else knows, with the session's
 * end of a D-Bus connection that may ask for the display and nothing else.  It stays ('w') when
 * whoever takes the machine says that word ("window") and is granted what was granted while it
 * waited; otherwise its connection is closed before the machine goes on.  Whoever opens without one
 * asks first for a machine that none waits with (alone b).
 *
 * For that window the machine runs for a moment more: where a network is granted, its card is plugged
 * in and set up, behind a gate that is shut (session-network.h).  A request that comes meanwhile is
 * answered, and carried out then.
 *
 * It ends by itself after its time, when the base, the template's key or the runtime directory is
 * not what it was, and gives way when sg_standby_why_not() says so. */
#pragma once

#include <gio/gio.h>

#define SG_STANDBY_SOCKET "standby"
#define SG_STANDBY_DEFAULT_SEC (15 * 60)

typedef enum
{
  SG_STANDBY_NO = 'n',
  SG_STANDBY_KEPT = 'k',
  SG_STANDBY_JOINED = 'j',
  SG_STANDBY_TAKEN = 'y',
  SG_STANDBY_TAKEN_WITH_WINDOW = 'w'
} SgStandbyAnswer;

typedef struct
{
  guint memory_mb, cpus;    /* 0: not asked */
  const char *network;      /* NULL: not asked */
  const char *const *allow; /* likewise */
  const char *profile;      /* a `.wsb` file, as sandglass-session is given it; NULL: none */
  const char *sha256;       /* what that file must be; NULL: as it is */
  const char *purpose;      /* this and the next three: as in SgAsk */
  const char *config;       /* one that names nothing of this computer: no path, no variable */
  const char *const *writable;
  gboolean without_asks;
  gboolean look;            /* a window will show it */
  const char *program;      /* as in SgAsk */
  const char *id;           /* whose turn is first; NULL: anybody's */
  const char *window;       /* the word of the window that waits with that one; NULL: none does */
} SgStandbyWish;

/* For who opens a sandbox.  The owner's end of a session that has taken the request, or -1 when
 * none waits (or none that fits): takes at most a moment.  *ret_window (may be NULL): whether the
 * window that waited is its window. */
int sg_standby_take (const SgStandbyWish *wish, gboolean *ret_window);

/* For a window that is to wait with one of them that waits for PROFILE (or NULL), known by WORD.
 * The window's end of its connection and the session's id (free with g_free()), or -1. */
int sg_standby_join (const char *word, const char *profile, char **ret_id);

/* Who asks by PROFILE here and now; "" without one, NULL where the file cannot be read.  *ret_sha256
 * (may be NULL) is that of its bytes.  Free with g_free(), both. */
char *sg_standby_mark (const char *profile, char **ret_sha256);

/* How many wait. */
guint sg_standby_count (void);

typedef struct
{
  char *id;
  guint64 bytes; /* its fair part of this computer's memory (session-memory.h); 0: not known */
} SgStandbyOne;

/* Those that wait: of SgStandbyOne; free with g_ptr_array_unref(). */
GPtrArray *sg_standby_list (void);

/* What they take, added up. */
guint64 sg_standby_memory (void);

/* Those that wait for PROFILE (or NULL) do so for SECONDS from now on; those that wait for another
 * one, or for what that file was, end.  How many stay. */
guint sg_standby_stay (guint seconds, const char *profile);

/* Has them all end; returns at once. */
void sg_standby_end_all (void);

/* Starts one more, that waits for PROFILE (or NULL) for at most SECONDS; returns once it runs, not once it waits.  It is
 * nobody's child. */
gboolean sg_standby_start (guint seconds, const char *profile, GError **error);

/* May there be one more now?  Not on battery, not with little memory.  NULL when there may, else
 * why not, a clause for a person (static). */
const char *sg_standby_why_not (void);
/* The same, of the computer whose /sys and /proc are below ROOT. */
const char *sg_standby_why_not_at (const char *root);
