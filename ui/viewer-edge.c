/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys: while the sandbox has the keyboard, everything but F11 is its own (also Alt+letter and F10,
 * which GTK would take for menus).  The key that leaves (Right Ctrl) brings the keyboard to the
 * bar; there, Tab and the arrows walk, Escape goes back inside, and Ctrl+letter does what is often
 * wanted: while Right Ctrl is held, it leaves and does that in one stroke. */
#include "ui/viewer-internal.h"

#include <glib/gi18n.h>

#define EDGE_PIXELS 4 /* how near the upper edge the pointer calls the bar */
#define EDGE_LOOK_MSEC 150
#define BAR_LINGERS_LOOKS 5 /* after the pointer has left it */

/* --- full screen and its bar --- */

static void
show_edge (SgViewerWindow *self)
{
  self->edge_unused = 0;
  gtk_revealer_set_reveal_child (self->edge, TRUE);
}

/* How far the pointer is below the window's upper edge; -1: elsewhere. */
static int
pointer_depth (SgViewerWindow *self)
{
  GdkWindow *window = gtk_widget_get_window (GTK_WIDGET (self));
  GdkSeat *seat = gdk_display_get_default_seat (gtk_widget_get_display (GTK_WIDGET (self)));
  GdkDevice *pointer = gdk_seat_get_pointer (seat);
  int y = -1;

  if (window != NULL && pointer != NULL)
    gdk_window_get_device_position (window, pointer, NULL, &y, NULL);
  return y;
}

static gboolean
bar_is_used (SgViewerWindow *self, int depth)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));
  int height = gtk_widget_get_allocated_height (GTK_WIDGET (self->edge));

  return sg_viewer_bar_is_busy (self->edge_bar) || (depth >= 0 && depth < height + EDGE_PIXELS)
         || (focus != NULL && gtk_widget_is_ancestor (focus, GTK_WIDGET (self->edge_bar)));
}

/* While in full screen.  The sandbox's screen takes pointer events for itself, so this looks where
 * the pointer is. */
static gboolean
look_at_edge (gpointer data)
{
  SgViewerWindow *self = data;
  int depth = pointer_depth (self);

  if (gtk_revealer_get_reveal_child (self->edge))
    {
      self->edge_unused = bar_is_used (self, depth) ? 0 : self->edge_unused + 1;
      gtk_revealer_set_reveal_child (self->edge, self->edge_unused < BAR_LINGERS_LOOKS);
    }
  else if (depth >= 0 && depth < EDGE_PIXELS && gtk_window_is_active (GTK_WINDOW (self)))
    show_edge (self);
  return G_SOURCE_CONTINUE;
}

void
sg_viewer_window_state (SgViewerWindow *self, GdkEventWindowState *event)
{
  gboolean full = (event->new_window_state & GDK_WINDOW_STATE_FULLSCREEN) != 0;

  if (full == self->full_screen)
    return;
  self->full_screen = full;
  gtk_revealer_set_reveal_child (self->edge, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->edge), full);
  g_clear_handle_id (&self->edge_source, g_source_remove);
  if (full)
    {
      self->edge_source = g_timeout_add (EDGE_LOOK_MSEC, look_at_edge, self);
      sg_viewer_hint (self,
                      _ ("Move the pointer to the upper edge, or press F11, to leave full screen"));
    }
  sg_viewer_display_enter (self->screen);
}

void
sg_viewer_toggle_full_screen (SgViewerWindow *self)
{
  if (self->full_screen)
    gtk_window_unfullscreen (GTK_WINDOW (self));
  else
    gtk_window_fullscreen (GTK_WINDOW (self));
}

/* --- keys --- */

void
sg_viewer_on_leave (SgViewerDisplay *screen, gpointer window)
{
  SgViewerWindow *self = window;

  sg_viewer_display_leave (self->screen);
  if (self->full_screen)
    show_edge (self);
  sg_viewer_bar_focus (self->full_screen ? self->edge_bar : self->bar);
}

static const struct
{
  guint key;
  const char *action; /* with its target */
} shortcuts[] = {
  { GDK_KEY_n, "network::off" },
  { GDK_KEY_s, "save-files" },
  { GDK_KEY_l, "folders" },
};

/* Who cuts the network off wants to go on inside. */
static gboolean
on_shortcut (GtkAccelGroup *group, GObject *window, guint key, GdkModifierType modifiers,
             gpointer data)
{
  SgViewerWindow *self = SG_VIEWER_WINDOW (window);
  g_autofree char *name = NULL;
  g_autoptr (GVariant) target = NULL;

  if (g_action_parse_detailed_name (shortcuts[GPOINTER_TO_SIZE (data)].action, &name, &target, NULL))
    g_action_group_activate_action (G_ACTION_GROUP (self->actions), name, target);
  if (target != NULL && sg_viewer_shows_screen (self))
    sg_viewer_display_enter (self->screen);
  return TRUE;
}

/* Ctrl+Alt, too, because the key that leaves may be that. */
void
sg_viewer_add_shortcuts (SgViewerWindow *self)
{
  const GdkModifierType modifiers[] = { GDK_CONTROL_MASK, GDK_CONTROL_MASK | GDK_MOD1_MASK };
  g_autoptr (GtkAccelGroup) group = gtk_accel_group_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (shortcuts); i++)
    for (gsize m = 0; m < G_N_ELEMENTS (modifiers); m++)
      gtk_accel_group_connect (
          group, shortcuts[i].key, modifiers[m], GTK_ACCEL_VISIBLE,
          g_cclosure_new (G_CALLBACK (on_shortcut), GSIZE_TO_POINTER (i), NULL));
  gtk_window_add_accel_group (GTK_WINDOW (self), group);
}

gboolean
sg_viewer_key_press (SgViewerWindow *self, GdkEventKey *event, GtkWidgetClass *parent)
{
  if (event->keyval == GDK_KEY_F11 && (event->state & gtk_accelerator_get_default_mod_mask ()) == 0)
    {
      g_action_group_activate_action (G_ACTION_GROUP (self->actions), "fullscreen", NULL);
      return GDK_EVENT_STOP;
    }
  if (sg_viewer_display_has_focus (self->screen))
    return gtk_window_propagate_key_event (GTK_WINDOW (self), event);
  if (event->keyval == GDK_KEY_Escape && !self->failed
      && !parent->key_press_event (GTK_WIDGET (self), event))
    {
      sg_viewer_display_enter (self->screen);
      return GDK_EVENT_STOP;
    }
  return parent->key_press_event (GTK_WIDGET (self), event);
}
