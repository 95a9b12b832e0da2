/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions of `sandglass open` in a window: where there is a display and no terminal to ask on
 * (from the app, from a file manager).  The main loop runs meanwhile. */
#pragma once

#include "launcher/open-end.h"

/* A person can be asked in a window. */
gboolean sg_window_ask_possible (const SgOpening *opening);

/* Where windows tell it, nothing is said on a stderr that is the journal (a file manager has
 * started us): the names of files, and of what was in the sandbox, would stay on the disk.  For
 * this process and its children. */
void sg_window_keep_out_of_journal (const SgOpening *opening);

/* What becomes of the edit: 'r'eplace, 'k'eep both, 'd'iscard.  'k' where there is no answer. */
char sg_window_ask_edit (SgOpening *opening);

/* Whether what else was saved inside may be thrown away, with Save Files on the page; nothing is
 * asked where there is nothing.  FALSE: the person keeps the sandbox, or could not be asked. */
gboolean sg_window_ask_others (SgOpening *opening);

/* Which of PROGRAMS (SgOpenProgram) opens the file; WHY the usual one does not.  From 1 on; 0:
 * none. */
guint sg_window_ask_program (SgOpening *opening, const char *why, const GPtrArray *programs);

/* Tells in a window what a person without a terminal would not learn; does not wait. */
void sg_window_tell (const SgOpening *opening, const char *words);

/* The sandbox's own window once more, for a sandbox that stays. */
void sg_window_show (const SgOpening *opening);
