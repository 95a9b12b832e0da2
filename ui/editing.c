/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/editing.h"

#include "ui/words.h"

#include <glib/gi18n.h>

#define POLICY_DIRS "sandglass-policy-dirs"

typedef struct
{
  GtkApplication *application; /* owned */
  GtkWindow *parent;           /* weak; NULL: none, or gone */
  SgEditKind kind;
  char *path; /* owned; NULL: new */
  SgEditingDone done;
  gpointer data; /* owned: a GObject */
} Editing;

static void
editing_free (Editing *editing)
{
  g_application_release (G_APPLICATION (editing->application));
  g_clear_weak_pointer (&editing->parent);
  g_object_unref (editing->application);
  g_object_unref (editing->data);
  g_free (editing->path);
  g_free (editing);
}

void
sg_editing_set_policy_dirs (GtkApplication *application, const char *const *dirs)
{
  g_object_set_data_full (G_OBJECT (application), POLICY_DIRS, g_strdupv ((char **)dirs),
                          (GDestroyNotify)g_strfreev);
}

const char *const *
sg_editing_policy_dirs (GtkApplication *application)
{
  return g_object_get_data (G_OBJECT (application), POLICY_DIRS);
}

static void
on_saved (SgEditorWindow *window, const char *path, gpointer data)
{
  Editing *editing = data;

  editing->done (path, NULL, editing->data);
}

static void
closed (GtkWidget *window, gpointer data)
{
  editing_free (data);
}

static void
tell (Editing *editing, const char *message)
{
  g_autofree char *base = editing->path != NULL ? g_path_get_basename (editing->path) : NULL;
  g_autofree char *name = base != NULL ? sg_words_file (base) : g_strdup (_ ("The sandbox"));
  g_autofree char *title = g_strdup_printf (_ ("%s cannot be edited"), name);
  g_autoptr (SgProblem) problem
      = sg_problem_new (title, message,
                        _ ("Next: mend the file in a text editor at the place that is named, or "
                           "delete it."),
                        message);

  editing->done (NULL, problem, editing->data);
}

static void
looked (GObject *source, GAsyncResult *result, gpointer data)
{
  Editing *editing = data;
  g_autoptr (GPtrArray) looks = sg_look_finish (result);
  SgLook *look = looks->pdata[0];
  GtkWidget *window;

  if (look->grants == NULL)
    {
      tell (editing, look->problem);
      editing_free (editing);
      return;
    }
  g_ptr_array_set_free_func (looks, NULL); /* there is only this one */
  window = sg_editor_window_new (editing->application, editing->parent, editing->kind,
                                 editing->path, look);
  g_signal_connect (window, "saved", G_CALLBACK (on_saved), editing);
  g_signal_connect (window, "destroy", G_CALLBACK (closed), editing);
  gtk_window_present (GTK_WINDOW (window));
}

static gboolean
show_open_one (GtkApplication *application, const char *path)
{
  for (GList *l = gtk_application_get_windows (application); l != NULL && path != NULL; l = l->next)
    if (SG_IS_EDITOR_WINDOW (l->data) && g_strcmp0 (sg_editor_window_path (l->data), path) == 0)
      {
        gtk_window_present (l->data);
        return TRUE;
      }
  return FALSE;
}

void
sg_editing_start (GtkApplication *application, GtkWindow *parent, SgEditKind kind, const char *path,
                  SgEditingDone done, gpointer data)
{
  g_autofree char *usual = kind == SG_EDIT_USUAL ? sg_look_usual_path () : NULL;
  const char *place = usual != NULL ? usual : path;
  gboolean is_there = place != NULL && g_file_test (place, G_FILE_TEST_EXISTS);
  const char *paths[] = { "", NULL };
  Editing *editing;

  if (show_open_one (application, place))
    return;
  /* One that is named and is not there is a problem to tell; the usual one need not be. */
  if (kind == SG_EDIT_SAVED ? place != NULL : is_there)
    paths[0] = place;
  editing = g_new0 (Editing, 1);
  editing->application = g_object_ref (application);
  g_application_hold (G_APPLICATION (application));
  g_set_weak_pointer (&editing->parent, parent);
  editing->kind = kind;
  editing->path = g_strdup (place);
  editing->done = done;
  editing->data = g_object_ref (data);
  sg_look_async (paths, sg_editing_policy_dirs (application), looked, editing);
}

void
sg_editing_choose (GtkApplication *application, GtkWindow *parent, SgEditingDone done,
                   gpointer data)
{
  g_autoptr (GtkFileChooserNative) chooser = gtk_file_chooser_native_new (
      _ ("Edit a saved sandbox"), parent, GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Edit"), _ ("_Cancel"));
  GtkFileFilter *filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, _ ("Sandboxes (.wsb)"));
  gtk_file_filter_add_pattern (filter, "*.[wW][sS][bB]");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (chooser), filter);
  if (gtk_native_dialog_run (GTK_NATIVE_DIALOG (chooser)) == GTK_RESPONSE_ACCEPT)
    {
      g_autofree char *path = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (chooser));

      if (path != NULL)
        sg_editing_start (application, parent, SG_EDIT_SAVED, path, done, data);
    }
}
