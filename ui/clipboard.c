/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/clipboard-internal.h"

#include "ui/clipboard-lock.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <unistd.h>

#define FLOW_SECONDS 1

G_DEFINE_TYPE (SgClipboard, sg_clipboard, G_TYPE_OBJECT)

static guint told, files, locked;

/* --- for both directions --- */

void
sg_clipboard_log (SgClipboard *self, const char *direction, SgClipKind kind, gsize bytes,
                  SgClipVerdict verdict, SgClipBy by)
{
  if (sg_clip_is_told (&self->state, verdict, by == SG_CLIP_BY_PERSON, g_get_monotonic_time ()))
    g_message ("clipboard of sandbox %s: %s, %s, %" G_GSIZE_FORMAT " bytes: %s",
               sg_link_id (self->link), direction, sg_clip_kind_name (kind), bytes,
               sg_clip_verdict_name (verdict));
}

void
sg_clipboard_tell (SgClipboard *self, const char *text)
{
  g_signal_emit (self, told, 0, text);
}

gboolean
sg_clipboard_may_take_files (SgClipboard *clipboard)
{
  return sg_clip_may_announce (&clipboard->state, SG_CLIP_FILES, FALSE) == SG_CLIP_PASS;
}

void
sg_clipboard_pasted (SgClipboard *self, char **uris)
{
  g_signal_emit (self, files, 0, uris);
}

GtkClipboard *
sg_clipboard_here (SgClipboard *self, guint selection)
{
  return gtk_widget_get_clipboard (GTK_WIDGET (self->bar),
                                   selection == VD_AGENT_CLIPBOARD_SELECTION_PRIMARY
                                       ? GDK_SELECTION_PRIMARY
                                       : GDK_SELECTION_CLIPBOARD);
}

static void
on_owner_change (GtkClipboard *clipboard, GdkEvent *event, gpointer data)
{
  SgClipboard *self = data;
  guint selection = clipboard == sg_clipboard_here (self, VD_AGENT_CLIPBOARD_SELECTION_PRIMARY)
                        ? VD_AGENT_CLIPBOARD_SELECTION_PRIMARY
                        : VD_AGENT_CLIPBOARD_SELECTION_CLIPBOARD;

  self->here_changes[selection]++;
  self->here_at[selection] = g_get_monotonic_time ();
}

/* --- switches --- */

static const char *const mode_names[] = { [SG_CLIP_NEVER] = "never",
                                          [SG_CLIP_PASTE] = "paste",
                                          [SG_CLIP_ASK] = "ask",
                                          [SG_CLIP_ALWAYS] = "always" };

static GSimpleAction *
action (SgClipboard *self, const char *name)
{
  return G_SIMPLE_ACTION (g_action_map_lookup_action (self->actions, name));
}

void
sg_clipboard_show_switches (SgClipboard *self)
{
  const SgClipState *state = &self->state;

  g_simple_action_set_state (action (self, "paste-in"),
                             g_variant_new_string (mode_names[state->in]));
  g_simple_action_set_state (action (self, "copy-out"),
                             g_variant_new_string (mode_names[state->out]));
  g_simple_action_set_enabled (action (self, "paste-in"), state->grants.in != SG_CLIP_NEVER);
  g_simple_action_set_enabled (action (self, "copy-out"), state->grants.out != SG_CLIP_NEVER);
  g_simple_action_set_enabled (action (self, "paste"),
                               self->channel != NULL && sg_clip_may_look (state) == SG_CLIP_PASS);
}

/* What the state no longer allows is not left half done. */
static void
keep_to_state (SgClipboard *self)
{
  if (sg_clip_may_look (&self->state) != SG_CLIP_PASS)
    sg_clip_in_end (self);
  if (self->state.locked || self->state.closed || self->state.out == SG_CLIP_NEVER)
    sg_clip_out_end (self);
  sg_clipboard_show_switches (self);
}

static SgClipMode
mode_of (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (mode_names); i++)
    if (g_str_equal (name, mode_names[i]))
      return (SgClipMode)i;
  return SG_CLIP_NEVER;
}

static void
set_in (GSimpleAction *action, GVariant *value, gpointer data)
{
  SgClipboard *self = data;

  sg_clip_switch_in (&self->state, mode_of (g_variant_get_string (value, NULL)));
  keep_to_state (self);
}

