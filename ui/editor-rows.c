/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/editor-rows.h"

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

/* --- the frame of a row --- */

static GtkWidget *
make_label (const char *text, const char *class)
{
  GtkWidget *label = gtk_label_new_with_mnemonic (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 40);
  if (class != NULL)
    gtk_style_context_add_class (gtk_widget_get_style_context (label), class);
  return label;
}

static GtkWidget *
make_note (GtkWidget *row)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *icon = gtk_image_new (), *label = make_label ("", NULL);

  gtk_label_set_max_width_chars (GTK_LABEL (label), 64);
  gtk_label_set_use_underline (GTK_LABEL (label), FALSE);
  gtk_container_add (GTK_CONTAINER (box), icon);
  gtk_container_add (GTK_CONTAINER (box), label);
  gtk_widget_show (icon);
  gtk_widget_show (label);
  g_object_set_data (G_OBJECT (row), "note", box);
  g_object_set_data (G_OBJECT (row), "note-icon", icon);
  g_object_set_data (G_OBJECT (row), "note-text", label);
  return box;
}

GtkWidget *
sg_editor_row_frame (const char *title, const char *hint, GtkWidget *control)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 18);
  GtkWidget *left = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *label = make_label (title, NULL);

  gtk_label_set_mnemonic_widget (GTK_LABEL (label), control);
  gtk_container_add (GTK_CONTAINER (left), label);
  if (hint != NULL)
    {
      GtkWidget *below = make_label ("", "dim-label");

      gtk_label_set_text (GTK_LABEL (below), hint); /* "de_DE" is no mnemonic */
      gtk_container_add (GTK_CONTAINER (left), below);
    }
  gtk_widget_set_valign (left, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (control, GTK_ALIGN_CENTER);
  gtk_box_pack_start (GTK_BOX (line), left, TRUE, TRUE, 0);
  gtk_box_pack_end (GTK_BOX (line), control, FALSE, FALSE, 0);
  gtk_container_add (GTK_CONTAINER (row), line);
  gtk_widget_show_all (line);
  gtk_container_add (GTK_CONTAINER (row), make_note (row));
  g_object_set (row, "margin", 10, NULL);
  gtk_widget_show (row);
  return row;
}

void
sg_editor_row_tell (GtkWidget *row, const char *text, gboolean locked)
{
  GtkWidget *note = g_object_get_data (G_OBJECT (row), "note");
  GtkStyleContext *style = gtk_widget_get_style_context (note);

  gtk_widget_set_visible (note, text != NULL);
  gtk_label_set_text (g_object_get_data (G_OBJECT (row), "note-text"), text != NULL ? text : "");
  gtk_image_set_from_icon_name (g_object_get_data (G_OBJECT (row), "note-icon"),
                                locked ? "changes-prevent-symbolic" : "dialog-warning-symbolic",
                                GTK_ICON_SIZE_MENU);
  (locked ? gtk_style_context_remove_class : gtk_style_context_add_class) (style, "missing");
  (locked ? gtk_style_context_add_class : gtk_style_context_remove_class) (style, "dim-label");
}

/* --- one setting --- */

typedef struct
{
  SgEditorProfile *profile; /* not owned: the row goes first */
  const SgSettingInfo *info;
  GtkWidget *row,
      *control;         /* control: switch, combo, spin button, entry, or box of check buttons */
  GtkWidget *automatic; /* check button beside a number; NULL: none */
  GtkWidget *minutes;   /* spin button beside what it ends with; NULL */
  gboolean refreshing;
} Row;

static const char *
choice_words (SgSetting setting, gint64 value)
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
static void
tell_limits (Row *row, gboolean closed, const char *why)
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

/* --- on or off --- */

static void
switch_moved (GObject *object, GParamSpec *spec, gpointer data)
{
  Row *row = data;

  if (!row->refreshing)
    sg_editor_profile_set_number (row->profile, row->info->id,
                                  gtk_switch_get_active (GTK_SWITCH (object)));
}

