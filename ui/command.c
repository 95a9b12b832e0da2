/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/command.h"

#include "common/paths.h"
#include "ui/problem.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <string.h>

/* What a command of ours may print before it is taken for broken. */
#define OUTPUT_MAX (4 * 1024 * 1024)
#define COMPLAINT_MAX (16 * 1024)

struct _SgCommand
{
  GObject parent;
  GSubprocess *process; /* owned; NULL: could not start */
  GDataInputStream *output;
  GDataInputStream *complaints;
  GString *whole;    /* all lines, unless by_lines */
  GString *stderred; /* what was said on stderr */
  gboolean by_lines;
  gsize n_read;
  guint running; /* reading stdout, reading stderr, waiting */
};

G_DEFINE_TYPE (SgCommand, sg_command, G_TYPE_OBJECT)

enum
{
  LINE,
  ENDED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static JsonNode *
parse (const char *text)
{
  g_autoptr (JsonParser) parser = json_parser_new ();

  if (!json_parser_load_from_data (parser, text, -1, NULL))
    return NULL;
  return json_parser_steal_root (parser);
}

static SgProblem *
find_problem (SgCommand *self, JsonNode *answer)
{
  g_autofree char *said = g_strstrip (g_strdup (self->stderred->str));

  if (self->by_lines ? self->n_read > 0 : answer != NULL)
    return NULL;
  return sg_problem_new (_ ("Sandglass could not look at this computer"),
                         *said != '\0' ? said : _ ("A part of Sandglass ended without an answer."),
                         _ ("Next: install Sandglass again, then try once more."), said);
}

static void
end (SgCommand *self)
{
  g_autoptr (JsonNode) answer = self->by_lines ? NULL : parse (self->whole->str);
  g_autoptr (SgProblem) problem = find_problem (self, answer);

  g_signal_emit (self, signals[ENDED], 0, answer, problem);
}

/* Each of the three works under way holds a reference. */
static void
one_done (SgCommand *self)
{
  self->running--;
  if (self->running == 0)
    end (self);
  g_object_unref (self);
}

static void read_output (SgCommand *self);
static void read_complaints (SgCommand *self);

static void
take_line (SgCommand *self, const char *line)
{
  g_autoptr (JsonNode) node = self->by_lines ? parse (line) : NULL;

  if (!self->by_lines)
    g_string_append_printf (self->whole, "%s\n", line);
  else if (node != NULL)
    g_signal_emit (self, signals[LINE], 0, node);
}

static void
output_read (GObject *source, GAsyncResult *result, gpointer data)
{
  SgCommand *self = data;
  gsize length = 0;
  g_autoptr (GError) error = NULL;
  g_autofree char *line = g_data_input_stream_read_line_finish_utf8 (G_DATA_INPUT_STREAM (source),
                                                                     result, &length, &error);

  self->n_read += line != NULL ? length + 1 : 0;
  if (error != NULL || self->n_read > OUTPUT_MAX)
    g_subprocess_force_exit (self->process); /* else it waits for a reader for ever */
  else if (line != NULL)
    {
      take_line (self, line);
      read_output (self);
      return;
    }
  one_done (self);
}

static void
read_output (SgCommand *self)
{
  g_data_input_stream_read_line_async (self->output, G_PRIORITY_DEFAULT, NULL, output_read, self);
}

static void
complaint_read (GObject *source, GAsyncResult *result, gpointer data)
{
  SgCommand *self = data;
  g_autofree char *line = g_data_input_stream_read_line_finish_utf8 (G_DATA_INPUT_STREAM (source),
                                                                     result, NULL, NULL);

  if (line == NULL)
    {
      one_done (self);
      return;
    }
  if (self->stderred->len + strlen (line) < COMPLAINT_MAX)
    g_string_append_printf (self->stderred, "%s\n", line);
  read_complaints (self);
}

static void
read_complaints (SgCommand *self)
{
  g_data_input_stream_read_line_async (self->complaints, G_PRIORITY_DEFAULT, NULL, complaint_read,
                                       self);
}

static void
exited (GObject *source, GAsyncResult *result, gpointer data)
{
  g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  one_done (data);
}

static gboolean
end_without_start (gpointer data)
{
  end (data);
  return G_SOURCE_REMOVE;
}

/* The command line's program: beside us in a build tree, in BINDIR when installed. */
static char *
find_program (void)
{
  char *path = sg_paths_program ("sandglass", NULL);

  return path != NULL ? path : g_build_filename (SG_BINDIR, "sandglass", NULL);
}

static void
start (SgCommand *self, const char *const *arguments)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *program = find_program ();
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (argv, program);
  for (gsize i = 0; arguments[i] != NULL; i++)
    g_ptr_array_add (argv, (gpointer)arguments[i]);
  g_ptr_array_add (argv, NULL);
  self->process
      = g_subprocess_newv ((const char *const *)argv->pdata,
                           G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &error);
  if (self->process == NULL)
    {
      g_string_assign (self->stderred, error->message);
      g_idle_add_full (G_PRIORITY_DEFAULT, end_without_start, g_object_ref (self), g_object_unref);
      return;
    }
  self->output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  self->complaints = g_data_input_stream_new (g_subprocess_get_stderr_pipe (self->process));
  self->running = 3;
  for (guint i = 0; i < self->running; i++)
    g_object_ref (self);
  read_output (self);
  read_complaints (self);
  g_subprocess_wait_async (self->process, NULL, exited, self);
}

SgCommand *
sg_command_start (const char *const *arguments, gboolean by_lines)
{
  SgCommand *self = g_object_new (SG_TYPE_COMMAND, NULL);

  self->by_lines = by_lines;
  start (self, arguments);
  return self;
}

void
sg_command_cancel (SgCommand *command)
{
  if (command->process != NULL)
    g_subprocess_send_signal (command->process, SIGINT);
}

static void
sg_command_finalize (GObject *object)
{
  SgCommand *self = SG_COMMAND (object);

  g_clear_object (&self->output);
  g_clear_object (&self->complaints);
  g_clear_object (&self->process);
  g_string_free (self->whole, TRUE);
  g_string_free (self->stderred, TRUE);
  G_OBJECT_CLASS (sg_command_parent_class)->finalize (object);
}

static void
sg_command_class_init (SgCommandClass *class)
{
  G_OBJECT_CLASS (class)->finalize = sg_command_finalize;
  signals[LINE] = g_signal_new ("line", SG_TYPE_COMMAND, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, JSON_TYPE_NODE);
  signals[ENDED] = g_signal_new ("ended", SG_TYPE_COMMAND, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 2, JSON_TYPE_NODE, SG_TYPE_PROBLEM);
}

static void
sg_command_init (SgCommand *self)
{
  self->whole = g_string_new (NULL);
  self->stderred = g_string_new (NULL);
}
