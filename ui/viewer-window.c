/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys: while the sandbox has the keyboard, everything but F11 is its own (also Alt+letter and F10,
 * which GTK would take for menus).  The key that leaves (Right Ctrl) brings the keyboard to the
 * bar; there, Tab and the arrows walk, Escape goes back inside. */
#include "ui/viewer-window.h"

#include "ui/ask.h"
#include "ui/clipboard.h"
#include "ui/keeper.h"
#include "ui/problem-page.h"
#include "ui/viewer-bar.h"
#include "ui/viewer-display.h"
#include "ui/words.h"

#include <glib/gi18n.h>
#ifdef GDK_WINDOWING_X11
#include <gdk/gdkx.h>
#endif

#define HINT_MSEC 3000
#define HINT_AGAIN_USEC (60 * G_USEC_PER_SEC)
#define EDGE_PIXELS 4 /* how near the upper edge the pointer calls the bar */
#define EDGE_LOOK_MSEC 150
#define BAR_LINGERS_LOOKS 5 /* after the pointer has left it */
#define PATIENCE_MSEC 2000  /* then a slow start is explained */

struct _SgViewerWindow
{
  GtkWindow parent;
  GtkStack *stack;
  GtkRevealer *edge, *hint_revealer, *notice;
  GtkLabel *stage, *patience, *hint, *notice_text;
  GtkSpinner *spinner;
  SgViewerBar *bar, *edge_bar;
  SgViewerDisplay *screen;
  SgProblemPage *problem_page;
  SgClipboardBar *clipboard_bar; /* above the frame */
  SgClipboard *clipboard;        /* owned; NULL: no session */
  GSimpleActionGroup *actions;
  SgLink *link;     /* owned; NULL: none */
  SgKeeper *keeper; /* owned; NULL: no screenshots */
  SgViewerNetwork *network; /* owned; NULL: no link */
  const SgLeaveKey *leave_key;
  guint hint_source, edge_source, patience_source;
  gint64 hinted_at;
  guint edge_unused; /* looks since the bar was used */
  gboolean may_connect, connected, full_screen, failed, closing;
  gboolean asking, asked_in_vain; /* the question is open; it could not be put */
  gboolean leaves_session;        /* closing is all that closing does */
  int code;
};

G_DEFINE_TYPE (SgViewerWindow, sg_viewer_window, GTK_TYPE_WINDOW)

