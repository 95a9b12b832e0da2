/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between ipp-read.c (bytes -> attributes), ipp-request.c (what a request says) and ipp.c (what
 * becomes of it). */
#pragma once

#include "launcher/printgate/ipp.h"

#define HEADER 8 /* version (2), operation or status (2), number (4) */

enum
{
  GROUP_OPERATION = 0x01,
  GROUP_JOB = 0x02,
  GROUP_END = 0x03,
  GROUP_LAST = 0x0f,
  TAG_INTEGER = 0x21,
  TAG_TEXT = 0x41,
  TAG_NAME = 0x42,
  TAG_URI = 0x45,
  TAG_CHARSET = 0x47,
  TAG_LANGUAGE = 0x48,
  TAG_COLLECTION = 0x34,
  TAG_END_COLLECTION = 0x37,
  TAG_MEMBER = 0x4a,
  TAG_EXTENSION = 0x7f /* four more bytes of tag follow, which nobody uses */
};

typedef struct
{
  guint8 group, tag; /* tag 0: a group begins */
  const char *name;
  guint name_len; /* 0: one more value of the last attribute, or of a collection */
  const guint8 *value;
  guint value_len;
  gsize len; /* of all of it */
} SgIppAttribute;

/* What is at BYTES: MORE and BAD as for a scan; WHOLE with *RET. */
SgIppState sg_ipp_next (const guint8 *bytes, gsize len, SgIppAttribute *ret);
gboolean sg_ipp_is (const SgIppAttribute *attribute, const char *name);

/* Numbers of two and of four bytes. */
guint sg_ipp_two (const guint8 *at);
guint32 sg_ipp_four (const guint8 *at);

typedef struct
{
  const guint8 *bytes; /* whole, with its end */
  gsize len;
  char *path; /* owned; of the printer; NULL: none is named */
  gint job;   /* 0: none is named */
} SgIppRequest;

/* Fills in PATH and JOB of REQUEST, whose BYTES are there.  FALSE: it is not well formed. */
gboolean sg_ipp_read_request (SgIppRequest *request);
