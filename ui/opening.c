/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/opening.h"

#include "common/paths.h"
#include "ui/words.h"

#include <glib/gi18n.h>
#include <string.h>

#define AT_ONCE_MAX 20 /* each is a sandbox of its own */
#define COPIED_FILES "x-special/gnome-copied-files"
#define COPIED_FILES_MAX (1 << 20)
#define WORDS_MAX 4000
#define EDIT "edit" /* a choice in the chooser */

typedef struct
{
  SgLauncherWindow *window; /* owned */
  char *path, *name;        /* owned; name is to be shown */
  gboolean saved, answered; /* a .wsb; the person has agreed to it */
  gboolean edit;
} Opening;

static void run (Opening *opening, const char *answer);

static void
opening_free (Opening *opening)
{
  g_object_unref (opening->window);
  g_free (opening->path);
  g_free (opening->name);
  g_free (opening);
}

static gboolean
is_saved_sandbox (const char *path)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);

  return g_str_has_suffix (lower, ".wsb");
}

/* --- a saved sandbox that was not opened before --- */

enum
{
  OPEN = 1,
  OPEN_WITHOUT
};

static void
approved (GtkDialog *dialog, int response, gpointer data)
{
  Opening *opening = data;

  gtk_widget_destroy (GTK_WIDGET (dialog));
  opening->answered = TRUE;
  if (response == OPEN)
    run (opening, "--approve");
  else if (response == OPEN_WITHOUT)
    run (opening, "--without-these");
  else
    opening_free (opening);
}

static void
show_wishes (Opening *opening, const char *words)
{
  GtkWidget *dialog = gtk_message_dialog_new (GTK_WINDOW (opening->window), GTK_DIALOG_MODAL,
                                              GTK_MESSAGE_QUESTION, GTK_BUTTONS_NONE,
                                              _ ("Open \"%s\"?"), opening->name);

  gtk_message_dialog_format_secondary_text (GTK_MESSAGE_DIALOG (dialog), "%s", words);
  gtk_dialog_add_buttons (GTK_DIALOG (dialog), _ ("_Cancel"), GTK_RESPONSE_CANCEL,
                          _ ("Open _Without These"), OPEN_WITHOUT, _ ("_Open"), OPEN, NULL);
  gtk_dialog_set_default_response (GTK_DIALOG (dialog), GTK_RESPONSE_CANCEL);
  g_signal_connect (dialog, "response", G_CALLBACK (approved), opening);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* --- running it --- */

/* "sandglass: " before each line is for terminals. */
static char *
plain_words (const char *bytes, gsize size)
{
  g_autofree char *text = g_strndup (bytes, MIN (size, WORDS_MAX));
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_auto (GStrv) lines = g_strsplit (valid, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], "sandglass: "))
      memmove (lines[i], lines[i] + strlen ("sandglass: "),
               strlen (lines[i] + strlen ("sandglass: ")) + 1);
  return g_strstrip (g_strjoinv ("\n", lines));
}

static void
tell (Opening *opening, const char *words)
{
  g_autofree char *title = g_strdup_printf (_ ("%s was not opened"), opening->name);
  g_autoptr (SgProblem) problem = sg_problem_new (title, words, NULL, words);

  sg_launcher_window_tell (opening->window, problem);
}

static void
ended (GObject *source, GAsyncResult *result, gpointer data)
{
  Opening *opening = data;
  GSubprocess *process = G_SUBPROCESS (source);
  g_autoptr (GBytes) said = NULL;
  g_autofree char *words = NULL;
  gboolean ok = g_subprocess_communicate_finish (process, result, NULL, &said, NULL);
  gsize size = 0;
  const char *bytes = said != NULL ? g_bytes_get_data (said, &size) : NULL;

  ok = ok && g_subprocess_get_successful (process);
  words = plain_words (bytes != NULL ? bytes : "", size);
  g_application_release (g_application_get_default ());
  if (ok || gtk_window_get_application (GTK_WINDOW (opening->window)) == NULL)
    opening_free (opening);
  else if (opening->saved && !opening->answered)
    show_wishes (opening, words);
  else
    {
      tell (opening, *words != '\0' ? words : _ ("A part of Sandglass ended without an answer."));
      opening_free (opening);
    }
}

