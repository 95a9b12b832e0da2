/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the editor's lists have in common: rows that are made anew when the profile changes, and at
 * the end what adds one.  editor-list.c has this; editor-folders.c the folders; editor-lists.c the
 * others. */
#pragma once

#include "ui/editor-lists.h"

#define SG_EDITOR_LIST_SHOWN_MAX 200 /* of one list; a file may have more, which stay as they are  \
                                      */

typedef struct _SgEditorList SgEditorList;
struct _SgEditorList
{
  SgEditorProfile *profile; /* not owned: the list goes first */
  GtkWidget *box, *rows, *footer, *entry, *root;
  void (*fill) (SgEditorList *list);
};

/* Freed with its box. */
SgEditorList *sg_editor_list_new (SgEditorProfile *profile, void (*fill) (SgEditorList *list));

/* With the entry, or whatever adds one, at the end.  Returns the box. */
GtkWidget *
sg_editor_list_end (SgEditorList *list, const char *title, const char *hint, GtkWidget *control);

/* Which of the list's the widget is about. */
guint sg_editor_list_index (gpointer widget);

GtkWidget *
sg_editor_list_remove_button (SgEditorList *list, guint i, const char *name, GCallback removed);

/* A row of NAME with CONTROL (may be NULL) and REMOVE; names have no mnemonics. */
GtkWidget *sg_editor_list_add_row (SgEditorList *list, const char *name, const char *hint,
                                   GtkWidget *control, GtkWidget *remove);

/* Of N, some are not shown. */
void sg_editor_list_tell_more (SgEditorList *list, guint n);
