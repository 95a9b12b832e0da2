/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/session-print.h"

#include "common/fd.h"
#include "common/report.h"
#include "launcher/console.h"
#include "launcher/spawn.h"

#include <fcntl.h>
#include <unistd.h>

#define LISTENER "/usr/lib/sandglass/sandglass-print"

struct SgPrint
{
  SgPrintLost lost;
  gpointer data;
  SgAgent *agent;
  guint32 handle; /* of the listener; 0: it has ended */
  gulong exited, broken;
  SgChild *gate;
  SgConsole *said; /* by the listener and the gate */
};

static void
lose (SgPrint *print, const char *why)
{
  SgPrintLost lost = print->lost;
  g_autofree char *said = NULL, *words = NULL;

  print->lost = NULL;
  if (lost == NULL)
    return;
  sg_console_drain (print->said);
  said = sg_console_words (print->said, 1);
  words = g_strdup_printf ("The sandbox cannot print any more: %s%s%s.", why,
                           said != NULL ? ": " : "", said != NULL ? said : "");
  lost (words, print->data);
}

static void
gate_ended (SgChild *child, int status, gpointer data)
{
  lose (data, "the gate to your printers has ended");
}

static void
on_exited (SgAgent *agent, guint handle, gboolean signalled, int code, const char *message,
           SgPrint *print)
{
  g_autofree char *safe = sg_printable (message);

  if (handle != print->handle)
    return;
  print->handle = 0;
  lose (print, *safe != '\0' ? safe : "its listener inside has ended");
}

/* What ends the agent is told by others. */
static void
on_broken (SgAgent *agent, const char *why, SgPrint *print)
{
  print->handle = 0;
  print->lost = NULL;
}

static gboolean
start_gate (SgPrint *print, const SgPlan *plan, int guest, int said, GError **error)
{
  g_auto (GStrv) argv = sg_plan_printgate (plan, g_get_user_name ());
  const SgSpawn settings = { .name = "The gate to the printers",
                             .argv = (const char *const *)argv,
                             .in = -1,
                             .out = -1,
                             .err = said,
                             .fds = &guest,
                             .n_fds = 1,
                             .files = plan->confine_printgate->files };

  print->gate = sg_spawn (&settings, gate_ended, print, error);
  return print->gate != NULL;
}

static gboolean
start_listener (SgPrint *print, int gate, int said, GError **error)
{
  const char *argv[] = { LISTENER, NULL };
  const SgAgentCommand command = { .argv = argv, .cwd = "/", .user = "root" };

  print->handle = sg_agent_exec (print->agent, &command, gate, gate, said, error);
  return print->handle != 0;
}

SgPrint *
sg_print_new (const SgPlan *plan, SgAgent *agent, SgPrintLost lost, gpointer data, GError **error)
{
  g_autoptr (SgPrint) print = g_new0 (SgPrint, 1);
  sg_fd int inside = -1, outside = -1, said = -1;
  int pipe_ends[2];

  print->agent = g_object_ref (agent);
  if (!sg_socketpair (&inside, &outside, error))
    return NULL;
  if (pipe2 (pipe_ends, O_CLOEXEC) < 0)
    {
      sg_errno (error, "Cannot create a pipe");
      return NULL;
    }
  print->said = sg_console_new (pipe_ends[0]);
  said = pipe_ends[1];
  if (!start_gate (print, plan, outside, said, error)
      || !start_listener (print, inside, said, error))
    return NULL;
  print->exited = g_signal_connect (agent, "exited", G_CALLBACK (on_exited), print);
  print->broken = g_signal_connect (agent, "broken", G_CALLBACK (on_broken), print);
  print->lost = lost;
  print->data = data;
  return g_steal_pointer (&print);
}

void
sg_print_free (SgPrint *print)
{
  if (print == NULL)
    return;
  g_clear_signal_handler (&print->exited, print->agent);
  g_clear_signal_handler (&print->broken, print->agent);
  if (print->handle != 0)
    sg_agent_drop (print->agent, print->handle);
  if (print->gate != NULL)
    sg_child_kill (print->gate);
  g_clear_pointer (&print->gate, sg_child_free);
  g_clear_pointer (&print->said, sg_console_free);
  g_clear_object (&print->agent);
  g_free (print);
}
