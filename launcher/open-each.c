/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several files: each is another `sandglass open`. */
#include "common/report.h"
#include "launcher/cmd-save.h"
#include "launcher/open-program.h"

static void
one_ended (GObject *source, GAsyncResult *result, gpointer data)
{
  guint *left = data;

  g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  --*left;
}

static void
pass_signal (GCancellable *cancellable, gpointer data)
{
  GPtrArray *processes = data;

  for (guint i = 0; i < processes->len; i++)
    g_subprocess_send_signal (processes->pdata[i], SIGTERM);
}

int
sg_open_each (GPtrArray *options, char **files)
{
  g_autoptr (GPtrArray) processes = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GCancellable) cancellable = sg_cancel_by_signal ();
  guint left = 0;
  int code = SG_EXIT_OK;

  for (; *files != NULL; files++)
    {
      g_autoptr (GPtrArray) argv = g_ptr_array_new ();
      g_autoptr (GError) error = NULL;
      GSubprocess *process;

      g_ptr_array_add (argv, (gpointer) "/proc/self/exe");
      g_ptr_array_add (argv, (gpointer) "open");
      g_ptr_array_extend (argv, options, NULL, NULL);
      g_ptr_array_add (argv, (gpointer) "--");
      g_ptr_array_add (argv, *files);
      g_ptr_array_add (argv, NULL);
      process = g_subprocess_newv ((const char *const *)argv->pdata,
                                   G_SUBPROCESS_FLAGS_STDIN_INHERIT, &error);
      if (process == NULL)
        {
          sg_report (error);
          code = SG_EXIT_OURS;
          continue;
        }
      left++;
      g_subprocess_wait_async (process, NULL, one_ended, &left);
      g_ptr_array_add (processes, process);
    }
  g_cancellable_connect (cancellable, G_CALLBACK (pass_signal), processes, NULL);
  while (left > 0)
    g_main_context_iteration (NULL, TRUE);
  for (guint i = 0; i < processes->len; i++)
    if (!g_subprocess_get_if_exited (processes->pdata[i])
        || g_subprocess_get_exit_status (processes->pdata[i]) != 0)
      code = code == SG_EXIT_OK ? SG_EXIT_FAILED : code;
  return code;
}
