/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/editor-window.h"

#include "common/paths.h"
#include "ui/editor-lists.h"
#include "ui/editor-rows.h"
#include "ui/words.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>

struct _SgEditorWindow
{
  GtkApplicationWindow parent;
  SgEditorProfile *profile; /* owned */
  SgEditKind kind;
  char *path; /* owned; NULL: new */
  GtkBox *settings, *summary, *columns;
  GtkSeparator *between;
  GtkScrolledWindow *side; /* of the summary */
  GtkButton *save, *reset;
  GtkWidget *folders, *name_row; /* name_row NULL: it has no name */
  GtkInfoBar *info;
  GtkLabel *info_text;
  gboolean saving;
};

G_DEFINE_TYPE (SgEditorWindow, sg_editor_window, GTK_TYPE_APPLICATION_WINDOW)

static guint saved_signal;

static void
show_info (SgEditorWindow *self, GtkMessageType type, const char *text)
{
  gtk_info_bar_set_message_type (self->info, type);
  gtk_label_set_text (self->info_text, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->info), text != NULL);
}

/* --- the summary --- */

static void
add_sentence (SgEditorWindow *self, const char *sentence, const char *class)
{
  GtkWidget *label = gtk_label_new (sentence);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_line_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_width_chars (GTK_LABEL (label), 28);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 30);
  if (class != NULL)
    gtk_style_context_add_class (gtk_widget_get_style_context (label), class);
  gtk_widget_show (label);
  gtk_container_add (GTK_CONTAINER (self->summary), label);
}

static void
destroy_child (GtkWidget *child, gpointer data)
{
  gtk_widget_destroy (child);
}

static void
show_summary (SgEditorProfile *profile, gpointer data)
{
  SgEditorWindow *self = data;
  const SgLook *look = sg_editor_profile_look (profile);
  g_auto (GStrv) all = sg_grants_sentences (look->grants);
  g_auto (GStrv) more = sg_grants_wishes (&look->defaults, look->profile, look->policy);

  gtk_container_foreach (GTK_CONTAINER (self->summary), destroy_child, NULL);
  add_sentence (self, _ ("What this sandbox can do"), "section-title");
  for (char **one = all; *one != NULL; one++)
    add_sentence (self, *one, g_strv_contains ((const char *const *)more, *one) ? "beyond" : NULL);
  if (!look->grants->may_run && look->grants->refusal != NULL)
    add_sentence (self, look->grants->refusal, "missing");
  gtk_widget_set_sensitive (GTK_WIDGET (self->save), !self->saving);
}

/* --- saving --- */

/* A file name that shows the name, for a place that has none of it yet. */
static char *
find_place (const char *name)
{
  g_autofree char *directory = sg_paths_config ();
  g_autofree char *base = sg_words_file (name);

  g_strdelimit (base, "/\\", '-');
  if (*base == '.')
    *base = '_';
  for (guint n = 1; n < 1000; n++)
    {
      g_autofree char *file
          = n == 1 ? g_strdup_printf ("%s.wsb", base) : g_strdup_printf ("%s (%u).wsb", base, n);
      char *path = g_build_filename (directory, file, NULL);

      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        return path;
      g_free (path);
    }
  return g_build_filename (directory, "sandbox.wsb", NULL);
}

/* What we keep ourselves was made here; a file from elsewhere is shown again when it opens. */
static gboolean
is_ours (const char *path)
{
  g_autofree char *directory = sg_paths_config (), *its = g_path_get_dirname (path);

  return g_str_equal (directory, its);
}

static void
saved (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgEditorWindow) self = data;
  g_autoptr (GError) error = NULL;
  gboolean ok = sg_editor_profile_save_finish (SG_EDITOR_PROFILE (source), result, &error);

  self->saving = FALSE;
  if (gtk_window_get_application (GTK_WINDOW (self)) == NULL)
    return; /* closed meanwhile */
  gtk_widget_set_sensitive (GTK_WIDGET (self->save), TRUE);
  if (!ok)
    {
      g_autofree char *words = g_strdup_printf (_ ("It was not saved: %s"), error->message);
      show_info (self, GTK_MESSAGE_ERROR, words);
      return;
    }
  g_signal_emit (self, saved_signal, 0, self->path);
  gtk_widget_destroy (GTK_WIDGET (self));
}

