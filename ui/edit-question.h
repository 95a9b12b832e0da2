/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes of a file that was edited in a sandbox, which program opens one, and short messages of
 * `sandglass open`: each a process of its own, with nothing of the sandbox but names. */
#pragma once

#include <glib.h>

/* NAME of the file, its SIZES in bytes.  Returns a code of common/answers.h. */
int sg_edit_question_run (const char *name, gint64 before, gint64 after, const char *appearance);

/* Which of PROGRAMS (names from the sandbox, at most SG_ANSWER_PROGRAMS_MOST are shown) opens the file
 * NAME; WHY the usual one does not.  Returns a code of common/answers.h. */
int sg_program_question_run (const char *name, const char *why, const char *const *programs,
                             const char *appearance);

/* Shows WORDS until they are read.  Returns an exit code. */
int sg_edit_tell_run (const char *words, const char *appearance);
