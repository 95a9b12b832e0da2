/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processors and memory beyond the template's.
 *
 * Under emulation a guest works for a second to take three gigabytes into use.  Where nobody asked
 * for a number, a command that is quickly done does not pay for it; another gets so much at first,
 * and the rest once it has come to use this much more than at rest. */
#include "launcher/session-machine-internal.h"

#include "launcher/clone-settle.h"

#define GROW_MSEC 300
#define FIRST_MEMORY_MB 1536u
#define HUNGRY_MB 384u

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

  if (machine->over || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* over, or it restarts */
  sg_machine_mark (machine, "(all processors and memory are in use)");
  if (!all && machine->broken == NULL)
    machine->funcs->notice ("size", error->message, machine->data);
  if (!machine->usable && machine->broken == NULL)
    sg_machine_usable (machine);
}

static void
settle (SgMachine *machine, guint memory_mb)
{
  sg_clone_settle_async (machine->c.agent, machine->plan->cpus, memory_mb, machine->booted, settled,
                         sg_machine_hold (machine));
}

gboolean
sg_machine_grows_first (const SgMachine *machine)
{
  return machine->plan->size_asked || machine->plan->accel == SG_ACCEL_KVM;
}

SgCloneWish
sg_machine_wish (SgMachine *machine, gboolean larger)
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
  SgCloneWish wish = sg_machine_wish (machine, TRUE);

  machine->fed = TRUE;
  g_clear_pointer (&machine->appetite, sg_appetite_free);
  sg_machine_mark (machine, "(the rest of its memory is given)");
  sg_clone_memory_async (machine->c.qmp, &wish, machine->cancellable, fed,
                         sg_machine_hold (machine));
}

static void
watch_appetite (SgMachine *machine)
{
  if (machine->plan->memory_mb > FIRST_MEMORY_MB && !machine->fed)
    machine->appetite = sg_appetite_new (sg_child_pid (machine->c.children[SG_CHILD_QEMU]),
                                         (guint64)HUNGRY_MB << 20, hungry, machine);
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
  machine->grown = TRUE;
  if (machine->over || machine->restarting)
    return;
  settle (machine, first);
  watch_appetite (machine);
}

static gboolean
grow (gpointer data)
{
  SgMachine *machine = data;
  SgCloneWish wish = sg_machine_wish (machine, TRUE);

  wish.memory_first = (guint64)FIRST_MEMORY_MB << 20;
  machine->grow = 0;
  if (machine->over)
    return G_SOURCE_REMOVE;
  if (sg_machine_grows_first (machine))
    settle (machine, machine->plan->memory_mb);
  else if (machine->grown) /* before a restart */
    watch_appetite (machine);
  else
    sg_clone_grow_async (machine->c.qmp, &wish, sg_machine_on_step, machine, machine->cancellable,
                         grown, sg_machine_hold (machine));
  return G_SOURCE_REMOVE;
}

void
sg_machine_size (SgMachine *machine)
{
  if (is_larger (machine) && machine->plan->size_asked)
    {
      settle (machine, machine->plan->memory_mb);
      return;
    }
  sg_machine_usable (machine);
  if (is_larger (machine) && !machine->over)
    machine->grow = g_timeout_add (sg_machine_grows_first (machine) ? 0 : GROW_MSEC, grow, machine);
}

void
sg_machine_size_stop (SgMachine *machine)
{
  g_clear_handle_id (&machine->grow, g_source_remove);
  g_clear_pointer (&machine->appetite, sg_appetite_free);
}
