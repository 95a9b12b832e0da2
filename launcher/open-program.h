/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of `sandglass open` (cmd-open.c): which program opens the file inside, and several files.
 */
#pragma once

#include "launcher/open-end.h"

/* Has what starts this computer's program get ready inside, while the file goes in. */
void sg_open_program_prepare (SgOpening *opening);

/* Starts the program that this computer uses, or the one that was asked for, or lets a person
 * choose one of those inside.  TRUE once it runs, or a window has come; what its windows do is in
 * opening->event from then on. */
gboolean sg_open_program (SgOpening *opening, GError **error);

/* One file, to its end: an exit code. */
int sg_open_one (SgOpening *opening, const char *path);

/* A process for each of FILES, until all have ended: an exit code.  OPTIONS: argv without the
 * files. */
int sg_open_each (GPtrArray *options, char **files);

/* What stops everything: a signal, or the session's end.  FALSE with why. */
gboolean sg_open_goes_on (SgOpening *opening, GError **error);

/* Where there is no terminal (a file manager started us), what is said there is read by nobody.
 * Who asks for quiet tells it himself, unless it is what a person MUST know: of work that was not
 * saved where it was expected. */
void sg_open_tell (const SgOpening *opening, gboolean must, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
