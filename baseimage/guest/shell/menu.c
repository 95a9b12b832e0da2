/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list is a tree view of fixed height: it draws the dozen rows that are seen, and only those
 * look for their icon, so a menu of a thousand programs opens as fast as one of ten. */
#include "menu.h"
#include "apps.h"
#include "icons.h"
#include "launch.h"
#include "message.h"

#include <glib/gi18n.h>

#define MENU_WIDTH 560
#define MENU_HEIGHT 500
#define ICON_SIZE 24

enum
{
  COLUMN_APP, /* SgApp, borrowed from menu->apps */
  COLUMN_NAME,
  COLUMN_TOOLTIP,
  N_COLUMNS
};

struct SgMenu
{
  GtkWidget *window;
  GtkWidget *search;
  GtkWidget *categories;
  GtkWidget *list;
  GtkWidget *nothing;
  GtkWidget *stack;
  GtkListStore *store;
  SgApps *apps;
  GHashTable *icons; /* SgApp -> cairo_surface_t */
  SgCategory category;
  gboolean filling; /* a selection or a text is set by us, not by the person */
  void (*power) (gpointer data);
  gpointer data;
  void (*shown) (gpointer data, gboolean open);
  gpointer shown_data;
};

static void
hide (SgMenu *menu)
{
  gtk_widget_hide (menu->window);
}

static void
launch (SgMenu *menu, GtkTreePath *path)
{
  g_autoptr (GError) error = NULL;
  GtkTreeIter iter;
  SgApp *app = NULL;

  if (!gtk_tree_model_get_iter (GTK_TREE_MODEL (menu->store), &iter, path))
    return;
  gtk_tree_model_get (GTK_TREE_MODEL (menu->store), &iter, COLUMN_APP, &app, -1);
  hide (menu);
  if (!sg_launch (app->info, NULL, gtk_get_current_event_time (), &error))
    sg_message (_ ("The program did not start"), error->message);
}

static void
fill (SgMenu *menu)
{
  const char *search = gtk_entry_get_text (GTK_ENTRY (menu->search));
  SgCategory category = *search ? SG_CATEGORY_ALL : menu->category;
  g_autoptr (GPtrArray) found = sg_apps_list (menu->apps, category, search);
  GtkTreeView *view = GTK_TREE_VIEW (menu->list);

  gtk_tree_view_set_model (view, NULL);
  gtk_list_store_clear (menu->store);
  for (guint i = 0; i < found->len; i++)
    {
      const SgApp *app = found->pdata[i];
      g_autofree char *tip = app->comment ? g_markup_escape_text (app->comment, -1) : NULL;
      gtk_list_store_insert_with_values (menu->store, NULL, -1, COLUMN_APP, app, COLUMN_NAME,
                                         app->name, COLUMN_TOOLTIP, tip, -1);
    }
  gtk_tree_view_set_model (view, GTK_TREE_MODEL (menu->store));
  gtk_label_set_text (GTK_LABEL (menu->nothing),
                      *search ? _ ("No program has this name.") : _ ("No programs are installed."));
  gtk_stack_set_visible_child_name (GTK_STACK (menu->stack), found->len ? "list" : "nothing");
  if (found->len)
    {
      g_autoptr (GtkTreePath) first = gtk_tree_path_new_first ();
      gtk_tree_view_set_cursor (view, first, NULL, FALSE);
      gtk_tree_view_scroll_to_cell (view, first, NULL, TRUE, 0, 0);
    }
}

static void
select_all_programs (SgMenu *menu)
{
  GtkListBox *box = GTK_LIST_BOX (menu->categories);

  menu->filling = TRUE;
  gtk_list_box_select_row (box, gtk_list_box_get_row_at_index (box, 0));
  menu->filling = FALSE;
  menu->category = SG_CATEGORY_ALL;
}

/* A search is always over all programs, and choosing a category ends it. */
static void
on_search (GtkEntry *entry, SgMenu *menu)
{
  if (menu->filling)
    return;
  if (*gtk_entry_get_text (entry))
    select_all_programs (menu);
  fill (menu);
}

