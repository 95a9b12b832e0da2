/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exit codes of the window that asks what becomes of an edited file (sandglass-viewer
 * --question=edit), for the command line, which starts it.  Not 0 or 1: an end by accident is no
 * answer. */
#pragma once

#define SG_ANSWER_REPLACE 30
#define SG_ANSWER_KEEP_BOTH 31
#define SG_ANSWER_DISCARD 32