static void
refresh_switch (Row *row)
{
  const SgGrants *grants = sg_editor_profile_look (row->profile)->grants;
  g_autofree char *why = NULL, *why_not = NULL;
  gboolean on = sg_editor_profile_may (row->profile, row->info->id, 1, &why);
  gboolean off = sg_editor_profile_may (row->profile, row->info->id, 0, &why_not);

  gtk_switch_set_active (GTK_SWITCH (row->control),
                         on && off ? sg_editor_profile_number (row->profile, row->info->id) != 0
                                   : sg_grants_number (grants, row->info->id) != 0);
  tell_limits (row, !on || !off, !on ? why : why_not);
}

/* --- one of several --- */

enum
{
  COLUMN_TEXT,
  COLUMN_VALUE,
  COLUMN_ALLOWED
};

static gboolean
find_choice (GtkTreeModel *model, gint64 value, GtkTreeIter *iter)
{
  gboolean more = gtk_tree_model_get_iter_first (model, iter);

  while (more)
    {
      gint64 here;

      gtk_tree_model_get (model, iter, COLUMN_VALUE, &here, -1);
      if (here == value)
        return TRUE;
      more = gtk_tree_model_iter_next (model, iter);
    }
  return FALSE;
}

static void
choice_moved (GtkComboBox *combo, gpointer data)
{
  Row *row = data;
  GtkTreeIter iter;
  gint64 value;

  if (row->refreshing || !gtk_combo_box_get_active_iter (combo, &iter))
    return;
  gtk_tree_model_get (gtk_combo_box_get_model (combo), &iter, COLUMN_VALUE, &value, -1);
  sg_editor_profile_set_number (row->profile, row->info->id, value);
}

static void
refresh_choice (Row *row)
{
  GtkTreeModel *model = gtk_combo_box_get_model (GTK_COMBO_BOX (row->control));
  GtkTreeIter iter;
  g_autofree char *why = NULL;
  guint n = 0;

  for (const SgChoice *c = row->info->choices; c->word != NULL; c++)
    {
      g_autofree char *here = NULL;
      gboolean may = sg_editor_profile_may (row->profile, row->info->id, c->value, &here);

      if (find_choice (model, c->value, &iter))
        gtk_list_store_set (GTK_LIST_STORE (model), &iter, COLUMN_ALLOWED, may, -1);
      n += may;
      if (!may && why == NULL)
        why = g_steal_pointer (&here);
    }
  if (find_choice (
          model,
          n > 1 ? sg_editor_profile_number (row->profile, row->info->id)
                : sg_grants_number (sg_editor_profile_look (row->profile)->grants, row->info->id),
          &iter))
    gtk_combo_box_set_active_iter (GTK_COMBO_BOX (row->control), &iter);
  tell_limits (row, n < 2, why);
  if (row->minutes != NULL)
    {
      gtk_spin_button_set_value (
          GTK_SPIN_BUTTON (row->minutes),
          (double)sg_editor_profile_number (row->profile, SG_SETTING_IDLE_MINUTES));
      gtk_widget_set_visible (gtk_widget_get_parent (row->minutes),
                              sg_editor_profile_number (row->profile, SG_SETTING_LIFETIME)
                                  == SG_LIFETIME_IDLE);
    }
}

static GtkWidget *
make_choice (Row *row)
{
  g_autoptr (GtkListStore) store
      = gtk_list_store_new (3, G_TYPE_STRING, G_TYPE_INT64, G_TYPE_BOOLEAN);
  GtkWidget *combo = gtk_combo_box_new_with_model (GTK_TREE_MODEL (store));
  GtkCellRenderer *cell = gtk_cell_renderer_text_new ();

  for (const SgChoice *c = row->info->choices; c->word != NULL; c++)
    gtk_list_store_insert_with_values (store, NULL, -1, COLUMN_TEXT,
                                       _ (choice_words (row->info->id, c->value)), COLUMN_VALUE,
                                       c->value, COLUMN_ALLOWED, TRUE, -1);
  gtk_cell_layout_pack_start (GTK_CELL_LAYOUT (combo), cell, TRUE);
  gtk_cell_layout_set_attributes (GTK_CELL_LAYOUT (combo), cell, "text", COLUMN_TEXT, "sensitive",
                                  COLUMN_ALLOWED, NULL);
  g_signal_connect (combo, "changed", G_CALLBACK (choice_moved), row);
  return combo;
}