static void
save (SgEditorWindow *self)
{
  const char *name = sg_editor_profile_text (self->profile, SG_SETTING_TITLE);

  if (self->saving)
    return;
  /* A file that has a name of its own needs none inside. */
  if (self->kind == SG_EDIT_SAVED && self->path == NULL && *name == '\0')
    {
      sg_editor_row_tell (self->name_row, _ ("Give it a name first."), FALSE);
      gtk_widget_child_focus (self->name_row, GTK_DIR_TAB_FORWARD);
      return;
    }
  if (self->path == NULL)
    self->path = find_place (name);
  self->saving = TRUE;
  gtk_widget_set_sensitive (GTK_WIDGET (self->save), FALSE);
  sg_editor_profile_save_async (self->profile, self->path, is_ours (self->path), saved,
                                g_object_ref (self));
}

static void
on_save (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  save (data);
}

static void
on_reset (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  sg_editor_profile_reset (SG_EDITOR_WINDOW (data)->profile);
}

/* --- closing --- */

static void
closing_answered (GtkDialog *dialog, int response, gpointer data)
{
  g_autoptr (SgEditorWindow) self = data;

  gtk_widget_destroy (GTK_WIDGET (dialog));
  if (response == GTK_RESPONSE_NO)
    gtk_widget_destroy (GTK_WIDGET (self));
  else if (response == GTK_RESPONSE_YES)
    save (self);
}

static gboolean
on_delete (GtkWidget *widget, GdkEventAny *event)
{
  SgEditorWindow *self = SG_EDITOR_WINDOW (widget);
  GtkWidget *dialog;

  if (!sg_editor_profile_is_changed (self->profile))
    return GDK_EVENT_PROPAGATE;
  dialog = gtk_message_dialog_new (GTK_WINDOW (self), GTK_DIALOG_MODAL, GTK_MESSAGE_QUESTION,
                                   GTK_BUTTONS_NONE, _ ("Save the changes?"));
  gtk_dialog_add_buttons (GTK_DIALOG (dialog), _ ("_Do Not Save"), GTK_RESPONSE_NO,
                          _ ("_Keep Editing"), GTK_RESPONSE_CANCEL, _ ("_Save"), GTK_RESPONSE_YES,
                          NULL);
  gtk_dialog_set_default_response (GTK_DIALOG (dialog), GTK_RESPONSE_YES);
  g_signal_connect (dialog, "response", G_CALLBACK (closing_answered), g_object_ref (self));
  gtk_window_present (GTK_WINDOW (dialog));
  return GDK_EVENT_STOP;
}

static void
on_cancel (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gtk_window_close (data);
}

/* --- the screen --- */

static void
separate (GtkContainer *box)
{
  g_autoptr (GList) children = gtk_container_get_children (box);
  GtkWidget *line;

  if (children == NULL)
    return;
  line = gtk_separator_new (GTK_ORIENTATION_HORIZONTAL);
  gtk_widget_show (line);
  gtk_container_add (box, line);
}

/* A titled card; rows go into what is returned. */
static GtkContainer *
add_card (SgEditorWindow *self, const char *title)
{
  GtkWidget *label = gtk_label_new (title), *frame = gtk_frame_new (NULL);
  GtkWidget *rows = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *whole = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_style_context_add_class (gtk_widget_get_style_context (label), "section-title");
  gtk_frame_set_shadow_type (GTK_FRAME (frame), GTK_SHADOW_NONE);
  gtk_style_context_add_class (gtk_widget_get_style_context (frame), "card");
  gtk_style_context_add_class (gtk_widget_get_style_context (frame), "view");
  atk_object_set_name (gtk_widget_get_accessible (frame), title);
  gtk_container_add (GTK_CONTAINER (frame), rows);
  gtk_container_add (GTK_CONTAINER (whole), label);
  gtk_container_add (GTK_CONTAINER (whole), frame);
  gtk_widget_show (rows);
  gtk_widget_show (frame);
  gtk_widget_show (label);
  gtk_widget_show (whole);
  gtk_container_add (GTK_CONTAINER (self->settings), whole);
  return GTK_CONTAINER (rows);
}

