/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/undo.h"

#include <glib/gi18n.h>

struct _SgUndo
{
  GtkWindow parent;
  GtkWidget *button;
  guint source;
  gboolean decided;
};

G_DEFINE_TYPE (SgUndo, sg_undo, GTK_TYPE_WINDOW)

static guint decided_signal;

static void
decide (SgUndo *self, gboolean undo)
{
  if (self->decided)
    return;
  self->decided = TRUE;
  g_clear_handle_id (&self->source, g_source_remove);
  gtk_widget_hide (GTK_WIDGET (self));
  g_signal_emit (self, decided_signal, 0, undo);
}

static gboolean
time_is_over (gpointer data)
{
  SgUndo *self = data;

  self->source = 0;
  decide (self, FALSE);
  return G_SOURCE_REMOVE;
}

static void
on_clicked (GtkButton *button, gpointer data)
{
  decide (data, TRUE);
}

static gboolean
on_key_press (GtkWidget *widget, GdkEventKey *event)
{
  if (event->keyval == GDK_KEY_Escape)
    {
      decide (SG_UNDO (widget), FALSE);
      return GDK_EVENT_STOP;
    }
  return GTK_WIDGET_CLASS (sg_undo_parent_class)->key_press_event (widget, event);
}

static gboolean
on_delete (GtkWidget *widget, GdkEventAny *event)
{
  decide (SG_UNDO (widget), FALSE);
  return GDK_EVENT_STOP;
}

static void
sg_undo_dispose (GObject *object)
{
  g_clear_handle_id (&SG_UNDO (object)->source, g_source_remove);
  G_OBJECT_CLASS (sg_undo_parent_class)->dispose (object);
}

static void
sg_undo_class_init (SgUndoClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sg_undo_dispose;
  GTK_WIDGET_CLASS (class)->key_press_event = on_key_press;
  GTK_WIDGET_CLASS (class)->delete_event = on_delete;
  decided_signal = g_signal_new ("decided", SG_TYPE_UNDO, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
}

static void
sg_undo_init (SgUndo *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *label = gtk_label_new (_ ("Sandbox discarded."));

  self->button = gtk_button_new_with_mnemonic (_ ("_Undo"));
  g_signal_connect (self->button, "clicked", G_CALLBACK (on_clicked), self);
  gtk_widget_set_tooltip_text (self->button, _ ("Open the sandbox again, as it was"));
  gtk_style_context_add_class (gtk_widget_get_style_context (box), "undo");
  gtk_box_pack_start (GTK_BOX (box), label, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (box), self->button, FALSE, FALSE, 0);
  gtk_container_add (GTK_CONTAINER (self), box);
  gtk_widget_show_all (box);
  gtk_window_set_title (GTK_WINDOW (self), _ ("Discarded"));
  gtk_window_set_icon_name (GTK_WINDOW (self), "org.sandglass.Sandglass");
  gtk_window_set_decorated (GTK_WINDOW (self), FALSE);
  gtk_window_set_resizable (GTK_WINDOW (self), FALSE);
  gtk_window_set_keep_above (GTK_WINDOW (self), TRUE);
  gtk_window_set_skip_taskbar_hint (GTK_WINDOW (self), TRUE);
  gtk_window_set_type_hint (GTK_WINDOW (self), GDK_WINDOW_TYPE_HINT_DIALOG);
  gtk_window_stick (GTK_WINDOW (self));
}

/* Where windows can be placed (not on Wayland, whose compositor puts it in the middle). */
static void
place (SgUndo *self, GtkWindow *over)
{
  GdkWindow *window = over != NULL ? gtk_widget_get_window (GTK_WIDGET (over)) : NULL;
  GdkDisplay *display = gtk_widget_get_display (GTK_WIDGET (self));
  GdkMonitor *monitor = window != NULL ? gdk_display_get_monitor_at_window (display, window) : NULL;
  GdkRectangle area;
  int width, height;

  if (monitor == NULL)
    return;
  gdk_monitor_get_workarea (monitor, &area);
  gtk_window_get_size (GTK_WINDOW (self), &width, &height);
  gtk_window_move (GTK_WINDOW (self), area.x + (area.width - width) / 2,
                   area.y + area.height - height - 48);
}

GtkWidget *
sg_undo_new (GtkWindow *over)
{
  SgUndo *self = g_object_new (SG_TYPE_UNDO, "type", GTK_WINDOW_TOPLEVEL, NULL);

  place (self, over);
  gtk_widget_grab_focus (self->button);
  gtk_window_present (GTK_WINDOW (self));
  self->source = g_timeout_add_seconds (SG_UNDO_SECONDS, time_is_over, self);
  return GTK_WIDGET (self);
}
