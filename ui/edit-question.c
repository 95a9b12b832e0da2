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

/* The dialog stays. */
static int
answer_of (GtkWidget *dialog)
{
  guint source = g_unix_signal_add (SIGTERM, terminate, dialog);
  int response;

  gtk_window_present (GTK_WINDOW (dialog));
  response = gtk_dialog_run (GTK_DIALOG (dialog));
  if (response != GTK_RESPONSE_NONE)
    g_source_remove (source);
  return response;
}

static int
run (GtkWidget *dialog)
{
  int response = answer_of (dialog);

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

/* --- which program ------------------------------------------------------------------------------
 */

/* Of a sentence that another program made; free with g_free(). */
static char *
shown_words (const char *words)
{
  g_autofree char *valid = g_utf8_make_valid (words, -1);
  g_autofree char *cut = g_utf8_substring (valid, 0, MIN (g_utf8_strlen (valid, -1), WORDS_CHARS));

  return sg_printable (cut);
}

static gboolean
wake_open (gpointer dialog)
{
  gtk_widget_set_sensitive (g_object_get_data (dialog, "programs"), TRUE);
  gtk_dialog_set_response_sensitive (dialog, GTK_RESPONSE_CANCEL, TRUE);
  gtk_dialog_set_response_sensitive (dialog, GTK_RESPONSE_ACCEPT, TRUE);
  gtk_dialog_set_default_response (dialog, GTK_RESPONSE_ACCEPT);
  gtk_widget_grab_focus (gtk_dialog_get_widget_for_response (dialog, GTK_RESPONSE_ACCEPT));
  return G_SOURCE_REMOVE;
}

static GtkComboBox *
add_programs (GtkWidget *dialog, const char *const *programs)
{
  GtkWidget *list = gtk_combo_box_text_new ();
  GtkWidget *area = gtk_message_dialog_get_message_area (GTK_MESSAGE_DIALOG (dialog));

  for (guint i = 0; programs != NULL && programs[i] != NULL && i < SG_ANSWER_PROGRAMS_MOST; i++)
    {
      g_autofree char *name = sg_words_file (programs[i]);

      gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (list), name);
    }
  gtk_combo_box_set_active (GTK_COMBO_BOX (list), 0);
  atk_object_set_name (gtk_widget_get_accessible (list), _ ("Program"));
  gtk_container_add (GTK_CONTAINER (area), list);
  gtk_widget_show (list);
  return GTK_COMBO_BOX (list);
}

int
sg_program_question_run (const char *name, const char *why, const char *const *programs,
                         const char *appearance)
{
  g_autofree char *shown = sg_words_file (name), *words = shown_words (why);
  g_autofree char *title = g_strdup_printf (_ ("Which program opens %s?"), shown);
  GtkWidget *dialog;
  GtkComboBox *list;
  int response, chosen;
  guint source;

  if (!start_gtk (appearance))
    return SG_EXIT_OURS;
  dialog = make_dialog (GTK_MESSAGE_QUESTION, title, words);
  gtk_dialog_add_button (GTK_DIALOG (dialog), _ ("_Cancel"), GTK_RESPONSE_CANCEL);
  gtk_style_context_add_class (
      gtk_widget_get_style_context (
          gtk_dialog_add_button (GTK_DIALOG (dialog), _ ("_Open"), GTK_RESPONSE_ACCEPT)),
      "suggested-action");
  gtk_dialog_set_response_sensitive (GTK_DIALOG (dialog), GTK_RESPONSE_CANCEL, FALSE);
  gtk_dialog_set_response_sensitive (GTK_DIALOG (dialog), GTK_RESPONSE_ACCEPT, FALSE);
  list = add_programs (dialog, programs);
  gtk_widget_set_sensitive (GTK_WIDGET (list), FALSE);
  g_object_set_data (G_OBJECT (dialog), "programs", list);
  source = g_timeout_add_full (G_PRIORITY_DEFAULT, SLEEP_MSEC, wake_open, g_object_ref (dialog),
                               g_object_unref);
  response = answer_of (dialog);
  chosen = gtk_combo_box_get_active (list);
  gtk_widget_destroy (dialog);
  if (g_main_context_find_source_by_id (NULL, source) != NULL)
    g_source_remove (source);
  return response == GTK_RESPONSE_ACCEPT && chosen >= 0 ? SG_ANSWER_PROGRAM + chosen
                                                        : SG_ANSWER_NO_PROGRAM;
}

int
sg_edit_tell_run (const char *words, const char *appearance)
{
  g_autofree char *shown = shown_words (words);
  GtkWidget *dialog;

  if (!start_gtk (appearance))
    return SG_EXIT_OURS;
  dialog = make_dialog (GTK_MESSAGE_INFO, _ ("About the file in the sandbox"), shown);
  gtk_dialog_add_button (GTK_DIALOG (dialog), _ ("_Close"), GTK_RESPONSE_CLOSE);
  run (dialog);
  return SG_EXIT_OK;
}
