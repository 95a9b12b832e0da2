/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/check-window.h"

#include "ui/command.h"
#include "ui/facts.h"
#include "ui/fix.h"
#include "ui/problem.h"

#include <glib/gi18n.h>

struct _SgCheckWindow
{
  GtkWindow parent;
  GtkStack *stack;
  GtkSpinner *spinner;
  GtkLabel *summary;
  GtkImage *summary_icon;
  GtkListBox *list;
  GtkButton *again, *copy;
  char *report; /* owned: what *Copy Details* copies */
};

G_DEFINE_TYPE (SgCheckWindow, sg_check_window, GTK_TYPE_WINDOW)

/* --- one row --- */

static GtkWidget *
make_label (const char *text, const char *class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_line_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  if (class != NULL)
    gtk_style_context_add_class (gtk_widget_get_style_context (label), class);
  return label;
}

static GtkWidget *
make_icon (const SgCheck *check)
{
  const char *name = check->met        ? "emblem-ok-symbolic"
                     : check->required ? "dialog-error-symbolic"
                     : check->advice   ? "dialog-information-symbolic"
                                       : "dialog-warning-symbolic";
  const char *words = check->met        ? _ ("Yes")
                      : check->required ? _ ("Missing")
                      : check->advice   ? _ ("Advice")
                                        : _ ("Recommended");
  GtkWidget *icon = gtk_image_new_from_icon_name (name, GTK_ICON_SIZE_BUTTON);

  gtk_widget_set_valign (icon, GTK_ALIGN_START);
  gtk_widget_set_tooltip_text (icon, words);
  atk_object_set_name (gtk_widget_get_accessible (icon), words);
  gtk_style_context_add_class (gtk_widget_get_style_context (icon), check->met        ? "met"
                                                                    : check->required ? "missing"
                                                                                      : "lacking");
  return icon;
}

static void
copy_text (GtkWidget *widget, const char *text)
{
  GtkClipboard *clipboard = gtk_widget_get_clipboard (widget, GDK_SELECTION_CLIPBOARD);

  gtk_clipboard_set_text (clipboard, text, -1);
  gtk_clipboard_set_can_store (clipboard, NULL, 0);
}

static void
free_command (gpointer data, GClosure *closure)
{
  g_free (data);
}

static void
on_copy_command (GtkButton *button, gpointer data)
{
  copy_text (GTK_WIDGET (button), data);
  gtk_button_set_label (button, _ ("Copied"));
}

/* --- Fix and Try Again --- */

static void look (SgCheckWindow *self);

static void
fixed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgCheckWindow) self = data;
  g_autoptr (GError) error = NULL;
  GtkWidget *dialog;

  gtk_widget_set_sensitive (GTK_WIDGET (self->list), TRUE);
  if (!gtk_widget_get_visible (GTK_WIDGET (self)))
    return;
  if (sg_fix_run_finish (result, &error))
    {
      look (self);
      return;
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  dialog = gtk_message_dialog_new (GTK_WINDOW (self), GTK_DIALOG_MODAL, GTK_MESSAGE_WARNING,
                                   GTK_BUTTONS_CLOSE, "%s", error->message);
  g_signal_connect (dialog, "response", G_CALLBACK (gtk_widget_destroy), NULL);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
on_fix (GtkButton *button, gpointer data)
{
  SgCheckWindow *self = SG_CHECK_WINDOW (gtk_widget_get_toplevel (GTK_WIDGET (button)));
  g_auto (GStrv) argv = sg_fix_argv (data);

  if (argv == NULL)
    return;
  gtk_widget_set_sensitive (GTK_WIDGET (self->list), FALSE);
  sg_fix_run_async ((const char *const *)argv, fixed, g_object_ref (self));
}

/* NULL: the command is none that a button runs. */
static GtkWidget *
make_fix (const char *command)
{
  g_auto (GStrv) argv = sg_fix_argv (command);
  GtkWidget *button;

  if (argv == NULL)
    return NULL;
  button = gtk_button_new_with_label (_ ("Fix and Try Again"));
  gtk_widget_set_tooltip_text (button, _ ("Runs this command; your password will be asked"));
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_signal_connect_data (button, "clicked", G_CALLBACK (on_fix), g_strdup (command), free_command,
                         0);
  return button;
}

/* The command has a line of its own: broken at a hyphen, nobody can tell what it is. */
static GtkWidget *
make_mend (const char *command)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *text = make_label (command, "command");
  GtkWidget *copy = gtk_button_new_with_label (_ ("Copy Command")), *fix = make_fix (command);

  gtk_label_set_selectable (GTK_LABEL (text), TRUE);
  gtk_widget_set_can_focus (text, FALSE);
  gtk_widget_set_halign (buttons, GTK_ALIGN_START);
  g_signal_connect_data (copy, "clicked", G_CALLBACK (on_copy_command), g_strdup (command),
                         free_command, 0);
  gtk_container_add (GTK_CONTAINER (buttons), copy);
  if (fix != NULL)
    gtk_container_add (GTK_CONTAINER (buttons), fix);
  gtk_container_add (GTK_CONTAINER (box), text);
  gtk_container_add (GTK_CONTAINER (box), buttons);
  return box;
}

