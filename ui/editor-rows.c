/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/editor-rows-internal.h"

#include <glib/gi18n.h>

static const SgEditorSection sections[SG_SECTION_MAX] = {
  [SG_SECTION_NETWORK] = { N_ ("Network"), { SG_SETTING_NETWORK, SG_SETTING_MAX } },
  [SG_SECTION_CLIPBOARD]
  = { N_ ("Clipboard"),
      { SG_SETTING_CLIPBOARD_IN, SG_SETTING_CLIPBOARD_OUT, SG_SETTING_CLIPBOARD_CONTENT,
        SG_SETTING_CLIPBOARD_MAX_KIB, SG_SETTING_MAX } },
  [SG_SECTION_DEVICES] = { N_ ("Devices"),
                           { SG_SETTING_AUDIO_INPUT, SG_SETTING_VIDEO_INPUT, SG_SETTING_PRINTERS,
                             SG_SETTING_USB, SG_SETTING_VGPU, SG_SETTING_MAX } },
  [SG_SECTION_MACHINE] = { N_ ("Machine"),
                           { SG_SETTING_ADMINISTRATOR, SG_SETTING_MEMORY, SG_SETTING_CPUS,
                             SG_SETTING_DISK, SG_SETTING_NESTED_VIRTUALIZATION,
                             SG_SETTING_ENCRYPTION, SG_SETTING_BASE, SG_SETTING_MAX } },
  [SG_SECTION_INSIDE] = { N_ ("Inside"),
                          { SG_SETTING_PROGRAM, SG_SETTING_OPEN, SG_SETTING_LIFETIME, SG_SETTING_KEYBOARD,
                            SG_SETTING_LOCALE, SG_SETTING_TIME_ZONE, SG_SETTING_DESKTOP_LOOK,
                            SG_SETTING_MAX } },
};

typedef struct
{
  SgSetting setting;
  const char *title, *hint; /* to be translated; hint NULL: none */
} Words;

static const Words words[] = {
  { SG_SETTING_TITLE, N_ ("_Name"), NULL },
  { SG_SETTING_NETWORK, N_ ("What it can _reach"), NULL },
  { SG_SETTING_CLIPBOARD_IN, N_ ("_Paste into it"), N_ ("When you press a paste key there") },
  { SG_SETTING_CLIPBOARD_OUT, N_ ("_Copy out of it"), NULL },
  { SG_SETTING_CLIPBOARD_CONTENT, N_ ("What may pass"), NULL },
  { SG_SETTING_CLIPBOARD_MAX_KIB, N_ ("The most at once"), N_ ("In KiB") },
  { SG_SETTING_AUDIO_INPUT, N_ ("_Microphone"), NULL },
  { SG_SETTING_VIDEO_INPUT, N_ ("C_amera"), NULL },
  { SG_SETTING_PRINTERS, N_ ("_Printers"), NULL },
  { SG_SETTING_USB, N_ ("_USB devices"), N_ ("That you hand over, one by one") },
  { SG_SETTING_VGPU, N_ ("_Graphics card"), N_ ("Faster pictures, and a weaker wall around it") },
  { SG_SETTING_ADMINISTRATOR, N_ ("_Administrator inside"),
    N_ ("Programs can be installed and the system changed; all of it disappears") },
  { SG_SETTING_MEMORY, N_ ("M_emory"), N_ ("As far as it can grow, in MB") },
  { SG_SETTING_CPUS, N_ ("P_rocessors"), NULL },
  { SG_SETTING_DISK, N_ ("_Disk"), N_ ("Room for what is written inside, in MB") },
  { SG_SETTING_NESTED_VIRTUALIZATION, N_ ("_Virtual machines inside"),
    N_ ("A weaker wall around it") },
  { SG_SETTING_ENCRYPTION, N_ ("Only where memory cannot reach a _swap in the clear"),
    N_ ("Its disk is always encrypted") },
  { SG_SETTING_BASE, N_ ("_Starting point"), N_ ("A saved one; empty: a copy of this computer") },
  { SG_SETTING_OPEN, N_ ("_Opens"), N_ ("A file or a link; empty: the desktop") },
  { SG_SETTING_LIFETIME, N_ ("It ends _with"), NULL },
  { SG_SETTING_KEYBOARD, N_ ("_Keyboard"), N_ ("A layout, like de or us(intl)") },
  { SG_SETTING_LOCALE, N_ ("_Language and formats"), N_ ("Like de_DE.UTF-8") },
  { SG_SETTING_TIME_ZONE, N_ ("_Time zone"), N_ ("Like Europe/Berlin") },
  { SG_SETTING_DESKTOP_LOOK, N_ ("Looks like _your desktop"),
    N_ ("Size of text, dark style, pointer, keyboard and input method") },
  { SG_SETTING_PROGRAM, N_ ("One program al_one"),
    N_ ("A command, like firefox; it has the whole window, and the sandbox ends with it") },
};

