/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/fd.h"
#include "common/report.h"
#include "launcher/netgate/addresses.h"
#include "launcher/session-network-internal.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define HELPER "/usr/lib/sandglass/sandglass-net"
/* The helper itself waits for the card for 50 s. */
#define SET_UP_SEC 75
#define WORDS_MOST 512

typedef struct
{
  guint32 handle;
  int output;
  gulong exited, broken;
  guint deadline;
} SetUp;

static void
set_up_free (gpointer data)
{
  SetUp *set_up = data;

  sg_fd_clear (&set_up->output);
  g_free (set_up);
}

/* Takes ERROR (NULL: it went well) and the task. */
static void
settle (GTask *task, GError *error)
{
  SetUp *set_up = g_task_get_task_data (task);
  SgAgent *agent = g_task_get_source_object (task);

  g_clear_signal_handler (&set_up->exited, agent);
  g_clear_signal_handler (&set_up->broken, agent);
  g_clear_handle_id (&set_up->deadline, g_source_remove);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

/* What it said last, safe to show. */
static char *
words_of (int fd)
{
  char buffer[WORDS_MOST + 1];
  ssize_t n = read (fd, buffer, WORDS_MOST);

  buffer[MAX (n, 0)] = '\0';
  return sg_printable (g_strstrip (buffer));
}

static void
on_exited (SgAgent *agent, guint handle, gboolean signalled, int code, const char *message,
           GTask *task)
{
  SetUp *set_up = g_task_get_task_data (task);
  g_autofree char *words = NULL;

  if (handle != set_up->handle)
    return;
  if (!signalled && code == 0)
    {
      settle (task, NULL);
      return;
    }
  words = *message != '\0' ? sg_printable (message) : words_of (set_up->output);
  settle (task, g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "%s",
                             *words != '\0' ? words : "the sandbox gives no reason"));
}

static void
on_broken (SgAgent *agent, const char *why, GTask *task)
{
  settle (task, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED, why));
}

static gboolean
too_late (gpointer data)
{
  GTask *task = data;
  SetUp *set_up = g_task_get_task_data (task);

  set_up->deadline = 0;
  sg_agent_drop (g_task_get_source_object (task), set_up->handle);
  settle (task,
          g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "the sandbox did not do it in time"));
  return G_SOURCE_REMOVE;
}

static guint32
start (SgAgent *agent, const char *mac, int *ret_output, GError **error)
{
  g_autofree char *mtu = g_strdup_printf ("%d", SG_GATE_MTU);
  g_autofree char *four = g_strdup_printf ("%s/%d", SG_GATE_GUEST4, SG_GATE_PREFIX4);
  g_autofree char *six = g_strdup_printf ("%s/%d", SG_GATE_GUEST6, SG_GATE_PREFIX6);
  const char *argv[]
      = { HELPER, mac, mtu, four, SG_GATE_GATEWAY4, six, SG_GATE_GATEWAY6, SG_GATE_DNS4, NULL };
  SgAgentCommand command = { .argv = argv, .cwd = "/", .user = "root" };
  sg_fd int null = sg_open_at (AT_FDCWD, "/dev/null", O_RDWR, 0, error);
  guint32 handle;
  int said[2];

  if (null < 0)
    return 0;
  if (pipe2 (said, O_CLOEXEC | O_NONBLOCK) < 0)
    {
      sg_errno (error, "Cannot create a pipe");
      return 0;
    }
  *ret_output = said[0];
  fcntl (said[1], F_SETFL, 0); /* the relay's threads block */
  handle = sg_agent_exec (agent, &command, null, null, said[1], error);
  close (said[1]);
  return handle;
}

void
sg_network_guest_async (SgAgent *agent, const char *mac, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (agent, cancellable, callback, data);
  SetUp *set_up = g_new0 (SetUp, 1);
  GError *error = NULL;

  set_up->output = -1;
  g_task_set_task_data (task, set_up, set_up_free);
  set_up->handle = start (agent, mac, &set_up->output, &error);
  if (set_up->handle == 0)
    {
      settle (task, error);
      return;
    }
  set_up->exited = g_signal_connect (agent, "exited", G_CALLBACK (on_exited), task);
  set_up->broken = g_signal_connect (agent, "broken", G_CALLBACK (on_broken), task);
  set_up->deadline = g_timeout_add_seconds (SET_UP_SEC, too_late, task);
}

gboolean
sg_network_guest_finish (SgAgent *agent, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, agent), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
