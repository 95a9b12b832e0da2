/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/preferences-window.h"

#include "ui/leave-key.h"
#include "ui/resources.h"

#include <glib/gi18n.h>

#define DESKTOP "desktop" /* the id that stands for "no appearance chosen" */

static void
on_appearance (GtkComboBox *combo, gpointer data)
{
  const char *id = gtk_combo_box_get_active_id (combo);
  const char *appearance = g_strcmp0 (id, DESKTOP) == 0 ? NULL : id;

  sg_preferences_set_appearance (data, appearance);
  sg_resources_set_appearance (appearance);
}

static void
on_leave_key (GtkComboBox *combo, gpointer data)
{
  sg_preferences_set_leave_key (data, gtk_combo_box_get_active_id (combo));
}

static void
add_line (GtkGrid *grid, int row, const char *text, const char *about, GtkWidget *control)
{
  GtkWidget *label = gtk_label_new_with_mnemonic (text);
  GtkWidget *more = gtk_label_new (about);

  gtk_label_set_mnemonic_widget (GTK_LABEL (label), control);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_xalign (GTK_LABEL (more), 0);
  gtk_label_set_line_wrap (GTK_LABEL (more), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (more), 36);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_set_valign (control, GTK_ALIGN_CENTER);
  gtk_style_context_add_class (gtk_widget_get_style_context (more), "dim-label");
  gtk_widget_set_margin_top (label, row > 0 ? 18 : 0);
  gtk_widget_set_margin_top (control, row > 0 ? 18 : 0);
  gtk_grid_attach (grid, label, 0, row * 2, 1, 1);
  gtk_grid_attach (grid, more, 0, row * 2 + 1, 1, 1);
  gtk_grid_attach (grid, control, 1, row * 2, 1, 2);
}

static GtkWidget *
make_appearance (SgPreferences *preferences)
{
  GtkWidget *combo = gtk_combo_box_text_new ();
  const char *now = sg_preferences_appearance (preferences);

  gtk_combo_box_text_append (GTK_COMBO_BOX_TEXT (combo), DESKTOP, _ ("As the desktop is"));
  gtk_combo_box_text_append (GTK_COMBO_BOX_TEXT (combo), "light", _ ("Light"));
  gtk_combo_box_text_append (GTK_COMBO_BOX_TEXT (combo), "dark", _ ("Dark"));
  gtk_combo_box_set_active_id (GTK_COMBO_BOX (combo), now != NULL ? now : DESKTOP);
  g_signal_connect_object (combo, "changed", G_CALLBACK (on_appearance), preferences, 0);
  return combo;
}

static GtkWidget *
make_leave_key (SgPreferences *preferences)
{
  GtkWidget *combo = gtk_combo_box_text_new ();

  for (const SgLeaveKey *key = sg_leave_key_all (); key->name != NULL; key++)
    gtk_combo_box_text_append (GTK_COMBO_BOX_TEXT (combo), key->name, _ (key->label));
  gtk_combo_box_set_active_id (GTK_COMBO_BOX (combo), sg_preferences_leave_key (preferences));
  g_signal_connect_object (combo, "changed", G_CALLBACK (on_leave_key), preferences, 0);
  return combo;
}

static void
on_ready (GtkComboBox *combo, gpointer data)
{
  sg_preferences_set_ready (data, (guint)MAX (gtk_combo_box_get_active (combo), 0));
}

static GtkWidget *
make_ready (SgPreferences *preferences)
{
  GtkWidget *combo = gtk_combo_box_text_new ();

  gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (combo), _ ("Off"));
  gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (combo), _ ("One"));
  gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (combo), _ ("Two"));
  gtk_combo_box_set_active (GTK_COMBO_BOX (combo), (int)sg_preferences_ready (preferences));
  g_signal_connect_object (combo, "changed", G_CALLBACK (on_ready), preferences, 0);
  return combo;
}

static void
on_ready_changed (SgReady *ready, gpointer label)
{
  g_autofree char *words = sg_ready_describe (ready);

  gtk_label_set_text (label, words);
}

/* What those that are ready take now. */
static GtkWidget *
make_ready_cost (SgReady *ready)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_style_context_add_class (gtk_widget_get_style_context (label), "dim-label");
  on_ready_changed (ready, label);
  g_signal_connect_object (ready, "changed", G_CALLBACK (on_ready_changed), label, 0);
  return label;
}

static gboolean
on_key (GtkWidget *window, GdkEventKey *event, gpointer data)
{
  if (event->keyval != GDK_KEY_Escape)
    return GDK_EVENT_PROPAGATE;
  gtk_window_close (GTK_WINDOW (window));
  return GDK_EVENT_STOP;
}

GtkWidget *
sg_preferences_window_new (GtkWindow *parent, SgPreferences *preferences, SgReady *ready)
{
  GtkWidget *window = gtk_window_new (GTK_WINDOW_TOPLEVEL);
  GtkWidget *grid = gtk_grid_new ();
  GtkWidget *bar = gtk_header_bar_new ();

  gtk_header_bar_set_title (GTK_HEADER_BAR (bar), _ ("Preferences"));
  gtk_header_bar_set_show_close_button (GTK_HEADER_BAR (bar), TRUE);
  gtk_window_set_titlebar (GTK_WINDOW (window), bar);
  gtk_window_set_title (GTK_WINDOW (window), _ ("Preferences"));
  gtk_window_set_transient_for (GTK_WINDOW (window), parent);
  gtk_window_set_destroy_with_parent (GTK_WINDOW (window), TRUE);
  gtk_window_set_type_hint (GTK_WINDOW (window), GDK_WINDOW_TYPE_HINT_DIALOG);
  gtk_window_set_resizable (GTK_WINDOW (window), FALSE);
  g_signal_connect (window, "key-press-event", G_CALLBACK (on_key), NULL);
  gtk_grid_set_column_spacing (GTK_GRID (grid), 24);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 3);
  g_object_set (grid, "margin", 24, NULL);
  add_line (GTK_GRID (grid), 0, _ ("_Appearance"),
            _ ("Of Sandglass and the frames around sandboxes"), make_appearance (preferences));
  add_line (GTK_GRID (grid), 1, _ ("_Key that leaves a sandbox"),
            _ ("Gives keyboard and pointer back to this computer; used by the next sandbox"),
            make_leave_key (preferences));
  add_line (GTK_GRID (grid), 2, _ ("_Ready sandboxes"),
            _ ("The next sandbox opens at once; not on battery, nor when memory is short"),
            make_ready (preferences));
  gtk_grid_attach (GTK_GRID (grid), make_ready_cost (ready), 0, 6, 2, 1);
  gtk_container_add (GTK_CONTAINER (window), grid);
  gtk_widget_show_all (bar);
  gtk_widget_show_all (grid);
  return window;
}
