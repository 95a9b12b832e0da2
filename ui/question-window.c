/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/question-window.h"

#include "ui/stand-on.h"

#include <glib/gi18n.h>

#define ROW_HEIGHT 68 /* about */
#define LIST_HEIGHT 320

struct _SgQuestionWindow
{
  GtkWindow parent;
  GtkStack *stack;
  GtkLabel *words, *wrong, *nothing;
  GtkButton *keep, *choose, *discard, *back, *save, *stop;
  GtkBox *list; /* a tick for each file */
  GtkWidget *scrolled, *to;
  GtkFileChooserButton *folder;
  SgInside *inside;       /* not owned; NULL: not known */
  GHashTable *was_ticked; /* the `shown` of files (owned) */
  guint32 on;             /* an X11 window */
  gboolean save_only, may_save;
};

G_DEFINE_TYPE (SgQuestionWindow, sg_question_window, GTK_TYPE_WINDOW)

enum
{
  DECIDED,
  SAVE,
  STOP,
  LIST,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static gboolean
is_on (SgQuestionWindow *self, const char *page)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), page) == 0;
}

/* --- the list --- */

GPtrArray *
sg_question_window_ticked (SgQuestionWindow *window)
{
  g_autoptr (GList) ticks = gtk_container_get_children (GTK_CONTAINER (window->list));
  GPtrArray *ticked = g_ptr_array_new ();

  for (GList *l = ticks; l != NULL; l = l->next)
    if (gtk_toggle_button_get_active (l->data))
      g_ptr_array_add (ticked, g_object_get_data (l->data, "file"));
  return ticked;
}

static void
on_ticked (SgQuestionWindow *self)
{
  g_autoptr (GPtrArray) ticked = sg_question_window_ticked (self);

  gtk_widget_set_sensitive (GTK_WIDGET (self->save), ticked->len > 0 && self->may_save);
}

static GtkWidget *
make_label (const char *text, const char *class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  if (class != NULL)
    gtk_style_context_add_class (gtk_widget_get_style_context (label), class);
  return label;
}

static GtkWidget *
make_tick (SgQuestionWindow *self, SgInsideFile *file)
{
  GtkWidget *tick = gtk_check_button_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  g_autofree char *size = g_format_size (file->size);
  g_autofree char *about = g_strdup_printf ("%s, %s%s", file->folder, size,
                                            file->unfinished ? _ (" - not finished") : "");
  g_autofree char *spoken = g_strdup_printf (
      "%s, %s%s", file->name, about, file->program ? _ (", program, may harm this computer") : "");

  gtk_container_add (GTK_CONTAINER (box), make_label (file->name, NULL));
  gtk_container_add (GTK_CONTAINER (box), make_label (about, "dim-label"));
  if (file->program)
    gtk_container_add (GTK_CONTAINER (box),
                       make_label (_ ("program, may harm this computer"), "missing"));
  gtk_container_add (GTK_CONTAINER (tick), box);
  gtk_container_set_border_width (GTK_CONTAINER (tick), 6);
  gtk_widget_set_margin_start (box, 6);
  atk_object_set_name (gtk_widget_get_accessible (tick), spoken);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (tick),
                                g_hash_table_contains (self->was_ticked, file->shown));
  g_object_set_data (G_OBJECT (tick), "file", file);
  g_signal_connect_swapped (tick, "toggled", G_CALLBACK (on_ticked), self);
  gtk_widget_show_all (tick);
  return tick;
}

static void
fill (SgQuestionWindow *self)
{
  guint n = self->inside != NULL ? self->inside->files->len : 0;

  gtk_container_foreach (GTK_CONTAINER (self->list),
                         (GtkCallback)(void (*) (void))gtk_widget_destroy, NULL);
  for (guint i = 0; i < n; i++)
    gtk_container_add (GTK_CONTAINER (self->list), make_tick (self, self->inside->files->pdata[i]));
  gtk_widget_set_visible (GTK_WIDGET (self->nothing), n == 0);
  gtk_widget_set_visible (self->scrolled, n > 0);
  gtk_widget_set_visible (self->to, n > 0);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (self->scrolled),
                                              MIN ((int)n * ROW_HEIGHT, LIST_HEIGHT));
  on_ticked (self);
}

