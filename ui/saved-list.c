/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/saved-list.h"

#include "common/paths.h"
#include "ui/words.h"

#include <glib/gi18n.h>
#include <string.h>

#define SHOWN_MAX 100

struct _SgSavedList
{
  GtkBox parent;
  GtkListBox *list;
  char *shown; /* owned: the names that are in it, so that a look without news changes nothing */
};

G_DEFINE_TYPE (SgSavedList, sg_saved_list, GTK_TYPE_BOX)

static guint open_signal;

static void
add_row (SgSavedList *self, const char *path)
{
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *stem = g_strndup (base, strlen (base) - strlen (".wsb"));
  g_autofree char *name = sg_words_file (stem);
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *label = gtk_label_new (name);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_container_set_border_width (GTK_CONTAINER (box), 9);
  gtk_box_pack_start (
      GTK_BOX (box),
      gtk_image_new_from_icon_name ("org.sandglass.Sandglass-symbolic", GTK_ICON_SIZE_BUTTON),
      FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), label, FALSE, FALSE, 0);
  gtk_container_add (GTK_CONTAINER (row), box);
  g_object_set_data_full (G_OBJECT (row), "path", g_strdup (path), g_free);
  atk_object_set_name (gtk_widget_get_accessible (row), name);
  gtk_widget_show_all (row);
  gtk_container_add (GTK_CONTAINER (self->list), row);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(char *const *)a, *(char *const *)b);
}

static GPtrArray *
find_files (void)
{
  g_autofree char *directory = sg_paths_config ();
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  GPtrArray *files = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL && files->len < SHOWN_MAX)
    if (g_str_has_suffix (name, ".wsb") && *name != '.')
      g_ptr_array_add (files, g_build_filename (directory, name, NULL));
  g_ptr_array_sort (files, compare);
  return files;
}

void
sg_saved_list_refresh (SgSavedList *list)
{
  g_autoptr (GPtrArray) files = find_files ();
  g_autoptr (GList) rows = NULL;
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < files->len; i++)
    g_string_append_printf (names, "%s\n", (char *)files->pdata[i]);
  if (g_strcmp0 (names->str, list->shown) == 0)
    {
      g_string_free (names, TRUE);
      return;
    }
  g_free (list->shown);
  list->shown = g_string_free (names, FALSE);
  rows = gtk_container_get_children (GTK_CONTAINER (list->list));
  for (GList *l = rows; l != NULL; l = l->next)
    gtk_widget_destroy (l->data);
  for (guint i = 0; i < files->len; i++)
    add_row (list, files->pdata[i]);
  gtk_widget_set_visible (GTK_WIDGET (list), files->len > 0);
}

static void
on_row (GtkListBox *box, GtkListBoxRow *row, gpointer data)
{
  g_signal_emit (data, open_signal, 0, g_object_get_data (G_OBJECT (row), "path"));
}

static void
sg_saved_list_finalize (GObject *object)
{
  g_free (SG_SAVED_LIST (object)->shown);
  G_OBJECT_CLASS (sg_saved_list_parent_class)->finalize (object);
}

static void
sg_saved_list_class_init (SgSavedListClass *class)
{
  G_OBJECT_CLASS (class)->finalize = sg_saved_list_finalize;
  open_signal = g_signal_new ("open", SG_TYPE_SAVED_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
sg_saved_list_init (SgSavedList *self)
{
  GtkWidget *title = gtk_label_new (_ ("Saved")), *frame = gtk_frame_new (NULL);

  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 6);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_style_context_add_class (gtk_widget_get_style_context (title), "section-title");
  gtk_frame_set_shadow_type (GTK_FRAME (frame), GTK_SHADOW_NONE);
  gtk_style_context_add_class (gtk_widget_get_style_context (frame), "card");
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self->list)), _ ("Saved sandboxes"));
  gtk_container_add (GTK_CONTAINER (frame), GTK_WIDGET (self->list));
  gtk_container_add (GTK_CONTAINER (self), title);
  gtk_container_add (GTK_CONTAINER (self), frame);
  gtk_widget_show_all (frame);
  gtk_widget_show (title);
  g_signal_connect (self->list, "row-activated", G_CALLBACK (on_row), self);
}
