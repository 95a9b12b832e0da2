/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes of a file that was edited in a sandbox, and short messages of `sandglass open`: each a
 * process of its own, with nothing of the sandbox but a name. */
#pragma once

#include <glib.h>

/* NAME of the file, its SIZES in bytes.  Returns a code of common/answers.h. */
int sg_edit_question_run (const char *name, gint64 before, gint64 after, const char *appearance);

/* Shows WORDS until they are read.  Returns an exit code. */
int sg_edit_tell_run (const char *words, const char *appearance);