static void
remember_ticks (SgQuestionWindow *self)
{
  g_autoptr (GPtrArray) ticked = sg_question_window_ticked (self);

  g_hash_table_remove_all (self->was_ticked);
  for (guint i = 0; i < ticked->len; i++)
    g_hash_table_add (self->was_ticked, g_strdup (((SgInsideFile *)ticked->pdata[i])->shown));
}

/* --- the pages --- */

static void
set_listing (SgQuestionWindow *self, gboolean listing)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->choose), self->may_save && !listing);
  gtk_button_set_label (self->choose,
                        listing ? _ ("Getting the files ready…") : _ ("_Save Files…"));
  if (listing)
    gtk_widget_grab_focus (GTK_WIDGET (self->keep));
}

void
sg_question_window_ask (SgQuestionWindow *window, const char *words, SgInside *inside)
{
  window->inside = inside;
  gtk_label_set_text (window->words, words);
  gtk_widget_set_visible (GTK_WIDGET (window->choose), inside != NULL && inside->files->len > 0);
  gtk_stack_set_visible_child_name (window->stack, "question");
  gtk_window_present (GTK_WINDOW (window));
  gtk_widget_grab_default (GTK_WIDGET (window->keep));
  gtk_widget_grab_focus (GTK_WIDGET (window->keep));
}

void
sg_question_window_choose (SgQuestionWindow *window, SgInside *inside, const char *words)
{
  g_autoptr (GList) ticks = NULL;

  window->inside = inside;
  set_listing (window, FALSE);
  fill (window);
  gtk_label_set_text (window->wrong, words != NULL ? words : "");
  gtk_widget_set_visible (GTK_WIDGET (window->wrong), words != NULL);
  gtk_stack_set_visible_child_name (window->stack, "choose");
  gtk_window_present (GTK_WINDOW (window));
  ticks = gtk_container_get_children (GTK_CONTAINER (window->list));
  gtk_widget_grab_focus (ticks != NULL ? ticks->data : GTK_WIDGET (window->back));
}

static void
on_keep (GtkButton *button, gpointer data)
{
  g_signal_emit (data, signals[DECIDED], 0, FALSE);
}

static void
on_discard (GtkButton *button, gpointer data)
{
  g_signal_emit (data, signals[DECIDED], 0, TRUE);
}

void
sg_question_window_offer_files (SgQuestionWindow *window)
{
  gtk_widget_show (GTK_WIDGET (window->choose));
  gtk_button_set_label (window->keep, _ ("_Back"));
}

static void
on_choose (GtkButton *button, gpointer data)
{
  SgQuestionWindow *self = data;

  if (self->inside != NULL)
    {
      sg_question_window_choose (self, self->inside, NULL);
      return;
    }
  set_listing (self, TRUE);
  g_signal_emit (self, signals[LIST], 0);
}

static void
go_back (SgQuestionWindow *self)
{
  if (is_on (self, "saving"))
    g_signal_emit (self, signals[STOP], 0);
  else if (is_on (self, "choose") && !self->save_only)
    {
      remember_ticks (self);
      gtk_stack_set_visible_child_name (self->stack, "question");
      gtk_widget_grab_focus (GTK_WIDGET (self->keep));
    }
  else
    g_signal_emit (self, signals[DECIDED], 0, FALSE);
}

static void
on_back (GtkButton *button, gpointer data)
{
  go_back (data);
}

static void
on_save (GtkButton *button, gpointer data)
{
  SgQuestionWindow *self = data;
  g_autofree char *folder = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (self->folder));

  if (folder == NULL)
    {
      gtk_label_set_text (self->wrong, _ ("Choose a folder of this computer to save to."));
      gtk_widget_show (GTK_WIDGET (self->wrong));
      return;
    }
  remember_ticks (self);
  gtk_stack_set_visible_child_name (self->stack, "saving");
  gtk_widget_grab_focus (GTK_WIDGET (self->stop));
  g_signal_emit (self, signals[SAVE], 0, folder);
}

static gboolean
on_key_press (GtkWidget *widget, GdkEventKey *event)
{
  if (event->keyval == GDK_KEY_Escape)
    {
      go_back (SG_QUESTION_WINDOW (widget));
      return GDK_EVENT_STOP;
    }
  return GTK_WIDGET_CLASS (sg_question_window_parent_class)->key_press_event (widget, event);
}

