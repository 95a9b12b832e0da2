/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/report-window.h"

#include "common/paths.h"
#include "ui/sandbox.h"

#include <glib/gi18n.h>
#include <string.h>

#define TEXT_MAX (256 * 1024)

typedef struct
{
  GtkWidget *window; /* not owned: it owns this */
  GtkTextBuffer *text;
  GtkWidget *copy, *save;
  GtkWidget *wrong;       /* why it could not be saved; not shown otherwise */
  GtkComboBoxText *about; /* each one's id is the sandbox's; "": the computer alone */
  char *details;             /* owned: what is told first; NULL: nothing */
  GCancellable *cancellable; /* owned; when the window goes, or another one is wanted */
} Report;

static void
report_free (gpointer data)
{
  Report *report = data;

  g_cancellable_cancel (report->cancellable);
  g_object_unref (report->cancellable);
  g_free (report->details);
  g_free (report);
}

static char *
whole_text (Report *report)
{
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (report->text, &start, &end);
  return gtk_text_buffer_get_text (report->text, &start, &end, FALSE);
}

static void
append (Report *report, const char *text)
{
  g_autofree char *cut = g_strndup (text, TEXT_MAX), *valid = g_utf8_make_valid (cut, -1);
  GtkTextIter end;

  gtk_text_buffer_get_end_iter (report->text, &end);
  gtk_text_buffer_insert (report->text, &end, valid, -1);
}

static void
on_copy (GtkButton *button, gpointer data)
{
  Report *report = data;
  g_autofree char *text = whole_text (report);
  GtkClipboard *clipboard = gtk_widget_get_clipboard (report->window, GDK_SELECTION_CLIPBOARD);

  gtk_clipboard_set_text (clipboard, text, -1);
  gtk_clipboard_set_can_store (clipboard, NULL, 0);
  gtk_button_set_label (button, _ ("Copied"));
}

/* The window may have gone: its label is held, and with it the button. */
static void
written (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkWidget) wrong = data;
  GtkButton *button = g_object_get_data (G_OBJECT (wrong), "button");
  g_autoptr (GError) error = NULL;
  gboolean saved = g_file_replace_contents_finish (G_FILE (source), result, NULL, &error);

  if (gtk_widget_in_destruction (wrong) || button == NULL)
    return;
  if (saved)
    gtk_button_set_label (button, _ ("Saved"));
  gtk_label_set_text (GTK_LABEL (wrong), saved ? "" : error->message);
  gtk_widget_set_visible (wrong, !saved);
}

static void
on_save (GtkButton *button, gpointer data)
{
  Report *report = data;
  g_autoptr (GtkFileChooserNative) chooser
      = gtk_file_chooser_native_new (_ ("Save the report"), GTK_WINDOW (report->window),
                                     GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"), _ ("_Cancel"));

  gtk_file_chooser_set_do_overwrite_confirmation (GTK_FILE_CHOOSER (chooser), TRUE);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), "sandglass-report.txt");
  if (gtk_native_dialog_run (GTK_NATIVE_DIALOG (chooser)) == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
      g_autofree char *text = whole_text (report);
      g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

      g_file_replace_contents_bytes_async (file, bytes, NULL, FALSE, G_FILE_CREATE_PRIVATE, NULL,
                                           written, g_object_ref (report->wrong));
    }
}

static void
made (GObject *source, GAsyncResult *result, gpointer data)
{
  Report *report = data;
  g_autofree char *text = NULL, *said = NULL;
  g_autoptr (GError) error = NULL;

  if (!g_subprocess_communicate_utf8_finish (G_SUBPROCESS (source), result, &text, &said, &error)
      && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the window has gone, and the report with it */
  append (report, text != NULL && *text != '\0' ? text
                  : said != NULL                ? said
                                 : _ ("A part of Sandglass ended without an answer."));
  gtk_widget_set_sensitive (report->copy, TRUE);
  gtk_widget_set_sensitive (report->save, TRUE);
  gtk_window_set_title (GTK_WINDOW (report->window), _ ("Report a Problem"));
}

static void
start (Report *report)
{
  g_autofree char *program = sg_paths_program ("sandglass", NULL);
  const char *id = gtk_combo_box_get_active_id (GTK_COMBO_BOX (report->about));
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process = NULL;

  gtk_window_set_title (GTK_WINDOW (report->window), _ ("Looking at this computer"));
  gtk_widget_set_sensitive (report->copy, FALSE);
  gtk_widget_set_sensitive (report->save, FALSE);
  gtk_button_set_label (GTK_BUTTON (report->copy), _ ("_Copy"));
  gtk_button_set_label (GTK_BUTTON (report->save), _ ("_Save…"));
  gtk_widget_hide (report->wrong);
  gtk_text_buffer_set_text (report->text, "", 0);
  if (report->details != NULL)
    {
      append (report, report->details);
      append (report, "\n");
    }
  if (program == NULL)
    program = g_build_filename (SG_BINDIR, "sandglass", NULL);
  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE,
                              &error, program, "report",
                              id != NULL && *id != '\0' ? id : NULL, NULL);
  if (process == NULL)
    append (report, error->message);
  else
    g_subprocess_communicate_utf8_async (process, NULL, report->cancellable, made, report);
}

/* Another report: what was written into this one goes. */
static void
on_about (GtkComboBox *box, gpointer data)
{
  Report *report = data;

  g_cancellable_cancel (report->cancellable);
  g_object_unref (report->cancellable);
  report->cancellable = g_cancellable_new ();
  start (report);
}