enum
{
  FINISHED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* --- hints and notices --- */

static gboolean
hint_ends (gpointer data)
{
  SgViewerWindow *self = data;

  self->hint_source = 0;
  gtk_revealer_set_reveal_child (self->hint_revealer, FALSE);
  return G_SOURCE_REMOVE;
}

static void
hint (SgViewerWindow *self, const char *text)
{
  g_clear_handle_id (&self->hint_source, g_source_remove);
  gtk_label_set_text (self->hint, text);
  gtk_revealer_set_reveal_child (self->hint_revealer, TRUE);
  self->hint_source = g_timeout_add (HINT_MSEC, hint_ends, self);
}

static void
on_grabbed (SgViewerDisplay *screen, gboolean grabbed, gpointer data)
{
  SgViewerWindow *self = data;
  gint64 now = g_get_monotonic_time ();
  g_autofree char *words = NULL;

  if (!grabbed || (self->hinted_at != 0 && now - self->hinted_at < HINT_AGAIN_USEC))
    return;
  self->hinted_at = now;
  words = g_strdup_printf (_ ("Press %s to leave"), _ (self->leave_key->label));
  hint (self, words);
}

static void
on_notice (SgLink *link, const char *kind, const char *message, gpointer data)
{
  SgViewerWindow *self = data;

  gtk_label_set_text (self->notice_text, message);
  gtk_revealer_set_reveal_child (self->notice, TRUE);
}

static void
on_notice_seen (GtkButton *button, gpointer data)
{
  gtk_revealer_set_reveal_child (SG_VIEWER_WINDOW (data)->notice, FALSE);
}

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

static gboolean
on_window_state (GtkWidget *widget, GdkEventWindowState *event)
{
  SgViewerWindow *self = SG_VIEWER_WINDOW (widget);
  gboolean full = (event->new_window_state & GDK_WINDOW_STATE_FULLSCREEN) != 0;

  if (full != self->full_screen)
    {
      self->full_screen = full;
      gtk_revealer_set_reveal_child (self->edge, FALSE);
      gtk_widget_set_visible (GTK_WIDGET (self->edge), full);
      g_clear_handle_id (&self->edge_source, g_source_remove);
      if (full)
        self->edge_source = g_timeout_add (EDGE_LOOK_MSEC, look_at_edge, self);
      if (full)
        hint (self, _ ("Move the pointer to the upper edge, or press F11, to leave full screen"));
      sg_viewer_display_enter (self->screen);
    }
  return GTK_WIDGET_CLASS (sg_viewer_window_parent_class)->window_state_event (widget, event);
}

static void
toggle_full_screen (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SgViewerWindow *self = data;

  if (self->full_screen)
    gtk_window_unfullscreen (GTK_WINDOW (self));
  else
    gtk_window_fullscreen (GTK_WINDOW (self));
}

/* --- keys --- */

static void
go_to_bar (SgViewerWindow *self)
{
  sg_viewer_display_leave (self->screen);
  if (self->full_screen)
    show_edge (self);
  sg_viewer_bar_focus (self->full_screen ? self->edge_bar : self->bar);
}

static gboolean
on_key_press (GtkWidget *widget, GdkEventKey *event)
{
  SgViewerWindow *self = SG_VIEWER_WINDOW (widget);

  if (event->keyval == GDK_KEY_F11 && (event->state & gtk_accelerator_get_default_mod_mask ()) == 0)
    {
      g_action_group_activate_action (G_ACTION_GROUP (self->actions), "fullscreen", NULL);
      return GDK_EVENT_STOP;
    }
  if (sg_viewer_display_has_focus (self->screen))
    return gtk_window_propagate_key_event (GTK_WINDOW (self), event);
  if (event->keyval == GDK_KEY_Escape && !self->failed
      && !GTK_WIDGET_CLASS (sg_viewer_window_parent_class)->key_press_event (widget, event))
    {
      sg_viewer_display_enter (self->screen);
      return GDK_EVENT_STOP;
    }
  return GTK_WIDGET_CLASS (sg_viewer_window_parent_class)->key_press_event (widget, event);
}

/* --- what goes wrong --- */

void
sg_viewer_window_fail (SgViewerWindow *window, const SgProblem *problem)
{
  window->failed = TRUE;
  g_clear_handle_id (&window->patience_source, g_source_remove);
  sg_viewer_display_leave (window->screen);
  gtk_window_unfullscreen (GTK_WINDOW (window));
  sg_problem_page_show (window->problem_page, problem);
  gtk_stack_set_visible_child_name (window->stack, "problem");
  sg_problem_page_focus (window->problem_page);
  gtk_window_present (GTK_WINDOW (window));
}

static void
fail_with (SgViewerWindow *self, const char *title, const char *message, const char *next)
{
  g_autofree char *details = sg_link_details (self->link);
  g_autoptr (SgProblem) problem = sg_problem_new (title, message, next, details);

  sg_viewer_window_fail (self, problem);
}

static void
finish (SgViewerWindow *self)
{
  gtk_widget_hide (GTK_WIDGET (self));
  g_signal_emit (self, signals[FINISHED], 0);
}

static void
on_gone (SgLink *link, gpointer data)
{
  SgViewerWindow *self = data;
  const char *failure = sg_link_failure (link);
  gboolean had_desktop = g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "screen") == 0;

  if (self->closing || self->failed)
    return;
  if (*sg_link_id (link) == '\0')
    {
      self->code = SG_VIEWER_NO_SESSION; /* whoever started us knows more, and tells */
      finish (self);
    }
  else if (failure == NULL)
    finish (self);
  else if (had_desktop)
    fail_with (
        self, _ ("The sandbox stopped"), failure,
        _ ("Everything in it is gone; nothing on this computer was changed. Next: close this "
           "window and open a new sandbox."));
  else
    fail_with (
        self, _ ("The sandbox could not start"), failure,
        _ ("Next: look at Check This Computer in Sandglass's menu; it names what is missing and "
           "what mends it."));
}

