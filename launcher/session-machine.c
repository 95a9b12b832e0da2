/* SPDX-License-Identifier: GPL-2.0-or-later */
/* STARTING -> RUNNING (the machine was let go) -> USABLE (commands) -> OVER.  OVER can come at any
 * time, and is final: `over()` is the one way there.
 *
 * Whatever is asked of the monitor, the agent or a thread holds a reference: it is answered (that
 * it was cancelled) after sg_machine_free(), and must find OVER, not freed memory. */
#include "launcher/session-machine.h"

#include "common/fd.h"
#include "launcher/clone-appetite.h"
#include "launcher/clone-settle.h"
#include "launcher/clone.h"
#include "launcher/overlay.h"
#include "launcher/qmp.h"
#include "launcher/session-children.h"
#include "launcher/session-greet.h"
#include "launcher/session-words.h"
#include "launcher/template-prepare.h"

#include <fcntl.h>
#include <stdio.h>

/* How long the system inside may take until its agent answers. */
#define BOOT_SEC_KVM 90
#define BOOT_SEC_TCG 420
/* How often a machine that was stopped by a full disk of the host is tried again. */
#define RETRY_SEC 3
/* How long a broken agent's connection waits for the machine's own end to explain it. */
#define GRACE_MSEC 500
/* Under emulation a guest works for a second to take three gigabytes into use.  Where nobody asked
 * for a number, a command that is quickly done does not pay for it; another gets so much at first,
 * and the rest once it has come to use this much more than at rest. */
#define GROW_MSEC 300
#define FIRST_MEMORY_MB 1536u
#define HUNGRY_MB 384u
/* When a session has nothing better to do than to look at its template's files. */
#define IDLE_SEC 20

struct SgMachine
{
  const SgPlan *plan;
  SgMachineSource source;
  gint64 begun; /* for timings */
  char *id;
  const SgMachineFuncs *funcs;
  gpointer data;
  SgChildren c;
  SgOverlay *overlay;
  int scratch_below; /* the base's empty disk */
  GCancellable *cancellable;
  guint deadline, retry, grace, grow, idle;
  SgAppetite *appetite; /* while there is memory that it was not given yet */
  char *shutdown;       /* why QEMU said that it ends; owned */
  char *broken;         /* why the agent's connection ended; owned */
  gint64 last_trouble;  /* when the disk stopped it */
  gboolean running, greeted, usable, over;
};

static void
machine_clear (gpointer data)
{
  SgMachine *machine = data;

  g_clear_pointer (&machine->overlay, sg_overlay_free);
  g_clear_pointer (&machine->source.template, sg_template_unref);
  sg_fd_clear (&machine->scratch_below);
  g_clear_object (&machine->cancellable);
  g_free (machine->shutdown);
  g_free (machine->broken);
  g_free (machine->id);
}

/* What a pending call has. */
typedef SgMachine Held;

static Held *
hold (SgMachine *machine)
{
  return g_rc_box_acquire (machine);
}

static void
let_loose (Held *machine)
{
  g_rc_box_release_full (machine, machine_clear);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Held, let_loose)

/* --- the end ------------------------------------------------------------------------------------
 */

static void
over (SgMachine *machine, char *why)
{
  g_autofree char *words = why;

  if (machine->over)
    return;
  machine->over = TRUE;
  g_cancellable_cancel (machine->cancellable);
  machine->funcs->ended (words, machine->data);
}

static void
over_by_error (SgMachine *machine, const GError *error)
{
  g_autofree char *console = sg_console_words (machine->c.console, 3);

  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    over (machine, machine->usable ? g_strdup (error->message)
                                   : sg_words_not_started (error->message, console));
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
                                                  .usable = machine->usable });
}

static gboolean
broken_stands (gpointer data)
{
  SgMachine *machine = data;

  machine->grace = 0;
  over (machine, machine->usable ? g_strdup (machine->broken)
                                 : sg_words_not_started (machine->broken, NULL));
  return G_SOURCE_REMOVE;
}

