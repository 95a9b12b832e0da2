/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of a number, and the minutes that go with what a sandbox ends with. */
#include "ui/editor-rows-internal.h"

void
sg_editor_number_moved (GtkSpinButton *spin, gpointer data)
{
  SgEditorRow *row = data;

  if (!row->refreshing)
    sg_editor_profile_set_number (row->profile, row->info->id,
                                  (gint64)gtk_spin_button_get_value (spin));
}

void
sg_editor_minutes_moved (GtkSpinButton *spin, gpointer data)
{
  SgEditorRow *row = data;

  if (!row->refreshing)
    sg_editor_profile_set_number (row->profile, SG_SETTING_IDLE_MINUTES,
                                  (gint64)gtk_spin_button_get_value (spin));
}

void
sg_editor_automatic_moved (GtkToggleButton *button, gpointer data)
{
  SgEditorRow *row = data;

  if (row->refreshing)
    return;
  if (gtk_toggle_button_get_active (button))
    sg_editor_profile_unset (row->profile, row->info->id);
  else
    /* What holds now is where a person begins. */
    sg_editor_profile_set_number (
        row->profile, row->info->id,
        (gint64)gtk_spin_button_get_value (GTK_SPIN_BUTTON (row->control)));
}

GtkWidget *
sg_editor_spin_new (const SgSettingInfo *info)
{
  double step = info->least >= 1024 ? 512 : info->id == SG_SETTING_CLIPBOARD_MAX_KIB ? 1024 : 1;
  GtkWidget *spin = gtk_spin_button_new_with_range ((double)info->least, (double)info->most, step);

  gtk_spin_button_set_numeric (GTK_SPIN_BUTTON (spin), TRUE);
  gtk_entry_set_width_chars (GTK_ENTRY (spin), 9);
  return spin;
}