static void
on_lost (SgViewerDisplay *screen, gpointer data)
{
  SgViewerWindow *self = data;

  /* A session that ends takes its display with it, and tells why a moment later. */
  if (self->closing || self->failed || sg_link_is_over (self->link))
    return;
  fail_with (self, _ ("The sandbox's picture is gone"),
             _ ("The connection to the sandbox's screen ended; the sandbox itself may still run."),
             _ ("Next: show it again from Sandglass's window, or close it here."));
}

/* --- the course of a sandbox --- */

static gboolean
explain_wait (gpointer data)
{
  SgViewerWindow *self = data;
  const char *reason = sg_link_accelerator_reason (self->link);

  self->patience_source = 0;
  if (g_str_equal (sg_link_accelerator (self->link), "tcg") && *reason != '\0')
    gtk_label_set_text (self->patience, reason);
  return G_SOURCE_REMOVE;
}

static void
show_title (SgViewerWindow *self)
{
  const char *title = self->link != NULL ? sg_link_title (self->link) : NULL;
  g_autofree char *window_title = sg_words_title (title);
  g_autofree char *name = sg_words_name (title);

  gtk_window_set_title (GTK_WINDOW (self), window_title);
  sg_viewer_bar_set_name (self->bar, name);
  sg_viewer_bar_set_name (self->edge_bar, name);
}

/* Until now the screen showed a machine that starts. */
static void
desktop_is_there (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgViewerWindow) self = data;

  if (sg_link_wait_ready_finish (SG_LINK (source), result, NULL) && !self->failed)
    sg_viewer_display_expect_picture (self->screen);
}

static void
on_changed (SgLink *link, gpointer data)
{
  SgViewerWindow *self = data;
  const char *stage = sg_link_stage (link);

  show_title (self);
  if (*stage != '\0')
    gtk_label_set_text (self->stage, stage);
  /* Before, there is no screen. */
  if (g_str_equal (sg_link_state (link), "running") && self->may_connect && !self->connected
      && !self->failed)
    {
      self->connected = TRUE;
      sg_viewer_display_connect (self->screen, link, self->leave_key->sequence);
      sg_link_wait_ready_async (link, desktop_is_there, g_object_ref (self));
    }
}

static void
on_picture (SgViewerDisplay *screen, gpointer data)
{
  SgViewerWindow *self = data;

  if (self->failed)
    return;
  g_clear_handle_id (&self->patience_source, g_source_remove);
  gtk_spinner_stop (self->spinner);
  gtk_stack_set_visible_child_name (self->stack, "screen");
  sg_viewer_display_enter (screen);
  for (guint i = 0; i < 3; i++)
    {
      const char *const names[] = { "screenshot", "save-files", "ctrl-alt-del" };
      GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self->actions), names[i]);
      g_simple_action_set_enabled (G_SIMPLE_ACTION (action), i == 2 || self->keeper != NULL);
    }
}

/* --- closing --- */

static void
discarded (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgViewerWindow) self = data;
  g_autoptr (GError) error = NULL;

  if (sg_link_discard_finish (self->link, result, &error))
    {
      finish (self);
      return;
    }
  fail_with (self, _ ("Not everything of the sandbox is gone"), error->message,
             _ ("Next: copy the details, then restart the computer: what is left can then be "
                "removed by hand."));
}

static void
close_window (SgViewerWindow *self)
{
  if (self->closing)
    {
      if (self->failed)
        finish (self);
      return;
    }
  self->closing = TRUE;
  gtk_widget_hide (GTK_WIDGET (self));
  gdk_display_flush (gtk_widget_get_display (GTK_WIDGET (self)));
  if (self->link == NULL || self->leaves_session || sg_link_is_over (self->link))
    finish (self);
  else
    sg_link_discard_async (self->link, discarded, g_object_ref (self));
}

/* --- what is asked before --- */

