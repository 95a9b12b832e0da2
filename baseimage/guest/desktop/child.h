/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One program of the desktop, started again when it ends, but not for ever. */
#pragma once

#include "session-env.h"

#include <gio/gio.h>

/* A program that ends more often than this within SG_CHILD_WINDOW seconds is given up. */
#define SG_CHILD_STARTS 5
#define SG_CHILD_WINDOW 60

typedef struct SgChild SgChild;

typedef struct
{
  const char *name;        /* for messages */
  const char *const *argv; /* argv[0]: found in PATH, or a path */
  const char *const *env;  /* the whole environment */
  const SgUser *user;      /* who runs it; NULL: root */
  int fd, fd_inside;       /* a descriptor to hand over under that number; fd -1: none */
  gboolean once;           /* its end is the end, without another start */
  /* Called after each start.  May be NULL. */
  void (*started) (gpointer data);
  /* Called when it is given up, or could not be started.  May be NULL. */
  void (*gave_up) (gpointer data, const char *why);
  gpointer data;
} SgChildSpec;

/* Starts it.  What SPEC points to must live as long as the child.  Never NULL. */
SgChild *sg_child_start (const SgChildSpec *spec);

/* Ends it (SIGTERM) and, unless it was started with `once`, starts it anew. */
void sg_child_restart (SgChild *child);

/* Another environment, from its next start on. */
void sg_child_set_env (SgChild *child, const char *const *env);

/* Ends it for good and frees; accepts NULL. */
void sg_child_stop (SgChild *child);

/* TRUE when a program that was started at these COUNT monotonic TIMES (microseconds, oldest first,
 * at most SG_CHILD_STARTS) may be started once more at NOW. */
gboolean sg_child_may_start (const gint64 *times, guint count, gint64 now);
