/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What may pass between the sandbox's clipboard and this computer's: decided here and nowhere else.
 *
 * Pure: a state, an event, the time; the answer is a verdict.  No GTK, no SPICE, no clock; so each
 * cell of direction x kind x size x gesture or consent x switch x lock is a line of a test.
 *
 *   In:   a person's gesture (a paste key, a middle click, the menu) opens the door for one clip
 *         and for a short time.  Until then the sandbox does not learn that there is anything.
 *   Out:  the sandbox offers; the person is asked, or has said "always", or "never".
 *
 * A grant limits what a switch can be set to; a lock of the computer's screen, and the window's end,
 * shut both directions whatever else is said.  Times are monotonic microseconds. */
#pragma once

#include <glib.h>

typedef enum
{
  SG_CLIP_TEXT,
  SG_CLIP_IMAGE,
  SG_CLIP_FILES,
  SG_CLIP_OTHER
} SgClipKind;

typedef enum
{
  SG_CLIP_NEVER,
  SG_CLIP_PASTE, /* in: upon a gesture */
  SG_CLIP_ASK,   /* out */
  SG_CLIP_ALWAYS /* out: the person, or the profile, said so */
} SgClipMode;

typedef enum
{
  SG_CLIP_PASS,
  SG_CLIP_MUST_ASK,
  SG_CLIP_NOT_GRANTED,  /* this direction, by profile or policy */
  SG_CLIP_SWITCHED_OFF, /* by the person */
  SG_CLIP_LOCKED,       /* this computer's screen */
  SG_CLIP_CLOSED,       /* the window */
  SG_CLIP_NO_GESTURE,   /* none, too long ago, or its clip was taken already */
  SG_CLIP_PASSWORD,     /* marked as one */
  SG_CLIP_KIND,         /* this kind is not granted */
  SG_CLIP_EMPTY,
  SG_CLIP_TOO_LARGE,
  SG_CLIP_TOO_OFTEN, /* the sandbox offers too much; wait, see sg_clip_offer_wait() */
  SG_CLIP_REFUSED    /* the person said no */
} SgClipVerdict;

typedef struct
{
  SgClipMode in, out; /* the most that is granted: NEVER or PASTE; NEVER, ASK or ALWAYS */
  gboolean text, images, files;
  guint64 max_bytes; /* of one clip */
} SgClipGrants;

typedef struct
{
  SgClipGrants grants;
  SgClipMode in, out; /* the switches */
  gboolean locked, closed;
  gint64 open_until; /* the gesture's door; 0: shut */
  guint takes_left;  /* how often the clip of this gesture may still be read */
  gint64 offered_at; /* the last offer that was looked at; 0: none */
  guint refusals;    /* by the person, one after the other */
  gint64 told_at;    /* the last line about what the sandbox was refused; 0: none */
} SgClipState;

/* How long a paste key opens the door, and the menu's Paste In (the person still has to paste). */
#define SG_CLIP_KEY_OPEN (5 * G_USEC_PER_SEC)
#define SG_CLIP_MENU_OPEN (30 * G_USEC_PER_SEC)
/* Programs ask for one and the same clip more than once (as text, as UTF-8).  It is inside by then;
 * so that is allowed, some times, and for this long after the first. */
#define SG_CLIP_TAKES 4
#define SG_CLIP_TAKEN_OPEN (G_USEC_PER_SEC / 2)
/* The sandbox's offers are looked at this often at most. */
#define SG_CLIP_OFFER_EVERY (G_USEC_PER_SEC / 2)
/* After so many times "No" the sandbox is not asked for any more: copying out is switched off. */
#define SG_CLIP_REFUSALS 4
/* What passes besides clips: the other messages of the channel. */
#define SG_CLIP_BESIDE (G_GUINT64_CONSTANT (16) << 20)
/* Lines about what the sandbox was refused come this often at most. */
#define SG_CLIP_TOLD_EVERY G_USEC_PER_SEC

/* What holds where nobody said anything, and: nothing at all. */
SgClipGrants sg_clip_grants_default (void);
SgClipGrants sg_clip_grants_none (void);

/* From a session's property Grants.  NULL or "": the default.  What is not understood is not
 * granted. */
SgClipGrants sg_clip_grants_parse (const char *json);

/* The switches stand at what is granted. */
void sg_clip_init (SgClipState *state, const SgClipGrants *grants);

/* They are known only now: the switches stand at them, and what is shut by then stays shut. */
void sg_clip_granted (SgClipState *state, const SgClipGrants *grants);

/* New grants while it runs: switches are only ever narrowed by it. */
void sg_clip_narrow (SgClipState *state, const SgClipGrants *grants);

/* What the person sets: FALSE where it is not granted; then nothing changes.  A granted ASK may be
 * made ALWAYS: it is the person who would be asked. */
gboolean sg_clip_switch_in (SgClipState *state, SgClipMode mode);
gboolean sg_clip_switch_out (SgClipState *state, SgClipMode mode);

/* A lock or the window's end also shuts the gesture's door. */
void sg_clip_lock (SgClipState *state, gboolean locked);
void sg_clip_close (SgClipState *state);
/* The window is there again: closing was taken back.  A gesture's door stays shut. */
void sg_clip_reopen (SgClipState *state);

/* --- in */

/* Whether a gesture may look at this computer's clipboard at all. */
SgClipVerdict sg_clip_may_look (const SgClipState *state);

/* Whether a clip of KIND may go in, before its size is known, and then with it. */
SgClipVerdict sg_clip_may_announce (const SgClipState *state, SgClipKind kind, gboolean password);
SgClipVerdict sg_clip_fits (const SgClipState *state, guint64 bytes);

/* It was announced inside: the door is open for USEC. */
void sg_clip_open (SgClipState *state, gint64 now, gint64 usec);
void sg_clip_shut (SgClipState *state);

/* The sandbox asks for the clip.  With PASS one of its takes is used up. */
SgClipVerdict sg_clip_take (SgClipState *state, gint64 now);

/* --- out */

/* The sandbox offers a clip of KIND.  PASS or MUST_ASK: it may be fetched; TOO_OFTEN: look again
 * after sg_clip_offer_wait(). */
SgClipVerdict sg_clip_offer (SgClipState *state, SgClipKind kind, gint64 now);
gint64 sg_clip_offer_wait (const SgClipState *state, gint64 now);

/* It has arrived.  ASKED_FOR: the kind that was fetched.  PASS: onto this computer's clipboard;
 * MUST_ASK: show it. */
SgClipVerdict
sg_clip_arrived (const SgClipState *state, SgClipKind asked_for, SgClipKind kind, guint64 bytes);

/* The person's answer to the question.  PASS or why not; also whether things are as they were when
 * it was asked (a lock, a switch). */
SgClipVerdict sg_clip_answer (SgClipState *state, gboolean yes);

/* Whether the sandbox may go on sending, when BYTES have come since what it said last was at an end.  The
 * library gathers all of a message before anybody here sees how large it is, and what is announced may be
 * 4 GB. */
gboolean sg_clip_may_send (const SgClipState *state, guint64 bytes);

/* Whether a line for the journal is due.  Each thing that a PERSON did has one.  Of what the sandbox
 * brings about by itself and does not get there is one a second, so that a flood is none of lines;
 * and no flood of its keeps a person's line out. */
gboolean sg_clip_is_told (SgClipState *state, SgClipVerdict verdict, gboolean person, gint64 now);

/* For the journal: "passed", "the screen is locked"; never translated. */
const char *sg_clip_verdict_name (SgClipVerdict verdict);
const char *sg_clip_kind_name (SgClipKind kind);
