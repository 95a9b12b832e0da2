/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A restart inside: the machine boots again from its own disk.
 *
 * QEMU stops where the guest switches off or restarts ("-no-reboot", and the action "pause"), and
 * asks nobody but us what comes then:
 *
 *   SHUTDOWN, "guest-reset"   the machine stands
 *   system_reset, cont        from here on until the agent answers it may reset itself, some times
 *   chardev-change            the agent's port gets a new other end; the old relay reads what was
 *                             left there, passes it on, says farewell and ends
 *   a new relay               no byte of before reaches it, and no command or call outlives the old
 *   hello, clock, entropy     as after any start
 *
 * The guest says when, so a restart gives it nothing: only a machine whose session allowed it has
 * one, it takes the permission until commands run again, and who restarts all the time is ended. */
#include "launcher/session-machine-internal.h"

#include "common/fd.h"
#include "launcher/session-words.h"

#include <string.h>

/* Programs that do not read what was written for them keep the old relay so long. */
#define FAREWELL_SEC 8
/* More restarts than this in so much time are a system that fails again and again. */
#define MOST_RESTARTS 10
#define RESTARTS_USEC (600 * G_USEC_PER_SEC)
/* A warm BIOS resets the machine some four times itself before it begins. */
#define MOST_RESETS 12

static gboolean
is_one_too_many (SgMachine *machine)
{
  gint64 now = g_get_monotonic_time ();

  if (machine->restarts == NULL)
    machine->restarts = g_array_new (FALSE, FALSE, sizeof (gint64));
  while (machine->restarts->len > 0
         && now - g_array_index (machine->restarts, gint64, 0) > RESTARTS_USEC)
    g_array_remove_index (machine->restarts, 0);
  g_array_append_val (machine->restarts, now);
  return machine->restarts->len > MOST_RESTARTS;
}

/* --- the agent's port ---------------------------------------------------------------------------
 */

/* All three: QEMU has the new end, the old relay is gone, and the agent's connection says so. */
static void
go_on (SgMachine *machine)
{
  g_autoptr (GError) error = NULL;
  sg_fd int port = -1;

  if (machine->over || !machine->port_is_new || !sg_agent_is_broken (machine->c.agent)
      || sg_child_pid (machine->c.children[SG_CHILD_RELAY]) != 0)
    return;
  machine->port_is_new = FALSE;
  g_clear_handle_id (&machine->farewell, g_source_remove);
  port = sg_fd_steal (&machine->port);
  if (!sg_children_start_relay (
          &machine->c, machine->plan, port,
          &(SgChildrenFuncs){ .ended = sg_machine_child_ended, .data = machine }, &error))
    {
      sg_machine_over_by_error (machine, error);
      return;
    }
  machine->funcs->restarts (machine->data);
  machine->restarting = FALSE;
  if (!machine->over)
    sg_machine_greet (machine);
}

static gboolean
go_on_in_idle (gpointer data)
{
  go_on (data);
  return G_SOURCE_REMOVE;
}

/* Not in the middle of the signal that brought it. */
gboolean
sg_machine_restart_goes_on (SgMachine *machine)
{
  if (machine->restarting)
    g_idle_add_full (G_PRIORITY_DEFAULT, go_on_in_idle, sg_machine_hold (machine),
                     (GDestroyNotify)sg_machine_let_loose);
  return machine->restarting;
}

static gboolean
farewell_is_over (gpointer data)
{
  SgMachine *machine = data;

  machine->farewell = 0;
  sg_child_kill (machine->c.children[SG_CHILD_RELAY]);
  return G_SOURCE_REMOVE;
}

static void
started (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Held) machine = data;
  g_autoptr (GError) error = NULL;
  gboolean ok = sg_qmp_steps_run_finish (SG_QMP (source), result, &error);

  if (machine->over)
    return;
  machine->port_is_new = ok;
  if (ok)
    go_on (machine);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED))
    sg_machine_over_by_error (machine, error);
}

/* With "shutdown", our own reset would be one as well, and the BIOS's, see MOST_RESETS.  The port's
 * other end can be changed in a machine that runs only, which has not come far by then. */
