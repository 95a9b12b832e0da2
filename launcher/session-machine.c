/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the first process to a machine that commands can run in.  The states:
 * session-machine-internal.h. */
#include "launcher/session-machine-internal.h"

#include "common/fd.h"
#include "common/patience.h"
#include "launcher/clone-settle.h"
#include "launcher/session-greet.h"
#include "launcher/session-words.h"

#include <fcntl.h>

/* How long the system inside may take until its agent answers. */
#define BOOT_SEC_KVM SG_PATIENCE (90)
#define BOOT_SEC_TCG 420

static void
machine_clear (gpointer data)
{
  SgMachine *machine = data;

  g_clear_pointer (&machine->overlay, sg_overlay_free);
  g_clear_pointer (&machine->source.template, sg_template_unref);
  sg_fd_clear (&machine->scratch_below);
  sg_fd_clear (&machine->port);
  g_clear_object (&machine->cancellable);
  g_clear_object (&machine->booted);
  g_clear_pointer (&machine->restarts, g_array_unref);
  g_free (machine->shutdown);
  g_free (machine->broken);
  g_free (machine->id);
}

SgMachine *
sg_machine_hold (SgMachine *machine)
{
  return g_rc_box_acquire (machine);
}

void
sg_machine_let_loose (SgMachine *machine)
{
  g_rc_box_release_full (machine, machine_clear);
}

/* --- what comes from the agent ------------------------------------------------------------------
 */

static void
on_exited (SgAgent *agent, guint handle, gboolean signalled, int code, const char *message,
           SgMachine *machine)
{
  if (!machine->over)
    machine->funcs->exited (handle, signalled, code, message, machine->data);
}

static void
on_broken (SgAgent *agent, const char *why, SgMachine *machine)
{
  if (!sg_machine_restart_goes_on (machine))
    sg_machine_broke (machine, why);
}

/* It stands, and waits for sg_machine_go(). */
static void
stopped (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Held) machine = data;
  g_autoptr (GError) error = NULL;
  gboolean ok = sg_qmp_steps_run_finish (SG_QMP (source), result, &error);

  if (ok && !machine->over)
    machine->funcs->held (machine->data);
  else if (!machine->over)
    sg_machine_over_by_error (machine, error);
}

static void
warmed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Held) machine = data;
  SgQmpSteps *steps;

  sg_clone_settle_finish (SG_AGENT (source), result, NULL);
  if (machine->over)
    return;
  steps = sg_qmp_steps_new ();
  sg_qmp_steps_call (steps, "stop", NULL);
  sg_qmp_steps_run_async (steps, machine->c.qmp, sg_machine_on_step, machine, machine->cancellable,
                          stopped, sg_machine_hold (machine));
}

static void
greeted (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Held) machine = data;
  g_autoptr (GError) error = NULL;

  gboolean ok = sg_greet_finish (SG_AGENT (source), result, &error);

  if (machine->over)
    return;
  if (!ok)
    {
      /* A connection that broke is told by on_broken(), which may come later. */
      if (sg_agent_is_broken (machine->c.agent) && !machine->restarting)
        sg_machine_broke (machine, error->message);
      else if (machine->broken == NULL && !machine->restarting)
        sg_machine_over_by_error (machine, error);
      return;
    }
  sg_machine_mark (machine, "(the agent was greeted)");
  sg_machine_restart_answered (machine);
  if (machine->source.draft == NULL) /* a template must be saved within the time */
    g_clear_handle_id (&machine->deadline, g_source_remove);
  if (machine->source.hold)
    {
      sg_clone_warm_async (machine->c.agent, machine->booted, warmed, sg_machine_hold (machine));
      return;
    }
  sg_machine_size (machine);
}

/* --- the machine is let go ----------------------------------------------------------------------
 */

static gboolean
too_late (gpointer data)
{
  SgMachine *machine = data;
  g_autofree char *console = sg_console_words (machine->c.console, 3);

  machine->deadline = 0;
  sg_machine_over (machine, sg_machine_start_words (
                                machine, "the system inside did not answer in time", console));
  return G_SOURCE_REMOVE;
}

