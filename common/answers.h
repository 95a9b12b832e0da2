/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exit codes of the windows in which `sandglass open` asks (sandglass-viewer --question=...), for the
 * command line, which starts them.  Not 0 or 1: an end by accident is no answer. */
#pragma once

#define SG_ANSWER_REPLACE 30
#define SG_ANSWER_KEEP_BOTH 31
#define SG_ANSWER_DISCARD 32

/* --question=program: none, or this and the number of the one that was chosen, from 0 on. */
#define SG_ANSWER_NO_PROGRAM 39
#define SG_ANSWER_PROGRAM 40
#define SG_ANSWER_PROGRAMS_MOST 40
