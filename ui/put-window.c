/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/put-window.h"

#include "ui/stand-on.h"
#include "ui/words.h"

#include <glib/gi18n.h>
#include <string.h>

#define SLEEP_MSEC 700
#define ROW_HEIGHT 46 /* about */
#define LIST_HEIGHT 280

struct _SgPutWindow
{
  GtkWindow parent;
  GtkLabel *question, *words;
  GtkListBox *list;
  GtkScrolledWindow *scrolled;
  GtkProgressBar *progress;
  GtkButton *cancel, *share, *copy;
  GPtrArray *about; /* GtkLabel below each path */
  char **names;     /* owned */
  guint32 on;       /* an X11 window */
  guint sleep;
  gboolean awake; /* it has been seen for a moment */
  gboolean may_copy;
};

G_DEFINE_TYPE (SgPutWindow, sg_put_window, GTK_TYPE_WINDOW)

enum
{
  COPY,
  SHARE,
  STOP,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* --- the list --- */

/* A path as it is, in one line: nothing in it turns the text around, or ends it. */
static char *
shown_path (const char *path)
{
  g_autofree char *valid = g_filename_display_name (path);
  GString *shown = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      GUnicodeType type = g_unichar_type (c);

      if (type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT
          || type == G_UNICODE_LINE_SEPARATOR || type == G_UNICODE_PARAGRAPH_SEPARATOR)
        g_string_append (shown, "\xef\xbf\xbd");
      else
        g_string_append_unichar (shown, c);
    }
  return g_string_free (shown, FALSE);
}

static GtkWidget *
make_label (const char *text, const char *class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  if (class != NULL)
    gtk_style_context_add_class (gtk_widget_get_style_context (label), class);
  return label;
}

static void
add_row (SgPutWindow *self, const char *path)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  g_autofree char *shown = shown_path (path);
  GtkWidget *name = make_label (shown, NULL), *about = make_label (_ ("Looking…"), "dim-label");

  /* Whole: what is cut is what somebody else could make it to be. */
  gtk_label_set_line_wrap (GTK_LABEL (name), TRUE);
  gtk_label_set_line_wrap_mode (GTK_LABEL (name), PANGO_WRAP_CHAR);
  gtk_label_set_line_wrap (GTK_LABEL (about), TRUE);
  gtk_container_add (GTK_CONTAINER (box), name);
  gtk_container_add (GTK_CONTAINER (box), about);
  gtk_container_set_border_width (GTK_CONTAINER (box), 6);
  g_ptr_array_add (self->about, about);
  gtk_widget_show_all (box);
  gtk_list_box_insert (self->list, box, -1);
}

void
sg_put_window_describe (SgPutWindow *window, guint n, gboolean folder, guint64 files, guint64 size,
                        const char *error)
{
  g_autofree char *bytes = g_format_size (size), *words = NULL;
  GtkLabel *label = n < window->about->len ? window->about->pdata[n] : NULL;

  if (label == NULL)
    return;
  if (error != NULL)
    words = g_strdup_printf (_ ("cannot be copied: %s"), error);
  else if (folder)
    words = g_strdup_printf (g_dngettext (NULL, "folder with %" G_GUINT64_FORMAT " file, %s",
                                          "folder with %" G_GUINT64_FORMAT " files, %s",
                                          (gulong)files),
                             files, bytes);
  gtk_label_set_text (label, words != NULL ? words : bytes);
  if (error != NULL)
    gtk_style_context_add_class (gtk_widget_get_style_context (GTK_WIDGET (label)), "missing");
}

/* --- the course of it --- */

static void
set_awake (SgPutWindow *self)
{
  gboolean awake = self->may_copy && self->awake;
  gboolean shares = gtk_widget_is_visible (GTK_WIDGET (self->share));
  GtkWidget *usual = GTK_WIDGET (shares ? self->share : self->copy);

  gtk_widget_set_sensitive (GTK_WIDGET (self->copy), awake);
  gtk_widget_set_sensitive (GTK_WIDGET (self->share), self->awake);
  if (gtk_widget_is_sensitive (usual) && gtk_widget_is_visible (usual)
      && !gtk_widget_has_focus (GTK_WIDGET (self->copy)))
    {
      gtk_widget_grab_default (usual);
      gtk_widget_grab_focus (usual);
    }
}

