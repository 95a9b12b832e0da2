/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/question.h"

#include "common/report.h"
#include "ui/allowed.h"
#include "ui/command.h"
#include "ui/inside.h"
#include "ui/link.h"
#include "ui/problem.h"
#include "ui/question-window.h"
#include "ui/resources.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <gtk/gtk.h>
#include <signal.h>
#include <string.h>

#define PATIENCE_SECONDS 6 /* a guest that does not answer does not keep its window open */
#define BATCH_FILES 200    /* so many at once fit into a command line */
#define BATCH_BYTES (64 * 1024)

typedef struct
{
  const char *id, *appearance, *except;
  SgAsk what;
  guint32 parent;
  GMainLoop *loop;
  SgLink *link;
  SgCommand *command; /* owned; NULL: none runs */
  SgInside *inside;   /* owned; NULL: not known */
  SgQuestionWindow *window;
  GPtrArray *wanted; /* SgInsideFile, still to be saved; NULL: nothing is */
  GString *failures;
  char *folder; /* owned */
  guint patience, n_asked, copying;
  gboolean cancelled, listed;
  gboolean begun;    /* the session is known, and what is to be asked */
  gboolean choosing; /* the files are wanted as soon as they are listed */
  int code;
} Question;

static void
end (Question *self, int code)
{
  self->code = code;
  g_main_loop_quit (self->loop);
  if (self->window == NULL)
    return;
  /* Gone at once; what else there is to do is not waited for. */
  gtk_widget_hide (GTK_WIDGET (self->window));
  gdk_display_flush (gtk_widget_get_display (GTK_WIDGET (self->window)));
}

/* --- saving --- */

static void save_some (Question *self);

static void
show_folder (Question *self)
{
  g_autofree char *uri = g_filename_to_uri (self->folder, NULL, NULL);

  if (uri != NULL)
    gtk_show_uri_on_window (NULL, uri, GDK_CURRENT_TIME, NULL);
}

static void
saved_all (Question *self)
{
  g_autofree char *words = g_string_free (g_steal_pointer (&self->failures), FALSE);

  g_clear_pointer (&self->wanted, g_ptr_array_unref);
  if (*words != '\0' || self->cancelled)
    {
      sg_question_window_choose (self->window, self->inside, *words != '\0' ? words : NULL);
      return;
    }
  show_folder (self);
  end (self, self->what == SG_ASK_CLOSE ? SG_ASK_DISCARD : SG_ASK_KEEP);
}

static void
batch_saved (SgCommand *command, JsonNode *answer, SgProblem *problem, gpointer data)
{
  Question *self = data;
  g_autofree char *words = sg_inside_saved (self->inside, answer, self->n_asked);

  g_clear_object (&self->command);
  if (words == NULL && self->wanted->len > 0 && !self->cancelled)
    {
      save_some (self);
      return;
    }
  if (words != NULL && answer == NULL && problem != NULL)
    g_string_append_printf (self->failures, "%s\n", problem->message);
  if (words != NULL && !self->cancelled)
    g_string_append (self->failures, words);
  saved_all (self);
}

/* The first of what is wanted; the command line has bounds. */
static void
save_some (Question *self)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  gsize bytes = 0;
  guint n = 0;

  g_ptr_array_add (argv, (gpointer) "save-files");
  g_ptr_array_add (argv, (gpointer) "--json");
  g_ptr_array_add (argv, (gpointer) "--to");
  g_ptr_array_add (argv, self->folder);
  g_ptr_array_add (argv, (gpointer) "--");
  g_ptr_array_add (argv, (gpointer)self->id);
  while (n < self->wanted->len && n < BATCH_FILES && bytes < BATCH_BYTES)
    {
      const SgInsideFile *file = self->wanted->pdata[n++];

      bytes += strlen (file->path);
      g_ptr_array_add (argv, file->path);
    }
  g_ptr_array_add (argv, NULL);
  self->command = sg_command_start ((const char *const *)argv->pdata, FALSE);
  g_ptr_array_remove_range (self->wanted, 0, n);
  self->n_asked = n;
  g_signal_connect (self->command, "ended", G_CALLBACK (batch_saved), self);
}