const SgEditorSection *
sg_editor_section (SgEditorSectionId id)
{
  return &sections[id];
}

gboolean
sg_editor_row_is_elsewhere (SgSetting setting)
{
  return setting == SG_SETTING_IDLE_MINUTES || setting == SG_SETTING_PROTECTED_CLIENT;
}

static const Words *
words_of (SgSetting setting)
{
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (words[i].setting == setting)
      return &words[i];
  return NULL;
}

/* --- one setting --- */

const char *
sg_editor_choice_words (SgSetting setting, gint64 value)
{
  static const char *const networks[] = {
    [SG_NETWORK_NONE] = N_ ("Off"),
    [SG_NETWORK_PRIVATE] = N_ ("Only between sandboxes"),
    [SG_NETWORK_ALLOWLIST] = N_ ("Only listed sites"),
    [SG_NETWORK_INTERNET] = N_ ("Internet"),
    [SG_NETWORK_LAN] = N_ ("Internet and local network"),
  };
  static const char *const copying[] = {
    [SG_CLIPBOARD_OFF] = N_ ("Never"),
    [SG_CLIPBOARD_PASTE] = N_ ("When you paste"),
    [SG_CLIPBOARD_ASK] = N_ ("Ask each time"),
    [SG_CLIPBOARD_ALLOW] = N_ ("Without asking"),
  };
  static const char *const ends[] = {
    [SG_LIFETIME_WINDOW] = N_ ("Its window"),
    [SG_LIFETIME_COMMAND] = N_ ("Its commands"),
    [SG_LIFETIME_IDLE] = N_ ("Nobody using it"),
  };

  return setting == SG_SETTING_NETWORK    ? networks[value]
         : setting == SG_SETTING_LIFETIME ? ends[value]
                                          : copying[value];
}

static gboolean
is_switch (const SgSettingInfo *info)
{
  return info->kind == SG_KIND_CHOICE && info->id != SG_SETTING_NETWORK
         && info->id != SG_SETTING_CLIPBOARD_IN && info->id != SG_SETTING_CLIPBOARD_OUT
         && info->id != SG_SETTING_LIFETIME;
}

/* What holds and is not what was chosen, or could not be chosen at all. */
void
sg_editor_row_tell_limits (SgEditorRow *row, gboolean closed, const char *why)
{
  const SgGrants *grants = sg_editor_profile_look (row->profile)->grants;
  const SgGrant *grant = &grants->settings[row->info->id];
  g_autofree char *sentence = NULL;

  gtk_widget_set_sensitive (row->control, !closed);
  if (row->automatic != NULL)
    gtk_widget_set_sensitive (row->automatic, !closed);
  if (closed && why != NULL)
    {
      sg_editor_row_tell (row->row, why, TRUE);
      return;
    }
  if (grant->reason.who == SG_BY_POLICY || grant->reason.who == SG_BY_COMPUTER)
    {
      g_autofree char *value = row->info->kind == SG_KIND_NUMBER
                                   ? sg_setting_words (row->info, grant->value, NULL)
                                   : NULL;
      g_autofree char *because = sg_reason_sentence (&grant->reason);

      /* Which value comes of it is seen from a switch. */
      sentence = value != NULL ? g_strdup_printf (_ ("%s: %s"), value, because)
                               : g_steal_pointer (&because);
    }
  sg_editor_row_tell (row->row, sentence, TRUE);
}