static void
on_category (GtkListBox *box, GtkListBoxRow *row, SgMenu *menu)
{
  if (!row || menu->filling)
    return;
  menu->filling = TRUE;
  gtk_entry_set_text (GTK_ENTRY (menu->search), "");
  menu->filling = FALSE;
  menu->category = (SgCategory)GPOINTER_TO_INT (g_object_get_data (G_OBJECT (row), "category"));
  fill (menu);
}

static void
on_row_activated (GtkTreeView *view, GtkTreePath *path, GtkTreeViewColumn *column, SgMenu *menu)
{
  launch (menu, path);
}

static void
on_enter (GtkEntry *entry, SgMenu *menu)
{
  g_autoptr (GtkTreePath) path = NULL;

  gtk_tree_view_get_cursor (GTK_TREE_VIEW (menu->list), &path, NULL);
  if (path)
    launch (menu, path);
}

/* Up and down move in the list while the keyboard stays in the search line. */
static gboolean
on_search_key (GtkWidget *entry, GdkEventKey *event, SgMenu *menu)
{
  int step = event->keyval == GDK_KEY_Down        ? 1
             : event->keyval == GDK_KEY_Up        ? -1
             : event->keyval == GDK_KEY_Page_Down ? 8
             : event->keyval == GDK_KEY_Page_Up   ? -8
                                                  : 0;
  g_autoptr (GtkTreePath) path = NULL;
  int n = gtk_tree_model_iter_n_children (GTK_TREE_MODEL (menu->store), NULL);

  if (!step)
    return FALSE;
  gtk_tree_view_get_cursor (GTK_TREE_VIEW (menu->list), &path, NULL);
  if (path && n > 0)
    {
      int at = CLAMP (gtk_tree_path_get_indices (path)[0] + step, 0, n - 1);
      g_autoptr (GtkTreePath) next = gtk_tree_path_new_from_indices (at, -1);
      gtk_tree_view_set_cursor (GTK_TREE_VIEW (menu->list), next, NULL, FALSE);
    }
  return TRUE;
}

static gboolean
on_key (GtkWidget *window, GdkEventKey *event, SgMenu *menu)
{
  if (event->keyval == GDK_KEY_Escape)
    {
      if (*gtk_entry_get_text (GTK_ENTRY (menu->search)))
        gtk_entry_set_text (GTK_ENTRY (menu->search), "");
      else
        hide (menu);
      return TRUE;
    }
  /* Letters typed while the list or a category has the keyboard search, too. */
  if (!gtk_widget_has_focus (menu->search)
      && g_unichar_isgraph (gdk_keyval_to_unicode (event->keyval))
      && !(event->state & (GDK_CONTROL_MASK | GDK_MOD1_MASK)))
    gtk_entry_grab_focus_without_selecting (GTK_ENTRY (menu->search));
  return FALSE;
}

static gboolean
on_focus_out (GtkWidget *window, GdkEventFocus *event, SgMenu *menu)
{
  hide (menu);
  return FALSE;
}

static void
on_visible (GtkWidget *window, GParamSpec *spec, SgMenu *menu)
{
  if (menu->shown)
    menu->shown (menu->shown_data, gtk_widget_get_visible (window));
}

static void
on_power (GtkButton *button, SgMenu *menu)
{
  hide (menu);
  menu->power (menu->data);
}

static void
icon_cell (GtkTreeViewColumn *column, GtkCellRenderer *cell, GtkTreeModel *model, GtkTreeIter *iter,
           gpointer data)
{
  SgMenu *menu = data;
  cairo_surface_t *icon;
  SgApp *app;

  gtk_tree_model_get (model, iter, COLUMN_APP, &app, -1);
  icon = g_hash_table_lookup (menu->icons, app);
  if (!icon)
    {
      icon = sg_icon_surface (g_app_info_get_icon (G_APP_INFO (app->info)), app->name, ICON_SIZE,
                              menu->list);
      g_hash_table_insert (menu->icons, app, icon);
    }
  g_object_set (cell, "surface", icon, NULL);
}