static void
set_out (GSimpleAction *action, GVariant *value, gpointer data)
{
  SgClipboard *self = data;

  sg_clip_switch_out (&self->state, mode_of (g_variant_get_string (value, NULL)));
  keep_to_state (self);
}

static void
paste (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  sg_clip_in_menu (data);
}

static void
on_link_changed (SgLink *link, gpointer data)
{
  SgClipboard *self = data;
  SgClipGrants grants = sg_clip_grants_parse (sg_link_grants (link));

  /* Before the session has said them, nothing passes: there is no guest either. */
  if (g_str_equal (sg_link_state (link), "preparing"))
    return;
  if (self->state.grants.max_bytes == 0)
    {
      sg_clip_granted (&self->state, &grants);
      keep_to_state (self);
    }
}

/* --- shut --- */

static void
on_hide (GtkWidget *window, gpointer data)
{
  SgClipboard *self = data;

  sg_clip_close (&self->state);
  keep_to_state (self);
}

/* Back by Undo: as at first; what was under way when it was closed stays forgotten. */
static void
on_show (GtkWidget *window, gpointer data)
{
  SgClipboard *self = data;

  sg_clip_reopen (&self->state);
  keep_to_state (self);
}

static gboolean
on_lock (int fd, GIOCondition condition, gpointer data)
{
  SgClipboard *self = data;
  char states[64];
  gssize n = read (fd, states, sizeof states);
  gboolean ended = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);

  if (n > 0 || ended)
    {
      sg_clip_lock (&self->state, ended || states[n - 1] != SG_CLIP_LOCK_OPEN);
      keep_to_state (self);
    }
  if (n > 0)
    g_signal_emit (self, locked, 0, states[n - 1] != SG_CLIP_LOCK_OPEN);
  if (!ended)
    return G_SOURCE_CONTINUE;
  self->lock_source = 0;
  close (fd);
  return G_SOURCE_REMOVE;
}

void
sg_clipboard_watch_lock (SgClipboard *clipboard, int fd)
{
  if (fd < 0)
    return;
  g_unix_set_fd_nonblocking (fd, TRUE, NULL);
  clipboard->lock_source = g_unix_fd_add (fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_lock, clipboard);
}

/* --- the guest's side --- */

static guint64
come_so_far (SgClipboard *self)
{
  gulong bytes = 0;

  g_object_get (self->channel, "total-read-bytes", &bytes, NULL);
  return bytes;
}

void
sg_clipboard_heard (SgClipboard *self)
{
  if (self->channel != NULL)
    self->flow = come_so_far (self);
}

/* A message without an end: what it is gathered in would be as large as the guest likes. */
static gboolean
look_at_flow (gpointer data)
{
  SgClipboard *self = data;
  guint64 bytes = come_so_far (self);

  if (sg_clip_may_send (&self->state, bytes - MIN (self->flow, bytes)))
    return G_SOURCE_CONTINUE;
  self->flow_source = 0;
  sg_clipboard_log (self, "out", SG_CLIP_OTHER, (gsize)(bytes - self->flow), SG_CLIP_TOO_LARGE,
                    SG_CLIP_BY_GUEST);
  spice_channel_disconnect (SPICE_CHANNEL (self->channel), SPICE_CHANNEL_ERROR_IO);
  return G_SOURCE_REMOVE;
}

void
sg_clipboard_take_channel (SgClipboard *clipboard, SpiceSession *session, SpiceMainChannel *channel)
{
  static const char *const taken[]
      = { "main-clipboard-selection", "main-clipboard-selection-grab",
          "main-clipboard-selection-request", "main-clipboard-selection-release" };

  /* spice-gtk's own sharing is switched off; it would still keep account of what the guest says. */
  for (gsize i = 0; i < G_N_ELEMENTS (taken); i++)
    g_signal_handlers_disconnect_matched (channel, G_SIGNAL_MATCH_ID | G_SIGNAL_MATCH_DATA,
                                          g_signal_lookup (taken[i], SPICE_TYPE_MAIN_CHANNEL), 0,
                                          NULL, NULL, spice_gtk_session_get (session));
  g_set_object (&clipboard->channel, channel);
  clipboard->flow = 0;
  if (clipboard->flow_source == 0)
    clipboard->flow_source = g_timeout_add_seconds (FLOW_SECONDS, look_at_flow, clipboard);
  g_signal_connect_object (channel, taken[0], G_CALLBACK (sg_clip_out_data), clipboard, 0);
  g_signal_connect_object (channel, taken[1], G_CALLBACK (sg_clip_out_grab), clipboard, 0);
  g_signal_connect_object (channel, taken[2], G_CALLBACK (sg_clip_in_request), clipboard, 0);
  g_signal_connect_object (channel, taken[3], G_CALLBACK (sg_clip_out_release), clipboard, 0);
  keep_to_state (clipboard);
}

