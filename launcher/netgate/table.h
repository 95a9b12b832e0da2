/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of addresses that are not the internet: each range with its reason and the document
 * that defines it.  Order matters: the first row that holds an address decides, so exceptions stand
 * above the range they are in. */
#pragma once

#include "launcher/netgate/address.h"
#include "launcher/netgate/reason.h"

typedef enum
{
  SG_RANGE_NEVER,    /* closed in every mode */
  SG_RANGE_LAN,      /* open in mode lan */
  SG_RANGE_EMBEDDED, /* an IPv4 address is inside: that one decides */
} SgRangeKind;

typedef struct
{
  const char *prefix;
  SgRangeKind kind;
  SgReason reason;
  guint8 embedded_at; /* SG_RANGE_EMBEDDED: where its IPv4 address starts, in bytes */
  const char *source;
} SgRange;

/* All rows, as many as *RET_COUNT.  Static. */
const SgRange *sg_table_rows (gsize *ret_count);

/* The table with its prefixes parsed.  Free with g_free(). */
typedef struct _SgTable SgTable;
SgTable *sg_table_new (void);

/* The row that decides on ADDRESS, or NULL: an ordinary address.  Where an IPv4 address is
 * embedded, the row is that of the embedded one, and NULL means that this one is ordinary;
 * *RET_INNER (where not NULL) becomes the address that was decided on. */
const SgRange *sg_table_find (const SgTable *table, const SgAddress *address, SgAddress *ret_inner);
