/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The profile editor: every setting on the left, and on the right, in plain words, what a sandbox
 * with them can do; the words come from the grants and change with each change.
 *
 * Signal "saved" (path): a file was written. */
#pragma once

#include "ui/look.h"

#include <gtk/gtk.h>

#define SG_TYPE_EDITOR_WINDOW (sg_editor_window_get_type ())
G_DECLARE_FINAL_TYPE (SgEditorWindow, sg_editor_window, SG, EDITOR_WINDOW, GtkApplicationWindow)

typedef enum
{
  SG_EDIT_SAVED, /* a saved sandbox: it has a name */
  SG_EDIT_USUAL  /* what *Open a Sandbox* opens: nothing is named, and it can be put back */
} SgEditKind;

/* Takes LOOK (of PATH; with grants).  PATH NULL: a new one, which gets its place among the saved
 * ones by its name.  PARENT may be NULL. */
GtkWidget *sg_editor_window_new (GtkApplication *application, GtkWindow *parent, SgEditKind kind,
                                 const char *path, SgLook *look);

/* The file that it edits; NULL: a new one. */
const char *sg_editor_window_path (SgEditorWindow *self);
