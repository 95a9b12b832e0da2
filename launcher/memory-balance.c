/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Growing is quick and by doubling: what a program asks for inside cannot wait.  Giving back is
 * slow, and leaves as much unused as a program may take at once: who compiles, pauses and compiles
 * again should not work for memory each time. */
#include "launcher/memory-balance.h"

#define MIB (G_GUINT64_CONSTANT (1) << 20)
#define STEP (128 * MIB)         /* a memory block of Linux */
#define INSIDE_KEEPS (512 * MIB) /* unused */
#define WORTH (2 * STEP)         /* less is not taken */
#define CALM_LOOKS 3

guint64
sg_balance_grow (const SgBalance *balance, guint64 held, guint64 host_available)
{
  guint64 wanted = MIN (balance->most, balance->given * 2);
  guint64 promised = balance->given > held ? balance->given - held : 0; /* not taken yet */
  guint64 kept = SG_BALANCE_HOST_KEEPS + promised;
  guint64 room = host_available > kept ? host_available - kept : 0;

  if (wanted <= balance->given || room < STEP)
    return balance->given;
  return wanted - balance->given <= room ? wanted : balance->given + room / STEP * STEP;
}

guint64
sg_balance_look (SgBalance *balance, guint64 available)
{
  guint64 unused = available > INSIDE_KEEPS ? available - INSIDE_KEEPS : 0;
  guint64 above = balance->given > balance->first ? balance->given - balance->first : 0;
  guint64 less = MIN (unused, above);

  if (less < WORTH && less < above)
    less = 0;
  balance->calm = less > 0 ? balance->calm + 1 : 0;
  if (balance->calm < CALM_LOOKS)
    return balance->given;
  balance->calm = 0;
  return less == above ? balance->first : balance->given - less / STEP * STEP;
}
