/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPP requests as programs inside make them, and worse ones. */
#pragma once

#include <glib.h>

typedef struct
{
  guint8 tag;       /* 0: a group begins, whose tag is the value's first byte */
  const char *name; /* "": one more value */
  const char *text; /* NULL: `number` */
  gint number;
} IppAttribute;

/* OPERATION with character set and language, then ATTRIBUTES (up to one with tag 0 and no text),
 * then the end. */
GByteArray *ipp_request (guint operation, const IppAttribute *attributes);

/* POSTed to PATH in one piece, or in pieces of 7 bytes; DOCUMENT may be NULL. */
GByteArray *
ipp_post (const char *path, const GByteArray *request, const char *document, gboolean chunked);