static void
on_save (SgQuestionWindow *window, const char *folder, gpointer data)
{
  Question *self = data;

  if (self->command != NULL)
    return;
  g_free (self->folder);
  self->folder = g_strdup (folder);
  self->wanted = sg_question_window_ticked (window);
  self->failures = g_string_new (NULL);
  self->cancelled = FALSE;
  save_some (self);
}

static void
on_stop (SgQuestionWindow *window, gpointer data)
{
  Question *self = data;

  self->cancelled = TRUE;
  if (self->command != NULL)
    sg_command_cancel (self->command);
}

/* --- asking --- */

static void list_files (Question *self);

static void
on_decided (SgQuestionWindow *window, gboolean discard, gpointer data)
{
  end (data, discard ? SG_ASK_DISCARD : SG_ASK_KEEP);
}

static void
tell_allowed (Question *self)
{
  g_autoptr (SgAllowed) allowed = sg_allowed_find (sg_link_grants (self->link), "save-files");

  if (self->window != NULL)
    sg_question_window_allow (self->window, g_strcmp0 (allowed->value, "off") != 0,
                              allowed->administrator);
}

/* The files of a machine that stopped take a start to be listed: only for whoever wants them. */
static void
on_list (SgQuestionWindow *window, gpointer data)
{
  Question *self = data;

  if (self->command != NULL)
    return;
  self->choosing = TRUE;
  list_files (self);
}

static gboolean
open_window (Question *self)
{
  if (!gtk_init_check (NULL, NULL))
    {
      sg_report_text ("there is no display to ask on");
      end (self, SG_EXIT_OURS);
      return FALSE;
    }
  g_set_prgname ("org.sandglass.Sandglass");
  gdk_set_program_class ("org.sandglass.Sandglass");
  sg_resources_use (self->appearance);
  self->window = sg_question_window_new (self->what == SG_ASK_SAVE, self->parent);
  g_signal_connect (self->window, "save", G_CALLBACK (on_save), self);
  g_signal_connect (self->window, "stop", G_CALLBACK (on_stop), self);
  g_signal_connect (self->window, "list", G_CALLBACK (on_list), self);
  g_signal_connect (self->window, "decided", G_CALLBACK (on_decided), self);
  tell_allowed (self);
  return TRUE;
}

static void
ask (Question *self)
{
  g_autofree char *words = sg_inside_words (self->inside);

  if (!open_window (self))
    return;
  if (self->what == SG_ASK_SAVE)
    sg_question_window_choose (self->window, self->inside, NULL);
  else
    sg_question_window_ask (self->window, words, self->inside);
}

/* Nothing is known, so everything may be lost. */
static void
ask_blindly (Question *self, const char *why)
{
  g_autofree char *words = g_strdup_printf (
      _ ("Sandglass could not find out which files were saved here; they will be gone.\n%s"), why);

  if (self->choosing || (self->window == NULL && open_window (self)))
    sg_question_window_ask (self->window, words, NULL);
  self->choosing = FALSE;
}

/* It cannot be looked into as it is. */
static void
ask_stopped (Question *self)
{
  if (!open_window (self))
    return;
  sg_question_window_ask (self->window,
                          _ ("It stopped unexpectedly. Files that were saved in it can still be "
                             "saved; once it is discarded, they are gone."),
                          NULL);
  sg_question_window_offer_files (self->window);
}

/* Once both are known: what was saved inside, and (the session tells) what is copied just now. */
static void
decide (Question *self)
{
  if (!self->listed || self->window != NULL || *sg_link_id (self->link) == '\0')
    return;
  g_clear_handle_id (&self->patience, g_source_remove);
  self->inside->n_copying = MAX (self->copying, sg_link_transfers (self->link));
  if (self->what == SG_ASK_CLOSE && self->inside->n_asking == 0 && self->inside->n_unfinished == 0
      && !self->inside->cut && self->inside->n_copying == 0)
    end (self, SG_ASK_NOTHING);
  else
    ask (self);
}

