/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Puts an edited copy in the place of its original.
 *
 *   SgOriginal original;
 *   sg_original_look (fd, &original, error);                 when the copy is made
 *   ... edited inside; written into a nameless file of the same folder ...
 *   sg_replace_original (file, dirfd, dir, name, &original, &replaced, error);
 *
 * At every moment, whatever kills the process or the computer, the name refers to the whole
 * original or to the whole new file, and the original is still somewhere: under its name, beside it
 * as "NAME (before sandbox)", or in the Trash. */
#pragma once

#include "launcher/save-file.h"

#include <sys/stat.h>

/* What is compared to find out whether somebody else has changed the file meanwhile. */
typedef struct
{
  dev_t dev;
  ino_t ino;
  off_t size;
  struct timespec mtime;
} SgOriginal;

gboolean sg_original_look (int fd, SgOriginal *ret_original, GError **error);

typedef struct
{
  gboolean
      kept_both;    /* the original was changed, moved or cannot be replaced: `name` is beside it */
  gboolean trashed; /* the old one is in the Trash */
  char *name;       /* of the new file; owned */
  char *before;     /* of the old one, where it is beside the new; owned */
  char *why;        /* why both were kept, a sentence; owned */
} SgReplaced;

void sg_replaced_clear (SgReplaced *replaced);

/* FILE: in the folder DIRFD, whose path is DIR.  NAME: the original's, not a link.  The new file
 * gets its mode, owner and extended attributes.  FALSE: nothing was changed. */
gboolean sg_replace_original (SgSaveFile *file, int dirfd, const char *dir, const char *name,
                              const SgOriginal *original, SgReplaced *ret_replaced, GError **error);

/* Gives FILE the owner, the ACL and the mode (of MOST at most) of the original, which is open as
 * ORIGINAL.  Where one of these cannot be had, nobody but the person may read it. */
void sg_save_take_rights (SgSaveFile *file, int original, mode_t most);

/* Beside the original, as "NAME (edited in sandbox)". */
char *sg_save_beside (SgSaveFile *file, const char *name, GError **error);
