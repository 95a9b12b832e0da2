/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this computer has, and what it cannot do, for grants (policies/ is pure and looks at
 * nothing). */
#pragma once

#include "policies/grants.h"

/* Fills in memory, processors, and, where PROFILE (may be NULL) asks for it, why there is no 3D or
 * no printer.  Looks; the last two may run QEMU once. */
void sg_computer_look (SgDefaults *defaults, const SgProfile *profile);

/* The same in two steps, for who looks at several profiles, or changes one: what no profile changes,
 * and the language of PROFILE (quick). */
void sg_computer_look_all (SgDefaults *defaults);
void sg_computer_look_locale (SgDefaults *defaults, const SgProfile *profile);

/* The socket of this computer's CUPS: the one that CUPS_SERVER names by a path, else the usual one.
 * NULL with the reason in *ret_why_not (static).  Free with g_free(). */
char *sg_computer_printers (const char **ret_why_not);
