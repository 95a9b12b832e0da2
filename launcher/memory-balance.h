/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much memory a sandbox is given while it runs, between what it starts with and what it may
 * have.  Pure: numbers in, a number out.  All in bytes; what is given is with the template's. */
#pragma once

#include <glib.h>

/* This much of the computer's memory stays free. */
#define SG_BALANCE_HOST_KEEPS (G_GUINT64_CONSTANT (1) << 30)

typedef struct
{
  guint64 first, most; /* what is given is never less, never more */
  guint64 given;       /* now */
  guint calm;          /* looks in a row that found much unused */
} SgBalance;

/* It needs more: what to give.  HELD: resident in the computer's memory; HOST_AVAILABLE: what this
 * has left.  As much as is given where there is no room. */
guint64 sg_balance_grow (const SgBalance *balance, guint64 held, guint64 host_available);

/* A look inside has found AVAILABLE: what to give.  Less only when much was unused for a while. */
guint64 sg_balance_look (SgBalance *balance, guint64 available);