static GtkWidget *
make_row (const SgCheck *check)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);

  gtk_container_add (GTK_CONTAINER (words), make_label (check->title, NULL));
  if (*check->found != '\0')
    gtk_container_add (GTK_CONTAINER (words), make_label (check->found, "dim-label"));
  if (!check->met && check->means != NULL)
    gtk_container_add (GTK_CONTAINER (words), make_label (check->means, NULL));
  if (!check->met && check->mend != NULL)
    gtk_container_add (GTK_CONTAINER (words), make_mend (check->mend));
  gtk_widget_set_hexpand (words, TRUE);
  gtk_container_add (GTK_CONTAINER (line), make_icon (check));
  gtk_container_add (GTK_CONTAINER (line), words);
  g_object_set (line, "margin", 12, NULL);
  gtk_container_add (GTK_CONTAINER (row), line);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_list_box_row_set_selectable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_show_all (row);
  return row;
}

/* --- the whole --- */

static void
append_report (GString *report, const SgCheck *check)
{
  g_string_append_printf (report, "%s  %s: %s\n", check->met ? "yes" : "NO ", check->title,
                          check->found);
  if (!check->met && check->means != NULL)
    g_string_append_printf (report, "     %s\n", check->means);
  if (!check->met && check->mend != NULL)
    g_string_append_printf (report, "     %s\n", check->mend);
}

static gboolean
must_mend (const SgCheck *check)
{
  return check->required && !check->met;
}

/* What needs something done comes first; otherwise doctor's order. */
static int
rank (const SgCheck *check)
{
  return must_mend (check) ? 0 : !check->met && !check->advice ? 1 : !check->met ? 2 : 3;
}

static void
show_checks (SgCheckWindow *self, GPtrArray *checks)
{
  g_autoptr (GString) report = g_string_new (NULL);
  gboolean fine = TRUE;

  for (int level = 0; level <= 3; level++)
    for (guint i = 0; i < checks->len; i++)
      {
        const SgCheck *check = g_ptr_array_index (checks, i);

        if (rank (check) != level)
          continue;
        fine &= !must_mend (check);
        gtk_container_add (GTK_CONTAINER (self->list), make_row (check));
        append_report (report, check);
      }
  g_free (self->report);
  self->report = g_strdup (report->str);
  gtk_label_set_text (self->summary, fine ? _ ("Sandboxes can run on this computer.")
                                          : _ ("Sandboxes cannot run on this computer yet."));
  gtk_image_set_from_icon_name (self->summary_icon,
                                fine ? "emblem-ok-symbolic" : "dialog-error-symbolic",
                                GTK_ICON_SIZE_BUTTON);
  gtk_widget_set_sensitive (GTK_WIDGET (self->copy), TRUE);
}

