/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "panel.h"
#include "clock.h"
#include "icons.h"
#include "windows.h"

#include <gdk/gdkx.h>
#include <glib/gi18n.h>

#define BUTTON_WIDTH 190
#define NARROW 1000 /* below this width the mark is one word */

struct SgPanel
{
  GtkWidget *window;
  GtkWidget *menu;
  GtkWidget *tasks;
  GtkWidget *mark;
  GtkWidget *clock;
  SgWindows *windows;
  GSource *minute;
  SgPanelActions actions;
  gboolean quiet; /* a toggle button is set by us, not by the person */
};

static void
update_clock (gpointer data)
{
  SgPanel *panel = data;
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = now ? g_date_time_format (now, "%H:%M") : g_strdup ("");
  g_autofree char *day = now ? g_date_time_format (now, "%A, %e %B %Y") : g_strdup ("");

  gtk_label_set_text (GTK_LABEL (panel->clock), time);
  gtk_widget_set_tooltip_text (panel->clock, day);
}

/* --- open windows --- */

static gulong
xid_of (GtkWidget *button)
{
  return (gulong)g_object_get_data (G_OBJECT (button), "xid");
}

static void
on_task (GtkButton *button, SgPanel *panel)
{
  gulong xid = xid_of (GTK_WIDGET (button));

  if (xid == sg_windows_active (panel->windows))
    sg_windows_minimize (panel->windows, xid);
  else
    sg_windows_activate (panel->windows, xid, gtk_get_current_event_time ());
}

static void
on_close_item (GtkMenuItem *item, SgPanel *panel)
{
  gulong xid = (gulong)g_object_get_data (G_OBJECT (item), "xid");

  sg_windows_close (panel->windows, xid, gtk_get_current_event_time ());
}

static gboolean
on_task_press (GtkWidget *button, GdkEventButton *event, SgPanel *panel)
{
  GtkWidget *menu, *item;

  if (event->button == GDK_BUTTON_MIDDLE)
    sg_windows_close (panel->windows, xid_of (button), event->time);
  if (event->button != GDK_BUTTON_SECONDARY)
    return FALSE;
  menu = gtk_menu_new ();
  item = gtk_menu_item_new_with_label (_ ("Close window"));
  g_object_set_data (G_OBJECT (item), "xid", (gpointer)xid_of (button));
  g_signal_connect (item, "activate", G_CALLBACK (on_close_item), panel);
  gtk_menu_shell_append (GTK_MENU_SHELL (menu), item);
  gtk_widget_show_all (menu);
  gtk_menu_attach_to_widget (GTK_MENU (menu), panel->window, NULL);
  g_signal_connect (menu, "selection-done", G_CALLBACK (gtk_widget_destroy), NULL);
  gtk_menu_popup_at_widget (GTK_MENU (menu), button, GDK_GRAVITY_NORTH_WEST, GDK_GRAVITY_SOUTH_WEST,
                            (GdkEvent *)event);
  return TRUE;
}

static cairo_surface_t *
task_icon (SgPanel *panel, const SgWindow *window)
{
  const char *class = window->class ? window->class : "";
  GIcon *icon = panel->actions.icon_of_class (panel->actions.data, class);

  if (window->icon)
    return sg_icon_from_pixbuf (window->icon, 18, panel->window);
  return sg_icon_surface (icon, *class ? class : window->title, 18, panel->window);
}

static GtkWidget *
new_task (SgPanel *panel, const SgWindow *window)
{
  GtkWidget *button = gtk_button_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 7);
  const char *title = *window->title ? window->title : window->class;
  GtkWidget *label = gtk_label_new (title ? title : _ ("Window"));
  cairo_surface_t *icon = task_icon (panel, window);
  GtkStyleContext *style = gtk_widget_get_style_context (button);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_box_pack_start (GTK_BOX (box), gtk_image_new_from_surface (icon), FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), label, TRUE, TRUE, 0);
  cairo_surface_destroy (icon);
  gtk_container_add (GTK_CONTAINER (button), box);
  gtk_widget_set_size_request (button, BUTTON_WIDTH, -1);
  gtk_widget_set_can_focus (button, FALSE);
  gtk_widget_set_tooltip_text (button, title);
  gtk_style_context_add_class (style, "task");
  if (window->xid == sg_windows_active (panel->windows))
    gtk_style_context_add_class (style, "active");
  if (window->minimized)
    gtk_style_context_add_class (style, "minimized");
  if (window->urgent)
    gtk_style_context_add_class (style, "urgent");
  g_object_set_data (G_OBJECT (button), "xid", (gpointer)window->xid);
  g_signal_connect (button, "clicked", G_CALLBACK (on_task), panel);
  g_signal_connect (button, "button-press-event", G_CALLBACK (on_task_press), panel);
  return button;
}