const char *
sg_editor_flag_words (gint64 flag)
{
  return flag == SG_CLIPBOARD_TEXT    ? _ ("Text")
         : flag == SG_CLIPBOARD_FILES ? _ ("Files")
                                      : _ ("Pictures");
}

/* --- on or off --- */

static void
switch_moved (GObject *object, GParamSpec *spec, gpointer data)
{
  SgEditorRow *row = data;

  if (!row->refreshing)
    sg_editor_profile_set_number (row->profile, row->info->id,
                                  gtk_switch_get_active (GTK_SWITCH (object)));
}

static void
refresh_switch (SgEditorRow *row)
{
  const SgGrants *grants = sg_editor_profile_look (row->profile)->grants;
  g_autofree char *why = NULL, *why_not = NULL;
  gboolean on = sg_editor_profile_may (row->profile, row->info->id, 1, &why);
  gboolean off = sg_editor_profile_may (row->profile, row->info->id, 0, &why_not);

  gtk_switch_set_active (GTK_SWITCH (row->control),
                         on && off ? sg_editor_profile_number (row->profile, row->info->id) != 0
                                   : sg_grants_number (grants, row->info->id) != 0);
  sg_editor_row_tell_limits (row, !on || !off, !on ? why : why_not);
}

/* --- numbers --- */

static void
refresh_number (SgEditorRow *row)
{
  gboolean asked = sg_editor_profile_asks (row->profile, row->info->id);
  const SgGrants *grants = sg_editor_profile_look (row->profile)->grants;
  g_autofree char *why = NULL;
  gint64 most = sg_editor_profile_most (row->profile, row->info->id, &why);
  gboolean closed = most <= row->info->least && why != NULL;

  gtk_spin_button_set_range (GTK_SPIN_BUTTON (row->control), (double)row->info->least,
                             (double)MAX (most, row->info->least));
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (row->control),
                             (double)(asked ? sg_editor_profile_number (row->profile, row->info->id)
                                            : sg_grants_number (grants, row->info->id)));
  sg_editor_row_tell_limits (row, closed, why);
  if (!closed && why != NULL)
    {
      g_autofree char *value = sg_setting_words (row->info, most, NULL);
      g_autofree char *sentence = g_strdup_printf (_ ("At most %s: %s"), value, why);

      sg_editor_row_tell (row->row, sentence, TRUE);
    }
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (row->automatic), !asked);
  gtk_widget_set_sensitive (row->control, asked && !closed);
}

/* --- texts --- */

static void
text_typed (GtkEditable *entry, gpointer data)
{
  SgEditorRow *row = data;
  g_autofree char *why = NULL;

  if (row->refreshing)
    return;
  if (sg_editor_profile_set_text (row->profile, row->info->id,
                                  gtk_entry_get_text (GTK_ENTRY (entry)), &why))
    sg_editor_row_tell_limits (row, FALSE, NULL);
  else
    sg_editor_row_tell (row->row, why, FALSE);
}

/* What a person is typing stays as it is. */
static void
refresh_text (SgEditorRow *row)
{
  if (!gtk_widget_has_focus (row->control))
    {
      gtk_entry_set_text (GTK_ENTRY (row->control),
                          sg_editor_profile_text (row->profile, row->info->id));
      sg_editor_row_tell_limits (row, FALSE, NULL);
    }
}

/* --- any of them --- */

static void
refresh (SgEditorProfile *profile, gpointer data)
{
  SgEditorRow *row = data;

  row->refreshing = TRUE;
  switch (row->info->kind)
    {
    case SG_KIND_CHOICE:
      is_switch (row->info) ? refresh_switch (row) : sg_editor_choice_refresh (row);
      break;
    case SG_KIND_NUMBER:
      refresh_number (row);
      break;
    case SG_KIND_FLAGS:
      sg_editor_flags_refresh (row);
      break;
    case SG_KIND_TEXT:
      refresh_text (row);
      break;
    }
  row->refreshing = FALSE;
}

