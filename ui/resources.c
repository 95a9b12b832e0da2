/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/resources.h"

#include "ui-resources.h" /* generated */

#include <gtk/gtk.h>

#define ICON_MSEC 200

void
sg_resources_set_appearance (const char *appearance)
{
  GtkSettings *settings = gtk_settings_get_default ();

  if (appearance == NULL)
    gtk_settings_reset_property (settings, "gtk-application-prefer-dark-theme");
  else
    g_object_set (settings, "gtk-application-prefer-dark-theme", g_str_equal (appearance, "dark"),
                  NULL);
}

/* For the task bar, in every size: that takes as long as a first frame, which comes first. */
static gboolean
use_icon (gpointer data)
{
  gtk_window_set_default_icon_name ("org.sandglass.Sandglass");
  return G_SOURCE_REMOVE;
}

static void
keep_nothing (GtkRecentManager *manager)
{
}

/* GTK's file chooser notes each file that is chosen in recently-used.xbel, with our name: what was
 * opened in a sandbox would stay on the disk for years.  Writing the list is what this does in its
 * class; the setting for it (gtk-recent-files-enabled) would empty the list of everybody else. */
static void
leave_no_recent_files (void)
{
  GtkRecentManagerClass *class = g_type_class_ref (GTK_TYPE_RECENT_MANAGER);

  class->changed = keep_nothing; /* the class stays: other windows follow */
}

void
sg_resources_use (const char *appearance)
{
  g_autoptr (GtkCssProvider) style = gtk_css_provider_new ();

  sg_ui_register_resource ();
  leave_no_recent_files ();
  gtk_icon_theme_add_resource_path (gtk_icon_theme_get_default (), "/org/sandglass/icons");
  g_timeout_add_full (G_PRIORITY_LOW, ICON_MSEC, use_icon, NULL, NULL);
  gtk_css_provider_load_from_resource (style, "/org/sandglass/style.css");
  gtk_style_context_add_provider_for_screen (gdk_screen_get_default (), GTK_STYLE_PROVIDER (style),
                                             GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  if (appearance != NULL)
    sg_resources_set_appearance (appearance);
}

GtkWidget *
sg_list_card_new (GtkWidget *list)
{
  GtkWidget *card = gtk_frame_new (NULL);

  gtk_frame_set_shadow_type (GTK_FRAME (card), GTK_SHADOW_NONE);
  gtk_style_context_add_class (gtk_widget_get_style_context (card), "card");
  gtk_container_add (GTK_CONTAINER (card), list);
  g_object_bind_property (list, "visible", card, "visible", G_BINDING_SYNC_CREATE);
  return card;
}