static GtkContainer *
add_section (SgEditorWindow *self, SgEditorSectionId id)
{
  const SgEditorSection *section = sg_editor_section (id);
  GtkContainer *rows = add_card (self, _ (section->title));

  for (const SgSetting *s = section->settings; *s != SG_SETTING_MAX; s++)
    {
      separate (rows);
      gtk_container_add (rows, sg_editor_row_new (self->profile, *s));
    }
  return rows;
}

/* A file without a title is called as it is. */
static void
show_file_name (SgEditorWindow *self)
{
  g_autofree char *base = self->path != NULL ? g_path_get_basename (self->path) : NULL;
  g_autofree char *name = base != NULL ? sg_words_file (base) : NULL;
  GtkWidget *entry = sg_editor_row_control (self->name_row);

  if (name != NULL && g_str_has_suffix (name, ".wsb"))
    name[strlen (name) - strlen (".wsb")] = '\0';
  if (name != NULL)
    gtk_entry_set_placeholder_text (GTK_ENTRY (entry), name);
}

static void
fill (SgEditorWindow *self)
{
  GtkContainer *rows;

  if (self->kind == SG_EDIT_SAVED)
    {
      rows = add_card (self, _ ("Saved sandbox"));
      self->name_row = sg_editor_row_new (self->profile, SG_SETTING_TITLE);
      show_file_name (self);
      gtk_container_add (rows, self->name_row);
    }
  rows = add_section (self, SG_SECTION_NETWORK);
  gtk_container_add (rows, sg_editor_hosts_new (self->profile));
  gtk_container_add (rows, sg_editor_places_new (self->profile));
  self->folders = sg_editor_folders_new (self->profile);
  gtk_container_add (add_card (self, _ ("Folders")), self->folders);
  add_section (self, SG_SECTION_CLIPBOARD);
  add_section (self, SG_SECTION_DEVICES);
  add_section (self, SG_SECTION_MACHINE);
  rows = add_section (self, SG_SECTION_INSIDE);
  separate (rows);
  gtk_container_add (rows, sg_editor_commands_new (self->profile));
}

static void
dropped (GtkWidget *widget, GdkDragContext *context, int x, int y, GtkSelectionData *selection,
         guint info, guint when, gpointer data)
{
  g_auto (GStrv) uris = gtk_selection_data_get_uris (selection);

  sg_editor_folders_drop (SG_EDITOR_WINDOW (widget)->folders, uris);
  gtk_drag_finish (context, uris != NULL, FALSE, when);
}

static gboolean
on_key_press (GtkWidget *widget, GdkEventKey *event)
{
  if (event->keyval == GDK_KEY_Escape)
    {
      gtk_window_close (GTK_WINDOW (widget));
      return GDK_EVENT_STOP;
    }
  return GTK_WIDGET_CLASS (sg_editor_window_parent_class)->key_press_event (widget, event);
}

static void
sg_editor_window_finalize (GObject *object)
{
  SgEditorWindow *self = SG_EDITOR_WINDOW (object);

  g_clear_object (&self->profile);
  g_free (self->path);
  G_OBJECT_CLASS (sg_editor_window_parent_class)->finalize (object);
}

static void
sg_editor_window_destroy (GtkWidget *widget)
{
  SgEditorWindow *self = SG_EDITOR_WINDOW (widget);

  if (self->profile != NULL)
    g_signal_handlers_disconnect_by_data (self->profile, self);
  GTK_WIDGET_CLASS (sg_editor_window_parent_class)->destroy (widget);
}