static gboolean
wake (gpointer data)
{
  SgPutWindow *self = data;

  self->sleep = 0;
  self->awake = TRUE;
  set_awake (self);
  return G_SOURCE_REMOVE;
}

void
sg_put_window_ask (SgPutWindow *window, gboolean any)
{
  window->may_copy = any;
  set_awake (window);
}

void
sg_put_window_progress (SgPutWindow *window, guint n, guint64 done, guint64 total)
{
  g_autofree char *name = sg_words_file (n < window->about->len ? window->names[n] : "");
  g_autofree char *has = g_format_size (done), *of = g_format_size (total);
  g_autofree char *text = g_strdup_printf (_ ("%s - %s of %s"), name, has, of);

  gtk_progress_bar_set_fraction (window->progress,
                                 total > 0 ? CLAMP ((double)done / (double)total, 0, 1) : 0);
  gtk_progress_bar_set_text (window->progress, text);
}

void
sg_put_window_tell (SgPutWindow *window, const char *words)
{
  gtk_label_set_text (window->words, words);
  gtk_style_context_add_class (gtk_widget_get_style_context (GTK_WIDGET (window->words)),
                               "missing");
  gtk_widget_hide (GTK_WIDGET (window->progress));
  gtk_widget_hide (GTK_WIDGET (window->copy));
  gtk_widget_hide (GTK_WIDGET (window->share));
  gtk_widget_show (GTK_WIDGET (window->words));
  gtk_button_set_label (window->cancel, _ ("_Close"));
  gtk_window_resize (GTK_WINDOW (window), 520, 1);
  gtk_window_present (GTK_WINDOW (window));
  gtk_widget_grab_focus (GTK_WIDGET (window->cancel));
}

static void
on_copy (GtkButton *button, gpointer data)
{
  SgPutWindow *self = data;

  gtk_label_set_text (self->question, _ ("Copying into the sandbox"));
  gtk_widget_hide (GTK_WIDGET (self->copy));
  gtk_widget_hide (GTK_WIDGET (self->share));
  gtk_widget_hide (GTK_WIDGET (self->words));
  gtk_widget_hide (GTK_WIDGET (self->scrolled));
  gtk_widget_show (GTK_WIDGET (self->progress));
  gtk_progress_bar_set_text (self->progress, "");
  gtk_widget_grab_focus (GTK_WIDGET (self->cancel));
  gtk_window_resize (GTK_WINDOW (self), 420, 1);
  g_signal_emit (self, signals[COPY], 0);
}

static void
on_share (GtkButton *button, gpointer data)
{
  SgPutWindow *self = data;

  gtk_widget_hide (GTK_WIDGET (self->copy));
  gtk_widget_hide (GTK_WIDGET (self->share));
  gtk_widget_grab_focus (GTK_WIDGET (self->cancel));
  g_signal_emit (self, signals[SHARE], 0);
}

static void
on_cancel (GtkButton *button, gpointer data)
{
  g_signal_emit (data, signals[STOP], 0);
}

static gboolean
on_key_press (GtkWidget *widget, GdkEventKey *event)
{
  if (event->keyval == GDK_KEY_Escape)
    {
      g_signal_emit (widget, signals[STOP], 0);
      return GDK_EVENT_STOP;
    }
  return GTK_WIDGET_CLASS (sg_put_window_parent_class)->key_press_event (widget, event);
}

static gboolean
on_delete (GtkWidget *widget, GdkEventAny *event)
{
  g_signal_emit (widget, signals[STOP], 0);
  return GDK_EVENT_STOP;
}

/* --- the object --- */

static void
sg_put_window_realize (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (sg_put_window_parent_class)->realize (widget);
  sg_window_stand_on (widget, SG_PUT_WINDOW (widget)->on);
}

/* From when a person can see it. */
static gboolean
sg_put_window_map_event (GtkWidget *widget, GdkEventAny *event)
{
  SgPutWindow *self = SG_PUT_WINDOW (widget);

  if (!self->awake && self->sleep == 0)
    self->sleep = g_timeout_add (SLEEP_MSEC, wake, self);
  return GTK_WIDGET_CLASS (sg_put_window_parent_class)->map_event (widget, event);
}