/* --- numbers --- */

static void
number_moved (GtkSpinButton *spin, gpointer data)
{
  Row *row = data;

  if (!row->refreshing)
    sg_editor_profile_set_number (row->profile, row->info->id,
                                  (gint64)gtk_spin_button_get_value (spin));
}

static void
minutes_moved (GtkSpinButton *spin, gpointer data)
{
  Row *row = data;

  if (!row->refreshing)
    sg_editor_profile_set_number (row->profile, SG_SETTING_IDLE_MINUTES,
                                  (gint64)gtk_spin_button_get_value (spin));
}

static void
automatic_moved (GtkToggleButton *button, gpointer data)
{
  Row *row = data;

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

static void
refresh_number (Row *row)
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
  tell_limits (row, closed, why);
  if (!closed && why != NULL)
    {
      g_autofree char *value = sg_setting_words (row->info, most, NULL);
      g_autofree char *sentence = g_strdup_printf (_ ("At most %s: %s"), value, why);

      sg_editor_row_tell (row->row, sentence, TRUE);
    }
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (row->automatic), !asked);
  gtk_widget_set_sensitive (row->control, asked && !closed);
}

static GtkWidget *
make_spin (const SgSettingInfo *info)
{
  double step = info->least >= 1024 ? 512 : info->id == SG_SETTING_CLIPBOARD_MAX_KIB ? 1024 : 1;
  GtkWidget *spin = gtk_spin_button_new_with_range ((double)info->least, (double)info->most, step);

  gtk_spin_button_set_numeric (GTK_SPIN_BUTTON (spin), TRUE);
  gtk_entry_set_width_chars (GTK_ENTRY (spin), 9);
  return spin;
}

/* --- several of several --- */

static const char *
flag_words (gint64 flag)
{
  return flag == SG_CLIPBOARD_TEXT    ? _ ("Text")
         : flag == SG_CLIPBOARD_FILES ? _ ("Files")
                                      : _ ("Pictures");
}

static void
flag_moved (GtkToggleButton *button, gpointer data)
{
  Row *row = data;
  g_autoptr (GList) buttons = gtk_container_get_children (GTK_CONTAINER (row->control));
  gint64 value = 0;

  if (row->refreshing)
    return;
  for (GList *l = buttons; l != NULL; l = l->next)
    if (gtk_toggle_button_get_active (l->data))
      value |= GPOINTER_TO_INT (g_object_get_data (l->data, "flag"));
  sg_editor_profile_set_number (row->profile, row->info->id, value);
}

static void
refresh_flags (Row *row)
{
  g_autoptr (GList) buttons = gtk_container_get_children (GTK_CONTAINER (row->control));
  gint64 value = sg_editor_profile_number (row->profile, row->info->id);
  g_autofree char *why = NULL;
  guint n = 0;

  for (GList *l = buttons; l != NULL; l = l->next)
    {
      gint64 flag = GPOINTER_TO_INT (g_object_get_data (l->data, "flag"));
      g_autofree char *here = NULL;
      gboolean may = sg_editor_profile_may (row->profile, row->info->id, flag, &here);

      gtk_toggle_button_set_active (l->data, may && (value & flag) != 0);
      gtk_widget_set_sensitive (l->data, may);
      gtk_widget_set_tooltip_text (l->data, here);
      n += may;
      if (!may && why == NULL)
        why = g_steal_pointer (&here);
    }
  tell_limits (row, n == 0, why);
  if (n > 0 && why != NULL)
    sg_editor_row_tell (row->row, why, TRUE);
}

static GtkWidget *
make_flags (Row *row)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  for (const SgChoice *c = row->info->choices; c->word != NULL; c++)
    {
      GtkWidget *check = gtk_check_button_new_with_label (flag_words (c->value));

      g_object_set_data (G_OBJECT (check), "flag", GINT_TO_POINTER ((int)c->value));
      g_signal_connect (check, "toggled", G_CALLBACK (flag_moved), row);
      gtk_container_add (GTK_CONTAINER (box), check);
    }
  return box;
}

