/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A deleted one is only renamed at first (a leading dot: no list shows it), so that *Undo* has
 * nothing to make anew; it goes when the time for that is over, or with the next start. */
#include "ui/saved-list.h"

#include "common/paths.h"
#include "policies/approved.h"
#include "ui/card.h"
#include "ui/problem.h"
#include "ui/shortcut.h"
#include "ui/words.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define SHOWN_MAX 100
#define UNDO_SECONDS 10
#define ENDING ".wsb"
#define DELETED ".deleted"

struct _SgSavedList
{
  GtkBox parent;
  GtkListBox *list;
  GtkWidget *title, *frame;
  GtkRevealer *undo;
  GtkLabel *undo_text;
  char *shown;          /* owned: what is in it, so that a look without news changes nothing */
  char *deleted, *kept; /* owned: where it was, and where it is until Undo is over; NULL: none */
  guint undo_source;
  gboolean looking;
};

G_DEFINE_TYPE (SgSavedList, sg_saved_list, GTK_TYPE_BOX)

enum
{
  OPEN,
  EDIT,
  FAILED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* --- names --- */

static char *
stem_of (const char *path)
{
  g_autofree char *base = g_path_get_basename (path);
  gsize length = strlen (base);

  return g_strndup (base, length > strlen (ENDING) ? length - strlen (ENDING) : length);
}

static char *
shown_name (const char *path)
{
  g_autofree char *stem = stem_of (path);

  return sg_words_file (stem);
}

static void
tell (SgSavedList *self, const char *title, const char *message)
{
  g_autoptr (SgProblem) problem = sg_problem_new (
      title, message, _ ("Next: look whether the disk is full and the folder is yours."), message);

  g_signal_emit (self, signals[FAILED], 0, problem);
}

/* --- the cards --- */

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
    if (g_str_has_suffix (name, ENDING) && *name != '.')
      g_ptr_array_add (files, g_build_filename (directory, name, NULL));
  g_ptr_array_sort (files, compare);
  return files;
}