static guint32
own_window (SgViewerWindow *self)
{
#ifdef GDK_WINDOWING_X11
  GdkWindow *window = gtk_widget_get_window (GTK_WIDGET (self));

  if (window != NULL && GDK_IS_X11_WINDOW (window))
    return (guint32)GDK_WINDOW_XID (window);
#endif
  return 0;
}

static void
answered (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgViewerWindow) self = data;
  g_autoptr (GError) error = NULL;
  int code = sg_keeper_ask_finish (SG_KEEPER (source), result, &error);

  self->asking = FALSE;
  if (self->closing || self->failed)
    return;
  if (code == SG_ASK_DISCARD)
    close_window (self);
  else if (code != SG_ASK_KEEP)
    {
      self->asked_in_vain = TRUE;
      hint (self, _ ("Sandglass cannot tell whether files were saved here. Close again to discard "
                     "the sandbox all the same."));
    }
  else
    sg_viewer_display_enter (self->screen);
}

static void
files_answered (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgViewerWindow) self = data;
  g_autoptr (GError) error = NULL;
  int code = sg_keeper_ask_finish (SG_KEEPER (source), result, &error);

  self->asking = FALSE;
  if (code != SG_ASK_KEEP && code != SG_ASK_DISCARD && !self->closing)
    hint (self, _ ("The files cannot be listed now."));
}

static void
ask (SgViewerWindow *self, SgAsk what, GAsyncReadyCallback callback)
{
  if (self->asking)
    return;
  self->asking = TRUE;
  sg_viewer_display_leave (self->screen);
  hint (self, _ ("Looking for files that were saved here"));
  sg_keeper_ask_async (self->keeper, what, own_window (self), callback, g_object_ref (self));
}

/* Nothing can have been saved where there was no desktop, and nothing can be where it is gone. */
static gboolean
is_worth_a_question (SgViewerWindow *self)
{
  return self->keeper != NULL && !self->failed && !self->closing && !self->asked_in_vain
         && self->link != NULL && !sg_link_is_over (self->link)
         && g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "screen") == 0;
}

static void
ask_and_close (SgViewerWindow *self)
{
  if (!self->leaves_session && is_worth_a_question (self))
    ask (self, SG_ASK_CLOSE, answered);
  else
    close_window (self);
}

static void
save_files (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  if (is_worth_a_question (data))
    ask (data, SG_ASK_SAVE, files_answered);
}

static void
on_close_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ask_and_close (data);
}

static gboolean
on_delete (GtkWidget *widget, GdkEventAny *event)
{
  ask_and_close (SG_VIEWER_WINDOW (widget));
  return GDK_EVENT_STOP;
}

/* --- screenshot and keys for the guest --- */

static void
screenshot_kept (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgViewerWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *where = sg_keeper_save_picture_finish (SG_KEEPER (source), result, &error);
  g_autofree char *words = NULL;

  if (where != NULL)
    words = g_strdup_printf (_ ("Saved as %s"), where);
  else
    words = g_strdup_printf (_ ("The screenshot was not saved: %s"), error->message);
  hint (self, words);
}

static void
take_screenshot (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SgViewerWindow *self = data;
  g_autoptr (GdkPixbuf) picture = sg_viewer_display_snapshot (self->screen);

  if (picture != NULL && self->keeper != NULL)
    sg_keeper_save_picture_async (self->keeper, picture, screenshot_kept, g_object_ref (self));
}

static void
send_ctrl_alt_del (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  sg_viewer_display_send_ctrl_alt_del (SG_VIEWER_WINDOW (data)->screen);
}

/* --- the object --- */

static void
on_leave (SgViewerDisplay *screen, gpointer data)
{
  go_to_bar (data);
}