/* --- texts --- */

static void
text_typed (GtkEditable *entry, gpointer data)
{
  Row *row = data;
  g_autofree char *why = NULL;

  if (row->refreshing)
    return;
  if (sg_editor_profile_set_text (row->profile, row->info->id,
                                  gtk_entry_get_text (GTK_ENTRY (entry)), &why))
    tell_limits (row, FALSE, NULL);
  else
    sg_editor_row_tell (row->row, why, FALSE);
}

/* What a person is typing stays as it is. */
static void
refresh_text (Row *row)
{
  if (!gtk_widget_has_focus (row->control))
    {
      gtk_entry_set_text (GTK_ENTRY (row->control),
                          sg_editor_profile_text (row->profile, row->info->id));
      tell_limits (row, FALSE, NULL);
    }
}

/* --- any of them --- */

static void
refresh (SgEditorProfile *profile, gpointer data)
{
  Row *row = data;

  row->refreshing = TRUE;
  switch (row->info->kind)
    {
    case SG_KIND_CHOICE:
      is_switch (row->info) ? refresh_switch (row) : refresh_choice (row);
      break;
    case SG_KIND_NUMBER:
      refresh_number (row);
      break;
    case SG_KIND_FLAGS:
      refresh_flags (row);
      break;
    case SG_KIND_TEXT:
      refresh_text (row);
      break;
    }
  row->refreshing = FALSE;
}

static GtkWidget *
make_control (Row *row)
{
  switch (row->info->kind)
    {
    case SG_KIND_CHOICE:
      if (!is_switch (row->info))
        return make_choice (row);
      row->control = gtk_switch_new ();
      g_signal_connect (row->control, "notify::active", G_CALLBACK (switch_moved), row);
      return row->control;
    case SG_KIND_NUMBER:
      row->control = make_spin (row->info);
      g_signal_connect (row->control, "value-changed", G_CALLBACK (number_moved), row);
      return row->control;
    case SG_KIND_FLAGS:
      return make_flags (row);
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
make_right (Row *row)
{
  GtkWidget *box;

  if (row->info->kind != SG_KIND_NUMBER && row->info->id != SG_SETTING_LIFETIME)
    return row->control;
  box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  gtk_container_add (GTK_CONTAINER (box), row->control);
  if (row->info->kind == SG_KIND_NUMBER)
    {
      row->automatic = gtk_check_button_new_with_label (_ ("Automatic"));
      g_signal_connect (row->automatic, "toggled", G_CALLBACK (automatic_moved), row);
      gtk_box_pack_start (GTK_BOX (box), row->automatic, FALSE, FALSE, 0);
      gtk_box_reorder_child (GTK_BOX (box), row->automatic, 0);
      return box;
    }
  GtkWidget *for_minutes = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  row->minutes = make_spin (sg_setting_info (SG_SETTING_IDLE_MINUTES));
  gtk_entry_set_width_chars (GTK_ENTRY (row->minutes), 5);
  atk_object_set_name (gtk_widget_get_accessible (row->minutes), _ ("Minutes"));
  g_signal_connect (row->minutes, "value-changed", G_CALLBACK (minutes_moved), row);
  gtk_container_add (GTK_CONTAINER (for_minutes), row->minutes);
  gtk_container_add (GTK_CONTAINER (for_minutes), gtk_label_new (_ ("min")));
  gtk_container_add (GTK_CONTAINER (box), for_minutes);
  return box;
}

static void
row_gone (GtkWidget *widget, gpointer data)
{
  g_signal_handlers_disconnect_by_data (((Row *)data)->profile, data);
}

GtkWidget *
sg_editor_row_new (SgEditorProfile *profile, SgSetting setting)
{
  const Words *text = words_of (setting);
  Row *row = g_new0 (Row, 1);
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
  return ((Row *)g_object_get_data (G_OBJECT (row), "row"))->control;
}
