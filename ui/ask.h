/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting the question (question.h) as a process of its own: by the keeper for the viewer, and by
 * the app for a sandbox in its list. */
#pragma once

#include <glib.h>
#include <sys/types.h>

typedef enum
{
  SG_ASK_CLOSE = 1,  /* may it be thrown away? asks only if something would be lost */
  SG_ASK_SAVE = 2,   /* Save Files: the sandbox stays */
  SG_ASK_PUT = 3,    /* may files be copied in? put.h */
  SG_ASK_FOLDERS = 4, /* which folders it has: folders.h */
  SG_ASK_USB = 5     /* which USB devices it has: usb-window.h */
} SgAsk;

/* Exit codes.  Not 0 or 1: an end by accident is never an answer. */
#define SG_ASK_DISCARD 20
#define SG_ASK_KEEP 21
#define SG_ASK_NOTHING 22 /* nothing would be lost, so nothing was asked */

/* The question's command line, for the sandbox ID.  PARENT: the window on which it stands (of X11;
 * 0: none).  COPYING: so many groups of files are copied in just now.  APPEARANCE: NULL: as the
 * desktop.  Free with g_strfreev(). */
char **sg_ask_argv (const char *id, SgAsk what, guint32 parent, guint copying,
                    const char *appearance, GError **error);

/* Starts it with PATHS (LENGTH bytes) as a file on its standard input; -1 where that cannot be. */
pid_t sg_ask_start (char **argv, const char *paths, gsize length);

/* Runs it and returns its exit code; -1 when it could not be run, or was ended because the other
 * end of WATCHED (a socket) closed meanwhile.  Blocks: for the keeper. */
int sg_ask_run (char **argv, int watched);
