/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is changed is changed by `sandglass share` and `unshare`, one at a time; the list shows what
 * the session says. */
#include "ui/folders.h"

#include "common/paths.h"
#include "common/report.h"
#include "ui/ask.h"
#include "ui/link.h"
#include "ui/resources.h"
#include "ui/stand-on.h"
#include "ui/words.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <gtk/gtk.h>
#include <string.h>

typedef struct
{
  const char *id;
  GMainLoop *loop;
  SgLink *link;
  GtkWidget *window, *list, *wrong, *add, *empty;
  GQueue waiting; /* GStrv: command lines that are still to be run; owned */
  char *at;       /* owned: the place whose switch has the keyboard; NULL: none has */
  GVariant *shown; /* owned: the folders that the list shows; NULL: none yet */
  gboolean busy, filled;
} Folders;

/* --- changing --- */

static void run_next (Folders *self);

static void
ended (GObject *source, GAsyncResult *result, gpointer data)
{
  Folders *self = data;
  g_autofree char *said = NULL;

  self->busy = FALSE;
  g_subprocess_communicate_utf8_finish (G_SUBPROCESS (source), result, NULL, &said, NULL);
  if (said != NULL && *said != '\0')
    {
      const char *words
          = g_str_has_prefix (said, "sandglass: ") ? said + strlen ("sandglass: ") : said;

      gtk_label_set_text (GTK_LABEL (self->wrong), g_strchomp ((char *)words));
      gtk_widget_show (self->wrong);
    }
  /* What comes after one that failed was meant for after it. */
  if (!g_subprocess_get_if_exited (G_SUBPROCESS (source))
      || g_subprocess_get_exit_status (G_SUBPROCESS (source)) != 0)
    g_queue_clear_full (&self->waiting, (GDestroyNotify)(void *)g_strfreev);
  run_next (self);
}

static void
run_next (Folders *self)
{
  g_auto (GStrv) argv = self->busy ? NULL : g_queue_pop_head (&self->waiting);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;

  if (argv == NULL)
    return;
  gtk_widget_hide (self->wrong);
  process = g_subprocess_newv ((const char *const *)argv,
                               G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE,
                               &error);
  if (process == NULL)
    {
      gtk_label_set_text (GTK_LABEL (self->wrong), error->message);
      gtk_widget_show (self->wrong);
      return;
    }
  self->busy = TRUE;
  g_subprocess_communicate_utf8_async (process, NULL, NULL, ended, self);
}

/* VERB FOLDER [PLACE]; the words are copied. */
static void
change (Folders *self, const char *verb, gboolean writable, const char *folder, const char *place)
{
  g_autoptr (GStrvBuilder) argv = g_strv_builder_new ();
  g_autofree char *program = sg_paths_program ("sandglass", NULL);

  if (program == NULL)
    return;
  g_strv_builder_add_many (argv, program, verb, NULL);
  if (writable)
    g_strv_builder_add (argv, "--write");
  g_strv_builder_add_many (argv, "--", self->id, folder, NULL);
  if (place != NULL)
    g_strv_builder_add (argv, place);
  g_queue_push_tail (&self->waiting, g_strv_builder_end (argv));
  run_next (self);
}

static void
on_take_away (GtkButton *button, gpointer data)
{
  change (data, "unshare", FALSE, g_object_get_data (G_OBJECT (button), "place"), NULL);
}

/* There is no other way than to take it away and give it again, at the same place. */
static gboolean
on_may_change (GtkSwitch *widget, gboolean on, gpointer data)
{
  Folders *self = data;
  const char *folder = g_object_get_data (G_OBJECT (widget), "folder");
  const char *place = g_object_get_data (G_OBJECT (widget), "place");

  g_free (self->at);
  self->at = g_strdup (place); /* it comes back in a moment */
  change (self, "unshare", FALSE, place, NULL);
  change (self, "share", on, folder, place);
  return GDK_EVENT_STOP; /* shown as it is once the session says so */
}

/* --- the list --- */

/* "Desktop/invoices": most are there, and rows are narrow. */
static const char *
below_home (const char *place)
{
  return g_str_has_prefix (place, "/home/sandbox/") ? place + strlen ("/home/sandbox/") : place;
}

