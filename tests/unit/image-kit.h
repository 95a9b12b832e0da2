/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of the image share: a directory taken as it is, as a tree, without any rule of
 * the scanner's, and a base made from it. */
#pragma once

#include "baseimage/erofs.h"

/* Everything below DIR, as it is (extended attributes too).  Fails the test when it cannot. */
SgTree *kit_tree_of (const char *dir);

/* Writes the image of TREE, whose files lie below ROOT, to the new directory BASE. */
void kit_write (SgTree *tree, const char *root, const char *base, SgErofsResult *ret_result);

/* A fresh directory below $TMPDIR; kit_remove() takes it away again. */
char *kit_dir (void);
void kit_remove (const char *dir);

/* Writes LEN bytes to DIR/NAME. */
void kit_file (const char *dir, const char *name, const void *data, gsize len);

/* LEN bytes that look random and are the same for the same SEED. */
guint8 *kit_noise (gsize len, guint32 seed);