/* Names may be the same; ids are not. */
static GtkWidget *
make_about (Report *report, GListModel *sandboxes)
{
  GtkWidget *box = gtk_combo_box_text_new ();
  guint n = g_list_model_get_n_items (sandboxes);

  report->about = GTK_COMBO_BOX_TEXT (box);
  gtk_combo_box_text_append (report->about, "", _ ("This computer"));
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (SgSandbox) sandbox = g_list_model_get_item (sandboxes, i);
      g_autofree char *words = g_strdup_printf (_ ("Sandbox %s (%s)"), sg_sandbox_name (sandbox),
                                                sg_sandbox_id (sandbox));

      if (*sg_sandbox_id (sandbox) != '\0')
        gtk_combo_box_text_append (report->about, sg_sandbox_id (sandbox), words);
    }
  gtk_combo_box_set_active (GTK_COMBO_BOX (box), 0);
  gtk_widget_set_no_show_all (box, n == 0);
  gtk_widget_set_tooltip_text (box, _ ("What the report is about"));
  atk_object_set_name (gtk_widget_get_accessible (box), _ ("What the report is about"));
  g_signal_connect (box, "changed", G_CALLBACK (on_about), report);
  return box;
}

static gboolean
on_key (GtkWidget *window, GdkEventKey *event, gpointer data)
{
  if (event->keyval != GDK_KEY_Escape)
    return GDK_EVENT_PROPAGATE;
  gtk_window_close (GTK_WINDOW (window));
  return GDK_EVENT_STOP;
}

static GtkWidget *
make_button (const char *label, GCallback clicked, Report *report)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  gtk_widget_set_sensitive (button, FALSE);
  g_signal_connect (button, "clicked", clicked, report);
  return button;
}

static GtkWidget *
make_page (Report *report)
{
  GtkWidget *page = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *label = gtk_label_new (
      _ ("Read what would be told, and take out what nobody should know: it can be changed here. "
         "Names of files, of you and of this computer are left out already. Nothing is sent; copy "
         "or save it, and put it into a ticket."));
  GtkWidget *scroll = gtk_scrolled_window_new (NULL, NULL), *view = gtk_text_view_new ();

  gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_text_view_set_monospace (GTK_TEXT_VIEW (view), TRUE);
  g_object_set (view, "left-margin", 9, "top-margin", 9, NULL);
  atk_object_set_name (gtk_widget_get_accessible (view), _ ("The report"));
  gtk_scrolled_window_set_shadow_type (GTK_SCROLLED_WINDOW (scroll), GTK_SHADOW_IN);
  gtk_container_add (GTK_CONTAINER (scroll), view);
  report->wrong = gtk_label_new (NULL);
  gtk_label_set_line_wrap (GTK_LABEL (report->wrong), TRUE);
  gtk_label_set_xalign (GTK_LABEL (report->wrong), 0);
  gtk_widget_set_no_show_all (report->wrong, TRUE);
  gtk_style_context_add_class (gtk_widget_get_style_context (report->wrong), "missing");
  g_object_set_data_full (G_OBJECT (report->wrong), "button", g_object_ref (report->save),
                          g_object_unref);
  gtk_box_pack_start (GTK_BOX (page), label, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (page), report->wrong, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (page), scroll, TRUE, TRUE, 0);
  g_object_set (page, "margin", 18, NULL);
  report->text = gtk_text_view_get_buffer (GTK_TEXT_VIEW (view));
  return page;
}

GtkWidget *
sg_report_window_new (GtkWindow *parent, const char *details, GListModel *sandboxes)
{
  Report *report = g_new0 (Report, 1);
  GtkWidget *window = gtk_window_new (GTK_WINDOW_TOPLEVEL), *bar = gtk_header_bar_new ();

  report->window = window;
  report->cancellable = g_cancellable_new ();
  report->copy = make_button (_ ("_Copy"), G_CALLBACK (on_copy), report);
  report->save = make_button (_ ("_Save…"), G_CALLBACK (on_save), report);
  gtk_header_bar_set_show_close_button (GTK_HEADER_BAR (bar), TRUE);
  gtk_header_bar_pack_start (GTK_HEADER_BAR (bar), report->copy);
  gtk_header_bar_pack_start (GTK_HEADER_BAR (bar), report->save);
  gtk_header_bar_pack_end (GTK_HEADER_BAR (bar), make_about (report, sandboxes));
  gtk_window_set_titlebar (GTK_WINDOW (window), bar);
  gtk_window_set_default_size (GTK_WINDOW (window), 680, 560);
  if (parent != NULL)
    gtk_window_set_transient_for (GTK_WINDOW (window), parent);
  gtk_window_set_position (GTK_WINDOW (window), GTK_WIN_POS_CENTER_ON_PARENT);
  gtk_window_set_destroy_with_parent (GTK_WINDOW (window), TRUE);
  gtk_container_add (GTK_CONTAINER (window), make_page (report));
  g_signal_connect (window, "key-press-event", G_CALLBACK (on_key), NULL);
  g_object_set_data_full (G_OBJECT (window), "report", report, report_free);
  report->details = g_strdup (details);
  gtk_widget_show_all (bar);
  gtk_widget_show_all (gtk_bin_get_child (GTK_BIN (window)));
  start (report);
  return window;
}