void
sg_machine_greet (SgMachine *machine)
{
  machine->running = TRUE;
  sg_machine_mark (machine, "(the machine runs)");
  machine->funcs->stage (
      machine->again ? "The system inside restarts" : "Starting the system inside", machine->data);
  machine->deadline = g_timeout_add_seconds (
      machine->plan->accel == SG_ACCEL_KVM ? BOOT_SEC_KVM : BOOT_SEC_TCG, too_late, machine);
  if (machine->again)
    sg_greet_restarted_async (machine->c.agent, machine->booted, greeted,
                              sg_machine_hold (machine));
  else if (machine->greeted)
    sg_greet_again_async (machine->c.agent, machine->booted, greeted, sg_machine_hold (machine));
  else
    sg_greet_async (machine->c.agent, machine->id, machine->booted, greeted,
                    sg_machine_hold (machine));
  machine->greeted = TRUE;
}

static void
let_go (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Held) machine = data;
  g_autoptr (GError) error = NULL;

  gboolean ok = sg_qmp_steps_run_finish (SG_QMP (source), result, &error);

  if (machine->over)
    return;
  if (!ok)
    {
      /* QEMU has ended: its own words say more than "closed". */
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED))
        sg_machine_over_by_error (machine, error);
      return;
    }
  if (machine->overlay != NULL && !machine->source.keep_disk)
    sg_overlay_forget_key (machine->overlay);
  sg_fd_clear (&machine->scratch_below);
  sg_machine_greet (machine);
}

static void
let_it_go (SgMachine *machine, SgQmpSteps *steps)
{
  /* What switches off or restarts inside stands still until we know what to do. */
  if (machine->source.draft == NULL)
    sg_qmp_steps_call (steps, "set-action", sg_qmp_args ("{'shutdown': <'pause'>}"));
  sg_qmp_steps_call (steps, "cont", NULL);
  sg_qmp_steps_run_async (steps, machine->c.qmp, sg_machine_on_step, machine, machine->cancellable,
                          let_go, sg_machine_hold (machine));
}

static void
woken (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Held) machine = data;
  g_autoptr (GError) error = NULL;

  gboolean ok = sg_clone_finish (SG_QMP (source), result, &error);

  if (machine->over)
    return;
  if (ok)
    let_it_go (machine, sg_qmp_steps_new ());
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED)) /* see let_go() */
    sg_machine_over_by_error (machine, error);
}

static void
wake (SgMachine *machine)
{
  SgCloneWish wish
      = sg_machine_wish (machine, sg_machine_grows_first (machine) && !machine->source.hold);

  sg_clone_wake_async (machine->c.qmp, &wish, sg_machine_on_step, machine, machine->cancellable,
                       woken, sg_machine_hold (machine));
}

void
sg_machine_go (SgMachine *machine, const SgPlan *plan, gboolean keep_disk)
{
  SgCloneWish wish;

  machine->plan = plan;
  machine->begun = g_get_monotonic_time ();
  machine->source.hold = FALSE;
  machine->source.keep_disk &= keep_disk;
  wish = sg_machine_wish (machine, sg_machine_grows_first (machine));
  sg_clone_grow_async (machine->c.qmp, &wish, sg_machine_on_step, machine, machine->cancellable,
                       woken, sg_machine_hold (machine));
}

static void
overlay_made (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Held) machine = data;
  g_autoptr (GError) error = NULL;
  SgOverlay *overlay = sg_overlay_new_finish (result, &error);
  SgOverlayLayer layer = { machine->scratch_below, "raw" };
  const char *notice;

  machine->overlay = overlay;
  if (machine->over)
    return;
  if (overlay == NULL)
    {
      sg_machine_over_by_error (machine, error);
      return;
    }
  notice = sg_overlay_memory_notice (overlay);
  if (notice != NULL)
    machine->funcs->notice ("memory", notice, machine->data);
  sg_machine_mark (machine, "(the scratch disk is made)");
  if (machine->source.template != NULL)
    wake (machine);
  else
    let_it_go (machine, sg_overlay_attach (overlay, &layer, 1, machine->plan->scratch_bytes));
}

/* --- starting -----------------------------------------------------------------------------------
 */

static void
connect_signals (SgMachine *machine)
{
  sg_machine_connect_qmp (machine);
  g_signal_connect (machine->c.agent, "exited", G_CALLBACK (on_exited), machine);
  g_signal_connect (machine->c.agent, "broken", G_CALLBACK (on_broken), machine);
}

