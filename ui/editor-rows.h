/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The editor's rows: one for each setting that a profile can ask for, with a control of its kind,
 * and below it what holds instead: set by the administrator (padlock), or not understood. */
#pragma once

#include "ui/editor-profile.h"

#include <gtk/gtk.h>

/* Sections in the order shown; each ends with SG_SETTING_MAX. */
typedef struct
{
  const char *title; /* to be translated */
  SgSetting settings[8];
} SgEditorSection;

typedef enum
{
  SG_SECTION_NETWORK,
  SG_SECTION_CLIPBOARD,
  SG_SECTION_DEVICES,
  SG_SECTION_MACHINE,
  SG_SECTION_INSIDE,
  SG_SECTION_MAX
} SgEditorSectionId;

const SgEditorSection *sg_editor_section (SgEditorSectionId id);

/* Settings that are said by another row (minutes, by what it ends with), or that nobody can change
 * (that the window is confined).  For the test that looks for a row of every setting. */
gboolean sg_editor_row_is_elsewhere (SgSetting setting);

/* A row that follows PROFILE; floating. */
GtkWidget *sg_editor_row_new (SgEditorProfile *profile, SgSetting setting);

/* Its switch, combo box, spin button or entry. */
GtkWidget *sg_editor_row_control (GtkWidget *row);

/* --- pieces that the lists use too */

/* A label and a dim one below it, left; CONTROL right; a line for sg_editor_row_tell() below. */
GtkWidget *sg_editor_row_frame (const char *title, const char *hint, GtkWidget *control);

/* Shows WORDS below the row: with a padlock (LOCKED), or as something to mend; NULL: nothing. */
void sg_editor_row_tell (GtkWidget *row, const char *words, gboolean locked);
