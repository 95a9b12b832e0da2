/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the edited profile share: editor-profile.c (single settings), -lists.c (folders,
 * sites, networks, commands), -save.c (the file). */
#pragma once

#include "ui/editor-profile.h"

#define SG_EDITOR_NAME "this window" /* of a profile without a file */

struct _SgEditorProfile
{
  GObject parent;
  SgLook *look;     /* owned */
  SgGrants *usual;  /* owned: when nobody asks for anything, and no administrator narrows */
  char *left_out;   /* owned */
  char *read;       /* owned: digest of the file's bytes when it was read; NULL: no file */
  gboolean changed; /* since it was opened or saved */
};

/* Something was changed: what comes of it is looked at again, and "changed" follows. */
void sg_editor_profile_touched (SgEditorProfile *self);

/* What the reader says about PROFILE when it is written and read again; NULL: nothing.  Free with
 * g_free(). */
char *sg_editor_profile_complaint (const SgProfile *profile);
