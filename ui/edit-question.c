/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Escape, and closing the window, keep both: nothing is lost by it. */
#include "ui/edit-question.h"

#include "common/answers.h"
#include "common/report.h"
#include "ui/resources.h"
#include "ui/words.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <gtk/gtk.h>
#include <signal.h>

#define SLEEP_MSEC 700 /* a key that was meant for the sandbox decides nothing */
#define WORDS_CHARS 600

static gboolean
start_gtk (const char *appearance)
{
  if (!gtk_init_check (NULL, NULL))
    {
      sg_report_text ("there is no display to ask on");
      return FALSE;
    }
  g_set_prgname ("org.sandglass.Sandglass");
  gdk_set_program_class ("org.sandglass.Sandglass");
  sg_resources_use (appearance);
  return TRUE;
}

static gboolean
terminate (gpointer dialog)
{
  gtk_dialog_response (GTK_DIALOG (dialog), GTK_RESPONSE_NONE);
  return G_SOURCE_REMOVE;
}

static GtkWidget *
make_dialog (GtkMessageType type, const char *title, const char *text)
{
  GtkWidget *dialog
      = gtk_message_dialog_new (NULL, 0, type, GTK_BUTTONS_NONE, "%s", title);

  gtk_message_dialog_format_secondary_text (GTK_MESSAGE_DIALOG (dialog), "%s", text);
  gtk_window_set_title (GTK_WINDOW (dialog), _ ("Sandglass"));
  gtk_window_set_icon_name (GTK_WINDOW (dialog), "org.sandglass.Sandglass");
  gtk_window_set_position (GTK_WINDOW (dialog), GTK_WIN_POS_CENTER);
  gtk_window_set_skip_taskbar_hint (GTK_WINDOW (dialog), FALSE);
  return dialog;
}

static int
run (GtkWidget *dialog)
{
  guint source = g_unix_signal_add (SIGTERM, terminate, dialog);
  int response;

  gtk_window_present (GTK_WINDOW (dialog));
  response = gtk_dialog_run (GTK_DIALOG (dialog));
  if (response != GTK_RESPONSE_NONE)
    g_source_remove (source);
  gtk_widget_destroy (dialog);
  return response;
}

static gboolean
wake (gpointer data)
{
  GtkDialog *dialog = data;

  gtk_dialog_set_response_sensitive (dialog, SG_ANSWER_REPLACE, TRUE);
  gtk_dialog_set_response_sensitive (dialog, SG_ANSWER_DISCARD, TRUE);
  gtk_dialog_set_default_response (dialog, SG_ANSWER_REPLACE);
  gtk_widget_grab_focus (gtk_dialog_get_widget_for_response (dialog, SG_ANSWER_REPLACE));
  return G_SOURCE_REMOVE;
}

int
sg_edit_question_run (const char *name, gint64 before, gint64 after, const char *appearance)
{
  g_autofree char *shown = sg_words_file (name);
  g_autofree char *was = g_format_size ((guint64)MAX (before, 0));
  g_autofree char *is = g_format_size ((guint64)MAX (after, 0));
  g_autofree char *title = g_strdup_printf (_ ("%s was changed."), shown);
  g_autofree char *text
      = g_strdup_printf (_ ("It was edited in the sandbox (%s, now %s). If the original is replaced, "
                            "the old one goes to the Trash. A copy is saved beside it."),
                         was, is);
  GtkWidget *dialog, *replace, *discard;
  guint source;
  int response;

  if (!start_gtk (appearance))
    return SG_EXIT_OURS;
  dialog = make_dialog (GTK_MESSAGE_QUESTION, title, text);
  discard = gtk_dialog_add_button (GTK_DIALOG (dialog), _ ("_Discard Changes"), SG_ANSWER_DISCARD);
  gtk_dialog_add_button (GTK_DIALOG (dialog), _ ("_Save as Copy"), SG_ANSWER_KEEP_BOTH);
  replace
      = gtk_dialog_add_button (GTK_DIALOG (dialog), _ ("_Replace Original"), SG_ANSWER_REPLACE);
  gtk_style_context_add_class (gtk_widget_get_style_context (discard), "destructive-action");
  gtk_style_context_add_class (gtk_widget_get_style_context (replace), "suggested-action");
  gtk_dialog_set_response_sensitive (GTK_DIALOG (dialog), SG_ANSWER_REPLACE, FALSE);
  gtk_dialog_set_response_sensitive (GTK_DIALOG (dialog), SG_ANSWER_DISCARD, FALSE);
  gtk_window_set_focus (GTK_WINDOW (dialog), NULL);
  source = g_timeout_add_full (G_PRIORITY_DEFAULT, SLEEP_MSEC, wake, g_object_ref (dialog),
                               g_object_unref);
  response = run (dialog);
  if (g_main_context_find_source_by_id (NULL, source) != NULL)
    g_source_remove (source);
  return response == SG_ANSWER_REPLACE || response == SG_ANSWER_DISCARD ? response
                                                                        : SG_ANSWER_KEEP_BOTH;
}

int
sg_edit_tell_run (const char *words, const char *appearance)
{
  g_autofree char *valid = g_utf8_make_valid (words, -1);
  g_autofree char *cut = g_utf8_substring (valid, 0, MIN (g_utf8_strlen (valid, -1), WORDS_CHARS));
  g_autofree char *shown = sg_printable (cut);
  GtkWidget *dialog;

  if (!start_gtk (appearance))
    return SG_EXIT_OURS;
  dialog = make_dialog (GTK_MESSAGE_INFO, _ ("About the file in the sandbox"), shown);
  gtk_dialog_add_button (GTK_DIALOG (dialog), _ ("_Close"), GTK_RESPONSE_CLOSE);
  run (dialog);
  return SG_EXIT_OK;
}