static void
ended (SgCommand *command, JsonNode *answer, SgProblem *problem, gpointer data)
{
  g_autoptr (SgCheckWindow) self = data;
  g_autoptr (GPtrArray) checks = sg_checks_parse (answer);

  gtk_spinner_stop (self->spinner);
  gtk_widget_set_sensitive (GTK_WIDGET (self->again), TRUE);
  if (checks != NULL)
    show_checks (self, checks);
  else
    gtk_label_set_text (self->summary, problem != NULL
                                           ? problem->message
                                           : _ ("This computer could not be looked at."));
  gtk_stack_set_visible_child_name (self->stack, "checks");
}

static void
remove_row (GtkWidget *row, gpointer data)
{
  gtk_widget_destroy (row);
}

static void
look (SgCheckWindow *self)
{
  g_autoptr (SgCommand) command
      = sg_command_start ((const char *const[]){ "doctor", "--json", "--translated", NULL }, FALSE);

  gtk_container_foreach (GTK_CONTAINER (self->list), remove_row, NULL);
  gtk_widget_set_sensitive (GTK_WIDGET (self->again), FALSE);
  gtk_widget_set_sensitive (GTK_WIDGET (self->copy), FALSE);
  gtk_stack_set_visible_child_name (self->stack, "looking");
  gtk_spinner_start (self->spinner);
  g_signal_connect (command, "ended", G_CALLBACK (ended), g_object_ref (self));
}

static void
on_again (GtkButton *button, gpointer data)
{
  look (data);
}

static void
on_copy (GtkButton *button, gpointer data)
{
  SgCheckWindow *self = data;

  copy_text (GTK_WIDGET (self), self->report);
}

static gboolean
on_key_press (GtkWidget *widget, GdkEventKey *event)
{
  if (event->keyval == GDK_KEY_Escape)
    {
      gtk_window_close (GTK_WINDOW (widget));
      return GDK_EVENT_STOP;
    }
  return GTK_WIDGET_CLASS (sg_check_window_parent_class)->key_press_event (widget, event);
}

static void
sg_check_window_finalize (GObject *object)
{
  g_free (SG_CHECK_WINDOW (object)->report);
  G_OBJECT_CLASS (sg_check_window_parent_class)->finalize (object);
}

static void
sg_check_window_class_init (SgCheckWindowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = sg_check_window_finalize;
  widget_class->key_press_event = on_key_press;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/sandglass/app/check-window.ui");
  gtk_widget_class_bind_template_child (widget_class, SgCheckWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, SgCheckWindow, spinner);
  gtk_widget_class_bind_template_child (widget_class, SgCheckWindow, summary);
  gtk_widget_class_bind_template_child (widget_class, SgCheckWindow, summary_icon);
  gtk_widget_class_bind_template_child (widget_class, SgCheckWindow, list);
  gtk_widget_class_bind_template_child (widget_class, SgCheckWindow, again);
  gtk_widget_class_bind_template_child (widget_class, SgCheckWindow, copy);
  gtk_widget_class_bind_template_callback (widget_class, on_again);
  gtk_widget_class_bind_template_callback (widget_class, on_copy);
}

/* A line between two rows. */
static void
separate (GtkListBoxRow *row, GtkListBoxRow *before, gpointer data)
{
  if (before != NULL && gtk_list_box_row_get_header (row) == NULL)
    {
      GtkWidget *line = gtk_separator_new (GTK_ORIENTATION_HORIZONTAL);
      gtk_widget_show (line);
      gtk_list_box_row_set_header (row, line);
    }
}

static void
sg_check_window_init (SgCheckWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_list_box_set_header_func (self->list, separate, NULL, NULL);
  look (self);
}

GtkWidget *
sg_check_window_new (GtkWindow *parent)
{
  return g_object_new (SG_TYPE_CHECK_WINDOW, "transient-for", parent, NULL);
}