/* When they do not fit side by side the buttons share the room. */
static void
share_room (SgPanel *panel)
{
  g_autoptr (GList) buttons = gtk_container_get_children (GTK_CONTAINER (panel->tasks));
  int n = (int)g_list_length (buttons);
  int room = gtk_widget_get_allocated_width (gtk_widget_get_parent (panel->tasks));
  int each = n > 0 && room > 1 ? MIN (BUTTON_WIDTH, room / n - 4) : BUTTON_WIDTH;

  for (GList *l = buttons; l; l = l->next)
    gtk_widget_set_size_request (l->data, MAX (each, 36), -1);
}

static void
update_tasks (gpointer data)
{
  SgPanel *panel = data;
  GPtrArray *list = sg_windows_list (panel->windows);

  gtk_container_foreach (GTK_CONTAINER (panel->tasks), (GtkCallback)(void *)gtk_widget_destroy,
                         NULL);
  for (guint i = 0; i < list->len; i++)
    gtk_box_pack_start (GTK_BOX (panel->tasks), new_task (panel, list->pdata[i]), FALSE, FALSE, 0);
  share_room (panel);
  gtk_widget_show_all (panel->tasks);
  panel->actions.managed (panel->actions.data);
}

/* --- the panel itself --- */

static void
on_menu (GtkToggleButton *button, SgPanel *panel)
{
  guint32 timestamp = gtk_get_current_event_time ();

  if (!panel->quiet)
    panel->actions.menu (panel->actions.data, timestamp);
}

static void
on_power (GtkButton *button, SgPanel *panel)
{
  panel->actions.power (panel->actions.data);
}

void
sg_panel_set_menu_open (SgPanel *panel, gboolean open)
{
  panel->quiet = TRUE;
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (panel->menu), open);
  panel->quiet = FALSE;
}

static GtkWidget *
new_menu_button (SgPanel *panel)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  panel->menu = gtk_toggle_button_new ();
  gtk_box_pack_start (GTK_BOX (box), sg_sign_new (SG_SIGN_HOURGLASS, 18), FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), gtk_label_new (_ ("Programs")), FALSE, FALSE, 0);
  gtk_container_add (GTK_CONTAINER (panel->menu), box);
  gtk_widget_set_tooltip_text (panel->menu, _ ("Open the menu (Super key, or Alt+F1)"));
  atk_object_set_name (gtk_widget_get_accessible (panel->menu), _ ("Programs"));
  gtk_style_context_add_class (gtk_widget_get_style_context (panel->menu), "menu-button");
  g_signal_connect (panel->menu, "toggled", G_CALLBACK (on_menu), panel);
  return panel->menu;
}

static GtkWidget *
new_mark (SgPanel *panel)
{
  const char *says = _ ("Disposable: everything here disappears");

  panel->mark = gtk_label_new (says);
  gtk_widget_set_valign (panel->mark, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (panel->mark, _ ("This is a sandbox. Everything here disappears when "
                                               "you close it. Your files stay outside."));
  atk_object_set_name (gtk_widget_get_accessible (panel->mark), says);
  gtk_style_context_add_class (gtk_widget_get_style_context (panel->mark), "mark");
  return panel->mark;
}

static GtkWidget *
new_power (SgPanel *panel)
{
  GtkWidget *button = gtk_button_new ();

  gtk_container_add (GTK_CONTAINER (button), sg_sign_new (SG_SIGN_POWER, 18));
  gtk_widget_set_tooltip_text (button, _ ("Close this sandbox"));
  atk_object_set_name (gtk_widget_get_accessible (button), _ ("Close this sandbox"));
  g_signal_connect (button, "clicked", G_CALLBACK (on_power), panel);
  return button;
}

static GtkWidget *
new_bar (SgPanel *panel)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *room;

  panel->tasks = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  atk_object_set_name (gtk_widget_get_accessible (panel->tasks), _ ("Open windows"));
  /* So that many windows never make the panel wider than the screen. */
  room = gtk_scrolled_window_new (NULL, NULL);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (room), GTK_POLICY_EXTERNAL,
                                  GTK_POLICY_NEVER);
  gtk_container_add (GTK_CONTAINER (room), panel->tasks);
  panel->clock = gtk_label_new ("");
  gtk_style_context_add_class (gtk_widget_get_style_context (panel->clock), "clock");

  gtk_box_pack_start (GTK_BOX (bar), new_menu_button (panel), FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (bar), room, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (bar), new_mark (panel), FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (bar), panel->clock, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (bar), new_power (panel), FALSE, FALSE, 0);
  return bar;
}

