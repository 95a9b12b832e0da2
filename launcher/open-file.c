/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines arrive in the reading thread; each becomes an idle call of the main loop.  A guest that
 * says more than a few lines, or one that is too long, is not listened to any further. */
#include "launcher/open-file.h"

#include "common/report.h"
#include "launcher/transfer-run.h"

#include <string.h>

#define HELPER "/usr/lib/sandglass/sandglass-open"
#define TOLD_MAX 400
#define TOLD_LINES 32
#define PROGRAMS_MAX 50
#define ID_MAX 200
#define LIST_MSEC 15000

typedef struct
{
  SgOpenFunc func;
  gpointer func_data;
  GMainContext *context; /* owned */
  GTask *task;           /* not owned: it outlives the thread that reads */
  char line[TOLD_MAX + 1];
  gsize len;
  guint lines;
  gboolean over; /* closed or failed: nothing counts any more */
} Opened;

typedef struct
{
  GTask *task; /* owned */
  char *line;  /* owned */
} Said;

static void
opened_free (gpointer data)
{
  Opened *opened = data;

  g_main_context_unref (opened->context);
  g_free (opened);
}

static void
said_free (gpointer data)
{
  Said *said = data;

  g_object_unref (said->task);
  g_free (said->line);
  g_free (said);
}

static gboolean
hear (gpointer data)
{
  static const char *const events[] = { "started", "window", "none", "closed", "failed" };
  const Said *said = data;
  Opened *opened = g_task_get_task_data (said->task);
  const char *space = strchr (said->line, ' ');
  gsize len = space != NULL ? (gsize)(space - said->line) : strlen (said->line);
  g_autofree char *words = sg_printable_line (space != NULL ? space + 1 : "");

  for (gsize i = 0; i < G_N_ELEMENTS (events) && !opened->over; i++)
    if (strlen (events[i]) == len && strncmp (said->line, events[i], len) == 0)
      {
        opened->over = i == SG_OPEN_CLOSED || i == SG_OPEN_FAILED;
        opened->func ((SgOpenEvent)i, words, opened->func_data);
      }
  return G_SOURCE_REMOVE;
}

static void
pass_on (Opened *opened)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  Said *said = g_new0 (Said, 1);

  said->task = g_object_ref (opened->task);
  said->line = g_strndup (opened->line, opened->len);
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, hear, said, said_free);
  g_source_attach (source, opened->context);
}

/* In the reading thread. */
static gboolean
take (const guint8 *bytes, gsize len, gpointer data, GError **error)
{
  Opened *opened = data;

  for (gsize i = 0; i < len; i++)
    {
      if (opened->len == TOLD_MAX || opened->lines == TOLD_LINES || bytes[i] == '\0')
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                       "The sandbox tells nonsense about its windows");
          return FALSE;
        }
      if (bytes[i] != '\n')
        {
          opened->line[opened->len++] = (char)bytes[i];
          continue;
        }
      pass_on (opened);
      opened->len = 0;
      opened->lines++;
    }
  return TRUE;
}

static void
helper_ended (GObject *source, GAsyncResult *async, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  g_autoptr (SgTransferResult) result = sg_transfer_run_finish (async, &error);

  if (result == NULL)
    g_task_return_error (task, error);
  else if (result->code == 0 || result->code == 1)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED,
                             "The windows inside cannot be watched any more");
}

void
sg_open_file_async (GDBusConnection *connection, const char *id, const char *path, int in,
                    SgOpenFunc func, gpointer func_data, GCancellable *cancellable,
                    GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  Opened *opened = g_new0 (Opened, 1);
  const char *argv[] = { HELPER, path != NULL ? "--with" : "--later", id, path, NULL };
  SgTransferCommand command
      = { .argv = argv, .in = path != NULL ? -1 : in, .sink = take, .sink_data = opened };

  g_task_set_source_tag (task, sg_open_file_async);
  g_task_set_check_cancellable (task, FALSE);
  opened->func = func;
  opened->func_data = func_data;
  opened->context = g_main_context_ref (g_task_get_context (task));
  opened->task = task;
  g_task_set_task_data (task, opened, opened_free);
  sg_transfer_run_async (connection, &command, cancellable, helper_ended, task);
}

gboolean
sg_open_file_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- which programs there are -------------------------------------------------------------------
 */

static void
program_free (gpointer data)
{
  SgOpenProgram *program = data;

  g_free (program->id);
  g_free (program->name);
  g_free (program);
}

static gboolean
is_desktop_id (const char *id)
{
  if (!g_str_has_suffix (id, ".desktop") || strlen (id) > ID_MAX || *id == '-' || *id == '.')
    return FALSE;
  for (const char *p = id; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("-_.+@ ", *p) == NULL)
      return FALSE;
  return TRUE;
}

GPtrArray *
sg_open_programs_parse (const char *text, gsize len)
{
  GPtrArray *programs = g_ptr_array_new_with_free_func (program_free);
  g_autofree char *copy = text != NULL ? g_strndup (text, len) : g_strdup ("");
  g_auto (GStrv) lines = g_strsplit (copy, "\n", PROGRAMS_MAX + 1);

  for (guint i = 0; lines[i] != NULL && i < PROGRAMS_MAX; i++)
    {
      g_auto (GStrv) words = g_strsplit (lines[i], " ", 3);
      SgOpenProgram *program;

      if (g_strv_length (words) != 3 || !g_str_equal (words[0], "program")
          || !is_desktop_id (words[1]) || *words[2] == '\0' || strlen (words[2]) > TOLD_MAX)
        continue;
      program = g_new0 (SgOpenProgram, 1);
      program->id = g_strdup (words[1]);
      program->name = sg_printable_line (words[2]);
      g_ptr_array_add (programs, program);
    }
  return programs;
}

static void
listed (GObject *source, GAsyncResult *async, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  g_autoptr (SgTransferResult) result = sg_transfer_run_finish (async, &error);
  gsize len = 0;
  const char *text;

  if (result == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  text = g_bytes_get_data (result->out, &len);
  g_task_return_pointer (task, sg_open_programs_parse (text, len),
                         (GDestroyNotify)g_ptr_array_unref);
}

void
sg_open_programs_async (GDBusConnection *connection, const char *type, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  const char *argv[] = { HELPER, "--list", type, NULL };
  SgTransferCommand command = { .argv = argv, .in = -1, .idle_msec = LIST_MSEC, .most = 64 * 1024 };

  g_task_set_source_tag (task, sg_open_programs_async);
  g_task_set_check_cancellable (task, FALSE);
  sg_transfer_run_async (connection, &command, cancellable, listed, task);
}

GPtrArray *
sg_open_programs_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
