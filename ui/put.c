/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is granted is known -> looked at (`put-files --look`) -> asked -> `put-files`, whose lines tell
 * how far it is. */
#include "ui/put.h"

#include "common/fd.h"
#include "common/paths.h"
#include "common/report.h"
#include "ui/allowed.h"
#include "ui/clipboard-policy.h"
#include "ui/command.h"
#include "ui/keeper-serve.h"
#include "ui/link.h"
#include "ui/problem.h"
#include "ui/put-window.h"
#include "ui/resources.h"
#include "ui/words.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <string.h>

typedef struct
{
  const char *id, *appearance;
  char **paths; /* owned */
  guint32 parent;
  GMainLoop *loop;
  SgLink *link;
  SgPutWindow *window; /* NULL: not asked yet */
  SgCommand *command;  /* owned; NULL: none runs */
  GSubprocess *sharing; /* owned; NULL: nothing is shared */
  GCancellable *cancellable; /* until we are gone; owned */
  GString *wrong;      /* owned: sentences */
  guint n_told, n_good;
  gboolean copying, stopped, over;
  int code;
} Put;

static void
end (Put *self, int code)
{
  self->code = code;
  g_main_loop_quit (self->loop);
}

/* --- what the command line says --- */

/* Members of another type are as good as none. */
static gint64
number_of (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_INT64
             ? MAX (json_node_get_int (node), 0)
             : 0;
}

static const char *
text_of (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

static void
take_outcome (Put *self, JsonObject *object)
{
  const char *error = text_of (object, "error");
  JsonNode *folder = json_object_get_member (object, "folder");
  guint n = self->n_told++;
  g_autofree char *base = NULL, *name = NULL;

  self->n_good += error == NULL;
  if (!self->copying)
    {
      sg_put_window_describe (self->window, n, folder != NULL && json_node_get_boolean (folder),
                              (guint64)number_of (object, "files"),
                              (guint64)number_of (object, "size"), error);
      return;
    }
  if (error == NULL || n >= g_strv_length (self->paths))
    return;
  base = g_path_get_basename (self->paths[n]);
  name = sg_words_file (base);
  g_string_append_printf (self->wrong, _ ("%s was not copied: %s\n"), name, error);
}

static void
on_line (SgCommand *command, JsonNode *line, gpointer data)
{
  Put *self = data;
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (line) ? json_node_get_object (line) : NULL;

  if (object == NULL || self->window == NULL)
    return;
  if (json_object_has_member (object, "path"))
    take_outcome (self, object);
  else if (self->copying)
    sg_put_window_progress (self->window, (guint)number_of (object, "n"),
                            (guint64)number_of (object, "done"),
                            (guint64)number_of (object, "total"));
}

static void
over (Put *self, const char *words)
{
  self->over = TRUE;
  if (self->stopped)
    end (self, SG_EXIT_FAILED);
  else if (words == NULL)
    end (self, SG_EXIT_OK);
  else
    sg_put_window_tell (self->window, words);
}

static void
on_ended (SgCommand *command, JsonNode *answer, SgProblem *problem, gpointer data)
{
  Put *self = data;

  g_clear_object (&self->command);
  if (self->copying)
    over (self, self->wrong->len > 0     ? g_strchomp (self->wrong->str)
                : problem != NULL        ? problem->message
                : self->n_good < self->n_told ? _ ("Not everything was copied.")
                                         : NULL);
  else if (self->stopped)
    end (self, SG_EXIT_FAILED);
  else if (problem != NULL)
    over (self, problem->message);
  else
    sg_put_window_ask (self->window, self->n_good > 0);
}

static void
start (Put *self, gboolean copying)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();

  self->copying = copying;
  self->n_told = self->n_good = 0;
  g_ptr_array_add (argv, (gpointer) "put-files");
  if (!copying)
    g_ptr_array_add (argv, (gpointer) "--look");
  g_ptr_array_add (argv, (gpointer) "--json");
  g_ptr_array_add (argv, (gpointer) "--as-shown");
  g_ptr_array_add (argv, (gpointer) "--");
  g_ptr_array_add (argv, (gpointer)self->id);
  for (char **path = self->paths; *path != NULL; path++)
    g_ptr_array_add (argv, *path);
  g_ptr_array_add (argv, NULL);
  self->command = sg_command_start ((const char *const *)argv->pdata, TRUE);
  g_signal_connect (self->command, "line", G_CALLBACK (on_line), self);
  g_signal_connect (self->command, "ended", G_CALLBACK (on_ended), self);
}

/* --- the person --- */

static void
on_copy (SgPutWindow *window, gpointer data)
{
  start (data, TRUE);
}

static void
shared (GObject *source, GAsyncResult *result, gpointer data)
{
  Put *self = data;
  GSubprocess *process = G_SUBPROCESS (source);
  g_autofree char *said = NULL;
  g_autoptr (GError) error = NULL;
  gboolean ok
      = g_subprocess_communicate_utf8_finish (process, result, NULL, &said, &error)
        && g_subprocess_get_if_exited (process) && g_subprocess_get_exit_status (process) == 0;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* SELF is gone */
  g_clear_object (&self->sharing);
  if (said != NULL && *said != '\0') /* also what a person should know of one that is shared */
    {
      const char *words
          = g_str_has_prefix (said, "sandglass: ") ? said + strlen ("sandglass: ") : said;

      over (self, g_strchomp ((char *)words));
    }
  else
    over (self, ok ? NULL : _ ("The folder was not shared."));
}

