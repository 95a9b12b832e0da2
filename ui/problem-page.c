/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/problem-page.h"

#include <glib/gi18n.h>

struct _SgProblemPage
{
  GtkBox parent;
  GtkLabel *title, *message, *next;
  GtkBox *buttons;
  GtkButton *copy;
  SgProblem *problem; /* owned; what is shown */
};

G_DEFINE_TYPE (SgProblemPage, sg_problem_page, GTK_TYPE_BOX)

static void
on_copy (GtkButton *button, gpointer data)
{
  SgProblemPage *self = data;
  g_autofree char *report = sg_problem_report (self->problem);
  GtkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (self), GDK_SELECTION_CLIPBOARD);

  gtk_clipboard_set_text (clipboard, report, -1);
  gtk_clipboard_set_can_store (clipboard, NULL, 0); /* it outlives this window */
  gtk_button_set_label (self->copy, _ ("Copied"));
}

void
sg_problem_page_show (SgProblemPage *page, const SgProblem *problem)
{
  sg_problem_free (page->problem);
  page->problem = sg_problem_copy (problem);
  gtk_label_set_text (page->title, problem->title);
  gtk_label_set_text (page->message, problem->message);
  gtk_label_set_text (page->next, problem->next != NULL ? problem->next : "");
  gtk_widget_set_visible (GTK_WIDGET (page->next), problem->next != NULL);
  gtk_button_set_label (page->copy, _ ("Copy _Details"));
}

char *
sg_problem_page_report (SgProblemPage *page)
{
  return page->problem != NULL ? sg_problem_report (page->problem) : NULL;
}

void
sg_problem_page_focus (SgProblemPage *page)
{
  gtk_widget_grab_focus (GTK_WIDGET (page->copy));
}

void
sg_problem_page_add_button (SgProblemPage *page, GtkWidget *button)
{
  gtk_container_add (GTK_CONTAINER (page->buttons), button);
  gtk_widget_show (button);
}

static void
sg_problem_page_finalize (GObject *object)
{
  sg_problem_free (SG_PROBLEM_PAGE (object)->problem);
  G_OBJECT_CLASS (sg_problem_page_parent_class)->finalize (object);
}

static void
sg_problem_page_class_init (SgProblemPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = sg_problem_page_finalize;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/sandglass/common/problem-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SgProblemPage, title);
  gtk_widget_class_bind_template_child (widget_class, SgProblemPage, message);
  gtk_widget_class_bind_template_child (widget_class, SgProblemPage, next);
  gtk_widget_class_bind_template_child (widget_class, SgProblemPage, buttons);
  gtk_widget_class_bind_template_child (widget_class, SgProblemPage, copy);
  gtk_widget_class_bind_template_callback (widget_class, on_copy);
}

static void
sg_problem_page_init (SgProblemPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
