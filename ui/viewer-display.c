/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/viewer-display.h"

#include "ui/viewer-player.h"

#include <glib/gi18n.h>
#include <spice-client-gtk.h>
#include <unistd.h>

/* A desktop that is black all over is shown after this long. */
#define BLACK_MSEC 4000
#define LOOK_MSEC 60
#define GRID 48 /* points looked at, each way */

struct _SgViewerDisplay
{
  GtkBin parent;
  SgLink *link;           /* owned; NULL until connected */
  SpiceSession *session;  /* owned */
  SgClipboard *clipboard; /* owned; NULL: nothing passes */
  SgViewerSound *sound;   /* owned; NULL: none */
  SpiceDisplay *screen;   /* the child; NULL until the main channel is open */
  const char *leave_keys;
  guint look_source, patience_source;
  gboolean expecting, seen, lost;
};

G_DEFINE_TYPE (SgViewerDisplay, sg_viewer_display, GTK_TYPE_BIN)

enum
{
  PICTURE,
  LOST,
  GRABBED,
  LEAVE,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
lose (SgViewerDisplay *self)
{
  if (self->lost)
    return;
  self->lost = TRUE;
  g_signal_emit (self, signals[LOST], 0);
}

/* --- the first picture --- */

static gboolean
is_black (GdkPixbuf *picture)
{
  int width = gdk_pixbuf_get_width (picture), height = gdk_pixbuf_get_height (picture);
  int stride = gdk_pixbuf_get_rowstride (picture), n = gdk_pixbuf_get_n_channels (picture);
  const guchar *pixels = gdk_pixbuf_read_pixels (picture);

  for (int y = 0; y < height; y += MAX (height / GRID, 1))
    for (int x = 0; x < width; x += MAX (width / GRID, 1))
      {
        const guchar *pixel = pixels + (gsize)y * stride + (gsize)x * n;
        if (pixel[0] > 8 || pixel[1] > 8 || pixel[2] > 8)
          return FALSE;
      }
  return TRUE;
}

static void
announce_picture (SgViewerDisplay *self)
{
  g_clear_handle_id (&self->look_source, g_source_remove);
  g_clear_handle_id (&self->patience_source, g_source_remove);
  self->seen = TRUE;
  g_signal_emit (self, signals[PICTURE], 0);
}

static gboolean
look (gpointer data)
{
  SgViewerDisplay *self = data;
  g_autoptr (GdkPixbuf) picture = sg_viewer_display_snapshot (self);

  self->look_source = 0;
  if (picture != NULL && !is_black (picture))
    announce_picture (self);
  return G_SOURCE_REMOVE;
}

static void
look_soon (SgViewerDisplay *self)
{
  if (self->expecting && !self->seen && self->look_source == 0)
    self->look_source = g_timeout_add (LOOK_MSEC, look, self);
}

static gboolean
patience_ends (gpointer data)
{
  SgViewerDisplay *self = data;
  gboolean ready = FALSE;

  if (self->screen != NULL)
    g_object_get (self->screen, "ready", &ready, NULL);
  if (!ready)
    return G_SOURCE_CONTINUE;
  self->patience_source = 0;
  announce_picture (self);
  return G_SOURCE_REMOVE;
}

void
sg_viewer_display_expect_picture (SgViewerDisplay *display)
{
  if (display->expecting)
    return;
  display->expecting = TRUE;
  display->patience_source = g_timeout_add (BLACK_MSEC, patience_ends, display);
  look_soon (display);
}

GdkPixbuf *
sg_viewer_display_snapshot (SgViewerDisplay *display)
{
  gboolean ready = FALSE;

  if (display->screen != NULL)
    g_object_get (display->screen, "ready", &ready, NULL);
  return ready ? spice_display_get_pixbuf (display->screen) : NULL;
}

/* --- channels --- */

typedef struct
{
  SgViewerDisplay *self; /* owned */
  SpiceChannel *channel; /* owned */
} Opening;

static void
display_opened (GObject *source, GAsyncResult *result, gpointer data)
{
  Opening *opening = data;
  g_autoptr (GError) error = NULL;
  int fd = sg_link_open_display_finish (SG_LINK (source), result, &error);

  if (fd < 0)
    {
      g_message ("no display: %s", error->message);
      lose (opening->self);
    }
  else if (opening->self->session == NULL || !spice_channel_open_fd (opening->channel, fd))
    close (fd);
  g_object_unref (opening->self);
  g_object_unref (opening->channel);
  g_free (opening);
}

static void
on_open_fd (SpiceChannel *channel, int with_tls, gpointer data)
{
  SgViewerDisplay *self = data;
  Opening *opening = g_new0 (Opening, 1);

  opening->self = g_object_ref (self);
  opening->channel = g_object_ref (channel);
  sg_link_open_display_async (self->link, display_opened, opening);
}

static void make_screen (SgViewerDisplay *self);

static void
on_channel_event (SpiceChannel *channel, SpiceChannelEvent event, gpointer data)
{
  SgViewerDisplay *self = data;

  if (event != SPICE_CHANNEL_OPENED && event != SPICE_CHANNEL_SWITCHING)
    lose (self);
  else if (SPICE_IS_MAIN_CHANNEL (channel) && self->screen == NULL)
    make_screen (self); /* the widget asks the main channel for things from its first moment */
}

/* Sound is heard or not; a desktop does not need it. */
static gboolean
take_sound (SgViewerDisplay *self, SpiceChannel *channel)
{
  if (self->sound == NULL
      || !sg_viewer_sound_wants (self->sound, channel, sg_link_grants (self->link)))
    return FALSE;
  g_signal_connect_object (channel, "open-fd", G_CALLBACK (on_open_fd), self, 0);
  sg_viewer_sound_take_channel (self->sound, channel);
  return TRUE;
}

static void
on_channel_new (SpiceSession *session, SpiceChannel *channel, gpointer data)
{
  SgViewerDisplay *self = data;

  if (take_sound (self, channel))
    return;
  /* No other kind is answered, so none of them connects. */
  if (!SPICE_IS_MAIN_CHANNEL (channel) && !SPICE_IS_DISPLAY_CHANNEL (channel)
      && !SPICE_IS_INPUTS_CHANNEL (channel) && !SPICE_IS_CURSOR_CHANNEL (channel))
    return;
  if (SPICE_IS_MAIN_CHANNEL (channel) && self->clipboard != NULL)
    sg_clipboard_take_channel (self->clipboard, session, SPICE_MAIN_CHANNEL (channel));
  g_signal_connect_object (channel, "open-fd", G_CALLBACK (on_open_fd), self, 0);
  if (SPICE_IS_MAIN_CHANNEL (channel) || SPICE_IS_DISPLAY_CHANNEL (channel))
    g_signal_connect_object (channel, "channel-event", G_CALLBACK (on_channel_event), self, 0);
  if (SPICE_IS_DISPLAY_CHANNEL (channel))
    g_signal_connect_object (channel, "display-invalidate", G_CALLBACK (look_soon), self,
                             G_CONNECT_SWAPPED | G_CONNECT_AFTER);
}

static void
on_keyboard_grab (SpiceDisplay *screen, int status, gpointer data)
{
  g_signal_emit (data, signals[GRABBED], 0, status != 0);
}

static void
on_grab_keys (SpiceDisplay *screen, gpointer data)
{
  g_signal_emit (data, signals[LEAVE], 0);
}

/* --- the screen --- */

static SpiceSession *
make_session (SgViewerDisplay *self)
{
  SpiceSession *session = spice_session_new ();
  SpiceGtkSession *around = spice_gtk_session_get (session);

  /* What a guest could reach the computer by, each of them off. */
  g_object_set (session, "enable-audio", FALSE, "enable-usbredir", FALSE, "enable-smartcard", FALSE,
                "gl-scanout", FALSE, NULL);
  sg_viewer_quiet_player (session);
  g_object_set (session, "enable-audio", self->sound != NULL, NULL);
  g_object_set (around, "auto-clipboard", FALSE, "auto-usbredir", FALSE, NULL);
  return session;
}

static void
make_screen (SgViewerDisplay *self)
{
  SpiceGrabSequence *keys = spice_grab_sequence_new_from_string (self->leave_keys);

  self->screen = spice_display_new (self->session, 0);
  g_object_set (self->screen, "resize-guest", TRUE, "scaling", TRUE, "grab-keyboard", TRUE,
                "grab-mouse", TRUE, NULL);
  spice_display_set_grab_keys (self->screen, keys);
  spice_grab_sequence_free (keys);
  /* The widget takes dropped files and sends them into the guest: not here. */
  gtk_drag_dest_unset (GTK_WIDGET (self->screen));
  g_signal_connect (self->screen, "keyboard-grab", G_CALLBACK (on_keyboard_grab), self);
  g_signal_connect (self->screen, "grab-keys-pressed", G_CALLBACK (on_grab_keys), self);
  if (self->clipboard != NULL)
    sg_clipboard_take_screen (self->clipboard, GTK_WIDGET (self->screen));
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self->screen)),
                       _ ("Screen of the sandbox"));
  gtk_container_add (GTK_CONTAINER (self), GTK_WIDGET (self->screen));
  gtk_widget_show (GTK_WIDGET (self->screen));
}