static void
sg_editor_window_class_init (SgEditorWindowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = sg_editor_window_finalize;
  widget_class->destroy = sg_editor_window_destroy;
  widget_class->delete_event = on_delete;
  widget_class->key_press_event = on_key_press;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/sandglass/app/editor-window.ui");
  gtk_widget_class_bind_template_child (widget_class, SgEditorWindow, settings);
  gtk_widget_class_bind_template_child (widget_class, SgEditorWindow, summary);
  gtk_widget_class_bind_template_child (widget_class, SgEditorWindow, save);
  gtk_widget_class_bind_template_child (widget_class, SgEditorWindow, reset);
  gtk_widget_class_bind_template_child (widget_class, SgEditorWindow, info);
  gtk_widget_class_bind_template_child (widget_class, SgEditorWindow, info_text);
  gtk_widget_class_bind_template_child (widget_class, SgEditorWindow, columns);
  gtk_widget_class_bind_template_child (widget_class, SgEditorWindow, between);
  gtk_widget_class_bind_template_child (widget_class, SgEditorWindow, side);
  saved_signal = g_signal_new ("saved", SG_TYPE_EDITOR_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
sg_editor_window_init (SgEditorWindow *self)
{
  const GActionEntry entries[] = {
    { .name = "save", .activate = on_save },
    { .name = "cancel", .activate = on_cancel },
    { .name = "reset", .activate = on_reset },
  };

  gtk_widget_init_template (GTK_WIDGET (self));
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  gtk_drag_dest_set (GTK_WIDGET (self), GTK_DEST_DEFAULT_ALL, NULL, 0, GDK_ACTION_COPY);
  gtk_drag_dest_add_uri_targets (GTK_WIDGET (self));
  g_signal_connect (self, "drag-data-received", G_CALLBACK (dropped), NULL);
}

static void
set_title (SgEditorWindow *self)
{
  g_autofree char *base = self->path != NULL ? g_path_get_basename (self->path) : NULL;
  g_autofree char *name = base != NULL ? sg_words_file (base) : NULL;
  g_autofree char *title = self->kind == SG_EDIT_USUAL ? g_strdup (_ ("What a Sandbox Is Given"))
                           : name == NULL              ? g_strdup (_ ("New Saved Sandbox"))
                                                       : g_strdup_printf (_ ("Edit %s"), name);

  gtk_window_set_title (GTK_WINDOW (self), title);
  gtk_header_bar_set_title (GTK_HEADER_BAR (gtk_window_get_titlebar (GTK_WINDOW (self))), title);
}

/* With large text the two columns may be wider than the screen, and Save beyond its edge: then what it
 * can do stands below. */
static void
fit_screen (SgEditorWindow *self)
{
  GdkDisplay *display = gtk_widget_get_display (GTK_WIDGET (self));
  GdkMonitor *monitor = gdk_display_get_primary_monitor (display);
  GdkRectangle room;
  int width;

  if (monitor == NULL && (monitor = gdk_display_get_monitor (display, 0)) == NULL)
    return;
  gdk_monitor_get_workarea (monitor, &room);
  gtk_widget_get_preferred_width (GTK_WIDGET (self), &width, NULL);
  if (width <= room.width)
    return;
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->columns), GTK_ORIENTATION_VERTICAL);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->between), GTK_ORIENTATION_HORIZONTAL);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (self->side), room.height / 4);
}

GtkWidget *
sg_editor_window_new (GtkApplication *application, GtkWindow *parent, SgEditKind kind,
                      const char *path, SgLook *look)
{
  SgEditorWindow *self = g_object_new (SG_TYPE_EDITOR_WINDOW, "application", application, NULL);
  const char *left_out;

  self->kind = kind;
  self->path = g_strdup (path);
  self->profile = sg_editor_profile_new (look);
  if (parent != NULL)
    gtk_window_set_transient_for (GTK_WINDOW (self), parent);
  set_title (self);
  fill (self);
  g_signal_connect (self->profile, "changed", G_CALLBACK (show_summary), self);
  show_summary (self->profile, self);
  left_out = sg_editor_profile_left_out (self->profile);
  if (left_out != NULL)
    {
      g_autofree char *words = g_strdup_printf (
          _ ("Something in this file is not understood, and is left out when you save:\n%s"),
          left_out);
      show_info (self, GTK_MESSAGE_WARNING, words);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->reset), kind == SG_EDIT_USUAL);
  fit_screen (self);
  return GTK_WIDGET (self);
}

const char *
sg_editor_window_path (SgEditorWindow *self)
{
  return self->path;
}