/* Names, sizes and times: what makes a card another one. */
static char *
describe (GPtrArray *files)
{
  GString *all = g_string_new (NULL);

  for (guint i = 0; i < files->len; i++)
    {
      GStatBuf st = { 0 };

      g_stat (files->pdata[i], &st);
      g_string_append_printf (all, "%s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT ".%09ld\n",
                              (char *)files->pdata[i], (gint64)st.st_size,
                              (gint64)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
    }
  return g_string_free (all, FALSE);
}

static void
destroy_child (GtkWidget *child, gpointer data)
{
  gtk_widget_destroy (child);
}

typedef struct
{
  SgSavedList *list; /* owned */
  char **paths;      /* owned */
} Looking;

static void
looked (GObject *source, GAsyncResult *result, gpointer data)
{
  Looking *looking = data;
  SgSavedList *self = looking->list;
  g_autoptr (GPtrArray) looks = sg_look_finish (result);

  self->looking = FALSE;
  if (self->list != NULL) /* else the window has gone */
    gtk_container_foreach (GTK_CONTAINER (self->list), destroy_child, NULL);
  for (guint i = 0; i < looks->len && self->list != NULL; i++)
    {
      g_autofree char *name = shown_name (looking->paths[i]);

      gtk_container_add (GTK_CONTAINER (self->list),
                         sg_card_new (looking->paths[i], name, looks->pdata[i]));
    }
  if (self->list != NULL)
    {
      gtk_widget_set_visible (self->title, looks->len > 0);
      gtk_widget_set_visible (self->frame, looks->len > 0);
      gtk_widget_set_visible (GTK_WIDGET (self), looks->len > 0 || self->kept != NULL);
    }
  g_strfreev (looking->paths);
  g_object_unref (looking->list);
  g_free (looking);
}

void
sg_saved_list_refresh (SgSavedList *list)
{
  g_autoptr (GPtrArray) files = find_files ();
  g_autofree char *now = describe (files);
  Looking *looking;

  if (list->looking || g_strcmp0 (now, list->shown) == 0)
    return;
  g_free (list->shown);
  list->shown = g_steal_pointer (&now);
  list->looking = TRUE;
  looking = g_new0 (Looking, 1);
  looking->list = g_object_ref (list);
  g_ptr_array_set_free_func (files, NULL);
  g_ptr_array_add (files, NULL);
  looking->paths = (char **)g_ptr_array_steal (files, NULL);
  sg_look_async ((const char *const *)looking->paths, NULL, looked, looking);
}

static void
on_row (GtkListBox *box, GtkListBoxRow *row, gpointer data)
{
  g_signal_emit (data, signals[OPEN], 0, sg_card_path (row));
}

/* --- edit, copy, shortcut --- */

static void
on_edit (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_signal_emit (data, signals[EDIT], 0, g_variant_get_string (parameter, NULL));
}

/* "NAME (2)", with its title, its rights (a command may hold a password) and its approval. */
static void
copy (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const char *path = data;
  g_autofree char *stem = stem_of (path), *directory = g_path_get_dirname (path);
  g_autofree char *place = NULL, *name = NULL, *xml = NULL, *approved = sg_approved_file ();
  g_autoptr (SgProfile) profile = NULL, made = NULL;
  GError *error = NULL;
  SgProfileHost host;
  GStatBuf st;
  int mode = g_stat (path, &st) == 0 ? (int)(st.st_mode & 0666) : 0600;
  guint n = 2;

  sg_profile_host_init (&host);
  profile = sg_profile_read (path, &host, &error);
  do
    {
      g_free (name);
      g_free (place);
      name = g_strdup_printf ("%s (%u)", stem, n);
      place = g_strdup_printf ("%s/%s%s", directory, name, ENDING);
    }
  while (n++ < 1000 && g_file_test (place, G_FILE_TEST_EXISTS));
  if (profile != NULL)
    {
      gboolean known = sg_approved_has (approved, profile, NULL);

      if (profile->settings[SG_SETTING_TITLE].asked)
        sg_profile_ask_text (profile, SG_SETTING_TITLE, name, NULL);
      xml = sg_profile_to_xml (profile);
      if (g_file_set_contents_full (place, xml, -1, G_FILE_SET_CONTENTS_CONSISTENT, mode, &error)
          && known && (made = sg_profile_read (place, &host, &error)) != NULL)
        sg_approved_add (approved, made, NULL, &error);
    }
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
copied (GObject *source, GAsyncResult *result, gpointer data)
{
  SgSavedList *self = SG_SAVED_LIST (source);
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    tell (self, _ ("The copy was not made"), error->message);
  sg_saved_list_refresh (self);
}

static void
on_copy (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (data, NULL, copied, NULL);

  g_task_set_task_data (task, g_variant_dup_string (parameter, NULL), g_free);
  g_task_run_in_thread (task, copy);
}

static void
say (SgSavedList *self, const char *words, gboolean with_undo)
{
  GtkWidget *button = g_object_get_data (G_OBJECT (self->undo), "button");

  gtk_label_set_text (self->undo_text, words);
  gtk_widget_set_visible (button, with_undo);
  gtk_widget_show (GTK_WIDGET (self));
  gtk_revealer_set_reveal_child (self->undo, TRUE);
  if (with_undo)
    gtk_widget_grab_focus (button);
}

static void end_undo (SgSavedList *self);

static gboolean
undo_is_over (gpointer data)
{
  SgSavedList *self = data;

  self->undo_source = 0;
  end_undo (self);
  return G_SOURCE_REMOVE;
}

static void
say_for_a_moment (SgSavedList *self, const char *words, gboolean with_undo)
{
  g_clear_handle_id (&self->undo_source, g_source_remove);
  self->undo_source = g_timeout_add_seconds (UNDO_SECONDS, undo_is_over, self);
  say (self, words, with_undo);
}

static void
on_shortcut (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SgSavedList *self = data;
  const char *path = g_variant_get_string (parameter, NULL);
  g_autofree char *name = shown_name (path), *words = NULL;
  g_autoptr (GError) error = NULL;

  if (!sg_shortcut_make (path, name, &error))
    {
      tell (self, _ ("The shortcut was not made"), error->message);
      return;
    }
  end_undo (self);
  words = g_strdup_printf (_ ("%s is among your programs now."), name);
  say_for_a_moment (self, words, FALSE);
}

/* --- delete and undo --- */

/* What was deleted goes for good.  The window may have gone. */
static void
end_undo (SgSavedList *self)
{
  g_autoptr (GList) rows
      = self->list != NULL ? gtk_container_get_children (GTK_CONTAINER (self->list)) : NULL;

  g_clear_handle_id (&self->undo_source, g_source_remove);
  if (self->list != NULL)
    gtk_revealer_set_reveal_child (self->undo, FALSE);
  if (self->kept != NULL)
    {
      g_unlink (self->kept);
      sg_shortcut_remove (self->deleted);
    }
  g_clear_pointer (&self->kept, g_free);
  g_clear_pointer (&self->deleted, g_free);
  if (self->list != NULL)
    gtk_widget_set_visible (GTK_WIDGET (self), rows != NULL);
}

static void
on_delete (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SgSavedList *self = data;
  const char *path = g_variant_get_string (parameter, NULL);
  g_autofree char *directory = g_path_get_dirname (path), *base = g_path_get_basename (path);
  g_autofree char *name = shown_name (path), *words = NULL;
  g_autofree char *kept = g_strdup_printf ("%s/.%s%s", directory, base, DELETED);

  end_undo (self);
  if (g_rename (path, kept) < 0)
    {
      tell (self, _ ("It was not deleted"), g_strerror (errno));
      return;
    }
  self->deleted = g_strdup (path);
  self->kept = g_steal_pointer (&kept);
  words = g_strdup_printf (_ ("%s was deleted."), name);
  say_for_a_moment (self, words, TRUE);
  sg_saved_list_refresh (self);
}

/* rename() that writes over nothing, also where the file system does not know that. */
static gboolean
rename_to_free (const char *from, const char *to)
{
  if (renameat2 (AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
    return TRUE;
  if (errno != EINVAL && errno != ENOSYS)
    return FALSE;
  if (!g_file_test (to, G_FILE_TEST_EXISTS))
    return g_rename (from, to) == 0;
  errno = EEXIST;
  return FALSE;
}

/* One of that name may have been made meanwhile: it stays, and the other one is "NAME (2)". */
static gboolean
bring_back (SgSavedList *self)
{
  g_autofree char *directory = g_path_get_dirname (self->deleted), *stem = stem_of (self->deleted);

  if (rename_to_free (self->kept, self->deleted))
    return TRUE;
  for (guint n = 2; n < 1000 && errno == EEXIST; n++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%s (%u)" ENDING, directory, stem, n);

      if (rename_to_free (self->kept, path))
        return TRUE;
    }
  return FALSE;
}

static void
on_undo (GtkButton *button, gpointer data)
{
  SgSavedList *self = data;

  /* In either case it is not for us to delete any more. */
  if (self->kept != NULL && !bring_back (self))
    tell (self, _ ("It could not be brought back"), g_strerror (errno));
  g_clear_pointer (&self->kept, g_free);
  end_undo (self);
  sg_saved_list_refresh (self);
}

/* Of a program that ended before its Undo was over. */
static void
clear_leftovers (void)
{
  g_autofree char *directory = sg_paths_config ();
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (*name == '.' && g_str_has_suffix (name, ENDING DELETED))
      {
        g_autofree char *path = g_build_filename (directory, name, NULL);
        g_unlink (path);
      }
}

/* --- the object --- */

static void
sg_saved_list_destroy (GtkWidget *widget)
{
  SgSavedList *self = SG_SAVED_LIST (widget);

  /* Destroying comes more than once. */
  if (self->list != NULL)
    end_undo (self);
  self->list = NULL;
  GTK_WIDGET_CLASS (sg_saved_list_parent_class)->destroy (widget);
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
  GTK_WIDGET_CLASS (class)->destroy = sg_saved_list_destroy;
  signals[OPEN] = g_signal_new ("open", SG_TYPE_SAVED_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[EDIT] = g_signal_new ("edit", SG_TYPE_SAVED_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[FAILED] = g_signal_new ("failed", SG_TYPE_SAVED_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 1, SG_TYPE_PROBLEM);
}

static GtkWidget *
make_undo (SgSavedList *self)
{
  GtkWidget *revealer = gtk_revealer_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *label = gtk_label_new (NULL), *button = gtk_button_new_with_mnemonic (_ ("_Undo"));

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_container_add (GTK_CONTAINER (box), label);
  gtk_container_add (GTK_CONTAINER (box), button);
  gtk_style_context_add_class (gtk_widget_get_style_context (box), "undo");
  gtk_container_add (GTK_CONTAINER (revealer), box);
  gtk_widget_show_all (revealer);
  self->undo = GTK_REVEALER (revealer);
  self->undo_text = GTK_LABEL (label);
  g_object_set_data (G_OBJECT (revealer), "button", button);
  g_signal_connect (button, "clicked", G_CALLBACK (on_undo), self);
  return revealer;
}

static void
sg_saved_list_init (SgSavedList *self)
{
  const GActionEntry entries[] = {
    { .name = "edit", .activate = on_edit, .parameter_type = "s" },
    { .name = "copy", .activate = on_copy, .parameter_type = "s" },
    { .name = "shortcut", .activate = on_shortcut, .parameter_type = "s" },
    { .name = "delete", .activate = on_delete, .parameter_type = "s" },
  };
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();

  g_action_map_add_action_entries (G_ACTION_MAP (group), entries, G_N_ELEMENTS (entries), self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "saved", G_ACTION_GROUP (group));
  self->title = gtk_label_new (_ ("Saved"));
  self->frame = gtk_frame_new (NULL);
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 6);
  gtk_label_set_xalign (GTK_LABEL (self->title), 0);
  gtk_style_context_add_class (gtk_widget_get_style_context (self->title), "section-title");
  gtk_frame_set_shadow_type (GTK_FRAME (self->frame), GTK_SHADOW_NONE);
  gtk_style_context_add_class (gtk_widget_get_style_context (self->frame), "card");
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self->list)), _ ("Saved sandboxes"));
  gtk_container_add (GTK_CONTAINER (self->frame), GTK_WIDGET (self->list));
  gtk_container_add (GTK_CONTAINER (self), self->title);
  gtk_container_add (GTK_CONTAINER (self), self->frame);
  gtk_container_add (GTK_CONTAINER (self), make_undo (self));
  gtk_widget_show (GTK_WIDGET (self->list));
  g_signal_connect (self->list, "row-activated", G_CALLBACK (on_row), self);
  clear_leftovers ();
}
