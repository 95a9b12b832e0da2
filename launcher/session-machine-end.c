/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/session-machine-internal.h"

#include "launcher/session-words.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <sys/wait.h>

/* How long a broken agent's connection waits for the machine's own end to explain it. */
#define GRACE_MSEC 500
/* So many times as long where QEMU has let go of its monitor: a busy kernel takes its time to bury
 * it, and its end is sure to come. */
#define GRACES_MOST 20

/* Nobody inside wanted its end, and its disk is one that commands have run from.  One that does not
 * come up again switches itself off, which nobody wanted. */
gboolean
sg_machine_would_keep (SgMachine *machine)
{
  gboolean wanted = machine->shutdown != NULL && g_str_has_prefix (machine->shutdown, "guest-");

  return (machine->usable ? !wanted : machine->again) && machine->overlay != NULL
         && machine->source.keep_disk && machine->funcs->keeps (machine->data);
}

char *
sg_machine_start_words (SgMachine *machine, const char *why, const char *console)
{
  return machine->again ? sg_words_not_again (why, console, sg_machine_would_keep (machine))
                        : sg_words_not_started (why, console);
}

void
sg_machine_over (SgMachine *machine, char *why)
{
  g_autofree char *words = why;

  if (machine->over)
    return;
  if (machine->source.draft != NULL && sg_template_draft_is_full (machine->source.draft))
    {
      g_free (words);
      words = g_strdup (_ ("The disk became full while a sandbox was prepared for quick starts"));
    }
  machine->over = TRUE;
  g_cancellable_cancel (machine->cancellable);
  g_cancellable_cancel (machine->booted);
  machine->kept = sg_machine_would_keep (machine);
  machine->funcs->ended (words, machine->data);
}

void
sg_machine_over_by_error (SgMachine *machine, const GError *error)
{
  g_autofree char *console = sg_console_words (machine->c.console, 3);

  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    sg_machine_over (machine, machine->usable
                                  ? g_strdup (error->message)
                                  : sg_machine_start_words (machine, error->message, console));
}

/* QEMU is gone: by what the guest did, or by a fault of its own. */
static char *
qemu_ended_words (SgMachine *machine, int status)
{
  g_autofree char *said = NULL, *console = NULL;

  sg_console_drain (machine->c.said[SG_CHILD_QEMU]);
  sg_console_drain (machine->c.console);
  said = sg_console_words (machine->c.said[SG_CHILD_QEMU], 3);
  console = sg_console_words (machine->c.console, 3);
  return sg_words_machine_ended (&(SgMachineEnd){ .shutdown = machine->shutdown,
                                                  .status = status,
                                                  .said = said,
                                                  .console = console,
                                                  .running = machine->running,
                                                  .again = machine->again,
                                                  .usable = machine->usable,
                                                  .kept = sg_machine_would_keep (machine) });
}

static gboolean
broken_stands (gpointer data)
{
  SgMachine *machine = data;

  if (machine->leaving && ++machine->graces < GRACES_MOST)
    return G_SOURCE_CONTINUE;
  machine->grace = 0;
  sg_machine_over (machine, machine->usable ? g_strdup (machine->broken)
                                            : sg_machine_start_words (machine, machine->broken, NULL));
  return G_SOURCE_REMOVE;
}

/* Something beside the machine ended in good order.  That is what they do when the machine ends,
 * and the machine's end is the better reason: it has a moment to come. */
void
sg_machine_broke (SgMachine *machine, const char *why)
{
  if (machine->over || machine->grace != 0)
    return;
  machine->broken = g_strdup (why);
  machine->grace = g_timeout_add (GRACE_MSEC, broken_stands, machine);
}

static void
helper_ended (SgMachine *machine, int which, int status)
{
  g_autofree char *said = NULL, *words = NULL;

  if (which == SG_CHILD_RELAY && (sg_machine_restart_goes_on (machine) || machine->running))
    return; /* the agent's "broken" says it better */
  sg_console_drain (machine->c.said[which]);
  said = sg_console_words (machine->c.said[which], 3);
  words = sg_words_helper_ended (which == SG_CHILD_NBDKIT ? "The server of the sandbox's files"
                                                          : "The relay for the sandbox's commands",
                                 status, said);
  if (status == 0)
    sg_machine_broke (machine, words);
  else
    sg_machine_over (machine, g_steal_pointer (&words));
}

/* bubblewrap, which is around it, ends with 128 and the signal. */
static gboolean
is_crash (int status)
{
  return WIFSIGNALED (status) || (WIFEXITED (status) && WEXITSTATUS (status) > 128);
}

void
sg_machine_child_ended (SgChild *child, int status, gpointer data)
{
  SgMachine *machine = data;

  if (child == machine->c.children[SG_CHILD_QEMU])
    {
      machine->crashed = is_crash (status) && machine->shutdown == NULL && !machine->usable
                         && !machine->again;
      sg_machine_over (machine, qemu_ended_words (machine, status));
    }
  else
    helper_ended (machine,
                  child == machine->c.children[SG_CHILD_NBDKIT] ? SG_CHILD_NBDKIT : SG_CHILD_RELAY,
                  status);
}

/* --- timings ------------------------------------------------------------------------------------
 */

void
sg_machine_on_step (const char *step, gint64 usec, gpointer data)
{
  SgMachine *machine = data;

  if (machine->source.timings)
    fprintf (stderr, "%9.1f ms %9.1f ms  %s\n",
             (double)(g_get_monotonic_time () - machine->begun) / 1000, (double)usec / 1000, step);
}

void
sg_machine_mark (SgMachine *machine, const char *what)
{
  sg_machine_on_step (what, 0, machine);
}