static gboolean
on_delete (GtkWidget *widget, GdkEventAny *event)
{
  SgQuestionWindow *self = SG_QUESTION_WINDOW (widget);

  if (is_on (self, "saving"))
    go_back (self);
  else
    g_signal_emit (self, signals[DECIDED], 0, FALSE);
  return GDK_EVENT_STOP;
}

void
sg_question_window_allow (SgQuestionWindow *window, gboolean may_save, const char *why)
{
  const char *words = why != NULL ? why : _ ("Files may not be saved out of this sandbox.");

  window->may_save = may_save;
  gtk_widget_set_sensitive (GTK_WIDGET (window->choose), may_save);
  gtk_widget_set_tooltip_text (GTK_WIDGET (window->choose), may_save ? NULL : words);
  on_ticked (window);
}

/* --- the object --- */

static void
sg_question_window_realize (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (sg_question_window_parent_class)->realize (widget);
  sg_window_stand_on (widget, SG_QUESTION_WINDOW (widget)->on);
}

static void
sg_question_window_finalize (GObject *object)
{
  g_hash_table_unref (SG_QUESTION_WINDOW (object)->was_ticked);
  G_OBJECT_CLASS (sg_question_window_parent_class)->finalize (object);
}

static void
bind_children (GtkWidgetClass *class)
{
  static const struct
  {
    const char *name;
    gssize offset;
  } children[] = {
#define CHILD(name) { #name, G_STRUCT_OFFSET (SgQuestionWindow, name) }
    CHILD (stack),  CHILD (words),    CHILD (wrong), CHILD (nothing), CHILD (keep),
    CHILD (choose), CHILD (discard),  CHILD (back),  CHILD (save),    CHILD (stop),
    CHILD (list),   CHILD (scrolled), CHILD (to),    CHILD (folder),
#undef CHILD
  };

  for (gsize i = 0; i < G_N_ELEMENTS (children); i++)
    gtk_widget_class_bind_template_child_full (class, children[i].name, FALSE, children[i].offset);
}

static void
sg_question_window_class_init (SgQuestionWindowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  GType type = SG_TYPE_QUESTION_WINDOW;

  G_OBJECT_CLASS (class)->finalize = sg_question_window_finalize;
  widget_class->key_press_event = on_key_press;
  widget_class->delete_event = on_delete;
  widget_class->realize = sg_question_window_realize;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/sandglass/viewer/question-window.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, on_keep);
  gtk_widget_class_bind_template_callback (widget_class, on_discard);
  gtk_widget_class_bind_template_callback (widget_class, on_choose);
  gtk_widget_class_bind_template_callback (widget_class, on_back);
  gtk_widget_class_bind_template_callback (widget_class, on_save);
  signals[DECIDED] = g_signal_new ("decided", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
  signals[SAVE] = g_signal_new ("save", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                1, G_TYPE_STRING);
  signals[STOP]
      = g_signal_new ("stop", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[LIST]
      = g_signal_new ("list", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
sg_question_window_init (SgQuestionWindow *self)
{
  const char *downloads = g_get_user_special_dir (G_USER_DIRECTORY_DOWNLOAD);
  g_autofree char *otherwise = g_build_filename (g_get_home_dir (), "Downloads", NULL);

  self->may_save = TRUE;
  self->was_ticked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gtk_widget_init_template (GTK_WIDGET (self));
  /* A key's press is shown for a quarter of a second before it counts: not for what ends the window. */
  g_signal_connect (self->keep, "activate", G_CALLBACK (on_keep), self);
  g_signal_connect (self->discard, "activate", G_CALLBACK (on_discard), self);
  gtk_container_set_focus_vadjustment (
      GTK_CONTAINER (self->list),
      gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scrolled)));
  if (downloads == NULL)
    downloads = otherwise;
  gtk_file_chooser_set_current_folder (
      GTK_FILE_CHOOSER (self->folder),
      g_file_test (downloads, G_FILE_TEST_IS_DIR) ? downloads : g_get_home_dir ());
}

SgQuestionWindow *
sg_question_window_new (gboolean save_only, guint32 parent)
{
  SgQuestionWindow *self = g_object_new (SG_TYPE_QUESTION_WINDOW, NULL);

  self->save_only = save_only;
  self->on = parent;
  if (save_only)
    {
      gtk_button_set_label (self->save, _ ("_Save"));
      gtk_button_set_label (self->back, _ ("_Cancel"));
      gtk_window_set_title (GTK_WINDOW (self), _ ("Save Files"));
    }
  return self;
}
