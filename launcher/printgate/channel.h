/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One connection of a program inside to "CUPS", as a value: bytes come in from both sides, bytes to
 * be sent lie in two buffers.  It carries one request; then it is closed, which every client of
 * CUPS knows to live with.
 *
 *   HEAD -> BODY -> WAITING -> done        HEAD, BODY -> done where it is answered here
 *
 * Posted IPP passes as ipp.h lets it; besides, the description (PPD) of a printer can be fetched,
 * as GTK's dialog wants it.  Nothing else. */
#pragma once

#include <glib.h>

/* Of one job's document, and of all jobs of a sandbox. */
#define SG_PRINT_DOCUMENT_MOST (512u << 20)
#define SG_PRINT_JOBS_MOST 1000u

/* What all connections of a sandbox share. */
typedef struct
{
  const char *user; /* of this computer, in whose name is printed */
  GArray *jobs;     /* gint: those of this sandbox */
} SgPrintOwner;

typedef struct SgPrintChannel SgPrintChannel;

/* OWNER stays the caller's. */
SgPrintChannel *sg_print_channel_new (SgPrintOwner *owner);
void sg_print_channel_free (SgPrintChannel *channel);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgPrintChannel, sg_print_channel_free)

void sg_print_channel_from_inside (SgPrintChannel *channel, const guint8 *bytes, gsize len);
/* LEN 0: CUPS has closed, or could not be reached. */
void sg_print_channel_from_cups (SgPrintChannel *channel, const guint8 *bytes, gsize len);

/* Take from the front. */
GByteArray *sg_print_channel_to_inside (SgPrintChannel *channel);
GByteArray *sg_print_channel_to_cups (SgPrintChannel *channel);

/* A connection to CUPS is wanted; stays so. */
gboolean sg_print_channel_wants_cups (const SgPrintChannel *channel);

/* Nothing more will come: close when what lies in to_inside is sent. */
gboolean sg_print_channel_done (const SgPrintChannel *channel);
