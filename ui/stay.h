/* SPDX-License-Identifier: GPL-2.0-or-later */
/* While a sandbox's window is open, the computer is not switched off, put to sleep or logged out of
 * without a word: everything in the sandbox would be gone.  Asked of the session's manager (GNOME's
 * interface, which others have, too) and of logind; where neither is, nothing is asked.
 *
 * For the keeper: blocks, for some seconds at most. */
#pragma once

#include <glib.h>

typedef struct SgStay SgStay;

SgStay *sg_stay_begin (void);

/* Whom it was asked of: bits, for tests and a log. */
#define SG_STAY_SESSION 1
#define SG_STAY_LOGIND 2
int sg_stay_holds (const SgStay *stay);

void sg_stay_end (SgStay *stay);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgStay, sg_stay_end)
