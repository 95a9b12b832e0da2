/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pieces of sg_guest_payload_add(). */
#pragma once

#include "baseimage/guest-payload.h"

/* Puts in what the tables (*.payload below the directory GUEST) name.  Fails with the table's name
 * and line. */
gboolean
sg_payload_tables (SgTree *tree, const SgGuestFacts *facts, const char *guest, GError **error);

/* The next word of *LINE, moved on; NULL at the end.  Words are apart by blanks; the line is
 * changed. */
char *sg_payload_word (char **line);

/* The names of the units in GUEST/units.list, as a set (name -> name); NULL on error. */
GHashTable *sg_payload_units_read (const char *guest, GError **error);

/* Whatever the host would start by itself and is not in ALLOWED is masked. */
void sg_payload_units (SgTree *tree, GHashTable *allowed);
