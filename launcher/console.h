/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last words of the guest's console, or of a child's standard error.
 *
 * Whoever writes is not believed: a bounded number of bytes is kept, none is interpreted, and what
 * is shown is made printable.  A flood costs its writer time, not us memory. */
#pragma once

#include <glib.h>

typedef struct SgConsole SgConsole;

/* Takes FD (a pipe or socket) and reads it in the default main context, at low priority. */
SgConsole *sg_console_new (int fd);
void sg_console_free (SgConsole *console);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgConsole, sg_console_free)

/* Reads what is there now, without waiting: after a child's end. */
void sg_console_drain (SgConsole *console);

/* At most N_LINES of the last ones that are not empty, printable, without terminal sequences; NULL
 * when there are none.  Free with g_free(). */
char *sg_console_words (const SgConsole *console, guint n_lines);