static GtkWidget *
new_list (SgMenu *menu)
{
  GtkWidget *view = gtk_tree_view_new ();
  GtkTreeViewColumn *column = gtk_tree_view_column_new ();
  GtkCellRenderer *icon = gtk_cell_renderer_pixbuf_new (), *name = gtk_cell_renderer_text_new ();

  menu->store = gtk_list_store_new (N_COLUMNS, G_TYPE_POINTER, G_TYPE_STRING, G_TYPE_STRING);
  gtk_cell_renderer_set_padding (icon, 10, 6);
  gtk_cell_renderer_set_fixed_size (icon, ICON_SIZE + 20, ICON_SIZE + 12);
  gtk_cell_renderer_set_padding (name, 4, 6);
  g_object_set (name, "ellipsize", PANGO_ELLIPSIZE_END, NULL);
  gtk_tree_view_column_pack_start (column, icon, FALSE);
  gtk_tree_view_column_pack_start (column, name, TRUE);
  gtk_tree_view_column_set_cell_data_func (column, icon, icon_cell, menu, NULL);
  gtk_tree_view_column_add_attribute (column, name, "text", COLUMN_NAME);
  gtk_tree_view_column_set_sizing (column, GTK_TREE_VIEW_COLUMN_FIXED);
  gtk_tree_view_append_column (GTK_TREE_VIEW (view), column);
  gtk_tree_view_set_headers_visible (GTK_TREE_VIEW (view), FALSE);
  gtk_tree_view_set_fixed_height_mode (GTK_TREE_VIEW (view), TRUE);
  gtk_tree_view_set_enable_search (GTK_TREE_VIEW (view), FALSE);
  gtk_tree_view_set_activate_on_single_click (GTK_TREE_VIEW (view), TRUE);
  gtk_tree_view_set_hover_selection (GTK_TREE_VIEW (view), TRUE);
  gtk_tree_view_set_tooltip_column (GTK_TREE_VIEW (view), COLUMN_TOOLTIP);
  atk_object_set_name (gtk_widget_get_accessible (view), _ ("Programs"));
  g_signal_connect (view, "row-activated", G_CALLBACK (on_row_activated), menu);
  return view;
}

static GtkWidget *
new_scrolled (GtkWidget *child)
{
  GtkWidget *scrolled = gtk_scrolled_window_new (NULL, NULL);

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_container_add (GTK_CONTAINER (scrolled), child);
  return scrolled;
}

static void
fill_categories (SgMenu *menu)
{
  GtkListBox *box = GTK_LIST_BOX (menu->categories);
  GtkListBoxRow *row;

  while ((row = gtk_list_box_get_row_at_index (box, 0)))
    gtk_widget_destroy (GTK_WIDGET (row));
  for (int i = 0; i < SG_CATEGORY_MAX; i++)
    {
      if (i != SG_CATEGORY_ALL && !sg_apps_has (menu->apps, (SgCategory)i))
        continue;
      GtkWidget *label = gtk_label_new (sg_category_name ((SgCategory)i));
      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_list_box_insert (box, label, -1);
      GtkWidget *parent = gtk_widget_get_parent (label);
      g_object_set_data (G_OBJECT (parent), "category", GINT_TO_POINTER (i));
      gtk_widget_show_all (parent);
    }
}

void
sg_menu_read (SgMenu *menu)
{
  const char *const *system = g_get_system_data_dirs ();
  g_autoptr (GPtrArray) dirs = NULL;

  if (menu->apps)
    return;
  dirs = g_ptr_array_new ();
  g_ptr_array_add (dirs, (gpointer)g_get_user_data_dir ());
  for (guint i = 0; system[i]; i++)
    g_ptr_array_add (dirs, (gpointer)system[i]);
  g_ptr_array_add (dirs, NULL);
  menu->apps = sg_apps_load ((const char *const *)dirs->pdata);
}

