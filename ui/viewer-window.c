/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/viewer-internal.h"

#include <glib/gi18n.h>

G_DEFINE_TYPE (SgViewerWindow, sg_viewer_window, GTK_TYPE_WINDOW)

enum
{
  FINISHED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

gboolean
sg_viewer_shows_screen (SgViewerWindow *self)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "screen") == 0;
}

void
sg_viewer_finish (SgViewerWindow *self)
{
  gtk_widget_hide (GTK_WIDGET (self));
  g_signal_emit (self, signals[FINISHED], 0);
}

/* --- the object --- */

static gboolean
on_key_press (GtkWidget *widget, GdkEventKey *event)
{
  return sg_viewer_key_press (SG_VIEWER_WINDOW (widget), event,
                              GTK_WIDGET_CLASS (sg_viewer_window_parent_class));
}

static gboolean
on_window_state (GtkWidget *widget, GdkEventWindowState *event)
{
  sg_viewer_window_state (SG_VIEWER_WINDOW (widget), event);
  return GTK_WIDGET_CLASS (sg_viewer_window_parent_class)->window_state_event (widget, event);
}

/* While it is still known how large it is. */
static void
on_unmap (GtkWidget *widget)
{
  SgViewerWindow *self = SG_VIEWER_WINDOW (widget);
  int width, height;

  if (self->remembers_size && self->keeper != NULL && !self->full_screen
      && !gtk_window_is_maximized (GTK_WINDOW (self)))
    {
      gtk_window_get_size (GTK_WINDOW (self), &width, &height);
      sg_keeper_tell_size (self->keeper, (guint)MAX (width, 0), (guint)MAX (height, 0));
    }
  GTK_WIDGET_CLASS (sg_viewer_window_parent_class)->unmap (widget);
}

static gboolean
on_delete (GtkWidget *widget, GdkEventAny *event)
{
  sg_viewer_close (SG_VIEWER_WINDOW (widget));
  return GDK_EVENT_STOP;
}

static void
sg_viewer_window_dispose (GObject *object)
{
  SgViewerWindow *self = SG_VIEWER_WINDOW (object);

  g_clear_handle_id (&self->hint_source, g_source_remove);
  g_clear_handle_id (&self->edge_source, g_source_remove);
  g_clear_handle_id (&self->patience_source, g_source_remove);
  g_clear_handle_id (&self->lost_source, g_source_remove);
  g_clear_pointer (&self->undo, gtk_widget_destroy);
  if (self->link != NULL)
    g_signal_handlers_disconnect_by_data (self->link, self);
  g_clear_object (&self->drop);
  g_clear_object (&self->clipboard);
  g_clear_object (&self->link);
  g_clear_object (&self->keeper);
  g_clear_object (&self->network);
  g_clear_object (&self->sound);
  g_clear_object (&self->actions);
  G_OBJECT_CLASS (sg_viewer_window_parent_class)->dispose (object);
}

