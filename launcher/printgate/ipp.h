/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of the Internet Printing Protocol (RFC 8010, 8011) passes between a sandbox and this
 * computer's CUPS: a table of operations, and requests written anew from what is in another table.
 *
 * Pure: bytes in, bytes out.  What comes from inside is a stranger's: every length is checked
 * before it is believed. */
#pragma once

#include <glib.h>

/* Most bytes of one request's or answer's attributes. */
#define SG_IPP_MOST (64u * 1024)

/* How far a message's attributes have been looked through; zeros at first. */
typedef struct
{
  gsize at; /* whole up to here */
} SgIppScan;

typedef enum
{
  SG_IPP_MORE,  /* not whole yet */
  SG_IPP_WHOLE, /* `at` is behind the end of the attributes */
  SG_IPP_BAD
} SgIppState;

/* BYTES: the message from its beginning; may be called again with more. */
SgIppState sg_ipp_scan (SgIppScan *scan, const guint8 *bytes, gsize len);

/* What becomes of a request. */
typedef enum
{
  SG_IPP_PASS,  /* `request` goes to CUPS */
  SG_IPP_ANSWER /* `answer` goes back, and nothing to CUPS */
} SgIppVerdict;

typedef struct
{
  GByteArray *request; /* owned; written anew */
  GByteArray *answer;  /* owned */
  char *path;          /* owned; to which it is posted: "/printers/NAME" */
  gboolean document;   /* what follows the attributes is one */
  gboolean makes_job;  /* the answer says its number: sg_ipp_job() */
} SgIppJudged;

/* BYTES: the attributes of a whole request (sg_ipp_scan()).  USER: in whose name it is asked.
 * JOBS: numbers (gint) of the sandbox's own jobs; others do not exist for it. */
SgIppVerdict sg_ipp_judge (const guint8 *bytes, gsize len, const char *user, const GArray *jobs,
                           SgIppJudged *ret);
void sg_ipp_judged_clear (SgIppJudged *judged);

/* The number of the job in an answer to a request that made one; 0: there is none. */
gint sg_ipp_job (const guint8 *bytes, gsize len);

/* Is this the path of a printer or a class of them: "/printers/NAME", with nothing else in it? */
gboolean sg_ipp_is_printer (const char *path);
