/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exit codes, and the one place where a command-line program tells a person about an error. */
#pragma once

#include <glib.h>

enum
{
  SG_EXIT_OK = 0,
  SG_EXIT_FAILED = 1,         /* what was asked did not work */
  SG_EXIT_USAGE = 2,          /* the command line was not understood */
  SG_EXIT_OURS = 125,         /* Sandglass failed before the command ran */
  SG_EXIT_NOT_RUNNABLE = 126, /* as shells do: found, cannot be executed */
  SG_EXIT_NOT_FOUND = 127     /* as shells do: not found */
};

/* Prints "sandglass: MESSAGE" on stderr (control characters shown as '?': messages can carry file
 * names). */
void sg_report (const GError *error);
void sg_report_text (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* Whether stderr leads into systemd's journal, where what is said stays on the disk. */
gboolean sg_report_is_journal (void);

/* A copy of TEXT that is safe on a terminal and in a window: valid UTF-8, no control characters but
 * line breaks and tabs, none that turn text around or are not seen; '?' stands for each.  Free with
 * g_free(). */
char *sg_printable (const char *text);

/* The same for what is one line: a name, a path, a title.  A line break in it would look like the
 * beginning of a line that we say.  Free with g_free(). */
char *sg_printable_line (const char *text);

/* JSON, valid UTF-8 as json-glib makes it, with the same characters written as \u escapes, which
 * changes nothing for who parses it.  Free with g_free(). */
char *sg_printable_json (const char *json);
