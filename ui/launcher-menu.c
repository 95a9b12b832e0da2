/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The menu, and the windows that it opens beside this one. */
#include "ui/launcher-internal.h"

#include "ui/report-window.h"

static void
on_menu (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (SG_LAUNCHER_WINDOW (data)->menu), TRUE);
}

/* Made when it is wanted: GtkApplicationWindow would make it with every window. */
static void
on_shortcuts (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autoptr (GtkBuilder) builder
      = gtk_builder_new_from_resource ("/org/sandglass/app/help-overlay.ui");
  GtkWidget *shortcuts = GTK_WIDGET (gtk_builder_get_object (builder, "help_overlay"));

  gtk_window_set_transient_for (GTK_WINDOW (shortcuts), data);
  gtk_window_set_destroy_with_parent (GTK_WINDOW (shortcuts), TRUE);
  gtk_window_present (GTK_WINDOW (shortcuts));
}

static gboolean
on_help_key (GtkWidget *window, GdkEventKey *event, gpointer data)
{
  if (event->keyval != GDK_KEY_Escape)
    return GDK_EVENT_PROPAGATE;
  gtk_window_close (GTK_WINDOW (window));
  return GDK_EVENT_STOP;
}

/* It stays beside what it is about. */
static void
on_help (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autoptr (GtkBuilder) builder = gtk_builder_new_from_resource ("/org/sandglass/app/help.ui");
  GtkWidget *help = GTK_WIDGET (gtk_builder_get_object (builder, "help"));

  gtk_window_set_transient_for (GTK_WINDOW (help), data);
  g_signal_connect (help, "key-press-event", G_CALLBACK (on_help_key), NULL);
  gtk_window_present (GTK_WINDOW (help));
}

/* From a page that tells about a problem, what it tells is in the report. */
static void
on_report (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SgLauncherWindow *self = data;
  g_autofree char *details
      = sg_launcher_is_on (self, "problem") ? sg_problem_page_report (self->problem_page) : NULL;

  gtk_window_present (GTK_WINDOW (sg_report_window_new (
      GTK_WINDOW (self), details, sg_running_list (self->sandboxes))));
}

void
sg_launcher_menu_add_actions (SgLauncherWindow *self)
{
  const GActionEntry entries[] = {
    { .name = "menu", .activate = on_menu },
    { .name = "report", .activate = on_report },
    { .name = "show-help-overlay", .activate = on_shortcuts },
    { .name = "help", .activate = on_help },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
}
