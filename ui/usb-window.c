/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is changed is changed by `sandglass usb`, one device at a time, and what is shown is what
 * that says; it is asked again while the window is open, as devices come and go. */
#include "ui/usb-window.h"

#include "common/paths.h"
#include "common/report.h"
#include "ui/ask.h"
#include "ui/command.h"
#include "ui/link.h"
#include "ui/problem.h"
#include "ui/resources.h"
#include "ui/stand-on.h"
#include "ui/usb-facts.h"

#include <glib/gi18n.h>
#include <gtk/gtk.h>
#include <string.h>

#define LOOK_MSEC 2000

typedef struct
{
  const char *id;
  GMainLoop *loop;
  SgLink *link;
  GtkWidget *window, *list, *wrong, *empty, *spinner;
  SgCommand *looking; /* owned; NULL: none runs */
  char *shown;        /* owned: what the list was made from */
  char *at;           /* owned: the device whose switch has the keyboard; NULL: none has */
  gboolean busy;      /* a device is given or taken */
} Usb;

static void look (Usb *self);

/* --- changing --- */

static void
ended (GObject *source, GAsyncResult *result, gpointer data)
{
  Usb *self = data;
  g_autofree char *said = NULL;

  self->busy = FALSE;
  gtk_widget_set_sensitive (self->list, TRUE);
  gtk_spinner_stop (GTK_SPINNER (self->spinner));
  g_subprocess_communicate_utf8_finish (G_SUBPROCESS (source), result, NULL, &said, NULL);
  if (said != NULL && *said != '\0')
    {
      const char *words
          = g_str_has_prefix (said, "sandglass: ") ? said + strlen ("sandglass: ") : said;

      gtk_label_set_text (GTK_LABEL (self->wrong), g_strchomp ((char *)words));
      gtk_widget_show (self->wrong);
    }
  g_clear_pointer (&self->shown, g_free); /* a switch may stand wrong */
  look (self);
}

static void
change (Usb *self, const char *verb, const char *at)
{
  g_autofree char *program = sg_paths_program ("sandglass", NULL);
  const char *argv[] = { program, "usb", self->id, verb, at, NULL };
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;

  gtk_widget_hide (self->wrong);
  if (program == NULL || self->busy)
    return;
  process = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_STDOUT_SILENCE
                                         | G_SUBPROCESS_FLAGS_STDERR_PIPE, &error);
  if (process == NULL)
    {
      gtk_label_set_text (GTK_LABEL (self->wrong), error->message);
      gtk_widget_show (self->wrong);
      return;
    }
  self->busy = TRUE;
  g_free (self->at);
  self->at = g_strdup (at);
  gtk_widget_set_sensitive (self->list, FALSE);
  gtk_spinner_start (GTK_SPINNER (self->spinner));
  g_subprocess_communicate_utf8_async (process, NULL, NULL, ended, self);
}

static gboolean
on_switched (GtkSwitch *widget, gboolean on, gpointer data)
{
  change (data, on ? "give" : "take", g_object_get_data (G_OBJECT (widget), "at"));
  return GDK_EVENT_STOP; /* shown as it is once the session says so */
}

/* --- the list --- */

static GtkWidget *
dim_label (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_width_chars (GTK_LABEL (label), 48);
  gtk_style_context_add_class (gtk_widget_get_style_context (label), "dim-label");
  return label;
}

static char *
second_line (const SgUsbRow *row)
{
  const char *kind = row->kind != NULL ? row->kind : _ ("Unknown");

  if (row->given)
    return g_strdup_printf (_ ("%s, in the sandbox"), kind);
  if (row->why_not != NULL)
    return g_strdup_printf ("%s. %s", kind, row->why_not);
  return g_strdup (kind);
}

/* Rows are made anew; the keyboard stays where it was. */
static void
remember_focus (Usb *self)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self->window));
  const char *at = focus != NULL ? g_object_get_data (G_OBJECT (focus), "at") : NULL;

  if (at == NULL)
    return;
  g_free (self->at);
  self->at = g_strdup (at);
}

static void
add_row (Usb *self, const SgUsbRow *row)
{
  GtkWidget *line = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2), *may = gtk_switch_new ();
  GtkWidget *icon = gtk_image_new_from_icon_name (
      row->camera ? "camera-web-symbolic" : "media-removable-symbolic", GTK_ICON_SIZE_BUTTON);
  GtkWidget *name = gtk_label_new (row->name);
  g_autofree char *second = second_line (row);
  g_autofree char *spoken = g_strdup_printf (_ ("Give %s to the sandbox"), row->name);

  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_END);
  gtk_switch_set_active (GTK_SWITCH (may), row->given);
  gtk_widget_set_sensitive (may, row->given || row->why_not == NULL);
  gtk_widget_set_valign (may, GTK_ALIGN_CENTER);
  g_object_set_data_full (G_OBJECT (may), "at", g_strdup (row->at), g_free);
  g_signal_connect (may, "state-set", G_CALLBACK (on_switched), self);
  atk_object_set_name (gtk_widget_get_accessible (may), spoken);
  atk_object_set_description (gtk_widget_get_accessible (may), second);
  atk_object_set_name (gtk_widget_get_accessible (line), row->name);
  gtk_container_add (GTK_CONTAINER (words), name);
  gtk_container_add (GTK_CONTAINER (words), dim_label (second));
  gtk_container_add (GTK_CONTAINER (box), icon);
  gtk_box_pack_start (GTK_BOX (box), words, TRUE, TRUE, 0);
  gtk_container_add (GTK_CONTAINER (box), may);
  g_object_set (box, "margin", 9, NULL);
  gtk_container_add (GTK_CONTAINER (line), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (line), FALSE);
  gtk_widget_show_all (line);
  gtk_container_add (GTK_CONTAINER (self->list), line);
  if (g_strcmp0 (row->at, self->at) == 0)
    gtk_widget_grab_focus (may);
}

