/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A large frame that is passed on without being read: its head is ours, its body stays in the
 * kernel.
 *
 * Most of what a gate costs is copying: out of one socket and into the next.  Of a large frame in
 * the middle of a connection only the headers are looked at; the rest is moved by splice() through
 * a kernel pipe.  The head was received like any other bytes and is written into the pipe from our
 * buffer, so that what was decided on is what is sent, even if the sender could still change the
 * pages that its body lies in.  A frame is sent when all of it is in the pipe, never before. */
#pragma once

#include <glib.h>

typedef struct
{
  int in, out;    /* the kernel pipe; -1: none, nothing is spliced here */
  gsize held;     /* bytes in it */
  gsize missing;  /* bytes of the frame that its sender's socket still has */
  gboolean begun; /* some of it is sent */
} SgBody;

#define SG_BODY_NONE ((SgBody){ .in = -1, .out = -1 })

/* Tries whether this kernel can do it with stream sockets; where not, BODY is not usable. */
void sg_body_init (SgBody *body);
void sg_body_clear (SgBody *body);
gboolean sg_body_usable (const SgBody *body);

/* BODY is empty.  Begins a frame with the LEN bytes at HEAD; MISSING more are to come.  FALSE: the
 * kernel would not, BODY is no longer usable. */
gboolean sg_body_begin (SgBody *body, const guint8 *head, gsize len, gsize missing);

typedef enum
{
  SG_BODY_WHOLE, /* nothing is missing any more */
  SG_BODY_LATER, /* the sender has no more for now */
  SG_BODY_STUCK, /* it comes in too many pieces, or cannot be spliced: sg_body_read() it */
  SG_BODY_GONE,  /* the sender */
} SgBodyState;

/* Takes from the socket FROM what is missing, without waiting. */
SgBodyState sg_body_fill (SgBody *body, int from);

/* Sends what is held to the socket TO, which must not block.  TRUE: all; FALSE: errno says why not.
 */
gboolean sg_body_send (SgBody *body, int to);

/* Empties it into BYTES, which has room for all that is held; returns how much that was, or 0 when
 * it cannot be had (it is empty then, too). */
gsize sg_body_read (SgBody *body, guint8 *bytes);