void
sg_viewer_display_set_clipboard (SgViewerDisplay *display, SgClipboard *clipboard)
{
  g_set_object (&display->clipboard, clipboard);
}

void
sg_viewer_display_set_sound (SgViewerDisplay *display, SgViewerSound *sound)
{
  g_set_object (&display->sound, sound);
}

void
sg_viewer_display_connect (SgViewerDisplay *display, SgLink *link, const char *leave_keys)
{
  g_return_if_fail (display->session == NULL);
  display->link = g_object_ref (link);
  display->leave_keys = leave_keys;
  display->session = make_session (display);
  g_signal_connect_object (display->session, "channel-new", G_CALLBACK (on_channel_new), display,
                           0);
  if (!spice_session_open_fd (display->session, -1))
    lose (display);
}

void
sg_viewer_display_reset (SgViewerDisplay *display)
{
  g_autoptr (GList) channels = NULL;

  if (display->session == NULL)
    return;
  channels = spice_session_get_channels (display->session);
  for (GList *l = channels; l != NULL; l = l->next)
    g_signal_handlers_disconnect_by_data (l->data, display);
  g_signal_handlers_disconnect_by_data (display->session, display);
  g_clear_handle_id (&display->look_source, g_source_remove);
  g_clear_handle_id (&display->patience_source, g_source_remove);
  if (display->clipboard != NULL)
    sg_clipboard_leave (display->clipboard);
  if (display->sound != NULL)
    sg_viewer_sound_leave (display->sound);
  if (display->screen != NULL)
    gtk_widget_destroy (GTK_WIDGET (display->screen));
  display->screen = NULL;
  spice_session_disconnect (display->session);
  g_clear_object (&display->session);
  g_clear_object (&display->link);
  display->expecting = display->seen = display->lost = FALSE;
}

