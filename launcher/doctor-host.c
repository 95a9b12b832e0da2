/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/doctor-internal.h"

#include "common/report.h"

#include <string.h>
#include <unistd.h>

#define PATIENCE_SEC 10
#define OUTPUT_MAX 4096

const char *
sg_host_getenv (const SgDoctorHost *host, const char *name)
{
  const char *value = host->environment != NULL
                          ? g_environ_getenv ((char **)host->environment, name)
                          : g_getenv (name);

  return value != NULL && *value != '\0' ? value : NULL;
}

char *
sg_host_path (const SgDoctorHost *host, const char *path)
{
  return g_build_filename (host->root != NULL ? host->root : "/", path, NULL);
}

char *
sg_host_read (const SgDoctorHost *host, const char *path)
{
  g_autofree char *full = sg_host_path (host, path);
  char *text = NULL;

  return g_file_get_contents (full, &text, NULL, NULL) ? g_strchomp (text) : NULL;
}

/* PATH of an ordinary user often lacks the sbin directories, where mke2fs lives. */
char *
sg_host_program (const SgDoctorHost *host, const char *program)
{
  const char *own = g_getenv ("PATH");
  g_autofree char *search
      = host->search != NULL
            ? g_strdup (host->search)
            : g_strconcat (own != NULL ? own : "", ":/usr/sbin:/sbin", NULL);
  g_auto (GStrv) dirs = g_strsplit (search, ":", -1);

  for (char **dir = dirs; *dir != NULL; dir++)
    {
      g_autofree char *path = g_build_filename (*dir, program, NULL);
      if (g_path_is_absolute (path) && g_file_test (path, G_FILE_TEST_IS_REGULAR)
          && access (path, X_OK) == 0)
        return g_steal_pointer (&path);
    }
  return NULL;
}

static gboolean
too_long (gpointer data)
{
  g_subprocess_force_exit (data);
  return G_SOURCE_REMOVE;
}

typedef struct
{
  gboolean done;
  GBytes *output;
} Ran;

static void
ran (GObject *source, GAsyncResult *result, gpointer data)
{
  Ran *outcome = data;

  g_subprocess_communicate_finish (G_SUBPROCESS (source), result, &outcome->output, NULL, NULL);
  outcome->done = TRUE;
}

static char *
shorten (GBytes *output)
{
  gsize len = 0;
  const char *data = output != NULL ? g_bytes_get_data (output, &len) : NULL;
  g_autofree char *text = g_strndup (data != NULL ? data : "", MIN (len, OUTPUT_MAX));

  return g_strchomp (sg_printable (text));
}

int
sg_host_run (const char *const *argv, GCancellable *cancellable, char **ret_output)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GSource) patience = g_timeout_source_new_seconds (PATIENCE_SEC);
  g_autoptr (GSubprocess) child = NULL;
  Ran outcome = { 0 };
  int status = -1;

  g_main_context_push_thread_default (context);
  child = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE,
                             NULL);
  if (child != NULL)
    {
      g_source_set_callback (patience, too_long, child, NULL);
      g_source_attach (patience, context);
      g_subprocess_communicate_async (child, NULL, cancellable, ran, &outcome);
      while (!outcome.done)
        g_main_context_iteration (context, TRUE);
      if (g_cancellable_is_cancelled (cancellable))
        g_subprocess_force_exit (child);
      else if (g_subprocess_wait (child, NULL, NULL) && g_subprocess_get_if_exited (child))
        status = g_subprocess_get_exit_status (child);
      g_source_destroy (patience);
    }
  g_main_context_pop_thread_default (context);
  *ret_output = shorten (outcome.output);
  g_clear_pointer (&outcome.output, g_bytes_unref);
  return status;
}