static void
show_rows (Usb *self, GPtrArray *rows)
{
  remember_focus (self);
  gtk_container_foreach (GTK_CONTAINER (self->list), (GtkCallback)(void *)gtk_widget_destroy, NULL);
  gtk_widget_set_visible (self->empty, rows->len == 0);
  gtk_widget_set_visible (self->list, rows->len > 0);
  for (guint i = 0; i < rows->len; i++)
    add_row (self, rows->pdata[i]);
}

static void
looked (SgCommand *command, JsonNode *answer, const SgProblem *problem, gpointer data)
{
  Usb *self = data;
  g_autoptr (GPtrArray) rows = sg_usb_rows_parse (answer);
  g_autofree char *text = rows != NULL ? json_to_string (answer, FALSE) : NULL;

  g_clear_object (&self->looking);
  if (text == NULL || self->busy || g_strcmp0 (text, self->shown) == 0)
    return; /* as it is shown: the keyboard stays where it is */
  g_free (self->shown);
  self->shown = g_steal_pointer (&text);
  show_rows (self, rows);
}

static void
look (Usb *self)
{
  const char *arguments[] = { "usb", self->id, "--json", NULL };

  if (self->looking != NULL || self->busy)
    return;
  self->looking = sg_command_start (arguments, FALSE);
  g_signal_connect (self->looking, "ended", G_CALLBACK (looked), self);
}

static gboolean
look_again (gpointer data)
{
  look (data);
  return G_SOURCE_CONTINUE;
}

/* --- the window --- */

static void
make_window (Usb *self, guint32 parent)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *words
      = gtk_label_new (_ ("What is given to the sandbox is taken from this computer until it comes "
                          "back, and programs inside can do with it what they like."));

  self->window = gtk_window_new (GTK_WINDOW_TOPLEVEL);
  self->list = gtk_list_box_new ();
  self->empty = gtk_label_new (_ ("No USB device is plugged in."));
  self->wrong = gtk_label_new (NULL);
  self->spinner = gtk_spinner_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->list), GTK_SELECTION_NONE);
  atk_object_set_name (gtk_widget_get_accessible (self->list), _ ("USB devices of this computer"));
  gtk_label_set_line_wrap (GTK_LABEL (words), TRUE);
  gtk_label_set_width_chars (GTK_LABEL (words), 60);
  gtk_label_set_max_width_chars (GTK_LABEL (words), 60);
  gtk_label_set_line_wrap (GTK_LABEL (self->wrong), TRUE);
  gtk_label_set_xalign (GTK_LABEL (words), 0);
  gtk_label_set_xalign (GTK_LABEL (self->wrong), 0);
  gtk_style_context_add_class (gtk_widget_get_style_context (self->wrong), "missing");
  gtk_style_context_add_class (gtk_widget_get_style_context (self->empty), "dim-label");
  g_object_set (box, "margin", 18, NULL);
  gtk_container_add (GTK_CONTAINER (box), words);
  gtk_container_add (GTK_CONTAINER (box), sg_list_card_new (self->list));
  gtk_container_add (GTK_CONTAINER (box), self->empty);
  gtk_container_add (GTK_CONTAINER (box), self->spinner);
  gtk_container_add (GTK_CONTAINER (box), self->wrong);
  gtk_container_add (GTK_CONTAINER (self->window), box);
  gtk_widget_show_all (box);
  gtk_widget_hide (self->wrong);
  gtk_widget_hide (self->list);
  gtk_widget_hide (self->empty);
  gtk_window_set_title (GTK_WINDOW (self->window), _ ("USB Devices"));
  gtk_window_set_icon_name (GTK_WINDOW (self->window), "org.sandglass.Sandglass");
  gtk_window_set_default_size (GTK_WINDOW (self->window), 560, -1);
  gtk_window_set_type_hint (GTK_WINDOW (self->window), GDK_WINDOW_TYPE_HINT_DIALOG);
  sg_window_accompany (self->window, parent);
  g_signal_connect_swapped (self->window, "destroy", G_CALLBACK (g_main_loop_quit), self->loop);
  gtk_window_present (GTK_WINDOW (self->window));
}

int
sg_usb_window_run (const char *id, int link_fd, guint32 parent, const char *appearance)
{
  Usb self = { .id = id, .loop = g_main_loop_new (NULL, FALSE) };

  self.link = sg_link_new (link_fd);
  if (!gtk_init_check (NULL, NULL))
    {
      sg_report_text ("there is no display for a window");
      return SG_EXIT_OURS;
    }
  g_set_prgname ("org.sandglass.Sandglass");
  gdk_set_program_class ("org.sandglass.Sandglass");
  sg_resources_use (appearance);
  make_window (&self, parent);
  g_signal_connect_swapped (self.link, "gone", G_CALLBACK (g_main_loop_quit), self.loop);
  look (&self);
  g_timeout_add (LOOK_MSEC, look_again, &self);
  g_main_loop_run (self.loop);
  return SG_ASK_KEEP; /* the process ends: nothing is left to free */
}
