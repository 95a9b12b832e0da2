/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "message.h"

#include <glib/gi18n.h>

typedef struct
{
  void (*yes) (gpointer data);
  gpointer data;
} Answer;

static GtkWidget *asked; /* the question that is open, if any */

static void
on_response (GtkDialog *dialog, int response, Answer *answer)
{
  void (*yes) (gpointer data) = answer->yes;
  gpointer data = answer->data;

  gtk_widget_destroy (GTK_WIDGET (dialog));
  if (response == GTK_RESPONSE_OK && yes)
    yes (data);
}

static GtkWidget *
new_dialog (const char *headline, const char *text, Answer *answer)
{
  GtkWidget *dialog = gtk_dialog_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *head = gtk_label_new (headline), *body = gtk_label_new (text);
  GtkWidget *content = gtk_dialog_get_content_area (GTK_DIALOG (dialog));

  gtk_style_context_add_class (gtk_widget_get_style_context (head), "headline");
  gtk_style_context_add_class (gtk_widget_get_style_context (box), "message");
  for (int i = 0; i < 2; i++)
    {
      GtkLabel *label = GTK_LABEL (i ? body : head);
      gtk_label_set_line_wrap (label, TRUE);
      gtk_label_set_line_wrap_mode (label, PANGO_WRAP_WORD_CHAR);
      gtk_label_set_max_width_chars (label, 48);
      gtk_label_set_xalign (label, 0);
      gtk_container_add (GTK_CONTAINER (box), GTK_WIDGET (label));
    }
  gtk_container_add (GTK_CONTAINER (content), box);
  gtk_window_set_title (GTK_WINDOW (dialog), _ ("Sandbox"));
  gtk_window_set_keep_above (GTK_WINDOW (dialog), TRUE);
  gtk_window_set_resizable (GTK_WINDOW (dialog), FALSE);
  gtk_window_set_position (GTK_WINDOW (dialog), GTK_WIN_POS_CENTER);
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_response), answer,
                         (GClosureNotify)(void *)g_free, 0);
  return dialog;
}

void
sg_message (const char *headline, const char *text)
{
  GtkWidget *dialog = new_dialog (headline, text, g_new0 (Answer, 1));

  gtk_dialog_add_button (GTK_DIALOG (dialog), _ ("Close"), GTK_RESPONSE_CLOSE);
  gtk_widget_show_all (dialog);
}

void
sg_ask (const char *headline, const char *text, const char *no, const char *action,
        void (*yes) (gpointer data), gpointer data)
{
  Answer *answer;
  GtkWidget *button;

  if (asked)
    {
      gtk_window_present (GTK_WINDOW (asked));
      return;
    }
  answer = g_new0 (Answer, 1);
  answer->yes = yes;
  answer->data = data;
  asked = new_dialog (headline, text, answer);
  g_signal_connect (asked, "destroy", G_CALLBACK (gtk_widget_destroyed), &asked);
  gtk_dialog_add_button (GTK_DIALOG (asked), no, GTK_RESPONSE_CANCEL);
  button = gtk_dialog_add_button (GTK_DIALOG (asked), action, GTK_RESPONSE_OK);
  gtk_style_context_add_class (gtk_widget_get_style_context (button), "destructive-action");
  gtk_dialog_set_default_response (GTK_DIALOG (asked), GTK_RESPONSE_CANCEL);
  gtk_widget_show_all (asked);
}