/* Something beside the machine ended in good order.  That is what they do when the machine ends,
 * and the machine's end is the better reason: it has a moment to come. */
static void
broke (SgMachine *machine, const char *why)
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

  if (which == SG_CHILD_RELAY && machine->running)
    return; /* the agent's "broken" says it better */
  sg_console_drain (machine->c.said[which]);
  said = sg_console_words (machine->c.said[which], 3);
  words = sg_words_helper_ended (which == SG_CHILD_NBDKIT ? "The server of the sandbox's files"
                                                          : "The relay for the sandbox's commands",
                                 status, said);
  if (status == 0)
    broke (machine, words);
  else
    over (machine, g_steal_pointer (&words));
}

static void
child_ended (SgChild *child, int status, gpointer data)
{
  SgMachine *machine = data;

  if (child == machine->c.children[SG_CHILD_QEMU])
    over (machine, qemu_ended_words (machine, status));
  else
    helper_ended (machine,
                  child == machine->c.children[SG_CHILD_NBDKIT] ? SG_CHILD_NBDKIT : SG_CHILD_RELAY,
                  status);
}

/* --- timings ------------------------------------------------------------------------------------
 */

static void
on_step (const char *step, gint64 usec, gpointer data)
{
  SgMachine *machine = data;

  if (machine->source.timings)
    fprintf (stderr, "%9.1f ms %9.1f ms  %s\n",
             (double)(g_get_monotonic_time () - machine->begun) / 1000, (double)usec / 1000, step);
}

static void
mark (SgMachine *machine, const char *what)
{
  on_step (what, 0, machine);
}

/* --- what comes from QEMU -----------------------------------------------------------------------
 */

static gboolean
retry (gpointer data)
{
  SgMachine *machine = data;

  machine->retry = 0;
  if (!machine->over)
    sg_qmp_call_async (machine->c.qmp, "cont", NULL, -1, machine->cancellable, NULL, NULL);
  return G_SOURCE_REMOVE;
}

/* The disk stopped the machine.  It is told once, and let go again from time to time: where room
 * was made it goes on, where not it stops again at the same request. */
static void
disk_trouble (SgMachine *machine, SgOverlayTrouble trouble)
{
  gint64 now = g_get_monotonic_time ();

  if (machine->last_trouble == 0 || now - machine->last_trouble > 3 * RETRY_SEC * G_USEC_PER_SEC)
    machine->funcs->notice (trouble == SG_OVERLAY_BROKEN ? "disk-broken" : "disk-full",
                            sg_words_disk (trouble), machine->data);
  machine->last_trouble = now;
  if (machine->retry == 0)
    machine->retry = g_timeout_add_seconds (RETRY_SEC, retry, machine);
}

static void
on_qmp_event (SgQmp *qmp, const char *name, JsonObject *data, SgMachine *machine)
{
  SgOverlayTrouble trouble;

  if (g_str_equal (name, "SHUTDOWN"))
    {
      JsonNode *reason = json_object_get_member (data, "reason");

      g_free (machine->shutdown);
      machine->shutdown = reason != NULL && json_node_get_value_type (reason) == G_TYPE_STRING
                              ? g_strdup (json_node_get_string (reason))
                              : g_strdup ("");
    }
  if (machine->overlay == NULL)
    return;
  trouble = sg_overlay_trouble (machine->overlay, name, data);
  if (trouble != SG_OVERLAY_NO_TROUBLE)
    disk_trouble (machine, trouble);
}

static void
on_qmp_closed (SgQmp *qmp, const char *why, SgMachine *machine)
{
  /* Its end is told by the process; a QEMU that closes and stays has gone mad. */
  sg_child_kill (machine->c.children[SG_CHILD_QEMU]);
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
  broke (machine, why);
}