static void
on_share (SgPutWindow *window, gpointer data)
{
  Put *self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *program = sg_paths_program ("sandglass", &error);

  if (self->command != NULL) /* it counts what nobody will copy */
    {
      g_signal_handlers_disconnect_by_data (self->command, self);
      sg_command_cancel (self->command);
      g_clear_object (&self->command);
    }
  if (program != NULL)
    self->sharing = g_subprocess_new (
        G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &error, program,
        "share", "--as-shown", "--", self->id, self->paths[0], NULL);
  if (self->sharing == NULL)
    over (self, error->message);
  else
    g_subprocess_communicate_utf8_async (self->sharing, NULL, self->cancellable, shared, self);
}

/* What is half copied is removed by the command before it ends. */
static void
stop (Put *self)
{
  self->stopped = TRUE;
  if (self->window != NULL)
    gtk_widget_hide (GTK_WIDGET (self->window));
  if (self->sharing != NULL)
    g_subprocess_send_signal (self->sharing, SIGTERM);
  if (self->command != NULL)
    sg_command_cancel (self->command);
  else
    end (self, SG_EXIT_FAILED);
}

static void
on_stop (SgPutWindow *window, gpointer data)
{
  stop (data);
}

static gboolean
terminate (gpointer data)
{
  stop (data);
  return G_SOURCE_CONTINUE;
}

/* --- the sandbox --- */

/* Why nothing may be copied in; NULL: it may.  Free with g_free(). */
static char *
why_not (Put *self)
{
  const char *grants = sg_link_grants (self->link);
  SgClipGrants granted = sg_clip_grants_parse (grants);
  g_autoptr (SgAllowed) in = sg_allowed_find (grants, "clipboard-in");
  g_autoptr (SgAllowed) content = sg_allowed_find (grants, "clipboard-content");
  const char *who = in->administrator != NULL ? in->administrator : content->administrator;

  if (granted.in == SG_CLIP_PASTE && granted.files)
    return NULL;
  return g_strdup_printf ("%s\n%s", _ ("Files may not be copied into this sandbox."),
                          who != NULL ? who : "");
}

static void
on_changed (SgLink *link, gpointer data)
{
  Put *self = data;
  g_autofree char *name = NULL, *why = NULL;

  /* Its grants are not known before. */
  if (self->window != NULL || *sg_link_id (link) == '\0'
      || g_str_equal (sg_link_state (link), "preparing"))
    return;
  name = sg_words_name (sg_link_title (link));
  why = why_not (self);
  self->window = sg_put_window_new (self->paths, name, self->parent);
  g_signal_connect (self->window, "copy", G_CALLBACK (on_copy), self);
  g_signal_connect (self->window, "share", G_CALLBACK (on_share), self);
  g_signal_connect (self->window, "stop", G_CALLBACK (on_stop), self);
  gtk_window_present (GTK_WINDOW (self->window));
  if (why != NULL)
    over (self, g_strchomp (why));
  else
    start (self, FALSE);
}

static void
on_gone (SgLink *link, gpointer data)
{
  end (data, SG_EXIT_FAILED);
}

/* --- the course of it --- */

static char **
read_paths (int fd)
{
  g_autofree char *bytes = g_malloc (SG_KEEPER_PATHS_MAX + 1);
  gssize n = sg_pread_all (fd, bytes, SG_KEEPER_PATHS_MAX + 1, 0, NULL);

  return n > 0 ? sg_put_read_paths (bytes, (gsize)n) : NULL;
}

static gboolean
start_gtk (const char *appearance)
{
  if (!gtk_init_check (NULL, NULL))
    return FALSE;
  g_set_prgname ("org.sandglass.Sandglass");
  gdk_set_program_class ("org.sandglass.Sandglass");
  sg_resources_use (appearance);
  return TRUE;
}

static void
free_all (Put *self)
{
  if (self->command != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->command, self);
      sg_command_cancel (self->command);
      g_clear_object (&self->command);
    }
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->sharing);
  if (self->window != NULL)
    gtk_widget_destroy (GTK_WIDGET (self->window));
  g_signal_handlers_disconnect_by_data (self->link, self);
  g_clear_object (&self->link);
  g_string_free (self->wrong, TRUE);
  g_strfreev (self->paths);
  g_main_loop_unref (self->loop);
}

int
sg_put_run (const char *id, int link_fd, int paths_fd, guint32 parent, const char *appearance)
{
  Put self = { .id = id, .parent = parent, .appearance = appearance, .code = SG_EXIT_OURS };

  self.paths = read_paths (paths_fd);
  if (self.paths == NULL || !start_gtk (appearance))
    {
      sg_report_text ("nothing can be copied in: %s",
                      self.paths == NULL ? "no files were named" : "there is no display to ask on");
      sg_fd_clear (&link_fd);
      g_strfreev (self.paths);
      return SG_EXIT_OURS;
    }
  self.wrong = g_string_new (NULL);
  self.cancellable = g_cancellable_new ();
  self.loop = g_main_loop_new (NULL, FALSE);
  self.link = sg_link_new (link_fd);
  g_signal_connect (self.link, "changed", G_CALLBACK (on_changed), &self);
  g_signal_connect (self.link, "gone", G_CALLBACK (on_gone), &self);
  g_unix_signal_add (SIGTERM, terminate, &self);
  g_unix_signal_add (SIGINT, terminate, &self);
  g_main_loop_run (self.loop);
  free_all (&self);
  return self.code;
}