static void
sg_viewer_window_class_init (SgViewerWindowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sg_viewer_window_dispose;
  widget_class->key_press_event = on_key_press;
  widget_class->delete_event = on_delete;
  widget_class->unmap = on_unmap;
  widget_class->window_state_event = on_window_state;
  g_type_ensure (SG_TYPE_VIEWER_DISPLAY);
  g_type_ensure (SG_TYPE_PROBLEM_PAGE);
  g_type_ensure (SG_TYPE_FIRST_PICTURE);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/sandglass/viewer/viewer-window.ui");
  gtk_widget_class_bind_template_child (widget_class, SgViewerWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, SgViewerWindow, edge);
  gtk_widget_class_bind_template_child (widget_class, SgViewerWindow, hint_revealer);
  gtk_widget_class_bind_template_child (widget_class, SgViewerWindow, notice);
  gtk_widget_class_bind_template_child (widget_class, SgViewerWindow, stage);
  gtk_widget_class_bind_template_child (widget_class, SgViewerWindow, patience);
  gtk_widget_class_bind_template_child (widget_class, SgViewerWindow, hint);
  gtk_widget_class_bind_template_child (widget_class, SgViewerWindow, notice_text);
  gtk_widget_class_bind_template_child (widget_class, SgViewerWindow, spinner);
  gtk_widget_class_bind_template_child (widget_class, SgViewerWindow, screen);
  gtk_widget_class_bind_template_child (widget_class, SgViewerWindow, problem_page);
  gtk_widget_class_bind_template_child (widget_class, SgViewerWindow, first_picture);
  gtk_widget_class_bind_template_child (widget_class, SgViewerWindow, starting);
  gtk_widget_class_bind_template_child (widget_class, SgViewerWindow, starting_icon);
  gtk_widget_class_bind_template_child (widget_class, SgViewerWindow, starting_title);
  gtk_widget_class_bind_template_callback_full (widget_class, "on_grabbed",
                                                G_CALLBACK (sg_viewer_on_grabbed));
  gtk_widget_class_bind_template_callback_full (widget_class, "on_leave",
                                                G_CALLBACK (sg_viewer_on_leave));
  gtk_widget_class_bind_template_callback_full (widget_class, "on_lost",
                                                G_CALLBACK (sg_viewer_on_lost));
  gtk_widget_class_bind_template_callback_full (widget_class, "on_notice_seen",
                                                G_CALLBACK (sg_viewer_on_notice_seen));
  gtk_widget_class_bind_template_callback_full (widget_class, "on_picture",
                                                G_CALLBACK (sg_viewer_on_picture));
  signals[FINISHED] = g_signal_new ("finished", SG_TYPE_VIEWER_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL,
                                    NULL, NULL, G_TYPE_NONE, 0);
}

/* Questions stand outside of the amber frame, so that nothing inside can look like one. */
static void
add_clipboard_bar (SgViewerWindow *self)
{
  GtkWidget *frame = gtk_bin_get_child (GTK_BIN (self));
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->clipboard_bar = SG_CLIPBOARD_BAR (sg_clipboard_bar_new ());
  g_object_ref (frame);
  gtk_container_remove (GTK_CONTAINER (self), frame);
  gtk_container_add (GTK_CONTAINER (box), GTK_WIDGET (self->clipboard_bar));
  gtk_box_pack_start (GTK_BOX (box), frame, TRUE, TRUE, 0);
  g_object_unref (frame);
  gtk_container_add (GTK_CONTAINER (self), box);
  gtk_widget_show (box);
}

static void
on_told (GObject *teller, const char *text, gpointer data)
{
  sg_viewer_hint (data, text);
}

/* The screen's lock may be a thin one, and its picture is not only for whoever unlocks it. */
static void
on_locked (SgClipboard *clipboard, gboolean locked, gpointer data)
{
  SgViewerWindow *self = data;

  gtk_widget_set_opacity (GTK_WIDGET (self->screen), locked ? 0 : 1);
  if (self->sound != NULL)
    sg_viewer_sound_set_locked (self->sound, locked);
}

static void
add_clipboard (SgViewerWindow *self)
{
  self->clipboard
      = sg_clipboard_new (self->link, G_ACTION_MAP (self->actions), self->clipboard_bar);
  g_signal_connect_object (self->clipboard, "told", G_CALLBACK (on_told), self, 0);
  g_signal_connect_object (self->clipboard, "locked", G_CALLBACK (on_locked), self, 0);
  sg_viewer_display_set_clipboard (self->screen, self->clipboard);
  if (self->keeper == NULL)
    return;
  self->drop = sg_drop_new (self->screen, self->clipboard, self->keeper);
  g_signal_connect_object (self->drop, "told", G_CALLBACK (on_told), self, 0);
}

void
sg_viewer_window_watch_lock (SgViewerWindow *window, int fd)
{
  sg_clipboard_watch_lock (window->clipboard, fd);
}

static void
on_network_changed (SgViewerNetwork *network, gpointer data)
{
  SgViewerWindow *self = data;

  sg_viewer_bar_show_network (self->bar, network);
  sg_viewer_bar_show_network (self->edge_bar, network);
}

static void
on_network_told (SgViewerNetwork *network, const char *words, gpointer data)
{
  sg_viewer_notice (data, words);
}

static void
add_network (SgViewerWindow *self)
{
  self->network = sg_viewer_network_new (self->link, G_ACTION_MAP (self->actions));
  g_signal_connect_object (self->network, "changed", G_CALLBACK (on_network_changed), self, 0);
  g_signal_connect_object (self->network, "told", G_CALLBACK (on_network_told), self, 0);
  on_network_changed (self->network, self);
}