static void
prepared (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Held) machine = data;
  g_autoptr (GError) error = NULL;

  gboolean ok = sg_template_prepare_finish (SG_AGENT (source), result, &error);

  if (machine->over)
    return;
  if (ok)
    machine->funcs->saved (machine->data);
  else
    over_by_error (machine, error);
}

static void
prepare (SgMachine *machine, gboolean desktop)
{
  if (!desktop)
    over (machine, g_strdup ("A sandbox could not be prepared: its desktop did not start"));
  else
    {
      machine->funcs->stage ("Preparing a sandbox for quick starts", machine->data);
      sg_template_prepare_async (machine->source.draft, machine->c.agent, machine->c.qmp,
                                 sg_child_pid (machine->c.children[SG_CHILD_QEMU]),
                                 machine->cancellable, prepared, hold (machine));
    }
}

static void
verified (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Held) machine = data;
  g_autoptr (GError) error = NULL;

  if (!sg_template_verify_idle_finish (result, &error) && !machine->over
      && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA))
    machine->funcs->notice ("template-damaged",
                            "The prepared sandbox that this one was woken from is damaged on the "
                            "disk, so this one may be as well: better open a new one. The damaged "
                            "one was removed.",
                            machine->data);
}

static gboolean
verify (gpointer data)
{
  SgMachine *machine = data;

  machine->idle = 0;
  if (!machine->over)
    sg_template_verify_idle_async (machine->source.template, machine->cancellable, verified,
                                   hold (machine));
  return G_SOURCE_REMOVE;
}

static void
desktop_ready (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Held) machine = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = sg_agent_call_finish (SG_AGENT (source), result, &error);
  gboolean desktop = FALSE;

  if (machine->over)
    return;
  if (answer == NULL)
    machine->funcs->notice ("no-desktop", error->message, machine->data);
  else
    g_variant_get (answer, "(b)", &desktop);
  machine->funcs->stage ("", machine->data);
  machine->funcs->ready (desktop, machine->data);
  if (machine->source.draft != NULL && !machine->over)
    prepare (machine, desktop);
  else if (machine->source.template != NULL && !machine->over)
    machine->idle = g_timeout_add_seconds (IDLE_SEC, verify, machine);
}

static void
usable (SgMachine *machine)
{
  machine->usable = TRUE;
  machine->funcs->stage (machine->plan->text ? "" : "Starting the desktop", machine->data);
  machine->funcs->usable (machine->data);
  if (!machine->over)
    sg_agent_call_async (machine->c.agent, "ready", g_variant_new ("()"), machine->cancellable,
                         desktop_ready, hold (machine));
}

/* Has this clone more than its template? */
static gboolean
is_larger (const SgMachine *machine)
{
  const SgTemplateSize *size = &machine->plan->template_size;

  return machine->plan->start == SG_START_CLONE
         && (machine->plan->cpus > size->cpus || machine->plan->memory_mb > size->memory_mb);
}

/* A person who asked for that much finds it; one who did not does not wait. */
static void
settled (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Held) machine = data;
  g_autoptr (GError) error = NULL;
  gboolean all = sg_clone_settle_finish (SG_AGENT (source), result, &error);

  if (machine->over)
    return;
  mark (machine, "(all processors and memory are in use)");
  if (!all && machine->broken == NULL)
    machine->funcs->notice ("size", error->message, machine->data);
  if (!machine->usable && machine->broken == NULL)
    usable (machine);
}

static void
settle (SgMachine *machine, guint memory_mb)
{
  sg_clone_settle_async (machine->c.agent, machine->plan->cpus, memory_mb, machine->cancellable,
                         settled, hold (machine));
}

/* Is everything plugged in before the machine runs?  With hardware virtualization that costs a few
 * milliseconds. */
static gboolean
grows_first (const SgMachine *machine)
{
  return machine->plan->size_asked || machine->plan->accel == SG_ACCEL_KVM;
}