static void
listed (SgCommand *command, JsonNode *answer, SgProblem *problem, gpointer data)
{
  Question *self = data;

  g_clear_object (&self->command);
  if (self->window != NULL && !self->choosing)
    return; /* too late: it was asked without */
  self->inside = sg_inside_parse (answer);
  if (self->inside != NULL && self->except != NULL)
    sg_inside_leave_out (self->inside, self->except);
  self->listed = self->inside != NULL;
  if (self->listed && self->choosing)
    sg_question_window_choose (self->window, self->inside, NULL);
  else if (self->listed)
    decide (self);
  else
    {
      g_clear_handle_id (&self->patience, g_source_remove);
      ask_blindly (self, problem != NULL ? problem->message : "");
    }
}

static gboolean
too_late (gpointer data)
{
  Question *self = data;

  self->patience = 0;
  if (self->command != NULL)
    sg_command_cancel (self->command);
  ask_blindly (self, _ ("The sandbox does not answer."));
  return G_SOURCE_REMOVE;
}

static void
list_files (Question *self)
{
  self->command = sg_command_start (
      (const char *const[]){ "changes", "--json", "--", self->id, NULL }, FALSE);
  g_signal_connect (self->command, "ended", G_CALLBACK (listed), self);
}

/* --- the course of it --- */

static void
begin (Question *self)
{
  self->begun = TRUE;
  if (self->what != SG_ASK_CLOSE || !sg_link_has_stopped (self->link))
    {
      list_files (self);
      return;
    }
  g_clear_handle_id (&self->patience, g_source_remove);
  ask_stopped (self);
}

/* The sandbox is gone by itself: nothing is left to ask about. */
static void
on_gone (SgLink *link, gpointer data)
{
  end (data, SG_ASK_DISCARD);
}

static void
on_changed (SgLink *link, gpointer data)
{
  Question *self = data;

  if (!self->begun && *sg_link_id (link) != '\0')
    begin (self);
  tell_allowed (self);
  decide (self);
}

static gboolean
terminate (gpointer data)
{
  end (data, SG_ASK_KEEP);
  return G_SOURCE_CONTINUE;
}

static void
free_all (Question *self)
{
  g_clear_handle_id (&self->patience, g_source_remove);
  if (self->command != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->command, self);
      sg_command_cancel (self->command);
      g_clear_object (&self->command);
    }
  if (self->window != NULL)
    gtk_widget_destroy (GTK_WIDGET (self->window));
  g_signal_handlers_disconnect_by_data (self->link, self);
  g_clear_object (&self->link);
  sg_inside_free (self->inside);
  g_clear_pointer (&self->wanted, g_ptr_array_unref);
  if (self->failures != NULL)
    g_string_free (self->failures, TRUE);
  g_free (self->folder);
  g_main_loop_unref (self->loop);
}

int
sg_question_run (const char *id, int link_fd, SgAsk what, guint32 parent, guint copying,
                 const char *except, const char *appearance)
{
  Question self = { .id = id,
                    .what = what,
                    .parent = parent,
                    .copying = copying,
                    .except = except,
                    .appearance = appearance };

  self.loop = g_main_loop_new (NULL, FALSE);
  self.code = SG_EXIT_OURS;
  self.link = sg_link_new (link_fd);
  g_signal_connect (self.link, "gone", G_CALLBACK (on_gone), &self);
  g_signal_connect (self.link, "changed", G_CALLBACK (on_changed), &self);
  g_unix_signal_add (SIGTERM, terminate, &self);
  g_unix_signal_add (SIGINT, terminate, &self);
  self.patience = g_timeout_add_seconds (PATIENCE_SECONDS, too_late, &self);
  g_main_loop_run (self.loop);
  free_all (&self);
  return self.code;
}
