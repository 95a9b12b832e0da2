/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a session says first on its stream to the switch, and what it is answered.  Numbers are
 * big-endian. */
#pragma once

#define SG_SWITCH_HELLO "SGswitc2"
/* the word (8 bytes), MAC (6), the number that is wanted (2; 0: any), the session's id (8) */
#define SG_SWITCH_HELLO_LEN 24
#define SG_SWITCH_ID_LEN 8
#define SG_SWITCH_ANSWER_LEN 4 /* the number that it has (2; 0: none), why not (2) */

typedef enum
{
  SG_SWITCH_FINE,
  SG_SWITCH_FULL,
  SG_SWITCH_TAKEN, /* somebody has this MAC address */
} SgSwitchRefusal;