static GtkWidget *
row_of (Folders *self, const char *folder, const char *place, gboolean writable)
{
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2), *may = gtk_switch_new ();
  GtkWidget *take = gtk_button_new_with_label (_ ("Take Away"));
  GtkWidget *may_label = gtk_label_new (_ ("May change")), *name, *where;
  g_autofree char *base = g_path_get_basename (folder), *shown = sg_words_file (base);
  g_autofree char *inside = sg_words_file (below_home (place));
  g_autofree char *at = g_strdup_printf (_ ("inside: %s"), inside);
  g_autofree char *spoken = g_strdup_printf (_ ("%s may be changed from inside"), shown);
  g_autofree char *take_spoken = g_strdup_printf (_ ("Take %s away"), shown);

  name = gtk_label_new (shown);
  where = gtk_label_new (at);
  gtk_widget_set_tooltip_text (name, folder);
  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_xalign (GTK_LABEL (where), 0);
  gtk_label_set_ellipsize (GTK_LABEL (where), PANGO_ELLIPSIZE_MIDDLE);
  gtk_style_context_add_class (gtk_widget_get_style_context (where), "dim-label");
  gtk_switch_set_active (GTK_SWITCH (may), writable);
  g_object_set_data_full (G_OBJECT (may), "folder", g_strdup (folder), g_free);
  g_object_set_data_full (G_OBJECT (may), "place", g_strdup (place), g_free);
  g_object_set_data_full (G_OBJECT (take), "place", g_strdup (place), g_free);
  g_signal_connect (may, "state-set", G_CALLBACK (on_may_change), self);
  g_signal_connect (take, "clicked", G_CALLBACK (on_take_away), self);
  atk_object_set_name (gtk_widget_get_accessible (may), spoken);
  atk_object_set_name (gtk_widget_get_accessible (take), take_spoken);
  atk_object_set_name (gtk_widget_get_accessible (row), shown);
  gtk_widget_set_valign (may, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (take, GTK_ALIGN_CENTER);
  gtk_container_add (GTK_CONTAINER (words), name);
  gtk_container_add (GTK_CONTAINER (words), where);
  gtk_box_pack_start (GTK_BOX (box), words, TRUE, TRUE, 0);
  gtk_container_add (GTK_CONTAINER (box), may_label);
  gtk_container_add (GTK_CONTAINER (box), may);
  gtk_container_add (GTK_CONTAINER (box), take);
  g_object_set (box, "margin", 9, NULL);
  gtk_container_add (GTK_CONTAINER (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  g_object_set_data (G_OBJECT (row), "switch", may);
  gtk_widget_show_all (row);
  return row;
}

/* Rows are made anew with each change, and the keyboard stays where it was; at first it is on the first
 * folder, where no key that was meant for the sandbox does anything. */
static void
place_keyboard (Folders *self)
{
  g_autoptr (GList) rows = gtk_container_get_children (GTK_CONTAINER (self->list));

  for (GList *l = rows; l != NULL && self->at != NULL; l = l->next)
    {
      GtkWidget *may = g_object_get_data (l->data, "switch");

      if (g_strcmp0 (g_object_get_data (G_OBJECT (may), "place"), self->at) != 0)
        continue;
      g_clear_pointer (&self->at, g_free);
      gtk_widget_grab_focus (may);
      return;
    }
  if (rows != NULL && !self->filled)
    gtk_widget_grab_focus (rows->data);
  else if (gtk_window_get_focus (GTK_WINDOW (self->window)) == NULL)
    gtk_widget_grab_focus (self->add);
  self->filled = self->filled || rows != NULL;
}

static void
on_changed (SgLink *link, gpointer data)
{
  Folders *self = data;
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self->window));
  GVariant *shares = sg_link_shares (link);
  GVariantIter iter;
  const char *folder, *place;
  gboolean writable;

  if (shares == NULL || shares == self->shown)
    return;
  g_clear_pointer (&self->shown, g_variant_unref);
  self->shown = g_variant_ref (shares);
  if (self->at == NULL && GTK_IS_SWITCH (focus))
    self->at = g_strdup (g_object_get_data (G_OBJECT (focus), "place"));
  gtk_container_foreach (GTK_CONTAINER (self->list), (GtkCallback)(void *)gtk_widget_destroy, NULL);
  gtk_widget_set_visible (self->empty, g_variant_n_children (shares) == 0);
  gtk_widget_set_visible (self->list, g_variant_n_children (shares) > 0);
  g_variant_iter_init (&iter, shares);
  while (g_variant_iter_next (&iter, "(&s&sb)", &folder, &place, &writable))
    gtk_container_add (GTK_CONTAINER (self->list), row_of (self, folder, place, writable));
  place_keyboard (self);
}

/* --- adding --- */