static void
sg_viewer_window_init (SgViewerWindow *self)
{
  GtkWidget *close;

  gtk_widget_init_template (GTK_WIDGET (self));
  add_clipboard_bar (self);
  sg_viewer_add_actions (self);
  sg_viewer_add_shortcuts (self);
  self->bar = SG_VIEWER_BAR (sg_viewer_bar_new (FALSE));
  gtk_window_set_titlebar (GTK_WINDOW (self), GTK_WIDGET (self->bar));
  gtk_widget_show (GTK_WIDGET (self->bar));
  self->edge_bar = SG_VIEWER_BAR (sg_viewer_bar_new (TRUE));
  gtk_container_add (GTK_CONTAINER (self->edge), GTK_WIDGET (self->edge_bar));
  gtk_widget_show (GTK_WIDGET (self->edge_bar));
  sg_viewer_add_save_button (self);
  close = gtk_button_new_with_mnemonic (_ ("_Close"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (close), "view.close");
  sg_problem_page_add_button (self->problem_page, close);
  sg_viewer_show_title (self);
}

GtkWidget *
sg_viewer_window_new (int keeper_fd, const SgLeaveKey *leave_key)
{
  SgViewerWindow *self = g_object_new (SG_TYPE_VIEWER_WINDOW, NULL);

  self->leave_key = leave_key;
  if (keeper_fd >= 0)
    self->keeper = sg_keeper_new (keeper_fd);
  sg_viewer_begin_patience (self);
  return GTK_WIDGET (self);
}

void
sg_viewer_window_set_first_picture (SgViewerWindow *window, GdkPixbuf *picture)
{
  if (picture == NULL)
    return;
  window->has_first_picture = TRUE;
  sg_first_picture_set (window->first_picture, picture);
  gtk_widget_hide (window->starting); /* until it takes long */
  gtk_widget_hide (window->starting_icon);
  gtk_widget_hide (window->starting_title);
  gtk_widget_set_size_request (GTK_WIDGET (window->patience), -1, -1);
  gtk_widget_set_valign (window->starting, GTK_ALIGN_END);
  gtk_style_context_add_class (gtk_widget_get_style_context (window->starting), "hint");
}

static void
on_sound_changed (SgViewerSound *sound, gpointer data)
{
  SgViewerWindow *self = data;

  sg_viewer_bar_show_sound (self->bar, sound);
  sg_viewer_bar_show_sound (self->edge_bar, sound);
}

void
sg_viewer_window_set_sound (SgViewerWindow *window, int play_fd, int listen_fd)
{
  g_return_if_fail (window->sound == NULL);
  window->sound = sg_viewer_sound_new (play_fd, listen_fd, G_ACTION_MAP (window->actions));
  g_signal_connect_object (window->sound, "changed", G_CALLBACK (on_sound_changed), window, 0);
  sg_viewer_display_set_sound (window->screen, window->sound);
}

void
sg_viewer_window_set_link (SgViewerWindow *self, SgLink *link)
{
  g_return_if_fail (self->link == NULL);
  self->link = g_object_ref (link);
  add_clipboard (self);
  g_signal_connect (link, "changed", G_CALLBACK (sg_viewer_on_changed), self);
  g_signal_connect (link, "notice", G_CALLBACK (sg_viewer_on_notice), self);
  g_signal_connect (link, "asked", G_CALLBACK (sg_viewer_on_asked), self);
  g_signal_connect (link, "gone", G_CALLBACK (sg_viewer_on_gone), self);
  add_network (self);
}

void
sg_viewer_window_connect (SgViewerWindow *window)
{
  window->may_connect = TRUE;
  if (window->link != NULL)
    sg_viewer_on_changed (window->link, window);
}

void
sg_viewer_window_remember_size (SgViewerWindow *window, int width, int height)
{
  window->remembers_size = TRUE;
  if (width > 0 && height > 0)
    gtk_window_set_default_size (GTK_WINDOW (window), width, height);
}

void
sg_viewer_window_leave_session (SgViewerWindow *window)
{
  window->leaves_session = TRUE;
}

int
sg_viewer_window_get_code (SgViewerWindow *window)
{
  return window->code;
}