/* Programs came or went: what was shown of the old list goes with it. */
static void
read_again (SgMenu *menu)
{
  gtk_list_store_clear (menu->store);
  g_hash_table_remove_all (menu->icons);
  g_clear_pointer (&menu->apps, sg_apps_free);
  sg_menu_read (menu);
  fill_categories (menu);
}

static GtkWidget *
new_foot (SgMenu *menu)
{
  GtkWidget *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *note = gtk_label_new (_ ("Your files stay outside."));
  GtkWidget *button = gtk_button_new (), *inner = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  gtk_style_context_add_class (gtk_widget_get_style_context (foot), "foot");
  gtk_style_context_add_class (gtk_widget_get_style_context (note), "dim");
  gtk_container_add (GTK_CONTAINER (inner), sg_sign_new (SG_SIGN_POWER, 16));
  gtk_container_add (GTK_CONTAINER (inner), gtk_label_new (_ ("Close this sandbox…")));
  gtk_container_add (GTK_CONTAINER (button), inner);
  g_signal_connect (button, "clicked", G_CALLBACK (on_power), menu);
  gtk_box_pack_start (GTK_BOX (foot), note, FALSE, FALSE, 0);
  gtk_box_pack_end (GTK_BOX (foot), button, FALSE, FALSE, 0);
  return foot;
}

static GtkWidget *
new_search (SgMenu *menu)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  menu->search = gtk_entry_new ();
  gtk_entry_set_placeholder_text (GTK_ENTRY (menu->search), _ ("Search programs"));
  gtk_entry_set_max_length (GTK_ENTRY (menu->search), 200);
  atk_object_set_name (gtk_widget_get_accessible (menu->search), _ ("Search programs"));
  gtk_style_context_add_class (gtk_widget_get_style_context (box), "search");
  gtk_box_pack_start (GTK_BOX (box), sg_sign_new (SG_SIGN_SEARCH, 16), FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), menu->search, TRUE, TRUE, 0);
  g_signal_connect (menu->search, "changed", G_CALLBACK (on_search), menu);
  g_signal_connect (menu->search, "activate", G_CALLBACK (on_enter), menu);
  g_signal_connect (menu->search, "key-press-event", G_CALLBACK (on_search_key), menu);
  return box;
}

static GtkWidget *
new_middle (SgMenu *menu)
{
  GtkWidget *middle = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0), *side;

  menu->categories = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (menu->categories), GTK_SELECTION_BROWSE);
  atk_object_set_name (gtk_widget_get_accessible (menu->categories), _ ("Categories"));
  g_signal_connect (menu->categories, "row-selected", G_CALLBACK (on_category), menu);
  side = new_scrolled (menu->categories);
  gtk_style_context_add_class (gtk_widget_get_style_context (side), "side");
  gtk_widget_set_size_request (side, 168, -1);

  menu->list = new_list (menu);
  menu->nothing = gtk_label_new ("");
  gtk_style_context_add_class (gtk_widget_get_style_context (menu->nothing), "dim");
  menu->stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (menu->stack), new_scrolled (menu->list), "list");
  gtk_stack_add_named (GTK_STACK (menu->stack), menu->nothing, "nothing");
  gtk_box_pack_start (GTK_BOX (middle), side, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (middle), menu->stack, TRUE, TRUE, 0);
  return middle;
}

SgMenu *
sg_menu_new (void (*power) (gpointer data), gpointer data)
{
  SgMenu *menu = g_new0 (SgMenu, 1);

  menu->power = power;
  menu->data = data;
  menu->icons = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)cairo_surface_destroy);
  return menu;
}