static void
sg_put_window_finalize (GObject *object)
{
  SgPutWindow *self = SG_PUT_WINDOW (object);

  g_clear_handle_id (&self->sleep, g_source_remove);
  g_ptr_array_unref (self->about);
  g_strfreev (self->names);
  G_OBJECT_CLASS (sg_put_window_parent_class)->finalize (object);
}

static void
sg_put_window_class_init (SgPutWindowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  GType type = SG_TYPE_PUT_WINDOW;

  G_OBJECT_CLASS (class)->finalize = sg_put_window_finalize;
  widget_class->key_press_event = on_key_press;
  widget_class->delete_event = on_delete;
  widget_class->realize = sg_put_window_realize;
  widget_class->map_event = sg_put_window_map_event;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/sandglass/viewer/put-window.ui");
  gtk_widget_class_bind_template_child (widget_class, SgPutWindow, question);
  gtk_widget_class_bind_template_child (widget_class, SgPutWindow, words);
  gtk_widget_class_bind_template_child (widget_class, SgPutWindow, list);
  gtk_widget_class_bind_template_child (widget_class, SgPutWindow, scrolled);
  gtk_widget_class_bind_template_child (widget_class, SgPutWindow, progress);
  gtk_widget_class_bind_template_child (widget_class, SgPutWindow, cancel);
  gtk_widget_class_bind_template_child (widget_class, SgPutWindow, copy);
  gtk_widget_class_bind_template_child (widget_class, SgPutWindow, share);
  gtk_widget_class_bind_template_callback (widget_class, on_copy);
  gtk_widget_class_bind_template_callback (widget_class, on_share);
  gtk_widget_class_bind_template_callback (widget_class, on_cancel);
  signals[COPY]
      = g_signal_new ("copy", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SHARE]
      = g_signal_new ("share", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[STOP]
      = g_signal_new ("stop", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
sg_put_window_init (SgPutWindow *self)
{
  self->about = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
offer_to_share (SgPutWindow *self, const char *folder, const char *sandbox)
{
  g_autofree char *question
      = g_strdup_printf (_ ("Share “%s” with the sandbox “%s”?"), folder, sandbox);

  gtk_window_set_title (GTK_WINDOW (self), _ ("Share with Sandbox"));
  gtk_label_set_text (self->question, question);
  gtk_label_set_text (
      self->words,
      _ ("Whatever runs in the sandbox can read what is in this folder, also what comes into it "
         "later, until you take it away; it can change nothing. A copy would be on the sandbox's "
         "Desktop."));
  gtk_style_context_remove_class (gtk_widget_get_style_context (GTK_WIDGET (self->copy)),
                                  "suggested-action");
  gtk_widget_show (GTK_WIDGET (self->share));
}

SgPutWindow *
sg_put_window_new (char **paths, const char *sandbox, guint32 parent)
{
  SgPutWindow *self = g_object_new (SG_TYPE_PUT_WINDOW, NULL);
  guint n = g_strv_length (paths);
  g_autofree char *question = NULL, *base = NULL;

  self->on = parent;
  self->names = g_new0 (char *, n + 1);
  for (guint i = 0; i < n; i++)
    {
      self->names[i] = g_path_get_basename (paths[i]);
      add_row (self, paths[i]);
    }
  base = sg_words_file (self->names[0]);
  question = n == 1 ? g_strdup_printf (_ ("Copy “%s” into the sandbox “%s”?"), base, sandbox)
                    : g_strdup_printf (_ ("Copy these %u into the sandbox “%s”?"), n, sandbox);
  gtk_label_set_text (self->question, question);
  if (n == 1 && g_file_test (paths[0], G_FILE_TEST_IS_DIR))
    offer_to_share (self, base, sandbox);
  gtk_scrolled_window_set_min_content_height (self->scrolled,
                                              MIN ((int)n * ROW_HEIGHT, LIST_HEIGHT));
  gtk_window_set_focus (GTK_WINDOW (self), NULL);
  return self;
}
