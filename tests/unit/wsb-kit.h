/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Profiles from text, for tests: of a person "maria", whose home folder is /home/maria, in a file
 * x.wsb that lies in its folder "saved". */
#pragma once

#include "policies/grants.h"

extern const SgProfileHost wsb_kit_host;

/* A whole profile, and what stands in its root element; both must be readable. */
SgProfile *wsb_kit_read (const char *xml, gsize len);
SgProfile *wsb_kit_inner (const char *inner);

/* What a computer of 16000 MB with 8 processors grants it, without rules. */
SgGrants *wsb_kit_grants (const SgProfile *profile);

/* It is refused with a message that begins with START. */
void wsb_kit_refused (const void *data, gsize len, const char *start);
