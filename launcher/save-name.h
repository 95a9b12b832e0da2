/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of files that a guest has chosen, made fit for this computer's disk.  No I/O. */
#pragma once

#include <glib.h>

/* What LEN bytes of a name from inside are called out here: valid UTF-8, one line, no slash, no
 * characters that turn the direction of the text around, no leading dot (a file that hides, or that
 * a shell runs, is not made by a guest) or dash (`rm *` would read it as options), never ".", ".." or empty, at most 240 bytes with the
 * extension kept.  Free with g_free(). */
char *sg_save_name (const char *bytes, gsize len);

/* NAME for the first try (1), "stem (2).ext" and so on for the next.  At most 255 bytes.  Free with
 * g_free(). */
char *sg_save_name_numbered (const char *name, guint n);

/* "stem (WORDS).ext", or "stem (WORDS 2).ext" for the second try, and so on.  NAME may be any
 * bytes: it is one of this computer's own.  Free with g_free(). */
char *sg_save_name_with (const char *name, const char *words, guint n);

/* Where the extension of NAME begins, with its dot; its end when there is none.  ".tar.gz" is one
 * extension. */
const char *sg_save_extension (const char *name);

/* Whether a file of this name could run on a double click, or is made to be run. */
gboolean sg_save_is_program_name (const char *name);