/* The disk of another machine, over what was below it there. */
static SgQmpSteps *
attach_again (SgMachine *machine)
{
  SgTemplate *below = machine->source.disk_of;
  const SgOverlayLayer layers[]
      = { { machine->scratch_below, "raw" },
          { below != NULL ? sg_template_disk_fd (below) : -1, "qcow2" } };

  machine->overlay = machine->source.disk;
  return sg_overlay_attach_again (machine->overlay, layers, below != NULL ? 2 : 1);
}

static gboolean
start (SgMachine *machine, GError **error)
{
  gboolean ok;

  machine->scratch_below = sg_open_at (AT_FDCWD, machine->plan->scratch_below, O_RDONLY, 0, error);
  ok = machine->scratch_below >= 0
       && sg_children_start (&machine->c, machine->plan, machine->id,
                             &(SgChildrenFuncs){ sg_machine_child_ended, machine->funcs->notice,
                                                 machine, machine->data },
                             error);
  if (ok)
    connect_signals (machine);
  sg_machine_mark (machine, "(all processes are started)");
  if (ok && machine->source.draft != NULL)
    let_it_go (machine, sg_template_draft_disk (machine->source.draft, machine->scratch_below,
                                                machine->plan->scratch_bytes));
  else if (ok && machine->source.disk != NULL)
    let_it_go (machine, attach_again (machine));
  else if (ok)
    sg_overlay_new_async (machine->plan->disk_cap, machine->cancellable, overlay_made,
                          sg_machine_hold (machine));
  return ok;
}

SgMachine *
sg_machine_start (const SgPlan *plan, const SgMachineSource *source, const char *id,
                  const SgMachineFuncs *funcs, gpointer data, GError **error)
{
  SgMachine *machine = g_rc_box_new0 (SgMachine);

  machine->plan = plan;
  machine->source = *source;
  if (source->template != NULL)
    sg_template_ref (source->template);
  machine->begun = g_get_monotonic_time ();
  machine->id = g_strdup (id);
  machine->funcs = funcs;
  machine->data = data;
  machine->scratch_below = -1;
  machine->port = -1;
  machine->cancellable = g_cancellable_new ();
  machine->booted = g_cancellable_new ();
  if (start (machine, error))
    return machine;
  sg_machine_kill (machine);
  sg_machine_free (machine);
  return NULL;
}

gboolean
sg_machine_is_kept (const SgMachine *machine)
{
  return machine->kept;
}

gboolean
sg_machine_has_crashed (const SgMachine *machine)
{
  return machine->crashed;
}

SgOverlay *
sg_machine_take_disk (SgMachine *machine)
{
  return machine->over && machine->source.keep_disk ? g_steal_pointer (&machine->overlay) : NULL;
}

SgAgent *
sg_machine_agent (SgMachine *machine)
{
  return machine->c.agent;
}

pid_t
sg_machine_process (SgMachine *machine)
{
  return sg_child_pid (machine->c.children[SG_CHILD_QEMU]);
}

void
sg_machine_kill (SgMachine *machine)
{
  machine->over = TRUE;
  g_cancellable_cancel (machine->cancellable);
  g_cancellable_cancel (machine->booted);
  sg_children_kill (&machine->c);
}

void
sg_machine_free (SgMachine *machine)
{
  if (machine == NULL)
    return;
  machine->over = TRUE;
  g_clear_handle_id (&machine->deadline, g_source_remove);
  g_clear_handle_id (&machine->retry, g_source_remove);
  g_clear_handle_id (&machine->grace, g_source_remove);
  g_clear_handle_id (&machine->mad, g_source_remove);
  g_clear_handle_id (&machine->idle, g_source_remove);
  sg_machine_size_stop (machine);
  sg_machine_restart_clear (machine);
  if (machine->c.qmp != NULL)
    {
      g_signal_handlers_disconnect_by_data (machine->c.qmp, machine);
      sg_qmp_close (machine->c.qmp);
    }
  if (machine->c.agent != NULL)
    g_signal_handlers_disconnect_by_data (machine->c.agent, machine);
  sg_children_clear (&machine->c);
  sg_machine_let_loose (machine);
}

SgQmp *
sg_machine_monitor (SgMachine *machine, GCancellable **ret_cancellable)
{
  *ret_cancellable = machine->cancellable;
  return machine->c.qmp;
}