static void
run (Opening *opening, const char *answer)
{
  g_autofree char *program = sg_paths_program ("sandglass", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process = NULL;
  const char *argv[] = { NULL, "open", "--quiet", NULL, NULL, NULL };
  gsize n = 2;

  if (program == NULL)
    program = g_build_filename (SG_BINDIR, "sandglass", NULL);
  argv[0] = program;
  if (answer != NULL)
    argv[n++] = answer;
  if (opening->edit)
    argv[n++] = "--edit";
  argv[n++] = "--quiet";
  argv[n] = opening->path;
  process = g_subprocess_newv (
      argv, G_SUBPROCESS_FLAGS_STDERR_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE, &error);
  if (process == NULL)
    {
      tell (opening, error->message);
      opening_free (opening);
      return;
    }
  /* What goes wrong at its end is told too. */
  g_application_hold (g_application_get_default ());
  g_subprocess_communicate_async (process, NULL, NULL, ended, opening);
}

void
sg_opening_start (SgLauncherWindow *window, const char *path, gboolean edit)
{
  Opening *opening = g_new0 (Opening, 1);
  g_autofree char *base = g_path_get_basename (path);

  opening->window = g_object_ref (window);
  opening->path = g_strdup (path);
  opening->name = sg_words_file (base);
  opening->saved = is_saved_sandbox (path);
  opening->edit = edit && !opening->saved;
  sg_launcher_window_opening (window, opening->name);
  run (opening, NULL);
}

/* --- where files come from --- */

void
sg_opening_choose (SgLauncherWindow *window)
{
  g_autoptr (GtkFileChooserNative) chooser
      = gtk_file_chooser_native_new (_ ("Open a file safely"), GTK_WINDOW (window),
                                     GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Open"), _ ("_Cancel"));

  gtk_file_chooser_add_choice (GTK_FILE_CHOOSER (chooser), EDIT,
                               _ ("Edit it: at the end you are asked what becomes of the changes"),
                               NULL, NULL);
  if (gtk_native_dialog_run (GTK_NATIVE_DIALOG (chooser)) == GTK_RESPONSE_ACCEPT)
    {
      g_autofree char *path = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (chooser));

      const char *edit = gtk_file_chooser_get_choice (GTK_FILE_CHOOSER (chooser), EDIT);

      if (path != NULL)
        sg_opening_start (window, path, g_strcmp0 (edit, "true") == 0);
    }
}

static guint
open_all (SgLauncherWindow *window, char *const *uris)
{
  guint n = 0;

  for (guint i = 0; uris != NULL && uris[i] != NULL && n < AT_ONCE_MAX; i++)
    {
      g_autofree char *path = g_filename_from_uri (uris[i], NULL, NULL);

      if (path == NULL)
        continue;
      sg_opening_start (window, path, FALSE);
      n++;
    }
  return n;
}

static void
dropped (GtkWidget *widget, GdkDragContext *context, int x, int y, GtkSelectionData *selection,
         guint info, guint when, gpointer data)
{
  g_auto (GStrv) uris = gtk_selection_data_get_uris (selection);

  gtk_drag_finish (context, open_all (SG_LAUNCHER_WINDOW (widget), uris) > 0, FALSE, when);
}

void
sg_opening_take_drops (SgLauncherWindow *window)
{
  gtk_drag_dest_set (GTK_WIDGET (window), GTK_DEST_DEFAULT_ALL, NULL, 0, GDK_ACTION_COPY);
  gtk_drag_dest_add_uri_targets (GTK_WIDGET (window));
  g_signal_connect (window, "drag-data-received", G_CALLBACK (dropped), NULL);
}

/* --- pasted */

/* "copy" or "cut" in the first line, then an address in each: all that some file managers offer. */
static void
got_copied_files (GtkClipboard *clipboard, GtkSelectionData *selection, gpointer data)
{
  g_autoptr (SgLauncherWindow) window = data;
  int length = gtk_selection_data_get_length (selection);
  const guchar *bytes = gtk_selection_data_get_data (selection);
  g_autofree char *text = length > 0 && length <= COPIED_FILES_MAX
                              ? g_strndup ((const char *)bytes, (gsize)length)
                              : NULL;
  g_auto (GStrv) lines = text != NULL ? g_strsplit (g_strchomp (text), "\n", -1) : NULL;

  if (lines != NULL && *lines != NULL && gtk_window_get_application (GTK_WINDOW (window)) != NULL)
    open_all (window, lines + 1);
}

static void
got_uris (GtkClipboard *clipboard, char **uris, gpointer data)
{
  g_autoptr (SgLauncherWindow) window = data;

  if (uris == NULL)
    gtk_clipboard_request_contents (clipboard, gdk_atom_intern (COPIED_FILES, FALSE),
                                    got_copied_files, g_steal_pointer (&window));
  else if (gtk_window_get_application (GTK_WINDOW (window)) != NULL)
    open_all (window, uris);
}

void
sg_opening_paste (SgLauncherWindow *window)
{
  gtk_clipboard_request_uris (gtk_widget_get_clipboard (GTK_WIDGET (window), GDK_SELECTION_CLIPBOARD),
                              got_uris, g_object_ref (window));
}