static SgCloneWish
wish_of (SgMachine *machine, gboolean larger)
{
  return (SgCloneWish){ .template = machine->source.template,
                        .overlay = machine->overlay,
                        .base_fd = machine->scratch_below,
                        .disk_bytes = machine->plan->scratch_bytes,
                        .cpus = larger ? machine->plan->cpus : 0,
                        .memory_bytes = larger ? (guint64)machine->plan->memory_mb << 20 : 0 };
}

static void
fed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Held) machine = data;
  g_autoptr (GError) error = NULL;

  if (!sg_clone_finish (SG_QMP (source), result, &error) && !machine->over
      && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_FAILED))
    machine->funcs->notice ("size", error->message, machine->data);
}

/* It uses what it has: now it gets all that it may have. */
static void
hungry (gpointer data)
{
  SgMachine *machine = data;
  SgCloneWish wish = wish_of (machine, TRUE);

  g_clear_pointer (&machine->appetite, sg_appetite_free);
  mark (machine, "(the rest of its memory is given)");
  sg_clone_memory_async (machine->c.qmp, &wish, machine->cancellable, fed, hold (machine));
}

static void
grown (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Held) machine = data;
  g_autoptr (GError) error = NULL;
  guint first = MIN (machine->plan->memory_mb, FIRST_MEMORY_MB);

  if (!sg_clone_finish (SG_QMP (source), result, &error))
    {
      if (!machine->over && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_FAILED))
        machine->funcs->notice ("size", error->message, machine->data);
      return;
    }
  if (machine->over)
    return;
  settle (machine, first);
  if (machine->plan->memory_mb > first)
    machine->appetite = sg_appetite_new (sg_child_pid (machine->c.children[SG_CHILD_QEMU]),
                                         (guint64)HUNGRY_MB << 20, hungry, machine);
}

static gboolean
grow (gpointer data)
{
  SgMachine *machine = data;
  SgCloneWish wish = wish_of (machine, TRUE);

  wish.memory_first = (guint64)FIRST_MEMORY_MB << 20;
  machine->grow = 0;
  if (machine->over)
    return G_SOURCE_REMOVE;
  if (grows_first (machine))
    settle (machine, machine->plan->memory_mb);
  else
    sg_clone_grow_async (machine->c.qmp, &wish, on_step, machine, machine->cancellable, grown,
                         hold (machine));
  return G_SOURCE_REMOVE;
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
    over_by_error (machine, error);
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
  sg_qmp_steps_run_async (steps, machine->c.qmp, on_step, machine, machine->cancellable, stopped,
                          hold (machine));
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
      /* A connection that broke is told by on_broken(). */
      if (machine->broken == NULL)
        over_by_error (machine, error);
      return;
    }
  mark (machine, "(the agent was greeted)");
  if (machine->source.draft == NULL) /* a template must be saved within the time */
    g_clear_handle_id (&machine->deadline, g_source_remove);
  if (machine->source.hold)
    {
      sg_clone_warm_async (machine->c.agent, machine->cancellable, warmed, hold (machine));
      return;
    }
  if (is_larger (machine) && machine->plan->size_asked)
    {
      settle (machine, machine->plan->memory_mb);
      return;
    }
  usable (machine);
  if (is_larger (machine) && !machine->over)
    machine->grow = g_timeout_add (grows_first (machine) ? 0 : GROW_MSEC, grow, machine);
}

/* --- the machine is let go ----------------------------------------------------------------------
 */

static gboolean
too_late (gpointer data)
{
  SgMachine *machine = data;
  g_autofree char *console = sg_console_words (machine->c.console, 3);

  machine->deadline = 0;
  over (machine, sg_words_not_started ("the system inside did not answer in time", console));
  return G_SOURCE_REMOVE;
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
        over_by_error (machine, error);
      return;
    }
  if (machine->overlay != NULL)
    sg_overlay_forget_key (machine->overlay);
  sg_fd_clear (&machine->scratch_below);
  machine->running = TRUE;
  mark (machine, "(the machine runs)");
  machine->funcs->stage ("Starting the system inside", machine->data);
  machine->deadline = g_timeout_add_seconds (
      machine->plan->accel == SG_ACCEL_KVM ? BOOT_SEC_KVM : BOOT_SEC_TCG, too_late, machine);
  if (machine->greeted)
    sg_greet_again_async (machine->c.agent, machine->cancellable, greeted, hold (machine));
  else
    sg_greet_async (machine->c.agent, machine->id, machine->cancellable, greeted, hold (machine));
  machine->greeted = TRUE;
}