void
sg_viewer_display_send_ctrl_alt_del (SgViewerDisplay *display)
{
  const guint keys[] = { GDK_KEY_Control_L, GDK_KEY_Alt_L, GDK_KEY_Delete };

  if (display->screen != NULL)
    spice_display_send_keys (display->screen, keys, G_N_ELEMENTS (keys),
                             SPICE_DISPLAY_KEY_EVENT_CLICK);
}

void
sg_viewer_display_enter (SgViewerDisplay *display)
{
  /* While a page of ours stands in its place, keys would go to what nobody sees. */
  if (display->screen != NULL && gtk_widget_get_child_visible (GTK_WIDGET (display)))
    gtk_widget_grab_focus (GTK_WIDGET (display->screen));
}

void
sg_viewer_display_leave (SgViewerDisplay *display)
{
  if (display->screen == NULL)
    return;
  spice_display_keyboard_ungrab (display->screen);
  spice_display_mouse_ungrab (display->screen);
}

gboolean
sg_viewer_display_has_focus (SgViewerDisplay *display)
{
  GtkWidget *screen = GTK_WIDGET (display->screen);

  return screen != NULL && gtk_widget_has_focus (screen);
}

/* --- the object --- */

static void
sg_viewer_display_dispose (GObject *object)
{
  SgViewerDisplay *self = SG_VIEWER_DISPLAY (object);

  self->lost = TRUE; /* nothing is announced from here on */
  g_clear_handle_id (&self->look_source, g_source_remove);
  g_clear_handle_id (&self->patience_source, g_source_remove);
  if (self->session != NULL)
    spice_session_disconnect (self->session);
  G_OBJECT_CLASS (sg_viewer_display_parent_class)->dispose (object);
  self->screen = NULL;
  g_clear_object (&self->clipboard);
  g_clear_object (&self->sound);
  g_clear_object (&self->session);
  g_clear_object (&self->link);
}

static void
sg_viewer_display_class_init (SgViewerDisplayClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sg_viewer_display_dispose;
  signals[PICTURE] = g_signal_new ("picture", SG_TYPE_VIEWER_DISPLAY, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  signals[LOST] = g_signal_new ("lost", SG_TYPE_VIEWER_DISPLAY, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 0);
  signals[GRABBED] = g_signal_new ("grabbed", SG_TYPE_VIEWER_DISPLAY, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
  signals[LEAVE] = g_signal_new ("leave", SG_TYPE_VIEWER_DISPLAY, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
sg_viewer_display_init (SgViewerDisplay *self)
{
}
