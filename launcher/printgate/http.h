/* SPDX-License-Identifier: GPL-2.0-or-later */
/* As much of HTTP/1.1 (RFC 9112) as printing needs: the head of a message, and its body's bytes.
 * Pure; what could be read in two ways is refused. */
#pragma once

#include <glib.h>

#define SG_HTTP_HEAD_MOST (16u * 1024)

typedef struct
{
  char method[16];  /* of a request: "POST" */
  char path[512];   /* of a request */
  guint status;     /* of an answer */
  gint64 length;    /* of the body; -1: not said */
  gboolean chunked; /* the body comes in pieces that say their length */
  gboolean waits;   /* the body comes after a "100 Continue" */
  gboolean ipp;     /* the body is application/ipp */
} SgHttpHead;

/* How many of BYTES the head is, with its empty line; 0: not whole yet; -1: it is none. */
gssize sg_http_head (const guint8 *bytes, gsize len, gboolean is_answer, SgHttpHead *ret);

typedef enum
{
  SG_HTTP_MORE,
  SG_HTTP_END,
  SG_HTTP_BAD
} SgHttpState;

/* A body that is being read. */
typedef struct
{
  guint64 left; /* of the body, or of this piece */
  guint8 state; /* http.c */
  guint line;   /* length of the line so far */
  gboolean digits;
} SgHttpBody;

void sg_http_body_init (SgHttpBody *body, const SgHttpHead *head);

/* Appends what BYTES hold of the body to OUT; *RET_USED: how many of them belong to it. */
SgHttpState sg_http_body_take (SgHttpBody *body, const guint8 *bytes, gsize len, GByteArray *out,
                               gsize *ret_used);