/* The lower edge of the screen, and the room that maximised windows leave for it. */
static void
place (SgPanel *panel)
{
  GdkMonitor *monitor = gdk_display_get_monitor (gdk_display_get_default (), 0);
  GdkWindow *window = gtk_widget_get_window (panel->window);
  int scale = gtk_widget_get_scale_factor (panel->window);
  GdkRectangle area;

  if (!monitor)
    return;
  gdk_monitor_get_geometry (monitor, &area);
  gulong strut[12] = { 0, 0, 0, (gulong)(SG_PANEL_HEIGHT * scale) };
  strut[10] = (gulong)(area.x * scale);
  strut[11] = (gulong)((area.x + area.width) * scale - 1);
  gtk_label_set_text (GTK_LABEL (panel->mark), area.width < NARROW
                                                   ? _ ("Disposable")
                                                   : _ ("Disposable: everything here disappears"));
  gtk_widget_set_size_request (panel->window, area.width, SG_PANEL_HEIGHT);
  gtk_window_resize (GTK_WINDOW (panel->window), area.width, SG_PANEL_HEIGHT);
  gtk_window_move (GTK_WINDOW (panel->window), area.x, area.y + area.height - SG_PANEL_HEIGHT);
  gdk_property_change (window, gdk_atom_intern_static_string ("_NET_WM_STRUT_PARTIAL"),
                       gdk_atom_intern_static_string ("CARDINAL"), 32, GDK_PROP_MODE_REPLACE,
                       (const guchar *)strut, 12);
}

static void
on_screen_changed (GdkScreen *screen, SgPanel *panel)
{
  place (panel);
  share_room (panel);
}

SgPanel *
sg_panel_new (const SgPanelActions *actions)
{
  SgPanel *panel = g_new0 (SgPanel, 1);
  GdkScreen *screen = gdk_screen_get_default ();

  panel->actions = *actions;
  panel->window = gtk_window_new (GTK_WINDOW_TOPLEVEL);
  gtk_widget_set_name (panel->window, "panel");
  gtk_window_set_title (GTK_WINDOW (panel->window), _ ("Panel"));
  gtk_window_set_type_hint (GTK_WINDOW (panel->window), GDK_WINDOW_TYPE_HINT_DOCK);
  gtk_window_set_accept_focus (GTK_WINDOW (panel->window), FALSE);
  gtk_window_set_decorated (GTK_WINDOW (panel->window), FALSE);
  gtk_window_stick (GTK_WINDOW (panel->window));
  gtk_container_add (GTK_CONTAINER (panel->window), new_bar (panel));
  panel->windows = sg_windows_new (update_tasks, panel);
  panel->minute = sg_clock_new (update_clock, panel);
  g_signal_connect (screen, "monitors-changed", G_CALLBACK (on_screen_changed), panel);
  g_signal_connect (screen, "size-changed", G_CALLBACK (on_screen_changed), panel);
  gtk_widget_realize (panel->window);
  place (panel);
  gtk_widget_show_all (panel->window);
  return panel;
}

gboolean
sg_panel_is_managed (SgPanel *panel)
{
  return sg_windows_managed (panel->windows);
}

GtkWidget *
sg_panel_window (SgPanel *panel)
{
  return panel->window;
}

void
sg_panel_free (SgPanel *panel)
{
  if (!panel)
    return;
  g_signal_handlers_disconnect_by_data (gdk_screen_get_default (), panel);
  g_source_destroy (panel->minute);
  g_source_unref (panel->minute);
  sg_windows_free (panel->windows);
  gtk_widget_destroy (panel->window);
  g_free (panel);
}
