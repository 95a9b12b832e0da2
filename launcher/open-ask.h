/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions on the terminal, while the main loop runs (the sandbox's window is still there). */
#pragma once

#include <gio/gio.h>

/* A person can be asked: standard input and error are terminals. */
gboolean sg_ask_possible (void);

/* Prints QUESTION and waits for one of the letters of ANSWERS; OTHERWISE when the input ends or
 * CANCELLABLE says so.  One question at a time per terminal, whichever process asks. */
char sg_ask_letter (const char *question, const char *answers, char otherwise,
                    GCancellable *cancellable);

/* The same for a number from 1 to MOST; 0 for none. */
guint sg_ask_number (const char *question, guint most, GCancellable *cancellable);
