/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/qmp-kit.h"

#include "common/fd.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_SEC 60

const char *
qmp_kit_qemu (void)
{
  static char *path;

  if (path == NULL)
    path = g_find_program_in_path ("qemu-system-x86_64");
  return path;
}

void
qmp_kit_keep (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **)data = g_object_ref (result);
}

static gboolean
tick (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

void
qmp_kit_spin (gconstpointer *what)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE_SEC * G_USEC_PER_SEC;
  guint timer = g_timeout_add (50, tick, NULL);

  while (*what == NULL && g_get_monotonic_time () < deadline)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timer);
  ck_assert_msg (*what != NULL, "it did not happen in time");
}

static void
on_closed (SgQmp *qmp, const char *why, gpointer data)
{
  QmpKit *kit = data;

  ck_assert_ptr_null (kit->closed);
  kit->closed = g_strdup (why);
}

void
qmp_kit_start (QmpKit *kit, const char *const *more)
{
  qmp_kit_start_in (kit, NULL, more);
}

void
qmp_kit_start_in (QmpKit *kit, const char *const *before, const char *const *more)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *chardev = NULL;
  const char *fixed[] = { qmp_kit_qemu (), "-nodefaults", "-no-user-config",       "-display",
                          "none",          "-mon",        "chardev=q,mode=control" };
  pid_t parent = getpid ();
  int ours, theirs;

  ck_assert (sg_socketpair (&ours, &theirs, NULL));
  chardev = g_strdup_printf ("socket,id=q,fd=%d", theirs);
  for (; before != NULL && *before != NULL; before++)
    g_ptr_array_add (argv, (char *)*before);
  for (guint i = 0; i < G_N_ELEMENTS (fixed); i++)
    g_ptr_array_add (argv, (char *)fixed[i]);
  g_ptr_array_add (argv, (char *)"-chardev");
  g_ptr_array_add (argv, chardev);
  for (; *more != NULL; more++)
    g_ptr_array_add (argv, (char *)*more);
  g_ptr_array_add (argv, NULL);
  kit->closed = NULL;
  kit->pid = fork ();
  ck_assert_int_ge (kit->pid, 0);
  if (kit->pid == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      if (getppid () != parent)
        _exit (1);
      fcntl (theirs, F_SETFD, 0);
      execv (argv->pdata[0], (char **)argv->pdata);
      _exit (127);
    }
  close (theirs);
  kit->qmp = sg_qmp_new (ours);
  g_signal_connect (kit->qmp, "closed", G_CALLBACK (on_closed), kit);
}

void
qmp_kit_stop (QmpKit *kit)
{
  kill (kit->pid, SIGKILL);
  waitpid (kit->pid, NULL, 0);
  if (kit->closed == NULL)
    QMP_KIT_SPIN (kit->closed);
  g_signal_handlers_disconnect_by_data (kit->qmp, kit);
  g_clear_object (&kit->qmp);
  g_clear_pointer (&kit->closed, g_free);
}

JsonNode *
qmp_kit_call_fd (SgQmp *qmp, const char *command, JsonNode *arguments, int fd, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) unexpected = NULL;
  JsonNode *answer;

  sg_qmp_call_async (qmp, command, arguments, fd, NULL, qmp_kit_keep, &result);
  QMP_KIT_SPIN (result);
  answer = sg_qmp_call_finish (qmp, result, error != NULL ? error : &unexpected);
  ck_assert_msg (unexpected == NULL, "%s: %s", command,
                 unexpected != NULL ? unexpected->message : "");
  return answer;
}

JsonNode *
qmp_kit_call (SgQmp *qmp, const char *command, JsonNode *arguments, GError **error)
{
  return qmp_kit_call_fd (qmp, command, arguments, -1, error);
}