static void
on_add (GtkButton *button, gpointer data)
{
  Folders *self = data;
  GtkWidget *chooser
      = gtk_file_chooser_dialog_new (_ ("Give a Folder to the Sandbox"), GTK_WINDOW (self->window),
                                     GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Cancel"),
                                     GTK_RESPONSE_CANCEL, _ ("_Give"), GTK_RESPONSE_ACCEPT, NULL);

  gtk_dialog_set_default_response (GTK_DIALOG (chooser), GTK_RESPONSE_ACCEPT);
  if (gtk_dialog_run (GTK_DIALOG (chooser)) == GTK_RESPONSE_ACCEPT)
    {
      g_autofree char *folder = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (chooser));

      if (folder != NULL)
        change (self, "share", FALSE, folder, NULL);
    }
  gtk_widget_destroy (chooser);
}

static void
on_dropped (GtkWidget *widget, GdkDragContext *context, int x, int y, GtkSelectionData *dropped,
            guint info, guint time, gpointer data)
{
  g_auto (GStrv) uris = gtk_selection_data_get_uris (dropped);

  for (gsize i = 0; uris != NULL && uris[i] != NULL && i < 16; i++)
    {
      g_autofree char *path = g_filename_from_uri (uris[i], NULL, NULL);

      if (path != NULL)
        change (data, "share", FALSE, path, NULL);
    }
}

/* --- the window --- */

static void
make_window (Folders *self, guint32 parent)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *words = gtk_label_new (_ ("Folders of this computer that the sandbox can read. What "
                                       "may be changed is changed here, too, and stays."));

  self->window = gtk_window_new (GTK_WINDOW_TOPLEVEL);
  self->list = gtk_list_box_new ();
  self->empty = gtk_label_new (_ ("None. Add one, or drop it here."));
  self->wrong = gtk_label_new (NULL);
  self->add = gtk_button_new_with_mnemonic (_ ("_Add Folder…"));
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->list), GTK_SELECTION_NONE);
  atk_object_set_name (gtk_widget_get_accessible (self->list), _ ("Folders in the sandbox"));
  gtk_label_set_line_wrap (GTK_LABEL (words), TRUE);
  gtk_label_set_line_wrap (GTK_LABEL (self->wrong), TRUE);
  gtk_label_set_xalign (GTK_LABEL (words), 0);
  gtk_label_set_xalign (GTK_LABEL (self->wrong), 0);
  gtk_style_context_add_class (gtk_widget_get_style_context (self->wrong), "missing");
  gtk_style_context_add_class (gtk_widget_get_style_context (self->empty), "dim-label");
  g_object_set (box, "margin", 18, NULL);
  gtk_container_add (GTK_CONTAINER (box), words);
  gtk_container_add (GTK_CONTAINER (box), sg_list_card_new (self->list));
  gtk_container_add (GTK_CONTAINER (box), self->empty);
  gtk_container_add (GTK_CONTAINER (box), self->wrong);
  gtk_widget_set_halign (self->add, GTK_ALIGN_START);
  gtk_container_add (GTK_CONTAINER (box), self->add);
  gtk_container_add (GTK_CONTAINER (self->window), box);
  gtk_widget_show_all (box);
  gtk_widget_hide (self->wrong);
  gtk_widget_hide (self->list);
  gtk_window_set_title (GTK_WINDOW (self->window), _ ("Folders in This Sandbox"));
  gtk_window_set_icon_name (GTK_WINDOW (self->window), "org.sandglass.Sandglass");
  gtk_window_set_default_size (GTK_WINDOW (self->window), 520, -1);
  gtk_window_set_type_hint (GTK_WINDOW (self->window), GDK_WINDOW_TYPE_HINT_DIALOG);
  gtk_drag_dest_set (self->window, GTK_DEST_DEFAULT_ALL, NULL, 0, GDK_ACTION_COPY);
  gtk_drag_dest_add_uri_targets (self->window);
  g_signal_connect (self->window, "drag-data-received", G_CALLBACK (on_dropped), self);
  sg_window_accompany (self->window, parent);
  g_signal_connect (self->add, "clicked", G_CALLBACK (on_add), self);
  g_signal_connect_swapped (self->window, "destroy", G_CALLBACK (g_main_loop_quit), self->loop);
  gtk_widget_grab_focus (self->add);
  gtk_window_present (GTK_WINDOW (self->window));
}

int
sg_folders_run (const char *id, int link_fd, guint32 parent, const char *appearance)
{
  Folders self = { .id = id, .loop = g_main_loop_new (NULL, FALSE), .waiting = G_QUEUE_INIT };

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
  g_signal_connect (self.link, "changed", G_CALLBACK (on_changed), &self);
  g_signal_connect_swapped (self.link, "gone", G_CALLBACK (g_main_loop_quit), self.loop);
  g_main_loop_run (self.loop);
  return SG_ASK_KEEP; /* the process ends: nothing is left to free */
}