void
sg_menu_prepare (SgMenu *menu)
{
  GtkWidget *box;

  if (menu->window)
    return;
  menu->window = gtk_window_new (GTK_WINDOW_TOPLEVEL);
  gtk_window_set_title (GTK_WINDOW (menu->window), _ ("Programs"));
  /* Openbox gives the keyboard to new dialogs, not to menus and utilities. */
  gtk_window_set_type_hint (GTK_WINDOW (menu->window), GDK_WINDOW_TYPE_HINT_DIALOG);
  gtk_window_set_decorated (GTK_WINDOW (menu->window), FALSE);
  gtk_window_set_resizable (GTK_WINDOW (menu->window), FALSE);
  gtk_window_set_skip_taskbar_hint (GTK_WINDOW (menu->window), TRUE);
  gtk_window_set_skip_pager_hint (GTK_WINDOW (menu->window), TRUE);
  gtk_window_set_keep_above (GTK_WINDOW (menu->window), TRUE);
  gtk_widget_set_name (menu->window, "menu");
  box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_style_context_add_class (gtk_widget_get_style_context (box), "whole");
  gtk_container_add (GTK_CONTAINER (menu->window), box);
  gtk_box_pack_start (GTK_BOX (box), new_search (menu), FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), new_middle (menu), TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (box), new_foot (menu), FALSE, FALSE, 0);
  g_signal_connect (menu->window, "key-press-event", G_CALLBACK (on_key), menu);
  g_signal_connect (menu->window, "focus-out-event", G_CALLBACK (on_focus_out), menu);
  g_signal_connect (menu->window, "notify::visible", G_CALLBACK (on_visible), menu);
  g_signal_connect (menu->window, "delete-event", G_CALLBACK (gtk_widget_hide_on_delete), NULL);
  g_signal_connect_swapped (gdk_screen_get_default (), "size-changed", G_CALLBACK (hide), menu);
  sg_menu_read (menu);
  fill_categories (menu);
  gtk_widget_show_all (box);
  select_all_programs (menu);
  fill (menu);
}

static void
place (SgMenu *menu)
{
  GdkMonitor *monitor = gdk_display_get_primary_monitor (gdk_display_get_default ());
  GdkRectangle area;

  if (!monitor)
    monitor = gdk_display_get_monitor (gdk_display_get_default (), 0);
  gdk_monitor_get_workarea (monitor, &area);
  int width = MIN (MENU_WIDTH, area.width - 16), height = MIN (MENU_HEIGHT, area.height - 16);
  gtk_widget_set_size_request (menu->window, width, height);
  gtk_window_move (GTK_WINDOW (menu->window), area.x + 8, area.y + area.height - height - 8);
}

void
sg_menu_toggle (SgMenu *menu, guint32 timestamp)
{
  sg_menu_prepare (menu);
  if (gtk_widget_get_visible (menu->window))
    {
      hide (menu);
      return;
    }
  if (sg_apps_stale (menu->apps))
    read_again (menu);
  menu->filling = TRUE;
  gtk_entry_set_text (GTK_ENTRY (menu->search), "");
  menu->filling = FALSE;
  select_all_programs (menu);
  fill (menu);
  place (menu);
  gtk_window_present_with_time (GTK_WINDOW (menu->window), timestamp);
  gtk_widget_grab_focus (menu->search);
}

GIcon *
sg_menu_icon_of_class (SgMenu *menu, const char *wm_class)
{
  const SgApp *app = menu->apps ? sg_apps_by_class (menu->apps, wm_class) : NULL;

  return app ? g_app_info_get_icon (G_APP_INFO (app->info)) : NULL;
}

void
sg_menu_on_shown (SgMenu *menu, void (*shown) (gpointer data, gboolean open), gpointer data)
{
  menu->shown = shown;
  menu->shown_data = data;
}

void
sg_menu_free (SgMenu *menu)
{
  if (!menu)
    return;
  if (menu->window)
    {
      g_signal_handlers_disconnect_by_data (gdk_screen_get_default (), menu);
      gtk_widget_destroy (menu->window);
    }
  g_clear_object (&menu->store);
  g_hash_table_unref (menu->icons);
  sg_apps_free (menu->apps);
  g_free (menu);
}
