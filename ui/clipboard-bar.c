/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/clipboard-bar.h"

#include <glib/gi18n.h>

#define SLEEP_MSEC 700
#define PICTURE_WIDTH 160
#define PICTURE_HEIGHT 80

struct _SgClipboardBar
{
  GtkRevealer parent;
  GtkInfoBar *bar;
  GtkLabel *question, *detail;
  GtkImage *picture;
  guint sleep;
};

G_DEFINE_TYPE (SgClipboardBar, sg_clipboard_bar, GTK_TYPE_REVEALER)

static guint answered;

static void
set_awake (SgClipboardBar *self, gboolean awake)
{
  for (int i = SG_CLIP_ANSWER_NO; i <= SG_CLIP_ANSWER_ALWAYS; i++)
    gtk_info_bar_set_response_sensitive (self->bar, i, awake);
}

static gboolean
wake (gpointer data)
{
  SgClipboardBar *self = data;

  self->sleep = 0;
  set_awake (self, TRUE);
  return G_SOURCE_REMOVE;
}

void
sg_clipboard_bar_withdraw (SgClipboardBar *bar)
{
  g_clear_handle_id (&bar->sleep, g_source_remove);
  if (bar->bar == NULL)
    return; /* its window is going */
  set_awake (bar, FALSE);
  gtk_revealer_set_reveal_child (GTK_REVEALER (bar), FALSE);
}

static GdkPixbuf *
thumbnail (GdkPixbuf *picture)
{
  int width = gdk_pixbuf_get_width (picture), height = gdk_pixbuf_get_height (picture);
  double scale = MIN (MIN ((double)PICTURE_WIDTH / width, (double)PICTURE_HEIGHT / height), 1);

  return gdk_pixbuf_scale_simple (picture, MAX ((int)(width * scale), 1),
                                  MAX ((int)(height * scale), 1), GDK_INTERP_BILINEAR);
}

void
sg_clipboard_bar_ask (SgClipboardBar *bar, const char *question, const char *detail,
                      GdkPixbuf *picture)
{
  g_autoptr (GdkPixbuf) small = picture != NULL ? thumbnail (picture) : NULL;

  g_clear_handle_id (&bar->sleep, g_source_remove);
  set_awake (bar, FALSE);
  bar->sleep = g_timeout_add (SLEEP_MSEC, wake, bar);
  gtk_label_set_text (bar->question, question);
  gtk_label_set_text (bar->detail, detail != NULL ? detail : "");
  gtk_widget_set_visible (GTK_WIDGET (bar->detail), detail != NULL);
  gtk_image_set_from_pixbuf (bar->picture, small);
  gtk_widget_set_visible (GTK_WIDGET (bar->picture), small != NULL);
  gtk_revealer_set_reveal_child (GTK_REVEALER (bar), TRUE);
}

static void
on_response (GtkInfoBar *info, int response, gpointer data)
{
  SgClipboardBar *self = data;
  int answer = response == SG_CLIP_ANSWER_ONCE || response == SG_CLIP_ANSWER_ALWAYS
                   ? response
                   : SG_CLIP_ANSWER_NO;

  sg_clipboard_bar_withdraw (self);
  g_signal_emit (self, answered, 0, answer);
}

static GtkLabel *
add_label (GtkWidget *box, gboolean mono)
{
  GtkLabel *label = GTK_LABEL (gtk_label_new (NULL));

  gtk_label_set_xalign (label, 0);
  gtk_label_set_ellipsize (label, PANGO_ELLIPSIZE_END);
  gtk_label_set_single_line_mode (label, TRUE);
  if (mono)
    gtk_style_context_add_class (gtk_widget_get_style_context (GTK_WIDGET (label)), "command");
  gtk_container_add (GTK_CONTAINER (box), GTK_WIDGET (label));
  return label;
}

static void
sg_clipboard_bar_dispose (GObject *object)
{
  SgClipboardBar *self = SG_CLIPBOARD_BAR (object);

  g_clear_handle_id (&self->sleep, g_source_remove);
  self->bar = NULL;
  G_OBJECT_CLASS (sg_clipboard_bar_parent_class)->dispose (object);
}

static void
sg_clipboard_bar_class_init (SgClipboardBarClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sg_clipboard_bar_dispose;
  answered = g_signal_new ("answered", SG_TYPE_CLIPBOARD_BAR, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                           NULL, G_TYPE_NONE, 1, G_TYPE_INT);
}

static void
sg_clipboard_bar_init (SgClipboardBar *self)
{
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3), *info = gtk_info_bar_new ();

  self->bar = GTK_INFO_BAR (info);
  gtk_info_bar_set_message_type (self->bar, GTK_MESSAGE_QUESTION);
  self->question = add_label (words, FALSE);
  gtk_label_set_single_line_mode (self->question, FALSE);
  gtk_label_set_ellipsize (self->question, PANGO_ELLIPSIZE_NONE);
  gtk_label_set_line_wrap (self->question, TRUE);
  self->detail = add_label (words, TRUE);
  self->picture = GTK_IMAGE (gtk_image_new ());
  gtk_widget_set_halign (GTK_WIDGET (self->picture), GTK_ALIGN_START);
  gtk_container_add (GTK_CONTAINER (words), GTK_WIDGET (self->picture));
  gtk_widget_set_hexpand (words, TRUE);
  gtk_container_add (GTK_CONTAINER (gtk_info_bar_get_content_area (self->bar)), words);
  gtk_info_bar_add_button (self->bar, _ ("_Do Not Allow"), SG_CLIP_ANSWER_NO);
  gtk_info_bar_add_button (self->bar, _ ("Allow for This _Sandbox"), SG_CLIP_ANSWER_ALWAYS);
  gtk_info_bar_add_button (self->bar, _ ("_Allow"), SG_CLIP_ANSWER_ONCE);
  g_signal_connect (info, "response", G_CALLBACK (on_response), self);
  gtk_container_add (GTK_CONTAINER (self), info);
  gtk_widget_show_all (info);
  set_awake (self, FALSE);
}

GtkWidget *
sg_clipboard_bar_new (void)
{
  return g_object_new (SG_TYPE_CLIPBOARD_BAR, "visible", TRUE, NULL);
}