static GtkWidget *
make_control (SgEditorRow *row)
{
  switch (row->info->kind)
    {
    case SG_KIND_CHOICE:
      if (!is_switch (row->info))
        return sg_editor_choice_new (row);
      row->control = gtk_switch_new ();
      g_signal_connect (row->control, "notify::active", G_CALLBACK (switch_moved), row);
      return row->control;
    case SG_KIND_NUMBER:
      row->control = sg_editor_spin_new (row->info);
      g_signal_connect (row->control, "value-changed", G_CALLBACK (sg_editor_number_moved), row);
      return row->control;
    case SG_KIND_FLAGS:
      return sg_editor_flags_new (row);
    case SG_KIND_TEXT:
      break;
    }
  row->control = gtk_entry_new ();
  gtk_entry_set_width_chars (GTK_ENTRY (row->control), 24);
  if (row->info->id == SG_SETTING_KEYBOARD || row->info->id == SG_SETTING_LOCALE
      || row->info->id == SG_SETTING_TIME_ZONE)
    gtk_entry_set_placeholder_text (GTK_ENTRY (row->control), _ ("As this computer"));
  g_signal_connect (row->control, "changed", G_CALLBACK (text_typed), row);
  return row->control;
}

/* What stands right: the control, and what goes with it. */
static GtkWidget *
make_right (SgEditorRow *row)
{
  GtkWidget *box;

  if (row->info->kind != SG_KIND_NUMBER && row->info->id != SG_SETTING_LIFETIME)
    return row->control;
  box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  gtk_container_add (GTK_CONTAINER (box), row->control);
  if (row->info->kind == SG_KIND_NUMBER)
    {
      row->automatic = gtk_check_button_new_with_label (_ ("Automatic"));
      g_signal_connect (row->automatic, "toggled", G_CALLBACK (sg_editor_automatic_moved), row);
      gtk_box_pack_start (GTK_BOX (box), row->automatic, FALSE, FALSE, 0);
      gtk_box_reorder_child (GTK_BOX (box), row->automatic, 0);
      return box;
    }
  GtkWidget *for_minutes = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  row->minutes = sg_editor_spin_new (sg_setting_info (SG_SETTING_IDLE_MINUTES));
  gtk_entry_set_width_chars (GTK_ENTRY (row->minutes), 5);
  atk_object_set_name (gtk_widget_get_accessible (row->minutes), _ ("Minutes"));
  g_signal_connect (row->minutes, "value-changed", G_CALLBACK (sg_editor_minutes_moved), row);
  gtk_container_add (GTK_CONTAINER (for_minutes), row->minutes);
  gtk_container_add (GTK_CONTAINER (for_minutes), gtk_label_new (_ ("min")));
  gtk_container_add (GTK_CONTAINER (box), for_minutes);
  return box;
}

static void
row_gone (GtkWidget *widget, gpointer data)
{
  g_signal_handlers_disconnect_by_data (((SgEditorRow *)data)->profile, data);
}

GtkWidget *
sg_editor_row_new (SgEditorProfile *profile, SgSetting setting)
{
  const Words *text = words_of (setting);
  SgEditorRow *row = g_new0 (SgEditorRow, 1);
  GtkWidget *right;

  row->profile = profile;
  row->info = sg_setting_info (setting);
  row->control = make_control (row);
  right = make_right (row);
  row->row
      = sg_editor_row_frame (_ (text->title), text->hint != NULL ? _ (text->hint) : NULL, right);
  g_object_set_data_full (G_OBJECT (row->row), "row", row, g_free);
  if (right != row->control)
    {
      g_autofree char *name = g_strdup (_ (text->title));
      g_auto (GStrv) parts = g_strsplit (name, "_", 2);
      g_autofree char *plain = g_strjoinv ("", parts);

      atk_object_set_name (gtk_widget_get_accessible (row->control), plain);
    }
  g_signal_connect (profile, "changed", G_CALLBACK (refresh), row);
  g_signal_connect (row->row, "destroy", G_CALLBACK (row_gone), row);
  refresh (profile, row);
  return row->row;
}

GtkWidget *
sg_editor_row_control (GtkWidget *row)
{
  return ((SgEditorRow *)g_object_get_data (G_OBJECT (row), "row"))->control;
}