static void
sg_viewer_window_dispose (GObject *object)
{
  SgViewerWindow *self = SG_VIEWER_WINDOW (object);

  g_clear_handle_id (&self->hint_source, g_source_remove);
  g_clear_handle_id (&self->edge_source, g_source_remove);
  g_clear_handle_id (&self->patience_source, g_source_remove);
  if (self->link != NULL)
    g_signal_handlers_disconnect_by_data (self->link, self);
  g_clear_object (&self->clipboard);
  g_clear_object (&self->link);
  g_clear_object (&self->keeper);
  g_clear_object (&self->network);
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
  widget_class->window_state_event = on_window_state;
  g_type_ensure (SG_TYPE_VIEWER_DISPLAY);
  g_type_ensure (SG_TYPE_PROBLEM_PAGE);
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
  gtk_widget_class_bind_template_callback (widget_class, on_grabbed);
  gtk_widget_class_bind_template_callback (widget_class, on_leave);
  gtk_widget_class_bind_template_callback (widget_class, on_lost);
  gtk_widget_class_bind_template_callback (widget_class, on_notice_seen);
  gtk_widget_class_bind_template_callback (widget_class, on_picture);
  signals[FINISHED] = g_signal_new ("finished", SG_TYPE_VIEWER_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL,
                                    NULL, NULL, G_TYPE_NONE, 0);
}

static void
add_actions (SgViewerWindow *self)
{
  const GActionEntry entries[] = {
    { .name = "close", .activate = on_close_action },
    { .name = "fullscreen", .activate = toggle_full_screen },
    { .name = "screenshot", .activate = take_screenshot },
    { .name = "ctrl-alt-del", .activate = send_ctrl_alt_del },
    { .name = "save-files", .activate = save_files },
  };

  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries),
                                   self);
  /* There is nothing to photograph, and nobody to send keys to, before the desktop is there. */
  for (guint i = 2; i < G_N_ELEMENTS (entries); i++)
    g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (
                                     G_ACTION_MAP (self->actions), entries[i].name)),
                                 FALSE);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "view", G_ACTION_GROUP (self->actions));
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
on_told (SgClipboard *clipboard, const char *text, gpointer data)
{
  hint (data, text);
}

static void
add_clipboard (SgViewerWindow *self)
{
  self->clipboard
      = sg_clipboard_new (self->link, G_ACTION_MAP (self->actions), self->clipboard_bar);
  g_signal_connect_object (self->clipboard, "told", G_CALLBACK (on_told), self, 0);
  sg_viewer_display_set_clipboard (self->screen, self->clipboard);
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
  on_notice (NULL, "network", words, data);
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
  add_actions (self);
  self->bar = SG_VIEWER_BAR (sg_viewer_bar_new (FALSE));
  gtk_window_set_titlebar (GTK_WINDOW (self), GTK_WIDGET (self->bar));
  gtk_widget_show (GTK_WIDGET (self->bar));
  self->edge_bar = SG_VIEWER_BAR (sg_viewer_bar_new (TRUE));
  gtk_container_add (GTK_CONTAINER (self->edge), GTK_WIDGET (self->edge_bar));
  gtk_widget_show (GTK_WIDGET (self->edge_bar));
  close = gtk_button_new_with_mnemonic (_ ("_Close"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (close), "view.close");
  sg_problem_page_add_button (self->problem_page, close);
  show_title (self);
}

GtkWidget *
sg_viewer_window_new (SgLink *link, int keeper_fd, const SgLeaveKey *leave_key)
{
  SgViewerWindow *self = g_object_new (SG_TYPE_VIEWER_WINDOW, NULL);

  self->leave_key = leave_key;
  if (keeper_fd >= 0)
    self->keeper = sg_keeper_new (keeper_fd);
  if (link == NULL)
    return GTK_WIDGET (self);
  self->link = g_object_ref (link);
  add_clipboard (self);
  g_signal_connect (link, "changed", G_CALLBACK (on_changed), self);
  g_signal_connect (link, "notice", G_CALLBACK (on_notice), self);
  g_signal_connect (link, "gone", G_CALLBACK (on_gone), self);
  add_network (self);
  self->patience_source = g_timeout_add (PATIENCE_MSEC, explain_wait, self);
  return GTK_WIDGET (self);
}

void
sg_viewer_window_connect (SgViewerWindow *window)
{
  window->may_connect = TRUE;
  if (window->link != NULL)
    on_changed (window->link, window);
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
