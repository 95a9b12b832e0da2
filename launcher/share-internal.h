/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by share.c (what there is, and the queue), share-steps.c (how one is given or taken),
 * share-loan.c (a file that is lent), share-again.c, share-follow.c. */
#pragma once

#include "launcher/share-mount.h"
#include "launcher/share-view.h"
#include "launcher/share-watch.h"
#include "launcher/share.h"

/* One that is there. */
typedef struct
{
  char *path, *place; /* owned */
  SgShareMount mount;
  SgShareView *view;   /* owned; NULL: without */
  SgShareWatch *watch; /* owned */
} SgShare;

struct SgShares
{
  SgShareMounts *mounts; /* NULL: not on this computer */
  char *dir;
  GError *why_not;
  SgSharePlaces places; /* its strings owned */
  const SgSharesFuncs *funcs;
  gpointer data;
  char *bwrap;        /* owned; NULL: no machine yet */
  SgConfinement like; /* whose user is whose, as for QEMU; nothing else of it */
  gboolean has_machine, over;
  SgShareMachine machine;
  gboolean plugged[2]; /* by writable */
  GPtrArray *all;      /* SgShare, owned */
  GPtrArray *loans;    /* SgShare, owned: files that are lent; nobody is shown a list of them */
  GQueue waiting;      /* SgShareOp, owned; the first is being done when `busy` */
  gboolean busy;
  int mountinfo;
  guint watch;
  guint look; /* the timer that looks at names; 0: nothing is shared */
};

/* One that is asked for, or asked to be taken. */
typedef struct
{
  SgShares *shares; /* a reference */
  GTask *task;      /* NULL: of our own */
  gboolean take, loan;
  int folder; /* or the file that is lent */
  char *place; /* of take: what was asked */
  gboolean writable;
  char *why; /* of take: what the person is told, for one of our own */
  /* of give, once it is judged */
  int opened; /* in our namespace */
  SgShareVerdict *verdict;
  SgShareMount mount;
  GPtrArray *warnings;
} SgShareOp;

/* Answers OP (takes it, RESULT and ERROR) and begins the next. */
void sg_share_settle (SgShareOp *op, char *result, GError *error);

/* WORDS are taken. */
void sg_share_warn (SgShareOp *op, char *words);

/* NULL: too many wait, and TASK (taken) has been answered.  FD is duplicated. */
SgShareOp *sg_share_op_new (SgShares *shares, GTask *task, int fd, const char *place);
/* Takes OP; it is not begun before the main loop runs again. */
void sg_share_push_later (SgShares *shares, SgShareOp *op);

/* Watches what the host unmounts (share-follow.c), until `mountinfo` and `watch` are cleared. */
void sg_share_follow (SgShares *shares);
/* SHARE is there from now on, and watched. */
void sg_share_add (SgShares *shares, SgShare *share);

/* By its place or its folder; NULL: there is none. */
SgShare *sg_share_find (SgShares *shares, const char *what);

/* Has it mounted inside (share-guest.h). */
void
sg_share_show (SgShareOp *op, const SgShare *share, GAsyncReadyCallback callback, gpointer data);

/* Then lays a view over it (share-view.h); the callback gives the result to sg_share_laid(). */
void
sg_share_lay (SgShareOp *op, const SgShare *share, GAsyncReadyCallback callback, gpointer data);
void sg_share_laid (SgShareOp *op, SgShare *share, GAsyncResult *result);

/* The steps; the end of each way is sg_share_settle(). */
void sg_share_begin_give (SgShareOp *op);
void sg_share_begin_take (SgShareOp *op);

/* What is another thing for a file that is lent (share-loan.c).  The first two are done in a
 * thread. */
gboolean sg_share_loan_judge (SgShareOp *op, GError **error);
gboolean sg_share_loan_attach (SgShareOp *op, GError **error);
/* Whether it may be lent, and where it will be inside. */
gboolean sg_share_loan_may_be (SgShareOp *op, GError **error);
/* Shows it inside, and settles OP. */
void sg_share_loan_show (SgShareOp *op, const char *tag);
void sg_share_loan_begin_return (SgShareOp *op);
/* Takes SHARE from QEMU, whatever inside said, and settles OP. */
void sg_share_take_outside (SgShareOp *op, SgShare *share);
/* What was not shown after all is taken from QEMU; settles OP, takes ERROR. */
void sg_share_undo_give (SgShareOp *op, GError *error);
gboolean sg_share_is_gone (SgShareOp *op);
GError *sg_share_gone_error (void);