static void
let_it_go (SgMachine *machine, SgQmpSteps *steps)
{
  sg_qmp_steps_call (steps, "cont", NULL);
  sg_qmp_steps_run_async (steps, machine->c.qmp, on_step, machine, machine->cancellable, let_go,
                          hold (machine));
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
    over_by_error (machine, error);
}

static void
wake (SgMachine *machine)
{
  SgCloneWish wish = wish_of (machine, grows_first (machine) && !machine->source.hold);

  sg_clone_wake_async (machine->c.qmp, &wish, on_step, machine, machine->cancellable, woken,
                       hold (machine));
}

void
sg_machine_go (SgMachine *machine, const SgPlan *plan)
{
  SgCloneWish wish;

  machine->plan = plan;
  machine->begun = g_get_monotonic_time ();
  machine->source.hold = FALSE;
  wish = wish_of (machine, grows_first (machine));
  sg_clone_grow_async (machine->c.qmp, &wish, on_step, machine, machine->cancellable, woken,
                       hold (machine));
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
      over_by_error (machine, error);
      return;
    }
  notice = sg_overlay_memory_notice (overlay);
  if (notice != NULL)
    machine->funcs->notice ("memory", notice, machine->data);
  mark (machine, "(the scratch disk is made)");
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
  g_signal_connect (machine->c.qmp, "event", G_CALLBACK (on_qmp_event), machine);
  g_signal_connect (machine->c.qmp, "closed", G_CALLBACK (on_qmp_closed), machine);
  g_signal_connect (machine->c.agent, "exited", G_CALLBACK (on_exited), machine);
  g_signal_connect (machine->c.agent, "broken", G_CALLBACK (on_broken), machine);
}

static gboolean
start (SgMachine *machine, GError **error)
{
  gboolean ok;

  machine->scratch_below = sg_open_at (AT_FDCWD, machine->plan->scratch_below, O_RDONLY, 0, error);
  ok = machine->scratch_below >= 0
       && sg_children_start (
           &machine->c, machine->plan, machine->id,
           &(SgChildrenFuncs){ child_ended, machine->funcs->notice, machine, machine->data },
           error);
  if (ok)
    connect_signals (machine);
  mark (machine, "(all processes are started)");
  if (ok && machine->source.draft != NULL)
    let_it_go (machine, sg_template_draft_disk (machine->source.draft, machine->scratch_below,
                                                machine->plan->scratch_bytes));
  else if (ok)
    sg_overlay_new_async (machine->plan->disk_cap, machine->cancellable, overlay_made,
                          hold (machine));
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
  machine->cancellable = g_cancellable_new ();
  if (start (machine, error))
    return machine;
  sg_machine_kill (machine);
  sg_machine_free (machine);
  return NULL;
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
  g_clear_handle_id (&machine->grow, g_source_remove);
  g_clear_handle_id (&machine->idle, g_source_remove);
  g_clear_pointer (&machine->appetite, sg_appetite_free);
  if (machine->c.qmp != NULL)
    {
      g_signal_handlers_disconnect_by_data (machine->c.qmp, machine);
      sg_qmp_close (machine->c.qmp);
    }
  if (machine->c.agent != NULL)
    g_signal_handlers_disconnect_by_data (machine->c.agent, machine);
  sg_children_clear (&machine->c);
  let_loose (machine);
}

SgQmp *
sg_machine_monitor (SgMachine *machine, GCancellable **ret_cancellable)
{
  *ret_cancellable = machine->cancellable;
  return machine->c.qmp;
}
