/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the two processes of sandglass-viewer have in common: viewer-main.c (the command line, and
 * the viewer proper) and viewer-keeper.c (the other one). */
#pragma once

#include "ui/viewer-window.h"

typedef struct
{
  char *session;                /* owned: eight hex digits; NULL: not known yet */
  char *appearance, *leave_key; /* owned */
  int session_fd;               /* where it comes from */
  int wait_fd;                  /* -1: the window is shown at once */
  int first_picture;            /* first-picture.h */
  int keeper_fd, bus_fd, lock_fd, link_fd;
  int look_fd; /* desktop-look.h */
  int play_fd, listen_fd; /* sound-wire.h: first the keeper's ends, then the viewer's */
  GMutex reading;         /* in the keeper: `session` */
  guint session_source;
  gboolean files_limited;
  char *size_of; /* owned: whose window's size is remembered; NULL: nobody's */
  int first_width, first_height; /* in the viewer; 0: not known */
  guint32 width, height;         /* in the keeper: what it was told last; 0: nothing */
  gboolean keep; /* closing does not discard */
  SgLink *link;
  GtkWidget *window;
  int code;
} SgViewer;

/* Eight hex digits. */
gboolean sg_viewer_is_id (const char *text);

/* The next ID in the pipe; FALSE: whoever started us has none. */
gboolean sg_viewer_read_session (SgViewer *viewer);

/* Returns the child's end in the viewer, or -1 in the keeper, when all is over, with *ret_code. */
int sg_viewer_split (SgViewer *viewer, int *ret_code);
