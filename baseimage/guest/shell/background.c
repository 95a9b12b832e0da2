/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "background.h"
#include "icons.h"
#include "launch.h"
#include "message.h"
#include "panel.h"

#include <glib/gi18n.h>
#include <string.h>

#define FILES_MAX 200
#define CELL_WIDTH 104
#define CELL_HEIGHT 100

struct SgBackground
{
  GtkWidget *window;
  GtkWidget *files; /* GtkFlowBox: columns from the left, each from the top */
  GtkWidget *text;
  GFile *folder;
  GFileMonitor *monitor;
  guint idle;
};

static char *
attributes (void)
{
  return g_strjoin (",", G_FILE_ATTRIBUTE_STANDARD_NAME, G_FILE_ATTRIBUTE_STANDARD_DISPLAY_NAME,
                    G_FILE_ATTRIBUTE_STANDARD_ICON, G_FILE_ATTRIBUTE_STANDARD_IS_HIDDEN,
                    G_FILE_ATTRIBUTE_STANDARD_IS_BACKUP, NULL);
}

static GtkWidget *
new_file (SgBackground *b, GFileInfo *info)
{
  GtkWidget *cell = gtk_flow_box_child_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 5);
  const char *name = g_file_info_get_display_name (info);
  GtkWidget *label = gtk_label_new (name);
  PangoAttrList *no_hyphens = pango_attr_list_new ();
  cairo_surface_t *icon = sg_icon_surface (g_file_info_get_icon (info), name, 48, b->window);

  gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_line_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  pango_attr_list_insert (no_hyphens, pango_attr_insert_hyphens_new (FALSE)); /* it is a name */
  gtk_label_set_attributes (GTK_LABEL (label), no_hyphens);
  pango_attr_list_unref (no_hyphens);
  gtk_label_set_lines (GTK_LABEL (label), 2);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_CENTER);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 12);
  gtk_box_pack_start (GTK_BOX (box), gtk_image_new_from_surface (icon), FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), label, FALSE, FALSE, 0);
  cairo_surface_destroy (icon);
  gtk_container_add (GTK_CONTAINER (cell), box);
  gtk_widget_set_size_request (cell, CELL_WIDTH, CELL_HEIGHT);
  gtk_widget_set_tooltip_text (cell, name);
  atk_object_set_name (gtk_widget_get_accessible (cell), name);
  g_object_set_data_full (G_OBJECT (cell), "file",
                          g_file_get_child (b->folder, g_file_info_get_name (info)),
                          g_object_unref);
  return cell;
}

static int
by_name (gconstpointer a, gconstpointer b)
{
  GFileInfo *one = *(GFileInfo *const *)a, *two = *(GFileInfo *const *)b;

  return g_utf8_collate (g_file_info_get_display_name (one), g_file_info_get_display_name (two));
}

static void
list_files (SgBackground *b)
{
  g_autofree char *what = attributes ();
  g_autoptr (GFileEnumerator) all
      = g_file_enumerate_children (b->folder, what, G_FILE_QUERY_INFO_NONE, NULL, NULL);
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_object_unref);
  GFileInfo *info;

  gtk_container_foreach (GTK_CONTAINER (b->files), (GtkCallback)(void *)gtk_widget_destroy, NULL);
  while (all && found->len < FILES_MAX && (info = g_file_enumerator_next_file (all, NULL, NULL)))
    if (g_file_info_get_is_hidden (info) || g_file_info_get_is_backup (info))
      g_object_unref (info);
    else
      g_ptr_array_add (found, info);
  g_ptr_array_sort (found, by_name);
  for (guint i = 0; i < found->len; i++)
    gtk_container_add (GTK_CONTAINER (b->files), new_file (b, found->pdata[i]));
  gtk_widget_show_all (b->files);
}

static gboolean
on_idle (gpointer data)
{
  SgBackground *b = data;

  b->idle = 0;
  list_files (b);
  return G_SOURCE_REMOVE;
}

static void
on_changed (GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event,
            SgBackground *b)
{
  if (event != G_FILE_MONITOR_EVENT_CHANGED && !b->idle)
    b->idle = g_idle_add (on_idle, b);
}

static void
on_open (GtkFlowBox *box, GtkFlowBoxChild *cell, SgBackground *b)
{
  g_autoptr (GError) error = NULL;
  GFile *file = g_object_get_data (G_OBJECT (cell), "file");

  if (!sg_launch_file (file, gtk_get_current_event_time (), &error))
    sg_message (_ ("This cannot be opened"), error->message);
}

static GtkWidget *
new_label (const char *text, const char *class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_style_context_add_class (gtk_widget_get_style_context (label), class);
  gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_CENTER);
  return label;
}

