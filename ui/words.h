/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small pieces of text that several screens say alike. */
#pragma once

#include <glib.h>

/* How long something has been open: "just now", "6 min", "2 h 5 min".  Free with g_free(). */
char *sg_words_since (gint64 started_usec, gint64 now_usec);

/* A day in the past: "today", "Monday" within the last six days, else the date.  Both in seconds
 * since 1970.  Free with g_free(). */
char *sg_words_day (gint64 then, gint64 now);

/* "Sandbox - NAME": the first word is ours whatever NAME is.  NAME comes from a profile or a
 * session: it is cut to one short line of printable text, and direction marks that could move the
 * first word are taken out.  Free with g_free(). */
char *sg_words_title (const char *name);

/* The NAME part of the above; "Desktop" where there is none, or none that can be shown. */
char *sg_words_name (const char *name);

/* A file's name from inside a sandbox, made one short line of printable text, with its end kept.
 * Free with g_free(). */
char *sg_words_file (const char *name);

/* For a notification's body, which some desktops read as markup (links, pictures) and others do not:
 * nothing in it is a tag.  It can hold last words from inside.  Free with g_free(). */
char *sg_words_unmarked (const char *text);

/* What a session or a build waits for, in the person's language where it is one of the known ones.
 * Free with g_free(). */
char *sg_words_stage (const char *stage);
