/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A profile that this person has not opened before is shown first, in plain words: what it would be
 * allowed.  On a terminal it is asked; elsewhere it is refused with the same words, and the options
 * that would open it. */
#pragma once

#include "launcher/grants-load.h"

#include <stdio.h>

typedef enum
{
  SG_ANSWER_OPEN,
  SG_ANSWER_WITHOUT, /* without what goes beyond the usual */
  SG_ANSWER_CANCEL
} SgAnswer;

/* Prints what GRANTED means. */
void sg_approve_show (FILE *to, const SgGranted *granted);

/* Asks on IN and OUT: "o", "w", "c" and what they stand for; the end of IN is a cancel. */
SgAnswer sg_approve_ask (FILE *in, FILE *out);

/* Looks whether what ASK asks for may be opened, and has it approved.  APPROVED: it was said on the
 * command line.  On TRUE ask->sha256, ->writable and ->without_asks are what was looked at and
 * answered.  FALSE: it was told why not, or was cancelled; *RET_CODE is the exit code. */
gboolean sg_approve (SgAsk *ask, gboolean approved, int *ret_code);
