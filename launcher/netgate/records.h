/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who was contacted: one record for each address and name, of a bounded number; what comes after
 * that is counted in one record of its own (no address, name "others"). */
#pragma once

#include "launcher/netgate/address.h"
#include "launcher/netgate/reason.h"

#define SG_RECORD_OTHERS 0

typedef struct
{
  SgAddress address; /* all zero: a name that was looked up, and refused */
  char *name;        /* owned; "" where unknown: then the address is all there is */
  guint64 bytes_out, bytes_in;
  guint64 connections, blocked; /* blocked: packets or lookups */
  gint64 first, last;           /* CLOCK_REALTIME microseconds */
  SgReason reason;              /* of what was blocked last */
  const char *source;           /* the document behind that reason, or NULL; static */
  guint16 port;                 /* the last one */
  guint8 protocol;
  guint32 next;
} SgRecord;

typedef struct _SgRecords SgRecords;

SgRecords *sg_records_new (guint32 max, const guint8 key[16]);
void sg_records_free (SgRecords *records);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgRecords, sg_records_free)

/* The index of the record for ADDRESS and NAME (NULL: unknown), made when missing. */
guint32 sg_records_for (SgRecords *records, const SgAddress *address, const char *name, gint64 now);

/* Valid until sg_records_free(); INDEX from sg_records_for(), or below sg_records_count(). */
SgRecord *sg_records_get (SgRecords *records, guint32 index);
guint32 sg_records_count (const SgRecords *records);
