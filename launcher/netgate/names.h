/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which name an address was given for, learned from the answers that passed.
 *
 * In mode allowlist this is what opens an address; in the others it labels the record.  Of fixed
 * size: the oldest entry goes first. */
#pragma once

#include "launcher/netgate/address.h"

typedef struct _SgNames SgNames;

SgNames *sg_names_new (guint32 max, const guint8 key[16]);
void sg_names_free (SgNames *names);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgNames, sg_names_free)

/* ADDRESS was given for NAME, until EXPIRY (seconds on the gate's clock).  Names too long to be
 * host names are not learned. */
void sg_names_learn (SgNames *names, const SgAddress *address, const char *name, gint64 expiry);

/* The name that ADDRESS was given for last, valid or not; NULL when unknown.  Valid until the next
 * sg_names_learn(). */
const char *sg_names_latest (const SgNames *names, const SgAddress *address);

/* A name on LIST that ADDRESS was given for and that is still valid at NOW; NULL when there is
 * none. */
const char *
sg_names_listed (const SgNames *names, const SgAddress *address, char *const *list, gint64 now);