static GtkWidget *
new_text (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10),
            *sign = sg_sign_new (SG_SIGN_HOURGLASS, 72);

  gtk_style_context_add_class (gtk_widget_get_style_context (sign), "sign");
  gtk_box_pack_start (GTK_BOX (box), sign, FALSE, FALSE, 6);
  gtk_box_pack_start (GTK_BOX (box), new_label (_ ("Disposable desktop"), "title"), FALSE, FALSE,
                      0);
  gtk_box_pack_start (
      GTK_BOX (box),
      new_label (_ ("Everything here disappears when you close it. Your files stay outside."),
                 "says"),
      FALSE, FALSE, 0);
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  return box;
}

static void
place (SgBackground *b)
{
  GdkMonitor *monitor = gdk_display_get_monitor (gdk_display_get_default (), 0);
  GdkRectangle area;
  guint rows;

  if (!monitor)
    return;
  gdk_monitor_get_geometry (monitor, &area);
  rows = (guint)MAX (1, (area.height - SG_PANEL_HEIGHT - 24) / (CELL_HEIGHT + 8));
  gtk_flow_box_set_min_children_per_line (GTK_FLOW_BOX (b->files), rows);
  gtk_flow_box_set_max_children_per_line (GTK_FLOW_BOX (b->files), rows);
  gtk_widget_set_size_request (b->window, area.width, area.height);
  gtk_window_resize (GTK_WINDOW (b->window), area.width, area.height);
  gtk_window_move (GTK_WINDOW (b->window), area.x, area.y);
}

static void
on_screen_changed (GdkScreen *screen, SgBackground *b)
{
  place (b);
}

static GtkWidget *
new_files (SgBackground *b)
{
  b->files = gtk_flow_box_new ();
  gtk_orientable_set_orientation (GTK_ORIENTABLE (b->files), GTK_ORIENTATION_VERTICAL);
  gtk_flow_box_set_homogeneous (GTK_FLOW_BOX (b->files), TRUE);
  gtk_flow_box_set_activate_on_single_click (GTK_FLOW_BOX (b->files), FALSE);
  gtk_flow_box_set_row_spacing (GTK_FLOW_BOX (b->files), 4);
  gtk_flow_box_set_column_spacing (GTK_FLOW_BOX (b->files), 4);
  gtk_widget_set_halign (b->files, GTK_ALIGN_START);
  gtk_widget_set_valign (b->files, GTK_ALIGN_START);
  gtk_widget_set_margin_start (b->files, 12);
  gtk_widget_set_margin_top (b->files, 12);
  atk_object_set_name (gtk_widget_get_accessible (b->files), _ ("Files on the desktop"));
  g_signal_connect (b->files, "child-activated", G_CALLBACK (on_open), b);
  return b->files;
}

SgBackground *
sg_background_new (const char *folder)
{
  SgBackground *b = g_new0 (SgBackground, 1);
  GtkWidget *layers = gtk_overlay_new ();
  GdkScreen *screen = gdk_screen_get_default ();

  b->folder = g_file_new_for_path (folder);
  b->window = gtk_window_new (GTK_WINDOW_TOPLEVEL);
  gtk_widget_set_name (b->window, "desktop");
  gtk_window_set_title (GTK_WINDOW (b->window), _ ("Desktop"));
  gtk_window_set_type_hint (GTK_WINDOW (b->window), GDK_WINDOW_TYPE_HINT_DESKTOP);
  gtk_window_set_decorated (GTK_WINDOW (b->window), FALSE);
  b->text = new_text ();
  gtk_container_add (GTK_CONTAINER (layers), b->text);
  gtk_overlay_add_overlay (GTK_OVERLAY (layers), new_files (b));
  gtk_container_add (GTK_CONTAINER (b->window), layers);
  g_signal_connect (b->window, "delete-event", G_CALLBACK (gtk_true), NULL);
  g_signal_connect (screen, "monitors-changed", G_CALLBACK (on_screen_changed), b);
  g_signal_connect (screen, "size-changed", G_CALLBACK (on_screen_changed), b);

  b->monitor = g_file_monitor_directory (b->folder, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
  if (b->monitor)
    g_signal_connect (b->monitor, "changed", G_CALLBACK (on_changed), b);
  list_files (b);
  place (b);
  gtk_widget_show_all (b->window);
  gtk_window_set_focus (GTK_WINDOW (b->window), NULL); /* no file is marked at first */
  return b;
}

GtkWidget *
sg_background_window (SgBackground *b)
{
  return b->window;
}

void
sg_background_plain (SgBackground *b)
{
  gtk_widget_hide (b->text);
  gtk_widget_hide (b->files);
}

void
sg_background_free (SgBackground *b)
{
  if (!b)
    return;
  g_signal_handlers_disconnect_by_data (gdk_screen_get_default (), b);
  if (b->idle)
    g_source_remove (b->idle);
  g_clear_object (&b->monitor);
  g_object_unref (b->folder);
  gtk_widget_destroy (b->window);
  g_free (b);
}