static SgQmpSteps *
boot_again (int port)
{
  SgQmpSteps *steps = sg_qmp_steps_new ();

  sg_qmp_steps_call (steps, "set-action", sg_qmp_args ("{'reboot': <'reset'>}"));
  sg_qmp_steps_call (steps, "system_reset", NULL);
  sg_qmp_steps_await (steps, "RESET", "reason", "host-qmp-system-reset", NULL);
  sg_qmp_steps_call (steps, "cont", NULL);
  sg_qmp_steps_call_fd (steps, "getfd", sg_qmp_args ("{'fdname': <'agent'>}"), port);
  sg_qmp_steps_call (steps, "chardev-change",
                     sg_qmp_args ("{'id': <'agent'>, 'backend': <{'type': <'socket'>, "
                                  "'data': <{'addr': <{'type': <'fd'>, "
                                  "'data': <{'str': <'agent'>}>}>, 'server': <false>}>}>}"));
  return steps;
}

static void
start_again (SgMachine *machine)
{
  sg_fd int theirs = -1;
  g_autoptr (GError) error = NULL;

  sg_fd_clear (&machine->port);
  if (!sg_socketpair (&machine->port, &theirs, &error))
    {
      sg_machine_over_by_error (machine, error);
      return;
    }
  sg_qmp_steps_run_async (boot_again (theirs), machine->c.qmp, sg_machine_on_step, machine,
                          machine->cancellable, started, sg_machine_hold (machine));
  machine->farewell = g_timeout_add_seconds (FAREWELL_SEC, farewell_is_over, machine);
}

/* --- resets on the way --------------------------------------------------------------------------
 */

void
sg_machine_reset_inside (SgMachine *machine)
{
  if (machine->over || !machine->again)
    return;
  if (machine->answered)
    sg_machine_over (machine,
                     sg_machine_start_words (machine, "the system inside restarted at once", NULL));
  else if (++machine->resets > MOST_RESETS)
    sg_machine_over (machine, sg_words_restarts_too_often (sg_machine_would_keep (machine)));
}

void
sg_machine_restart_answered (SgMachine *machine)
{
  if (!machine->again)
    return;
  machine->answered = TRUE;
  sg_qmp_call_async (machine->c.qmp, "set-action", sg_qmp_args ("{'reboot': <'shutdown'>}"), -1,
                     machine->cancellable, NULL, NULL);
}

/* --- what the guest wants -----------------------------------------------------------------------
 */

/* Without a device for it, a kernel that fails is a guest that restarts; its last words tell. */
static void
tell_failed_kernel (SgMachine *machine)
{
  g_autofree char *words = NULL;

  sg_console_drain (machine->c.console);
  words = sg_console_words (machine->c.console, 8);
  if (words != NULL && strstr (words, "Kernel panic") != NULL)
    machine->funcs->notice ("restarted", sg_words_kernel_failed (), machine->data);
}

static void
begin (SgMachine *machine)
{
  machine->restarting = machine->again = TRUE;
  machine->usable = machine->may_restart = machine->answered = FALSE;
  machine->resets = 0;
  g_cancellable_cancel (machine->booted);
  g_object_unref (machine->booted);
  machine->booted = g_cancellable_new ();
  g_clear_pointer (&machine->shutdown, g_free);
  g_clear_handle_id (&machine->idle, g_source_remove);
  sg_machine_size_stop (machine);
  sg_machine_mark (machine, "(it restarts)");
  tell_failed_kernel (machine);
  start_again (machine);
}

void
sg_machine_shut_down (SgMachine *machine)
{
  gboolean restart = g_str_equal (machine->shutdown, "guest-reset");

  if (machine->over || machine->source.draft != NULL
      || !g_str_has_prefix (machine->shutdown, "guest-"))
    return;
  if (!restart || !machine->may_restart) /* its end is told in words: session-words.h */
    sg_qmp_call_async (machine->c.qmp, "quit", NULL, -1, machine->cancellable, NULL, NULL);
  else if (is_one_too_many (machine))
    {
      g_clear_pointer (&machine->shutdown, g_free); /* its end is our will */
      sg_machine_over (machine, sg_words_restarts_too_often (sg_machine_would_keep (machine)));
    }
  else
    begin (machine);
}

void
sg_machine_may_restart (SgMachine *machine)
{
  machine->may_restart = machine->usable;
}

void
sg_machine_restart_clear (SgMachine *machine)
{
  g_clear_handle_id (&machine->farewell, g_source_remove);
  sg_fd_clear (&machine->port);
}