void
sg_clipboard_take_screen (SgClipboard *clipboard, GtkWidget *screen)
{
  g_return_if_fail (clipboard->gesture == NULL);
  clipboard->gesture = sg_clip_gesture_new (screen, sg_clip_in_gesture, clipboard);
}

void
sg_clipboard_leave (SgClipboard *clipboard)
{
  sg_clip_in_end (clipboard);
  sg_clip_out_end (clipboard);
  g_clear_pointer (&clipboard->gesture, sg_clip_gesture_free);
  g_clear_handle_id (&clipboard->flow_source, g_source_remove);
  if (clipboard->channel != NULL)
    g_signal_handlers_disconnect_by_data (clipboard->channel, clipboard);
  g_clear_object (&clipboard->channel);
}

/* --- the object --- */

static void
sg_clipboard_dispose (GObject *object)
{
  SgClipboard *self = SG_CLIPBOARD (object);

  sg_clip_close (&self->state);
  if (self->bar != NULL)
    {
      sg_clip_in_end (self);
      sg_clip_out_end (self);
    }
  g_clear_handle_id (&self->lock_source, g_source_remove);
  g_clear_handle_id (&self->flow_source, g_source_remove);
  g_clear_pointer (&self->gesture, sg_clip_gesture_free);
  g_clear_object (&self->channel);
  g_clear_object (&self->bar);
  g_clear_object (&self->actions);
  g_clear_object (&self->link);
  G_OBJECT_CLASS (sg_clipboard_parent_class)->dispose (object);
}

static void
sg_clipboard_class_init (SgClipboardClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sg_clipboard_dispose;
  told = g_signal_new ("told", SG_TYPE_CLIPBOARD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, 1, G_TYPE_STRING);
  locked = g_signal_new ("locked", SG_TYPE_CLIPBOARD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                         G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
  files = g_signal_new ("files", SG_TYPE_CLIPBOARD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                        G_TYPE_NONE, 1, G_TYPE_STRV);
}

static void
sg_clipboard_init (SgClipboard *self)
{
}

static void
add_actions (SgClipboard *self)
{
  const GActionEntry entries[] = {
    { .name = "paste", .activate = paste },
    { .name = "paste-in", .parameter_type = "s", .state = "'never'", .change_state = set_in },
    { .name = "copy-out", .parameter_type = "s", .state = "'never'", .change_state = set_out },
  };

  g_action_map_add_action_entries (self->actions, entries, G_N_ELEMENTS (entries), self);
}

SgClipboard *
sg_clipboard_new (SgLink *link, GActionMap *actions, SgClipboardBar *bar)
{
  SgClipboard *self = g_object_new (SG_TYPE_CLIPBOARD, NULL);
  SgClipGrants none = sg_clip_grants_none ();

  self->link = g_object_ref (link);
  self->actions = g_object_ref (actions);
  self->bar = g_object_ref (bar);
  sg_clip_init (&self->state, &none);
  add_actions (self);
  g_signal_connect_object (link, "changed", G_CALLBACK (on_link_changed), self, 0);
  g_signal_connect_object (bar, "answered", G_CALLBACK (sg_clip_out_answered), self, 0);
  g_signal_connect_object (gtk_widget_get_toplevel (GTK_WIDGET (bar)), "hide", G_CALLBACK (on_hide),
                           self, 0);
  g_signal_connect_object (gtk_widget_get_toplevel (GTK_WIDGET (bar)), "show", G_CALLBACK (on_show),
                           self, 0);
  for (guint i = 0; i < SG_CLIP_SELECTIONS; i++)
    g_signal_connect_object (sg_clipboard_here (self, i), "owner-change",
                             G_CALLBACK (on_owner_change), self, 0);
  keep_to_state (self);
  return self;
}
