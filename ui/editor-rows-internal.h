/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A row of the editor, for the files that make its kinds: editor-choices.c, editor-numbers.c; the rest
 * is in editor-rows.c. */
#pragma once

#include "ui/editor-rows.h"

typedef struct
{
  SgEditorProfile *profile; /* not owned: the row goes first */
  const SgSettingInfo *info;
  GtkWidget *row,
      *control;         /* control: switch, combo, spin button, entry, or box of check buttons */
  GtkWidget *automatic; /* check button beside a number; NULL: none */
  GtkWidget *minutes;   /* spin button beside what it ends with; NULL */
  gboolean refreshing;
} SgEditorRow;

/* Words of a value, translated or to be (N_()). */
const char *sg_editor_choice_words (SgSetting setting, gint64 value);
const char *sg_editor_flag_words (gint64 flag);

/* What holds and is not what was chosen, or (CLOSED, by WHY) could not be chosen at all. */
void sg_editor_row_tell_limits (SgEditorRow *row, gboolean closed, const char *why);

/* The controls; each follows the profile by its refresh. */
GtkWidget *sg_editor_choice_new (SgEditorRow *row);
void sg_editor_choice_refresh (SgEditorRow *row);
GtkWidget *sg_editor_flags_new (SgEditorRow *row);
void sg_editor_flags_refresh (SgEditorRow *row);
GtkWidget *sg_editor_spin_new (const SgSettingInfo *info);
void sg_editor_number_moved (GtkSpinButton *spin, gpointer row);
void sg_editor_minutes_moved (GtkSpinButton *spin, gpointer row);
void sg_editor_automatic_moved (GtkToggleButton *button, gpointer row);
