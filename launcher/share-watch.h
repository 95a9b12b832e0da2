/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes of a shared folder on this computer while it is shared, for the person: it is
 * deleted, renamed; its disk is full; it does not answer.  Nothing here blocks on its disk. */
#pragma once

#include "launcher/share-view.h"

struct SgShares;
typedef struct SgShareWatch SgShareWatch;

/* TELL: a notice's kind and words.  It is called from the main loop. */
typedef void (*SgShareTell) (const char *kind, const char *message, gpointer data);

/* PATH: the folder, for words; SHOWN: below the session's directory; ROOT: sg_share_mount_root() of
 * now, taken. */
SgShareWatch *
sg_share_watch_new (const char *path, char *shown, char *root, SgShareTell tell, gpointer data);
void sg_share_watch_free (SgShareWatch *watch);

/* ROOT: sg_share_mount_root() of now; NULL: not known. */
void sg_share_watch_look (SgShareWatch *watch, const char *root);

/* What the view inside says.  It may be a lie: what can be looked at here is, and each is told at
 * most once in some minutes. */
void sg_share_watch_hear (SgShareWatch *watch, SgShareWord word);
