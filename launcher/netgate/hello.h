/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server's name from the first bytes of a TLS connection (SNI, RFC 6066). */
#pragma once

#include <glib.h>

#define SG_HELLO_NAME_MAX 256

typedef enum
{
  SG_HELLO_NAME,    /* the name is there */
  SG_HELLO_NO_NAME, /* a ClientHello without one */
  SG_HELLO_CUT,     /* the beginning of one; where it ends, none has come: the rest is in another
                     * segment, or in another record of TLS's */
  SG_HELLO_NOT_TLS,
} SgHello;

/* Looks at the start of a connection's first segment.  Never reads behind LEN. */
SgHello sg_hello_parse (const guint8 *bytes, gsize len, char ret_name[SG_HELLO_NAME_MAX]);
