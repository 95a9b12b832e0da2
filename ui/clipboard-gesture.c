/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/clipboard-gesture.h"

#define PATIENCE_MSEC 1000
#define HELD_MAX 4096

struct _SgClipGesture
{
  GtkWidget *screen; /* owned */
  SgClipGestureFunc func;
  gpointer data;
  GQueue held; /* GdkEvent (owned), oldest first */
  guint patience;
  gboolean holding, passing;
};

/* Whether a key's cap says v, whatever layout is active: Ctrl+V is Ctrl+V on a Greek keyboard too. */
static gboolean
is_v (const GdkEventKey *event)
{
  GdkKeymap *keymap = gdk_keymap_get_for_display (gdk_window_get_display (event->window));
  guint *values = NULL;
  int n = 0;
  gboolean found = gdk_keyval_to_lower (event->keyval) == GDK_KEY_v;

  if (!found
      && gdk_keymap_get_entries_for_keycode (keymap, event->hardware_keycode, NULL, &values, &n))
    for (int i = 0; i < n && event->keyval > 0x7f; i++)
      found = found || values[i] == GDK_KEY_v;
  g_free (values);
  return found;
}

/* The selection that this event pastes; GDK_NONE: it is no such gesture. */
static GdkAtom
selection_of (const GdkEvent *event)
{
  const GdkModifierType modifiers
      = GDK_CONTROL_MASK | GDK_SHIFT_MASK | GDK_MOD1_MASK | GDK_SUPER_MASK;
  GdkModifierType held;

  if (event->any.send_event)
    return GDK_NONE;
  if (event->type == GDK_BUTTON_PRESS)
    return event->button.button == GDK_BUTTON_MIDDLE ? GDK_SELECTION_PRIMARY : GDK_NONE;
  if (event->type != GDK_KEY_PRESS)
    return GDK_NONE;
  held = event->key.state & modifiers;
  if (held == GDK_SHIFT_MASK)
    return event->key.keyval == GDK_KEY_Insert || event->key.keyval == GDK_KEY_KP_Insert
               ? GDK_SELECTION_CLIPBOARD
               : GDK_NONE;
  return (held & ~GDK_SHIFT_MASK) == GDK_CONTROL_MASK && is_v (&event->key)
             ? GDK_SELECTION_CLIPBOARD
             : GDK_NONE;
}

static gboolean
is_input (const GdkEvent *event)
{
  switch (event->type)
    {
    case GDK_KEY_PRESS:
    case GDK_KEY_RELEASE:
    case GDK_BUTTON_PRESS:
    case GDK_2BUTTON_PRESS:
    case GDK_3BUTTON_PRESS:
    case GDK_BUTTON_RELEASE:
    case GDK_SCROLL:
      return TRUE;
    default:
      return FALSE;
    }
}

static void
forget (SgClipGesture *gesture)
{
  GdkEvent *event;

  g_clear_handle_id (&gesture->patience, g_source_remove);
  gesture->holding = FALSE;
  while ((event = g_queue_pop_head (&gesture->held)) != NULL)
    gdk_event_free (event);
}

void
sg_clip_gesture_go_on (SgClipGesture *gesture)
{
  GdkEvent *event;

  g_clear_handle_id (&gesture->patience, g_source_remove);
  gesture->holding = FALSE;
  /* One more gesture may be among them; then the rest waits again. */
  while (!gesture->holding && (event = g_queue_pop_head (&gesture->held)) != NULL)
    {
      gesture->passing = TRUE;
      gtk_widget_event (gesture->screen, event);
      gesture->passing = FALSE;
      gdk_event_free (event);
    }
}

void
sg_clip_gesture_drop (SgClipGesture *gesture)
{
  GdkEvent *event = gesture->holding ? g_queue_pop_head (&gesture->held) : NULL;

  if (event != NULL)
    gdk_event_free (event);
  sg_clip_gesture_go_on (gesture);
}

static gboolean
out_of_patience (gpointer data)
{
  SgClipGesture *gesture = data;

  gesture->patience = 0;
  sg_clip_gesture_go_on (gesture);
  return G_SOURCE_REMOVE;
}

static gboolean
on_event (GtkWidget *screen, GdkEvent *event, gpointer data)
{
  SgClipGesture *gesture = data;
  GdkAtom selection;

  /* Whoever loses the keyboard does not hear of keys that are let go: none may stay pressed. */
  if (event->type == GDK_FOCUS_CHANGE && !event->focus_change.in)
    forget (gesture);
  if (gesture->passing || !is_input (event))
    return GDK_EVENT_PROPAGATE;
  if (!gesture->holding)
    {
      selection = selection_of (event);
      if (selection == GDK_NONE || !gesture->func (selection, gesture->data))
        return GDK_EVENT_PROPAGATE;
      gesture->holding = TRUE;
      gesture->patience = g_timeout_add (PATIENCE_MSEC, out_of_patience, gesture);
    }
  if (g_queue_get_length (&gesture->held) < HELD_MAX)
    g_queue_push_tail (&gesture->held, gdk_event_copy (event));
  return GDK_EVENT_STOP;
}

SgClipGesture *
sg_clip_gesture_new (GtkWidget *screen, SgClipGestureFunc func, gpointer data)
{
  SgClipGesture *gesture = g_new0 (SgClipGesture, 1);

  gesture->screen = g_object_ref (screen);
  gesture->func = func;
  gesture->data = data;
  g_queue_init (&gesture->held);
  g_signal_connect (screen, "event", G_CALLBACK (on_event), gesture);
  return gesture;
}

void
sg_clip_gesture_free (SgClipGesture *gesture)
{
  if (gesture == NULL)
    return;
  forget (gesture);
  g_signal_handlers_disconnect_by_data (gesture->screen, gesture);
  g_object_unref (gesture->screen);
  g_free (gesture);
}
